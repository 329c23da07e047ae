"""What is asked of the shop by hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import partial

from ordercall.bootstrap.parts import Clock, open_database, utc_now
from ordercall.bootstrap.worker import worker_services
from ordercall.config import Settings
from ordercall.errors import ConfigurationError, CredentialsRefused, OutcomeUnknown, ProviderBusy
from ordercall.jobs.retries import delay_before
from ordercall.providers.shopify.app import ShopifyApp
from ordercall.services.shopify_tokens import open_shop
from ordercall.storage.records import holds
from ordercall.storage.records.reconciliations import Run

MOST_ATTEMPTS = 8
"""The pauses between them add up to two minutes on average and four at most: a person sits and waits."""


def reconcile_now(settings: Settings, since: datetime | None, *, clock: Clock = utc_now) -> Run | None:
    """Read the shop's orders once, waiting as often as Shopify asks for it; None: another process reads just now.

    As when a worker reads, what is on hold in Shopify is looked at, too, and parcels on their way; the worker goes on
    with what is found.

    Raises:
        ConfigurationError: the settings that reading needs are missing.
        ProviderError: Shopify gave no answer, again and again.
    """
    with closing(open_database(settings)) as db, worker_services(settings, db, clock) as services:
        service = services.reconcile
        if service.missing:
            raise ConfigurationError([f"Without {', '.join(service.missing)} no order can be read from Shopify."])
        run = _patiently(lambda: service.run(since=since, by="a person"))
        if run is not None:
            _patiently(partial(services.holds.find_forgotten, run.since))
            _patiently(services.parcels.look_at_some)
        return run


def write_back(settings: Settings, days: int, *, clock: Clock = utc_now) -> int | None:
    """Have the orders of the last days written to in Shopify; return how many there are, None: the policy has it off.

    Raises:
        ConfigurationError: the settings that asking Shopify needs are missing.
    """
    if missing := settings.missing_for_cancels:
        raise ConfigurationError([f"Without {', '.join(missing)} Shopify cannot be asked."])
    with closing(open_database(settings)) as db, worker_services(settings, db, clock) as services:
        return services.writing.take_up(clock() - timedelta(days=days))


def _patiently[Read](read: Callable[[], Read]) -> Read:
    for attempt in range(MOST_ATTEMPTS):
        try:
            return read()
        except CredentialsRefused:
            raise
        except (ProviderBusy, OutcomeUnknown) as error:
            time.sleep(delay_before(attempt, error.retry_after).total_seconds())
    return read()


@contextmanager
def the_app(settings: Settings, *, clock: Clock = utc_now) -> Iterator[tuple[ShopifyApp, bool]]:
    """Open the app in its shop, and tell whether parcels are held there.

    Raises:
        ConfigurationError: the settings that asking Shopify needs are missing.
    """
    if missing := settings.missing_for_cancels:
        raise ConfigurationError([f"Without {', '.join(missing)} Shopify cannot be asked."])
    with closing(open_database(settings)) as db, closing(open_shop(settings, db, clock)) as admin:
        with db.read() as tx:
            with_holds = holds.in_use(tx)
        yield ShopifyApp(admin), with_holds
