"""How many webhooks were refused, by hour and likely cause."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import refusals

HOUR = 3_600
REPORT = "report"
"""The cause that stands for reports of calls; all others are of webhooks."""


def add(tx: Connection, counts: Mapping[str, int], *, now: datetime) -> None:
    """Add these numbers to those of the present hour."""
    hour = int(now.timestamp()) // HOUR * HOUR
    for cause, number in sorted(counts.items()):  # in one order, so that no two processes wait for each other
        put = dialect(tx).insert(refusals).values(hour=hour, cause=cause, number=number, last_at=now.timestamp())
        more = {"number": refusals.c.number + number, "last_at": now.timestamp()}
        tx.execute(put.on_conflict_do_update(index_elements=["hour", "cause"], set_=more))


def forget(tx: Connection, *, before: datetime) -> None:
    """Drop the counts of hours that ended before this time."""
    tx.execute(delete(refusals).where(refusals.c.hour <= before.timestamp() - HOUR))


def by_cause(tx: Connection, *, since: datetime) -> dict[str, tuple[int, float]]:
    """Return, for each cause, how many webhooks were refused in the hours since then, and the unix time of the last."""
    latest = func.max(refusals.c.last_at)
    grouped = select(refusals.c.cause, func.sum(refusals.c.number), latest).where(
        refusals.c.last_at >= since.timestamp(), refusals.c.cause != REPORT
    )
    counted = tx.execute(grouped.group_by(refusals.c.cause).order_by(latest.desc()))
    return {cause: (number, last_at) for cause, number, last_at in counted}


def of_reports(tx: Connection) -> list[tuple[float, float]]:
    """Return when reports were refused: from the hour in which one was to the last in it, in unix seconds."""
    hours = select(refusals.c.hour, refusals.c.last_at).where(refusals.c.cause == REPORT)
    return [(row.hour, row.last_at) for row in tx.execute(hours)]
