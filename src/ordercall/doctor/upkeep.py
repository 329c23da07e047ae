"""How far the work on the data itself has come: what is forgotten by its age, and backups."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

from ordercall.config import Settings
from ordercall.doctor.findings import Finding, failure, ok, warning
from ordercall.services.backups import KIND
from ordercall.services.retention import KINDS
from ordercall.storage.engine.opening import database_at
from ordercall.storage.records import upkeep
from ordercall.storage.records.upkeep import Run

TOO_LONG = timedelta(days=2)
"""It is done each night; a first one over a million orders takes some hours."""


def retention(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Tell what was forgotten last, and how far it is."""
    if not (settings.keep_customers_days or settings.keep_history_days):
        yield ok("retention", "all is kept for good")
        return
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        if not db.is_current():
            return
        with db.read() as tx:
            runs = [run for kind in KINDS if (run := upkeep.last_of(tx, kind))]
    if not runs:
        yield ok("retention", "nothing was looked through yet; a worker does it each night")
    for run in runs:
        yield _line(run, now)


def _line(run: Run, now: datetime) -> Finding:
    began = datetime.fromtimestamp(run.began_at, UTC)
    gone = f"{run.kind}: {run.number:,} of the last run, begun {began:%d %b %H:%M} UTC"
    if run.ended_at is None and now - began > TOO_LONG:
        return warning("retention", f"{gone}, which has not come to its end.", "See that a worker runs.")
    return ok("retention", gone if run.ended_at else f"{gone}, and going on")


def backups(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Tell when the last backup was made, and why none was."""
    if settings.backup_dir is None:
        yield ok("backups", "made by others than Ordercall: BACKUP_DIR is not set")
        return
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        if not db.is_current():
            return
        with db.read() as tx:
            last = upkeep.last_of(tx, KIND)
    if last is None:
        yield ok("backups", "none yet; a worker makes the first within ten minutes")
    elif last.fault:
        yield failure("backups", f"The last one failed: {last.fault}", "It is tried again each hour.")
    elif now - datetime.fromtimestamp(last.began_at, UTC) > settings.backup_every + TOO_LONG:
        yield failure("backups", f"The last one is of {_day(last)}.", "See that a worker runs.")
    else:
        yield ok("backups", f"the last one is of {_day(last)}, with {last.number:,} orders")


def _day(run: Run) -> str:
    return f"{datetime.fromtimestamp(run.began_at, UTC):%d %b %H:%M} UTC"
