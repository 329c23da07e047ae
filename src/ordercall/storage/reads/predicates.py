"""What is worked out from an order's row: as SQL, because triggers, indexes and queries must agree on it.

Each function takes the row's name with its point: ``NEW.`` or ``OLD.`` in a trigger, nothing in a query of ``orders``.
The words are those of SQLite and of Postgres alike.
"""

from __future__ import annotations

QUARTER, THREE_HOURS, EVER = 900, 10_800, 0
"""How many seconds a counter spans. All zones of today are whole quarters of an hour away from UTC."""

SPANS = (QUARTER, THREE_HOURS, EVER)

KEY = ("span", "slot", "status", "currency")
MEASURES = ("orders", "on_campaign", "off_campaign", "paid_orders", "thousandths")

_MOST_MONEY = 10**12
"""Above it an amount is nobody's, and its sums would not fit 64 bits."""


def off_campaign(row: str = "") -> str:
    """Whether nobody will ring this customer, who should be rung."""
    return (
        f"({row}confirmation_status = 'Placed' AND {row}is_test = 0 AND {row}calling_state IN ('failed', 'not_called'))"
    )


def paid(row: str = "") -> str:
    """Whether the order brings money that can be summed up: test orders bring none."""
    return (
        f"({row}is_test = 0 AND {row}currency IS NOT NULL AND {row}total_price IS NOT NULL"
        f" AND abs({row}total_price) < {_MOST_MONEY})"
    )


def key_of(span: int, row: str = "") -> list[str]:
    """Return the counter that the order belongs to, in the order of KEY. ``slot``: unix seconds of its beginning."""
    slot = f"CAST(floor({row}placed_at / {span}) AS BIGINT) * {span}" if span else "0"
    return [str(span), slot, f"coalesce({row}confirmation_status, '')", f"coalesce({row}currency, '')"]


def measures(row: str = "") -> list[str]:
    """Return what the order adds to its counters, in the order of MEASURES; money in thousandths, so exact."""
    return [
        "1",
        f"CASE WHEN {row}calling_state = 'on_campaign' THEN 1 ELSE 0 END",
        f"CASE WHEN {off_campaign(row)} THEN 1 ELSE 0 END",
        f"CASE WHEN {paid(row)} THEN 1 ELSE 0 END",
        f"CASE WHEN {paid(row)} THEN CAST(round({row}total_price * 1000) AS BIGINT) ELSE 0 END",
    ]


def words(row: str = "") -> str:
    """Return what a search reads of an order but its phone. Two spaces before each part tell where a word begins."""
    name = f"coalesce({row}first_name, '') || ' ' || coalesce({row}last_name, '')"
    parts = (name, *(f"coalesce({row}{column}, '')" for column in ("order_name", "city", "customer_email")))
    return "'  ' || " + " || '\n  ' || ".join(parts)


def phone(row: str = "") -> str:
    return f"coalesce({row}customer_phone, '')"


WORD_COLUMNS = ("first_name", "last_name", "order_name", "city", "customer_email")
