"""Whether somebody would hear that something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from ordercall.config import Settings
from ordercall.doctor.findings import Finding, failure, ok
from ordercall.providers.alert_channels import channels_of
from ordercall.storage.engine.opening import database_at
from ordercall.storage.records import alerts as records

MEND = "Put it right and run: ordercall alerts test"


def alerts(settings: Settings, _now: datetime) -> Iterator[Finding]:
    names = channels_of(settings)
    if not names:
        yield ok("alerts", "no channel is set, so nobody is told but those who look at the pages")
        return
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        if not db.is_current():
            return
        with db.read() as tx:
            last = {name: records.last_of(tx, name) for name in names}
    for name, sending in last.items():
        if sending and sending.fault:
            message = f"The last message by {name} was not delivered after tries: {sending.tries} ({sending.fault})."
            yield failure("alerts", message, MEND)
        else:
            yield ok("alerts", f"{name}: {'the last message was delivered' if sending else 'no message so far'}")
