"""The pauses of calling. The newest one counts: it is in force until somebody ends it or its own end is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select, update

from ordercall.domain.calling import CallingState
from ordercall.domain.calls import Waits
from ordercall.storage.call_tables import LIVE, RINGING
from ordercall.storage.reads.counters import number_up_to
from ordercall.storage.tables import call_orders, calls, orders, pauses

MOST_COUNTED = 1_000
"""Orders that wait are counted up to here, as everywhere on the pages."""

_NEWEST = select(pauses).order_by(pauses.c.id.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause, its times aware. ``until``: when it ends by itself; None: when somebody resumes."""

    since: datetime
    by: str
    why: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a pause holds back, and what it cannot.

    Attributes:
        waiting: the orders that wait for its end, counted up to MOST_COUNTED.
        ringing: the calls that were placed before and may still ring.
        ring_until: until when the last of them may; None where there is none.
    """

    waiting: int
    ringing: int
    ring_until: datetime | None


def current(tx: Connection, now: datetime) -> Pause | None:
    """Return the pause in force at this moment."""
    row = tx.execute(_NEWEST).first()
    if row is None or row.ended_at is not None or (row.ends_at is not None and row.ends_at <= now.timestamp()):
        return None
    until = None if row.ends_at is None else datetime.fromtimestamp(row.ends_at, UTC)
    return Pause(datetime.fromtimestamp(row.began_at, UTC), row.began_by, row.why, until)


def begin(tx: Connection, pause: Pause) -> None:
    """Put a pause in force, in place of the one that is."""
    until = pause.until and pause.until.timestamp()
    values = {"began_at": pause.since.timestamp(), "began_by": pause.by, "why": pause.why, "ends_at": until}
    tx.execute(insert(pauses).values(values))


def end(tx: Connection, *, by: str, now: datetime) -> None:
    """End whatever pause is in force."""
    tx.execute(update(pauses).where(pauses.c.ended_at.is_(None)).values(ended_at=now.timestamp(), ended_by=by))


def effect(tx: Connection, now: datetime) -> Effect:
    """Return whom the pause keeps waiting, and who may be rung all the same."""
    its_call = (call_orders.c.shopify_id == orders.c.shopify_id, LIVE, call_orders.c.call_id == calls.c.call_id)
    held = select(calls.c.call_id).where(*its_call, calls.c.reason == Waits.PAUSE).exists()
    waiting = select(orders.c.shopify_id).where(orders.c.calling_state == CallingState.WAITING_FOR_HOURS, held)
    open_ones = select(func.count(), func.max(calls.c.may_ring_until)).where(
        RINGING, calls.c.may_ring_until > now.timestamp()
    )
    ringing, until = tx.execute(open_ones).one()
    return Effect(number_up_to(tx, waiting, MOST_COUNTED), ringing, until and datetime.fromtimestamp(until, UTC))
