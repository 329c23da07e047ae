"""What keeps counters and search right on SQLite: triggers, in the transaction of whatever changes an order.

A new order's words are not put into the search index at once: that takes SQLite longer than all else that is stored
with the order. The trigger notes the order in ``search_waiting``; see ``search.py``.
"""

from __future__ import annotations

from ordercall.storage.reads import predicates
from ordercall.storage.reads.predicates import KEY, MEASURES, SPANS

SEARCH_TABLES = (
    "CREATE TABLE search_waiting (shopify_id INTEGER PRIMARY KEY)",
    "CREATE TABLE search_places (place INTEGER PRIMARY KEY, shopify_id INTEGER NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE search_words USING fts5(words, phone, content='', tokenize='trigram')",
)
"""``search_places`` gives each order of the index a number that grows with the time it was placed."""


def statements() -> list[str]:
    """Return the triggers, in the order in which they are made."""
    return [
        _trigger("count_new_order", "INSERT", _count("+", "NEW.")),
        _trigger("count_deleted_order", "DELETE", _count("-", "OLD.")),
        _trigger("count_changed_order", _update_of(*_COUNTED), _count("-", "OLD.") + _count("+", "NEW."), _counts()),
        _trigger("search_new_order", "INSERT", _WAIT),
        _trigger("search_deleted_order", "DELETE", _FORGET),
        _trigger("search_changed_order", _update_of(*_SEARCHED), _FORGET + _WAIT, _reads()),
    ]


_COUNTED = ("confirmation_status", "calling_state", "currency", "total_price", "is_test", "placed_at")
_SEARCHED = (*predicates.WORD_COLUMNS, "customer_phone", "placed_at")

_WAIT = "INSERT OR IGNORE INTO search_waiting VALUES (NEW.shopify_id);"
_FORGET = (
    "INSERT INTO search_words (search_words, rowid, words, phone)"  # noqa: S608 - words of ours
    f" SELECT 'delete', place, {predicates.words('OLD.')}, {predicates.phone('OLD.')}"
    " FROM search_places WHERE shopify_id = OLD.shopify_id;"
    "DELETE FROM search_places WHERE shopify_id = OLD.shopify_id;"
    "DELETE FROM search_waiting WHERE shopify_id = OLD.shopify_id;"
)


def _trigger(name: str, event: str, body: str, when: str = "") -> str:
    return f"CREATE TRIGGER {name} AFTER {event} ON orders {f'WHEN {when} ' if when else ''}BEGIN {body} END"


def _update_of(*columns: str) -> str:
    return f"UPDATE OF {', '.join(columns)}"


def _count(sign: str, row: str) -> str:
    """Add the row to its three counters, or take it out of them."""
    names = ", ".join((*KEY, *MEASURES))
    summed = ", ".join(f"{name} = {name} + excluded.{name}" for name in MEASURES)
    amounts = ", ".join(f"{sign}({measure})" for measure in predicates.measures(row))
    return "".join(
        f"INSERT INTO order_counts ({names}) SELECT {', '.join(predicates.key_of(span, row))}, {amounts}"
        f" WHERE {f'{row}placed_at IS NOT NULL' if span else 'true'}"
        f" ON CONFLICT DO UPDATE SET {summed};"
        for span in SPANS
    )


def _counts() -> str:
    """Whether a change of the row changes what it counts for."""
    return _differ("placed_at", "confirmation_status", "currency") + "".join(
        f" OR ({old}) <> ({new})"
        for old, new in zip(predicates.measures("OLD.")[1:], predicates.measures("NEW.")[1:], strict=True)
    )


def _reads() -> str:
    return _differ(*_SEARCHED)


def _differ(*columns: str) -> str:
    return " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
