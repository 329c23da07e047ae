"""What is asked of the shop by hand, and what the worker reads from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime

from ordercall.bootstrap.parts import Clock, intake_service, open_database, shop_service, utc_now
from ordercall.config import Settings
from ordercall.errors import ConfigurationError, OutcomeUnknown, ProviderBusy
from ordercall.jobs.engine import JobEngine
from ordercall.jobs.retries import delay_before
from ordercall.providers.shopify.admin import ShopifyAdmin
from ordercall.providers.shopify.app import ShopifyApp
from ordercall.providers.shopify.orders import shop_orders
from ordercall.providers.shopify.payload import read_order_if_any
from ordercall.services.reconcile_service import ReconcileService
from ordercall.services.shopify_tokens import open_shop
from ordercall.services.subscription_watch import SubscriptionWatch
from ordercall.storage.engine.database import Database
from ordercall.storage.records.reconciliations import Run

MOST_ATTEMPTS = 8


def reconciler(
    db: Database, jobs: JobEngine, admin: ShopifyAdmin, settings: Settings, clock: Clock
) -> ReconcileService:
    """Return what reads in the shop what no webhook told."""
    shop, intake = shop_service(db, jobs, settings, clock), intake_service(jobs, settings)
    orders, watch = shop_orders(settings, admin), SubscriptionWatch(ShopifyApp(admin), settings)
    return ReconcileService(db, intake, orders, shop, settings, clock, watch=watch, read=read_order_if_any)


def reconcile_now(settings: Settings, since: datetime | None, *, clock: Clock = utc_now) -> Run | None:
    """Read the shop's orders once, waiting as often as Shopify asks for it; None: another process reads just now.

    Raises:
        ConfigurationError: the settings that reading needs are missing.
        ProviderError: Shopify gave no answer, again and again.
    """
    with closing(open_database(settings)) as db, closing(open_shop(settings, db, clock)) as admin:
        service = reconciler(db, JobEngine(db), admin, settings, clock)
        if service.missing:
            raise ConfigurationError([f"Without {', '.join(service.missing)} no order can be read from Shopify."])
        return _patiently(lambda: service.run(since=since, by="a person"))


def _patiently(read: Callable[[], Run | None]) -> Run | None:
    for attempt in range(MOST_ATTEMPTS):
        try:
            return read()
        except (ProviderBusy, OutcomeUnknown) as error:
            time.sleep(delay_before(attempt, error.retry_after).total_seconds())
    return read()


@contextmanager
def the_app(settings: Settings, *, clock: Clock = utc_now) -> Iterator[ShopifyApp]:
    """Open the app in its shop.

    Raises:
        ConfigurationError: the settings that asking Shopify needs are missing.
    """
    if missing := settings.missing_for_cancels:
        raise ConfigurationError([f"Without {', '.join(missing)} Shopify cannot be asked."])
    with closing(open_database(settings)) as db, closing(open_shop(settings, db, clock)) as admin:
        yield ShopifyApp(admin)
