"""Looking a text up among all orders, by an index of trigrams.

A search gives at most the 1,000 orders that were placed last: a text that occurs in a million orders costs what one
does that occurs in a thousand.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from sqlalchemy import Connection, select

from ordercall.storage.engine.dialects import InEach
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.reads.order_filter import (
    OrderFilter,
    addressed_id,
    conditions,
    contains,
    is_numbered,
)
from ordercall.storage.reads.postgres_search import PostgresSearch
from ordercall.storage.reads.sqlite_search import SQLiteSearch
from ordercall.storage.tables import orders

MOST_FOUND = 1_000
"""The latest of them: forty pages, further than anybody reads; the page shows that there are more."""
SLICE = 200
"""Orders that are put into the index in one transaction, so that no webhook waits."""


class Search(Protocol):
    """One of the two indexes; :func:`index_some` and :func:`drop_old_words` say what theirs do."""

    def latest(self, tx: Connection, wanted: OrderFilter, most: int) -> tuple[list[int], bool]:
        """Return the ids of the latest orders of a period in which a text occurs, and whether there are more."""

    def index_some(self, tx: Connection, limit: int) -> int: ...
    def drop_old_words(self, tx: Connection, *, begin: bool) -> bool: ...


_SEARCHES: InEach[Search] = InEach(sqlite=SQLiteSearch(), postgres=PostgresSearch())


def look_up(tx: Connection, wanted: OrderFilter) -> OrderFilter:
    """Return the filter with the orders in which its text was found, of its period: the latest 1,000 of them.

    One without a text that asks for facets is cut to the orders of its period that it may look through.
    """
    return _found(tx, wanted) if wanted.text else _cut(tx, wanted)


def look_up_all(tx: Connection, wanted: OrderFilter) -> OrderFilter:
    """Return the filter for what must not miss an order; where the text occurs in too many, it reads them all."""
    looked_up = _found(tx, wanted) if wanted.text else wanted
    return wanted if looked_up.found_more else looked_up


def _found(tx: Connection, wanted: OrderFilter) -> OrderFilter:
    sought = OrderFilter(text=wanted.text, start=wanted.start, end=wanted.end)
    is_address = addressed_id(sought.text) is not None  # whose digits stand in the phones of others
    latest, more = ([], False) if is_address else _SEARCHES.of(tx).latest(tx, sought, MOST_FOUND)
    if not wanted.contacts and latest:
        words = contains(wanted.text, contacts=False)
        latest = list(tx.execute(select(orders.c.shopify_id).where(orders.c.shopify_id.in_(latest), words)).scalars())
    return replace(wanted, found=tuple(sorted({*latest, *_numbered(tx, sought)})), found_more=more)


def _cut(tx: Connection, wanted: OrderFilter) -> OrderFilter:
    """Return the filter from the time on of which it may look through the orders."""
    if not wanted.facets or wanted.moment is not orders.c.placed_at:
        return wanted
    period = conditions(OrderFilter(start=wanted.start, end=wanted.end))
    times = by_index(select(orders.c.placed_at), orders, "orders_by_time").where(
        orders.c.placed_at.is_not(None), *period
    )
    latest = times.order_by(orders.c.placed_at.desc(), orders.c.shopify_id.desc())
    first = tx.execute(latest.offset(wanted.facets.looks_through).limit(1)).scalar()
    return wanted if first is None else replace(wanted, start=first, cut=True)


def index_some(tx: Connection, limit: int = SLICE) -> int:
    """Put some of the orders that wait for it into the index, the latest first; return how many."""
    return _SEARCHES.of(tx).index_some(tx, limit)


def drop_old_words(tx: Connection, *, begin: bool) -> bool:
    """Rewrite a part of the index without what was deleted from it; return whether there is more to do.

    Args:
        begin: gather all parts of the index first; else go on.
    """
    return _SEARCHES.of(tx).drop_old_words(tx, begin=begin)


def _numbered(tx: Connection, sought: OrderFilter) -> list[int]:
    mine = select(orders.c.shopify_id).where(is_numbered(sought.text))
    return list(tx.execute(mine.where(*conditions(replace(sought, text=""))).limit(MOST_FOUND)).scalars())
