"""What ``ordercall doctor`` looks at: one line per check, with how to mend what is wrong. It changes nothing.

It stands beside ``bootstrap`` and may look into every room; nobody but ``cli`` calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from ordercall.config import Settings
from ordercall.doctor import cancels, customers, here, kalimera, proxy, reconciliation, shopify, webhooks
from ordercall.doctor.findings import Finding, Grade, failure
from ordercall.errors import OrdercallError

__all__ = ["Finding", "Grade", "examine"]

Check = Callable[[Settings, datetime], Iterator[Finding]]

CHECKS: dict[str, Check] = {
    "settings": here.settings_are_safe,
    "proxy": proxy.proxy,
    "signature": here.signatures_are_told_apart,
    "webhooks": webhooks.webhooks,
    "missed webhooks": reconciliation.reconciliation,
    "time zone": here.india_is_known,
    "calling hours": here.calling_hours,
    "database": here.database,
    "queue": here.queue,
    "cancels": cancels.cancels,
    "credentials": here.credentials,
    "Kalimera": kalimera.kalimera,
    "Shopify": shopify.shopify,
    "customer data": customers.customers,
}


def examine(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Finding]:
    """Carry out every check, one after the other; one that breaks does not stop the next.

    Args:
        clock: the present, aware. Each check asks anew: to look through a large database takes minutes, and this
            machine's clock would seem to be behind Kalimera's by as much.
    """
    for name, check in CHECKS.items():
        try:
            yield from check(settings, clock())
        except OrdercallError as error:
            yield failure(name, str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other checks are still worth having
            yield failure(name, f"the check itself failed ({type(error).__name__})", mend="Report this.")
