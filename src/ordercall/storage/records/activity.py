"""The activity log of the orders: one row for everything that happened."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import Connection, select

from ordercall.domain.activity import KEY, OF_A_RUN, PROGRAMS, Event, ProviderCall
from ordercall.storage.engine.batches import insert_all
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.reads.counters import number_up_to
from ordercall.storage.records import audit
from ordercall.storage.tables import A_PROBLEM, BY_HAND, logs

BEHIND = timedelta(seconds=1)
"""A time further before the last one is of a clock that was put back, and is stored as it is."""

PAGE = 50
"""The entries that a page shows at a time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. The fields are those of :func:`record`."""

    shopify_id: int | None
    event: Event
    message: str
    at: datetime
    actor: str | None = None
    call: ProviderCall | None = None


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it is stored; the original program's file may lack any of it.

    Attributes:
        event_type: an :class:`Event`, or a word of the original program.
        timestamp: ISO text.
        detail: the masked provider call behind it, as JSON.
    """

    id: int
    shopify_id: int | None
    timestamp: str | None
    event_type: str | None
    message: str | None
    actor: str | None
    detail: str | None


def record(
    tx: Connection,
    shopify_id: int | None,
    event: Event,
    message: str,
    *,
    now: datetime,
    actor: str | None = None,
    call: ProviderCall | None = None,
) -> None:
    """Write one entry.

    Args:
        shopify_id: the order it is about, or None for a delivery without one.
        message: a sentence for a person, without phone, e-mail or address.
        actor: the person or program that caused it; None for Ordercall itself.
        call: the masked provider call behind it.
    """
    record_all(tx, [Entry(shopify_id, event, message, now, actor, call)])


def record_for_all(
    tx: Connection,
    shopify_ids: Iterable[int | None],
    event: Event,
    message: str,
    *,
    now: datetime,
    actor: str | None = None,
    call: ProviderCall | None = None,
) -> None:
    """Write the same entry for several orders that one step was for."""
    row, ids = _row(Entry(None, event, message, now, actor, call)), list(shopify_ids)
    insert_all(tx, logs, (row | {"shopify_id": shopify_id} for shopify_id in ids))
    if actor is not None:
        audit.write_event(tx, event, ids, message)


def record_all(tx: Connection, entries: list[Entry]) -> None:
    """Write several entries, in this order."""
    insert_all(tx, logs, map(_row, entries))
    for entry in entries:
        if entry.actor is not None:
            audit.write_event(tx, entry.event, [entry.shopify_id], entry.message)


def by_hand(
    tx: Connection, *, actor: str | None = None, event: Event | None = None, before: int | None = None
) -> list[StoredEntry]:
    """Return what people did, newest first: a page of it, and one entry more where there is more.

    What one of them did to many orders in a bulk run is one entry, that of the run's begin.

    Args:
        actor: one person; None: all.
        event: one kind; None: all.
        before: the id of an entry; what is returned is older.
    """
    theirs = by_index(select(logs).where(BY_HAND), logs, "logs_by_hand")
    if actor is not None:
        theirs = theirs.where(logs.c.actor == actor)
    else:
        theirs = theirs.where(
            logs.c.actor.not_in(PROGRAMS), logs.c.actor.not_like(f"{KEY}%"), logs.c.actor.not_like(f"%{OF_A_RUN}%")
        )
    if event is not None:
        theirs = theirs.where(logs.c.event_type == event)
    if before is not None:
        theirs = theirs.where(logs.c.id < before)
    return [StoredEntry(*row) for row in tx.execute(theirs.order_by(logs.c.id.desc()).limit(PAGE + 1))]


class _Stamps:
    """Gives the entries of this process times by which they sort as they were written, which their ids do anyway.

    What is written within one millisecond, as the entries of one commit are, is told apart by microseconds. So is what
    comes with a time a little before that of the entry before it, since each step takes its time when it begins.
    """

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)
        self._one_at_a_time = Lock()

    def of(self, at: datetime) -> str:
        """Return the time as ISO text in UTC, so that texts sort as times do."""
        at = at.astimezone(UTC)
        at = at.replace(microsecond=at.microsecond // 1_000 * 1_000)
        with self._one_at_a_time:
            if at <= self._last < at + BEHIND:
                at = self._last + timedelta(microseconds=1)
            self._last = at
        return at.isoformat(timespec="microseconds")


_STAMPS = _Stamps()


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "shopify_id": entry.shopify_id,
        "timestamp": _STAMPS.of(entry.at),
        "event_type": entry.event.value,
        "message": entry.message,
        "actor": entry.actor,
        "detail": json.dumps(entry.call.to_json(), ensure_ascii=False) if entry.call else None,
    }


def count_since(tx: Connection, shopify_id: int, log_id: int) -> int:
    """Return how many entries an order got after this one, counted up to 100."""
    return number_up_to(tx, select(logs.c.id).where(logs.c.shopify_id == shopify_id, logs.c.id > log_id), 100)


def of_order(
    tx: Connection, shopify_id: int, *, before: int | None = None, problems: bool = False, limit: int = PAGE
) -> list[StoredEntry]:
    """Return some of an order's entries, newest first.

    Args:
        before: the id of an entry; what is returned is older. None: the newest.
        problems: only those that a person who looks for trouble wants to see.
        limit: the most to return: an order that was tried for days has thousands.
    """
    mine = select(logs).where(logs.c.shopify_id == shopify_id)
    if before is not None:
        mine = mine.where(logs.c.id < before)
    if problems:
        mine = mine.where(A_PROBLEM)
    return [StoredEntry(*row) for row in tx.execute(mine.order_by(logs.c.id.desc()).limit(limit))]
