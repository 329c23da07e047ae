"""The list of the numbers that must not be called, each as its keyed hash.

Whoever begins calls holds the list (:func:`hold`), and whoever adds to it takes it (:func:`take`), both before they
lock any row: so no call begins for a number that was listed before it, on whatever machine, and nobody waits in a
circle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import batched, pairwise
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, or_, select

from ordercall.domain.do_not_call import NumberKeys, Source, Why
from ordercall.storage.engine.batches import MOST_ROWS, insert_all, look_up
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import do_not_call

LOCK = "do not call"
PAGE = 50
"""The entries that a page of the list has."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A number on the list, without the number.

    Attributes:
        ends_at: until when it holds; None: for good.
        why: None where it was listed before reasons were kept.
    """

    id: int
    listed_at: datetime
    listed_by: str
    source: Source | None
    ends_at: datetime | None
    why: Why | None


def hold(tx: Connection) -> None:
    """Let no number be listed before this transaction has ended: for whoever begins calls."""
    dialect(tx).share_advisory_lock(tx, LOCK)


def take(tx: Connection) -> None:
    """Wait until nobody begins calls by the list as it is, and keep it so until the transaction ends."""
    dialect(tx).take_advisory_locks(tx, [LOCK])


def among(tx: Connection, keys: NumberKeys, phones: Iterable[str | None], *, now: datetime) -> frozenset[str]:
    """Return which of these phones must not be called now, by one statement for hundreds of them."""
    of_hash = {number_hash: phone for phone in phones if phone for number_hash in keys.hashes(phone)}
    found = look_up(tx, (do_not_call.c.number_hash, do_not_call.c.ends_at), do_not_call.c.number_hash, of_hash)
    moment = now.timestamp()
    return frozenset(of_hash[number_hash] for number_hash, ends_at in found if ends_at is None or ends_at > moment)


def any_lost(tx: Connection, keys: NumberKeys) -> bool:
    """Return whether numbers are kept under a key that is not among these, so that nobody can tell who is listed."""
    return tx.execute(_elsewhere(keys.marks)).first() is not None


@cache
def _elsewhere(marks: tuple[str, ...]) -> Any:
    """Return the statement that looks for an entry under another key, in ranges: NOT IN would read the whole index."""
    mark, known = do_not_call.c.mark, sorted(marks)
    between = [and_(mark > before, mark < after) for before, after in pairwise(known)]
    return select(do_not_call.c.id).where(or_(mark < known[0], *between, mark > known[-1])).limit(1)


def add(
    tx: Connection,
    keys: NumberKeys,
    phones: Iterable[str],
    source: Source,
    *,
    by: str,
    ends_at: datetime | None,
    why: Why,
    now: datetime,
) -> list[str]:
    """List these numbers, and return for which that is news. A wish that holds for longer stays as it is.

    The caller has taken the list.
    """
    wanted = {phone: keys.hashes(phone) for phone in phones}
    known = _ends(tx, [one for hashes in wanted.values() for one in hashes])
    news = {
        phone: hashes
        for phone, hashes in wanted.items()
        if not any(_covers(known[one], ends_at) for one in hashes if one in known)
    }
    _delete(tx, [one for hashes in news.values() for one in hashes if one in known])
    rest = {
        "mark": keys.marks[0],
        "listed_at": now.timestamp(),
        "listed_by": by,
        "source": source,
        "ends_at": ends_at and ends_at.timestamp(),
        "why": why,
    }
    insert_all(tx, do_not_call, ({"number_hash": hashes[0]} | rest for hashes in news.values()))
    return list(news)


def _ends(tx: Connection, hashes: Iterable[str]) -> dict[str, float | None]:
    wanted = select(do_not_call.c.number_hash, do_not_call.c.ends_at)
    return {
        row.number_hash: row.ends_at
        for some in batched(hashes, MOST_ROWS)
        for row in tx.execute(wanted.where(do_not_call.c.number_hash.in_(some)))
    }


def _covers(until: float | None, wanted: datetime | None) -> bool:
    return until is None or (wanted is not None and until >= wanted.timestamp())


def _delete(tx: Connection, hashes: Iterable[str]) -> int:
    mine = delete(do_not_call)
    return sum(
        tx.execute(mine.where(do_not_call.c.number_hash.in_(some))).rowcount for some in batched(hashes, MOST_ROWS)
    )


def remove(tx: Connection, keys: NumberKeys, phone: str) -> bool:
    """Take a number off the list, and return whether it was there."""
    return _delete(tx, keys.hashes(phone)) > 0


def find(tx: Connection, keys: NumberKeys, phone: str, *, now: datetime) -> Entry | None:
    """Return the entry by which this number must not be called now, or None."""
    holds = or_(do_not_call.c.ends_at.is_(None), do_not_call.c.ends_at > now.timestamp())
    row = tx.execute(select(do_not_call).where(do_not_call.c.number_hash.in_(keys.hashes(phone)), holds)).first()
    return _entry(row) if row else None


def newest(tx: Connection, *, before: int | None = None) -> list[Entry]:
    """Return a page of the list, the newest first, with those that have ended.

    Args:
        before: an entry's id; what is returned is older.
    """
    wanted: Select[Any] = select(do_not_call)
    if before is not None:
        wanted = wanted.where(do_not_call.c.id < before)
    return [_entry(row) for row in tx.execute(wanted.order_by(do_not_call.c.id.desc()).limit(PAGE))]


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        listed_at=datetime.fromtimestamp(row.listed_at, UTC),
        listed_by=row.listed_by,
        source=Source.of(row.source),
        ends_at=None if row.ends_at is None else datetime.fromtimestamp(row.ends_at, UTC),
        why=Why.of(row.why),
    )
