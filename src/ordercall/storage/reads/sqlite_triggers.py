"""What keeps counters and search right on SQLite: triggers, in the transaction of whatever changes an order.

A new order's words are not put into the search index at once: that takes SQLite longer than all else that is stored
with the order. The trigger notes the order in ``search_waiting``; see ``search.py``.
"""

from __future__ import annotations

from ordercall.storage.reads import predicates
from ordercall.storage.reads.predicates import COUNTED, KEY, MEASURES, count, counter_columns, counts_otherwise

COUNTS = (f"CREATE TABLE order_counts ({counter_columns('INTEGER')}, PRIMARY KEY ({', '.join(KEY)})) WITHOUT ROWID",)
SEARCH = (
    "CREATE TABLE search_waiting (shopify_id INTEGER PRIMARY KEY)",
    "CREATE TABLE search_places (place INTEGER PRIMARY KEY, shopify_id INTEGER NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE search_words USING fts5(words, phone, content='', tokenize='trigram')",
)
"""``search_places`` gives each order of the index a number that grows with the time it was placed."""

_SEARCHED = (*predicates.WORD_COLUMNS, "customer_phone", "placed_at")
_REWORDED = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in _SEARCHED)

_WAIT = "INSERT OR IGNORE INTO search_waiting VALUES (NEW.shopify_id);"
_FORGET = (
    "INSERT INTO search_words (search_words, rowid, words, phone)"  # noqa: S608 - words of ours
    f" SELECT 'delete', place, {predicates.words('OLD.')}, {predicates.phone('OLD.')}"
    " FROM search_places WHERE shopify_id = OLD.shopify_id;"
    "DELETE FROM search_places WHERE shopify_id = OLD.shopify_id;"
    "DELETE FROM search_waiting WHERE shopify_id = OLD.shopify_id;"
)


def of_counts() -> list[str]:
    """Return the triggers of the counters, in the order in which they are made."""
    recount = _count("-", "OLD.") + _count("+", "NEW.")
    return [
        _trigger("count_new_order", "INSERT", _count("+", "NEW.")),
        _trigger("count_deleted_order", "DELETE", _count("-", "OLD.")),
        _trigger("count_changed_order", f"UPDATE OF {', '.join(COUNTED)}", recount, counts_otherwise("IS NOT")),
    ]


def of_search() -> list[str]:
    """Return those of the search."""
    return [
        _trigger("search_new_order", "INSERT", _WAIT),
        _trigger("search_deleted_order", "DELETE", _FORGET),
        _trigger("search_changed_order", f"UPDATE OF {', '.join(_SEARCHED)}", _FORGET + _WAIT, _REWORDED),
    ]


def _trigger(name: str, event: str, body: str, when: str = "") -> str:
    return f"CREATE TRIGGER {name} AFTER {event} ON orders {f'WHEN {when} ' if when else ''}BEGIN {body} END"


def _count(sign: str, row: str) -> str:
    summed = ", ".join(f"{name} = {name} + excluded.{name}" for name in MEASURES)
    return count("order_counts", f"{sign}({{}})", row, then=f" ON CONFLICT DO UPDATE SET {summed}")
