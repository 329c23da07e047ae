"""What ``ordercall doctor`` looks at: one line per check, with how to mend what is wrong. It changes nothing.

It may look into every room. A person calls it by the command, or from the pages by way of the worker.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from ordercall.config import SETTINGS, Settings
from ordercall.doctor import (
    alerts,
    cancels,
    customers,
    here,
    kalimera,
    proxy,
    reconciliation,
    shopify,
    upkeep,
    webhooks,
)
from ordercall.doctor.findings import Finding, Grade, failure
from ordercall.errors import OrdercallError
from ordercall.providers.masking import hide

__all__ = ["Finding", "Grade", "examine", "examine_in_worker"]

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
    "campaigns": here.campaigns,
    "alerts": alerts.alerts,
    "Kalimera": kalimera.kalimera,
    "Shopify": shopify.shopify,
    "customer data": customers.customers,
    "retention": upkeep.retention,
    "backups": upkeep.backups,
}


OF_THE_MACHINE = {"settings", "proxy", "database"}
"""These are left to the command: files and the way out of the machine it runs on, and all of a large database."""

CHECK_SECONDS = 30.0
"""For each check in the worker: some requests of ten seconds. All of them together stay below what a job may take."""


def examine(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Finding]:
    """Carry out every check, one after the other; one that breaks does not stop the next.

    Args:
        clock: the present, aware. Each check asks anew: to look through a large database takes minutes, and this
            machine's clock would seem to be behind Kalimera's by as much.
    """
    for name in CHECKS:
        yield from _findings(name, settings, clock)


def examine_in_worker(
    settings: Settings, clock: Callable[[], datetime], *, seconds: float = CHECK_SECONDS
) -> Iterator[Finding]:
    """Carry out the checks that need no person at the machine; what they say may be stored.

    A check that hangs is left to its thread, which ends with its requests or with the process.

    Args:
        seconds: for each check.
    """
    secrets = [getattr(settings, declared.field) for declared in SETTINGS.values() if declared.secret]
    for name in [name for name in CHECKS if name not in OF_THE_MACHINE]:
        for finding in _found_within(seconds, name, settings, clock):
            message, mend = hide(filter(None, secrets), [finding.message, finding.mend])
            yield replace(finding, message=message, mend=mend)


def _found_within(seconds: float, name: str, settings: Settings, clock: Callable[[], datetime]) -> list[Finding]:
    found: list[Finding] = []
    thread = threading.Thread(target=lambda: found.extend(_findings(name, settings, clock)), daemon=True)
    thread.start()
    thread.join(seconds)
    if not thread.is_alive():
        return found
    late = failure(name, f"No end of this check within {seconds:g} s.", "Run: ordercall doctor")
    return [*found, late]


def _findings(name: str, settings: Settings, clock: Callable[[], datetime]) -> Iterator[Finding]:
    try:
        yield from CHECKS[name](settings, clock())
    except OrdercallError as error:
        yield failure(name, str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks are still worth having
        yield failure(name, f"the check itself failed ({type(error).__name__})", mend="Report this.")
