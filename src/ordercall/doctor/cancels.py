"""The check of the cancels that no person asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from ordercall.config import Settings
from ordercall.doctor.findings import Finding, failure, ok
from ordercall.storage.engine.opening import database_at
from ordercall.storage.records import belt


def cancels(settings: Settings, _now: datetime) -> Iterator[Finding]:
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        if not db.is_current():
            return
        with db.read() as tx:
            frozen = belt.frozen(tx)
    if not frozen:
        yield ok("cancels", "none is held back by the policy's number an hour")
        return
    orders = "1 order is" if frozen == 1 else f"{frozen} orders are"
    message = f"{orders} Failed and not cancelled: more were refused within an hour than the policy lets be cancelled."
    yield failure("cancels", message, "Look whether that can be, then let them go on with the button on the dashboard.")
