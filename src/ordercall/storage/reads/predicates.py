"""What is worked out from an order's row: as SQL, because triggers, indexes and queries must agree on it.

Each function takes the row's name with its point: ``NEW.`` or ``OLD.`` in a trigger, nothing in a query of ``orders``.
The words are those of SQLite and of Postgres alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from ordercall.domain.calls.calling import CallingState, Reason
from ordercall.domain.orders.order import CancelState, Fulfilment, Status
from ordercall.domain.orders.payment import NOT_PAID_FOR
from ordercall.domain.parcels.shipping import HARMLESS_CANCELS, STILL_HERE

QUARTER, THREE_HOURS, EVER = 900, 10_800, 0
"""How many seconds a counter spans. All zones of today are whole quarters of an hour away from UTC."""

SPANS = (QUARTER, THREE_HOURS, EVER)

KEY = ("span", "slot", "status", "currency")
MEASURES = ("orders", "on_campaign", "off_campaign", "paid_orders", "thousandths")
COUNTED = ("confirmation_status", "calling_state", "currency", "total_price", "is_test", "placed_at")
"""The columns that ``key_of`` and ``measures`` read."""

_MOST_MONEY = 10**12
"""A larger amount is no order's, and its sums would not fit 64 bits."""


def one_of(words: Iterable[StrEnum]) -> str:
    """Return the words as a list that always reads the same: an index serves only the text that it was made with."""
    return f"({', '.join(repr(word.value) for word in sorted(words))})"


def off_campaign(row: str = "") -> str:
    """Whether the customer should be rung and nobody will."""
    states = one_of(state for state in CallingState if state.off_campaign)
    return f"({_to_be_rung(row)} AND {row}calling_state IN {states})"


def needs_a_person() -> str:
    """Whether nothing but a person brings the order on."""
    reasons = one_of(reason for reason in Reason if reason.waits_for_a_person)
    ends = one_of(state for state in CancelState if state.left_to_a_person)
    return (
        f"(({_to_be_rung()} AND (calling_state = '{CallingState.FAILED}' OR calling_reason IN {reasons}))"
        f" OR (confirmation_status = '{Status.FAILED}' AND cancel_state IN {ends}))"
    )


def to_ship() -> str:
    """Whether the order waits for its parcel: ``domain.parcels.shipping.is_to_ship``, condition by condition."""
    conditions = (
        f"confirmation_status = '{Status.SUCCESS}'",
        f"coalesce(fulfillment_status, '') NOT IN {one_of(set(Fulfilment) - STILL_HERE)}",
        "coalesce(units_left, 1) <> 0",
        "is_test = 0",
        "shopify_cancelled_at IS NULL",
        "shopify_deleted_at IS NULL",
        "closed_at IS NULL",
        f"coalesce(cancel_state, '') NOT IN {one_of(set(CancelState) - HARMLESS_CANCELS)}",
        "address_waits = 0",
    )
    return f"({' AND '.join(conditions)})"


def paid_for() -> str:
    """Whether somebody pays for the order, or will. A condition of its own: a payment changes, and no index with it."""
    return f"coalesce(financial_status, '') NOT IN ({', '.join(map(repr, sorted(NOT_PAID_FOR)))})"


def _to_be_rung(row: str = "") -> str:
    return f"{row}confirmation_status = '{Status.PLACED}' AND {row}is_test = 0"


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
        f"CASE WHEN {row}calling_state = '{CallingState.ON_CAMPAIGN}' THEN 1 ELSE 0 END",
        f"CASE WHEN {off_campaign(row)} THEN 1 ELSE 0 END",
        f"CASE WHEN {paid(row)} THEN 1 ELSE 0 END",
        f"CASE WHEN {paid(row)} THEN CAST(round({row}total_price * 1000) AS BIGINT) ELSE 0 END",
    ]


def counter_columns(number: str) -> str:
    """Return the columns of a table of counters. ``number``: what the database calls 64 bits."""
    measured = ", ".join(f"{name} {number} NOT NULL" for name in MEASURES)
    return f"span INTEGER NOT NULL, slot {number} NOT NULL, status TEXT NOT NULL, currency TEXT NOT NULL, {measured}"


def count(table: str, amount: str, row: str, *, source: str = "", then: str = "") -> str:
    """Return the statements by which a trigger adds the row, or the rows of a source, to its three counters.

    Args:
        amount: what is added, with ``{}`` for a measure.
        then: how each statement ends.
    """
    amounts = ", ".join(amount.format(measure) for measure in measures(row))
    return "".join(
        f"INSERT INTO {table} ({', '.join((*KEY, *MEASURES))}) SELECT {', '.join(key_of(span, row))}, {amounts}"
        f"{source} WHERE {f'{row}placed_at IS NOT NULL' if span else 'true'}{then};"
        for span in SPANS
    )


def counts_otherwise(differs: str) -> str:
    """Whether a change of a row changes what it counts for. ``differs``: the operator that knows NULL from a value."""
    of_key = [f"OLD.{name} {differs} NEW.{name}" for name in ("placed_at", "confirmation_status", "currency")]
    measured = zip(measures("OLD.")[1:], measures("NEW.")[1:], strict=True)
    return " OR ".join([*of_key, *(f"({old}) <> ({new})" for old, new in measured)])


def words(row: str = "", *, columns: Sequence[str] = ()) -> str:
    """Return what a search reads of an order but its phone. Two spaces before each part mark where it begins.

    Args:
        columns: some of WORD_COLUMNS, the first two with them; none: all.
    """
    name = f"coalesce({row}first_name, '') || ' ' || coalesce({row}last_name, '')"
    parts = (name, *(f"coalesce({row}{column}, '')" for column in (columns or WORD_COLUMNS)[2:]))
    return "'  ' || " + " || '\n  ' || ".join(parts)


def phone(row: str = "") -> str:
    return f"coalesce({row}customer_phone, '')"


WORD_COLUMNS = (
    *("first_name", "last_name", "order_name", "city", "customer_email"),
    *("state", "product_title", "zip"),
)
"""When these change, a migration makes the index anew, as 0066 does."""
