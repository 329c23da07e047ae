"""Which secret Shopify signed with last, and why webhooks were refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

from ordercall.config import Settings
from ordercall.doctor.findings import Finding, ok, warning
from ordercall.intake.signature import Cause, known_secrets
from ordercall.storage.engine.opening import database_at
from ordercall.storage.records import deliveries, refusals

LOOKED_BACK = timedelta(hours=24)
"""What was refused before may have been mended since."""


def webhooks(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Show when each secret last signed: one that has not since a change may be taken out."""
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        if not db.is_current():
            return
        with db.read() as tx:
            last = _by_fingerprint(deliveries.last_by_secret(tx))
            refused = refusals.by_cause(tx, since=now - LOOKED_BACK)
    message = [f"{secret.name} {_ago(last.get(secret.fingerprint), now)}" for secret in known_secrets(settings)]
    if message:
        yield ok("webhooks", f"last signed with: {', '.join(message)}")
    for cause, (number, at) in refused.items():
        times = "1 was" if number == 1 else f"{number:,} were"
        yield warning("webhooks", f"{times} refused in a day, the last {_ago(at, now)}.", Cause(cause).sentence)


def _by_fingerprint(last: dict[str, float]) -> dict[str, float]:
    """A secret that moved to another setting signed under two names: the later of both counts."""
    latest: dict[str, float] = {}
    for mark, at in last.items():
        fingerprint = mark.rpartition(" ")[2]
        latest[fingerprint] = max(at, latest.get(fingerprint, at))
    return latest


def _ago(moment: float | None, now: datetime) -> str:
    if moment is None:
        return "never"
    minutes = max(int(now.timestamp() - moment) // 60, 0)
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 2_880 else f"{minutes // 1_440} days ago"
