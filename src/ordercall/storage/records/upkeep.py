"""How far the work on the data itself has come: what is forgotten by its age, and backups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import upkeep


@dataclass(frozen=True, slots=True)
class Run:
    """The last run of a kind of work. Times are unix seconds.

    Attributes:
        ended_at: None while it is under way.
        after: the id behind which it goes on.
        number: how many rows it dealt with.
        fault: why it came to nothing.
    """

    kind: str
    began_at: float
    ended_at: float | None
    after: int
    number: int
    fault: str | None


def last_of(tx: Connection, kind: str) -> Run | None:
    row = tx.execute(select(upkeep).where(upkeep.c.kind == kind)).first()
    return Run(*row) if row else None


def fault_of(tx: Connection, kind: str) -> str | None:
    """Return why the last run of a kind came to nothing, or None."""
    return tx.execute(select(upkeep.c.fault).where(upkeep.c.kind == kind)).scalar()


def begin(tx: Connection, kind: str, *, now: datetime) -> Run:
    """Begin a run, or go on with the one that is under way."""
    known = last_of(tx, kind)
    if known and known.ended_at is None:
        return known
    run = Run(kind, now.timestamp(), None, 0, 0, None)
    fresh = {"began_at": run.began_at, "ended_at": None, "after": 0, "number": 0, "fault": None}
    put = dialect(tx).insert(upkeep).values(kind=kind, **fresh)
    tx.execute(put.on_conflict_do_update(index_elements=["kind"], set_=fresh))
    return run


def move(tx: Connection, run: Run, *, after: int, more: int) -> None:
    mine = update(upkeep).where(upkeep.c.kind == run.kind)
    tx.execute(mine.values(after=after, number=upkeep.c.number + more))


def end(tx: Connection, kind: str, *, now: datetime, number: int | None = None, fault: str | None = None) -> None:
    """End a run; *number*: in place of what was counted on the way."""
    counted = {} if number is None else {"number": number}
    tx.execute(update(upkeep).where(upkeep.c.kind == kind).values(ended_at=now.timestamp(), fault=fault, **counted))
