"""How far the shop's orders were read, run by run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from ordercall.storage.records.stored_order import moment
from ordercall.storage.tables import reconciliations

KEPT = timedelta(days=90)
"""Longer than any question about a missed order is asked; there are a hundred a day."""

THE_SANDBOX = "the sandbox"
"""``asked_by`` of a reading of the sandbox's shop."""

LONGEST = timedelta(hours=1)
"""A run takes seconds; one that takes longer waits for Shopify, and so does every other request to Shopify."""


@dataclass(frozen=True, slots=True)
class Run:
    """One reading of the shop. Times are aware.

    Attributes:
        read_to: the ``updated_at`` up to which its pages are stored; None before the first.
        missed_orders: orders that no webhook had brought; ``missed_changes``: changes that none had reported.
        silent: topics that used to be busy and fell silent, with the unix time of their last delivery.
        fault: why Shopify gave no more; None where it did.
        unsubscribed: topics that none of the app's webhooks brings here; None where the app asks for none.
    """

    id: int
    started_at: datetime
    since: datetime
    read_to: datetime | None
    ended_at: datetime | None
    seen: int
    missed_orders: int
    missed_changes: int
    unreadable: int
    silent: dict[str, float]
    fault: str | None
    unsubscribed: list[str] | None

    @property
    def goes_on_at(self) -> datetime:
        """Where reading begins, or goes on after it was cut off."""
        return self.read_to or self.since


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What one page added."""

    read_to: datetime
    seen: int
    missed_orders: int
    missed_changes: int
    unreadable: int


def begin(tx: Connection, *, asked_by: str, since: datetime, now: datetime) -> Run:
    row = insert(reconciliations).values(asked_by=asked_by, started_at=now.timestamp(), since=since.timestamp())
    return _run(tx.execute(row.returning(reconciliations)).one())


def find(tx: Connection, run_id: int) -> Run:
    return _run(tx.execute(select(reconciliations).where(reconciliations.c.id == run_id)).one())


def cut_off(tx: Connection) -> Run | None:
    """Return the run that was begun and not ended: the process that read it died, or Shopify asked to wait."""
    return _first(tx, select(reconciliations).where(reconciliations.c.ended_at.is_(None)))


def last_complete(tx: Connection, by: datetime | None = None) -> Run | None:
    """Return the last run that read to the end, of those that had begun by a time."""
    complete = select(reconciliations).where(reconciliations.c.ended_at.is_not(None), reconciliations.c.fault.is_(None))
    return _first(tx, complete.where(reconciliations.c.started_at <= by.timestamp()) if by else complete)


def latest(tx: Connection) -> Run | None:
    """Return the last run that ended, however it did."""
    return _first(tx, select(reconciliations).where(reconciliations.c.ended_at.is_not(None)))


def without_an_end(tx: Connection, now: datetime) -> Run | None:
    """Return the run that began more than an hour ago and has not ended, or None."""
    newest = _first(tx, select(reconciliations))
    return newest if newest and newest.ended_at is None and now - newest.started_at > LONGEST else None


def forget_the_sandbox(tx: Connection) -> None:
    """Drop the readings of the sandbox's shop, which say nothing about how far a real one was read."""
    tx.execute(delete(reconciliations).where(reconciliations.c.asked_by == THE_SANDBOX))


def start_earlier(tx: Connection, run_id: int, since: datetime) -> None:
    """Let a run that was cut off begin anew, further back."""
    _change(tx, run_id, since=since.timestamp(), read_to=None)


def advance(tx: Connection, run_id: int, page: Progress) -> None:
    """Store what a page came to, in the transaction that stored its orders."""
    _change(
        tx,
        run_id,
        read_to=page.read_to.timestamp(),
        seen=reconciliations.c.seen + page.seen,
        missed_orders=reconciliations.c.missed_orders + page.missed_orders,
        missed_changes=reconciliations.c.missed_changes + page.missed_changes,
        unreadable=reconciliations.c.unreadable + page.unreadable,
    )


def end(
    tx: Connection,
    run_id: int,
    *,
    now: datetime,
    silent: dict[str, float],
    fault: str | None = None,
    unsubscribed: list[str] | None = None,
) -> None:
    """Store that a run is over; runs of long ago are forgotten."""
    topics = None if unsubscribed is None else json.dumps(unsubscribed)
    _change(tx, run_id, ended_at=now.timestamp(), silent=json.dumps(silent), fault=fault, unsubscribed=topics)
    tx.execute(delete(reconciliations).where(reconciliations.c.ended_at < (now - KEPT).timestamp()))


def _change(tx: Connection, run_id: int, **values: Any) -> None:
    tx.execute(update(reconciliations).where(reconciliations.c.id == run_id).values(**values))


def _first(tx: Connection, wanted: Any) -> Run | None:
    row = tx.execute(wanted.order_by(reconciliations.c.id.desc()).limit(1)).first()
    return _run(row) if row else None


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        started_at=datetime.fromtimestamp(row.started_at, UTC),
        since=datetime.fromtimestamp(row.since, UTC),
        read_to=moment(row.read_to),
        ended_at=moment(row.ended_at),
        seen=row.seen,
        missed_orders=row.missed_orders,
        missed_changes=row.missed_changes,
        unreadable=row.unreadable,
        silent=json.loads(row.silent) if row.silent else {},
        fault=row.fault,
        unsubscribed=json.loads(row.unsubscribed) if row.unsubscribed else None,
    )
