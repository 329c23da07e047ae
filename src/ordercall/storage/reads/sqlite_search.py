"""Search on SQLite: FTS5's trigrams, which the worker adds to, and the orders that wait for it, read row by row."""

from __future__ import annotations

import math

from sqlalchemy import Connection, column, select, text
from sqlalchemy import table as some_table

from ordercall.storage.reads import predicates
from ordercall.storage.reads.order_filter import OrderFilter, conditions, phone_digits, word_patterns
from ordercall.storage.tables import orders

MOST_WAITING = 5_000
"""Read row by row in a few milliseconds. The worker leaves more than a minute's orders only after an upgrade."""
REWRITTEN = 500
"""Pages of the index that are rewritten in one transaction."""

_SECOND = 2**24
"""Places in the index for each second; more orders than that are not placed in one."""

_PLACE = f"CAST(floor(max(coalesce(placed_at, 0), 0)) AS BIGINT) * {_SECOND}"

_FIND = text(
    "SELECT search_places.shopify_id FROM search_words CROSS JOIN search_places"
    " WHERE search_words MATCH :expression AND search_words.rowid >= :start AND search_words.rowid < :end"
    " AND search_places.place = search_words.rowid ORDER BY search_words.rowid DESC LIMIT :most"
)
_ADD_PLACE = text(
    "INSERT INTO search_places SELECT coalesce("  # noqa: S608
    f"(SELECT max(place) + 1 FROM search_places WHERE place >= {_PLACE} AND place < {_PLACE} + {_SECOND}), {_PLACE}),"
    " shopify_id FROM orders WHERE shopify_id = :id"
)
_ADD_WORDS = text(
    f"INSERT INTO search_words (rowid, words, phone) SELECT place, {predicates.words()}, {predicates.phone()}"  # noqa: S608
    " FROM orders JOIN search_places USING (shopify_id) WHERE shopify_id = :id"
)
_DONE = text("DELETE FROM search_waiting WHERE shopify_id = :id")
_MERGE = text("INSERT INTO search_words (search_words, rank) VALUES ('merge', :pages)")

_waiting = some_table("search_waiting", column("shopify_id"))


class SQLiteSearch:
    """The index gives orders in the order of their places, which grow with the time at which they were placed."""

    def latest(self, tx: Connection, wanted: OrderFilter, most: int) -> tuple[list[int], bool]:
        indexed, waiting = _indexed(tx, wanted, most + 1), _not_yet_indexed(tx, wanted, most + 1)
        return [*waiting[:most], *indexed[:most]], max(len(indexed), len(waiting)) > most

    def index_some(self, tx: Connection, limit: int) -> int:
        latest = select(_waiting.c.shopify_id).order_by(_waiting.c.shopify_id.desc()).limit(limit)
        some = [{"id": shopify_id} for shopify_id in tx.execute(latest).scalars()]
        for statement in (_ADD_PLACE, _ADD_WORDS, _DONE) if some else ():
            tx.execute(statement, some)
        return len(some)

    def drop_old_words(self, tx: Connection, *, begin: bool) -> bool:
        """FTS5 only marks what was deleted, and drops it when its part of the index is next written."""
        before = tx.exec_driver_sql("SELECT total_changes()").scalar_one()
        tx.execute(_MERGE, {"pages": -REWRITTEN if begin else REWRITTEN})
        changes: int = tx.exec_driver_sql("SELECT total_changes()").scalar_one() - before
        return changes > 1


def _indexed(tx: Connection, wanted: OrderFilter, most: int) -> list[int]:
    start = 0 if wanted.start is None else max(int(wanted.start), 0) * _SECOND
    end = 2**62 if wanted.end is None else max(math.ceil(wanted.end), 0) * _SECOND
    asked = {"expression": _expression(wanted.text), "start": start, "end": end, "most": most}
    return list(tx.execute(_FIND, asked).scalars())


def _not_yet_indexed(tx: Connection, wanted: OrderFilter, most: int) -> list[int]:
    latest = select(_waiting.c.shopify_id).order_by(_waiting.c.shopify_id.desc()).limit(MOST_WAITING).subquery()
    matching = select(orders.c.shopify_id).join(latest, latest.c.shopify_id == orders.c.shopify_id)
    return list(tx.execute(matching.where(*conditions(wanted)).limit(most)).scalars())


def _expression(wanted: str) -> str:
    """Return what FTS5 is asked for: one of the words, or the digits in the phone."""
    asked = [f"words : {_quoted(pattern)}" for pattern in word_patterns(wanted)]
    digits = phone_digits(wanted)
    if len(digits) > 2:  # the index has nothing shorter
        asked.append(f"phone : {_quoted(digits)}")
    return " OR ".join(asked)


def _quoted(pattern: str) -> str:
    return '"' + pattern.replace('"', '""') + '"'
