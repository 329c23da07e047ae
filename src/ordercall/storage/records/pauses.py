"""The pauses of calling. The newest one counts: it is in force until somebody ends it or its own end is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from ordercall.domain.calls.call import Waits
from ordercall.domain.calls.calling import CallingState
from ordercall.domain.calls.pausing import Ending, Outcome
from ordercall.storage.call_tables import LIVE
from ordercall.storage.reads.counters import number_up_to
from ordercall.storage.records import window_endings
from ordercall.storage.tables import call_orders, calls, orders, pauses

MOST_COUNTED = 1_000
"""Orders that wait are counted up to here, as everywhere on the pages."""

_NEWEST = select(pauses).order_by(pauses.c.id.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause, its times aware. ``until``: when it ends by itself; None: when somebody resumes."""

    id: int
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
        cut_off: the calls whose window it ended, whose customers are rung once more when calls go on.
        endings: what became of each campaign's window.
    """

    waiting: int
    ringing: int
    ring_until: datetime | None
    cut_off: int = 0
    endings: tuple[Ending, ...] = ()

    @property
    def is_being_told(self) -> bool:
        """Whether Kalimera has said nothing yet of some campaign."""
        return any(ending.outcome is Outcome.ASKED and ending.words is None for ending in self.endings)


def current(tx: Connection, now: datetime) -> Pause | None:
    """Return the pause in force at this moment."""
    row = tx.execute(_NEWEST).first()
    if row is None or row.ended_at is not None or (row.ends_at is not None and row.ends_at <= now.timestamp()):
        return None
    until = None if row.ends_at is None else datetime.fromtimestamp(row.ends_at, UTC)
    return Pause(row.id, datetime.fromtimestamp(row.began_at, UTC), row.began_by, row.why, until)


def begin(tx: Connection, *, since: datetime, by: str, why: str, until: datetime | None) -> Pause:
    """Put a pause in force, in place of the one that is."""
    values = {"began_at": since.timestamp(), "began_by": by, "why": why, "ends_at": until and until.timestamp()}
    added = tx.execute(insert(pauses).values(values).returning(pauses.c.id)).scalar_one()
    return Pause(added, since, by, why, until)


def end(tx: Connection, *, by: str, now: datetime) -> None:
    """End whatever pause is in force."""
    tx.execute(update(pauses).where(pauses.c.ended_at.is_(None)).values(ended_at=now.timestamp(), ended_by=by))


def effect(tx: Connection, now: datetime) -> Effect:
    """Return whom the pause keeps waiting, and who may be rung all the same."""
    its_call = (call_orders.c.shopify_id == orders.c.shopify_id, LIVE, call_orders.c.call_id == calls.c.call_id)
    held = select(calls.c.call_id).where(*its_call, calls.c.reason == Waits.PAUSE).exists()
    waiting = select(orders.c.shopify_id).where(orders.c.calling_state == CallingState.WAITING_FOR_HOURS, held)
    ringing, until = window_endings.may_ring(tx, now)
    return Effect(
        waiting=number_up_to(tx, waiting, MOST_COUNTED),
        ringing=ringing,
        ring_until=until,
        cut_off=window_endings.number_cut_off(tx),
        endings=tuple(window_endings.all_of_them(tx)),
    )
