"""What Prometheus is told of the orders: each look reads a bounded number of rows, by an index of few."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select

from ordercall.storage.call_tables import LIVE as LIVE_CALL
from ordercall.storage.hold_tables import LIVE as LIVE_HOLD
from ordercall.storage.hold_tables import TROUBLE
from ordercall.storage.reads.counters import number_up_to
from ordercall.storage.tables import call_orders, calls, logs, order_holds

MOST = 20_000
"""Rows of one kind that are counted, within some 20 ms; of more it is told that they are as many."""

SETTLED = timedelta(seconds=10)
"""An entry that was written so long ago is committed, as is each of a lower number: no transaction takes as long."""


@dataclass(frozen=True, slots=True)
class Holds:
    """The parcels that are held or are to be: how many, since when the first (unix seconds), how many have trouble."""

    live: int
    oldest: float | None
    trouble: int


def calls_by_state(tx: Connection) -> Counter[str]:
    """Return the calls that are planned or open, by their state."""
    live = select(call_orders.c.call_id).where(LIVE_CALL).limit(MOST).subquery()
    states = select(calls.c.state, func.count()).join(live, live.c.call_id == calls.c.call_id)
    return Counter(dict(tx.execute(states.group_by(calls.c.state)).all()))


def holds(tx: Connection) -> Holds:
    held = select(order_holds.c.held_at).where(LIVE_HOLD).limit(MOST).subquery()
    live, oldest = tx.execute(select(func.count(), func.min(held.c.held_at)).select_from(held)).one()
    return Holds(live, oldest, number_up_to(tx, select(order_holds.c.shopify_id).where(TROUBLE), MOST))


def events_after(tx: Connection, last: int, *, now: datetime) -> tuple[Counter[str], int]:
    """Return what happened after an entry of the log, by its kind, and the last entry that was counted.

    The next look goes on there. The newest ten seconds are left to it: on Postgres an entry may be committed after one
    with a higher number.
    """
    before = (now - SETTLED).astimezone(UTC).isoformat(timespec="microseconds")
    some = (
        select(logs.c.id, logs.c.event_type, logs.c.timestamp).where(logs.c.id > last).order_by(logs.c.id).limit(MOST)
    )
    new = some.subquery()
    upto: int | None = tx.execute(select(func.max(new.c.id)).where(new.c.timestamp < before)).scalar()
    if upto is None:
        return Counter(), last
    kinds = select(logs.c.event_type, func.count()).where(logs.c.id > last, logs.c.id <= upto)
    return Counter({kind or "": number for kind, number in tx.execute(kinds.group_by(logs.c.event_type))}), upto
