"""The checks of Shopify. Nothing is changed there; ``ordercall shopify connect`` does that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

from ordercall.config import Settings
from ordercall.doctor.findings import Finding, failure, ok, warning
from ordercall.domain.topics import Topic
from ordercall.errors import CredentialsRefused, ProviderError
from ordercall.providers.shopify.app import Installed, ShopifyApp
from ordercall.providers.shopify.scopes import MEND as MEND_SCOPES
from ordercall.providers.shopify.scopes import (
    NEEDED_TO_SEE_RETURNS,
    READ_ALL,
    READ_CUSTOMERS,
    missing_among,
    missing_scopes,
)
from ordercall.providers.shopify.subscriptions import Deed, plan, topics_for, webhook_address
from ordercall.providers.shopify.versions import MEND, version_warning
from ordercall.services.shopify_tokens import open_shop
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.opening import database_at
from ordercall.storage.records import deliveries, holds

LATELY = timedelta(days=1)
"""Webhooks that came within it still come, also those that the app did not ask for."""

CONNECT = "Run: ordercall shopify connect"
LAST_60_DAYS = "orders of the last 60 days are shown"
ALL_ORDERS = "orders of any age are shown"


def shopify(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look whether orders could be read and cancelled, and whether their webhooks come here."""
    missing = settings.missing_for_cancels
    if missing:
        mend = "Set it, see .env.example." if len(missing) == 1 else "Set them, see .env.example."
        yield failure("Shopify", f"No order can be cancelled: {', '.join(missing)} not set.", mend)
        yield version(settings, now)
    else:
        yield from _asked(settings, now)


def access(installed: Installed, settings: Settings, *, with_holds: bool = False) -> Iterator[Finding]:
    """Check that the token is good, and what it may do.

    Args:
        with_holds: parcels are held until their customers have answered.

    REST is not known to hide customers from an app without the scope for them, as GraphQL does.
    """
    yield ok("Shopify token", f"accepted by {installed.shop} for the app {installed.app}")
    missing = missing_scopes(installed.scopes, holds=with_holds)
    for scope, without in missing.items():
        spared = scope == READ_CUSTOMERS and settings.shopify_admin_api == "rest"
        grade = warning if spared else failure
        yield grade("Shopify scopes", f"{scope} is missing: {without}.", MEND_SCOPES)
    if not missing:
        shown = ALL_ORDERS if READ_ALL in installed.scopes else LAST_60_DAYS
        yield ok("Shopify scopes", f"{', '.join(sorted(installed.scopes))}; {shown}")
        yield ok("returned parcels", _returns(installed))


def _returns(installed: Installed) -> str:
    """Return whether orders that came back become Returned by themselves; an app needs no right for it."""
    missing = missing_among(NEEDED_TO_SEE_RETURNS, installed.scopes)
    if not missing:
        return "an order that came back becomes Returned by itself, as far as Shopify is told of it"
    return f"set to Returned by hand or by the API; for it to come by itself add {' and '.join(missing)}"


def version(settings: Settings, now: datetime, served: str | None = None) -> Finding:
    """Check how long the API version that is asked for is open, and whether another one answered.

    Args:
        served: the version that answered; None where nothing could be asked.
    """
    asked = settings.shopify_api_version
    fell_forward = f"{asked} was asked for, and {served} answered." if served not in (None, asked) else ""
    message = " ".join(filter(None, (version_warning(asked, now), fell_forward)))
    return warning("Shopify version", message, MEND) if message else ok("Shopify version", f"{asked} is open")


def _asked(settings: Settings, now: datetime) -> Iterator[Finding]:
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        if settings.shopify_client_id and not db.is_current():
            mend = "The first start makes the database, or: ordercall db upgrade"
            yield warning("Shopify token", "Shopify was not asked: nothing is there to keep its token in.", mend)
            yield version(settings, now)
            return
        served = None
        with closing(open_shop(settings, db, lambda: now)) as admin:
            try:
                app = ShopifyApp(admin)
                installed = app.installed()
                served = installed.served_version
                with_holds = _holds(db)
                yield from access(installed, settings, with_holds=with_holds)
                topics = topics_for(installed.scopes, holds=with_holds)
                yield from _subscriptions(app, settings, topics, heard=_heard_lately(db, now))
            except CredentialsRefused as refusal:
                yield failure("Shopify token", refusal.sentence, "Copy it again, or see that the app is installed.")
            except ProviderError as error:
                yield failure("Shopify", error.sentence, "Try again in a minute; is SHOPIFY_STORE_DOMAIN right?")
        yield version(settings, now, served)


def _holds(db: Database) -> bool:
    """Return whether parcels are held by the policy in force, or are held still."""
    if not db.is_current():
        return False
    with db.read() as tx:
        return holds.in_use(tx)


def _heard_lately(db: Database, now: datetime) -> bool:
    if not db.is_current():
        return False
    with db.read() as tx:
        return deliveries.first_since(tx, now - LATELY) is not None


def _subscriptions(app: ShopifyApp, settings: Settings, topics: list[Topic], *, heard: bool) -> Iterator[Finding]:
    """Check whether the app's own webhooks come here. Others no app can list.

    Args:
        heard: whether any webhook came in the last day.
    """
    found = app.subscriptions()
    if not found and settings.shopify_notifications_secret:
        yield ok("subscriptions", "none by the app; those made by hand no app can see")
        return
    if not found and heard:
        message = "none by the app, and webhooks came: by hand or in the app's configuration, which no app can see."
        yield warning("subscriptions", message, f"If the app had asked for them, Shopify has removed them. {CONNECT}")
        return
    if found and not settings.public_url:
        number = "1 webhook" if len(found) == 1 else f"{len(found)} webhooks"
        message = f"the app asked for {number}, and nobody knows whether they come here."
        yield warning("subscriptions", message, "Set PUBLIC_URL to the address of this installation.")
        return
    steps = plan(found, webhook_address(settings.public_url), topics)
    wrong = [f"{step.topic} {step.in_words}" for step in steps if step.deed is not Deed.NOTHING]
    if not wrong:
        yield ok("subscriptions", f"all {len(steps)} topics come here")
        return
    grade = warning if any(subscription.topic == Topic.CREATED for subscription in found) else failure
    yield grade("subscriptions", f"{'; '.join(wrong)}.", CONNECT)
