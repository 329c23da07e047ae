"""What holds back the cancel of an order that no person asked for.

A cancel cannot be undone in Shopify. So when one leaves that is only a program's word, the order is asked about once
more, as it is by then. What a guard holds back is a person's: their own cancel goes its usual way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ordercall.domain.orders.order import OrderFacts, Status
from ordercall.domain.orders.payment import PARTLY_PAID
from ordercall.domain.policy.rules import Belt, Cancels
from ordercall.domain.words import Word

BUDGET_OF = timedelta(hours=1)
"""In which the policy's ``most_an_hour`` are counted."""

PAID = frozenset({PARTLY_PAID, "paid", "partially_refunded"})
"""The states of a payment in which the shop holds money of the customer's."""

ON_CARD = frozenset(
    {"product_title", "item_count", "total_price", "currency", "address", "city", "zip", "state", "country"}
)
"""The facts of an order that its agent tells the customer, and that both believe the answer to be about."""

ON_CARD_NOW = frozenset({"items", "current_total_price", "presentment_currency"})
"""The same as they are after edits; of an order that an earlier version stored they were not known before."""


class Guard(Word):
    """Why a cancel is held back, as a sentence for a person."""

    sentence: str

    SHIPPED = "shipped", "Its parcel, or a part of it, has left."
    DECIDED = "decided", "The order was decided before, and no report cancels what is decided."
    UNDONE = "undone", "A person undid its cancellation, and nothing but another report came since."
    CONTRADICTED = "contradicted", "After the refusal something else was said of it, or a further call asked for."
    OFF = "off", "By the policy no report cancels an order (belt.cancel)."
    NO_QUOTE = "no_quote", "The report does not say the customer's words (belt.evidence)."
    PAID = "paid", "The order is paid, or a part of it (belt.paid)."
    EDITED = "edited", "Items, total or address were changed after the agent was told of it (belt.edited)."
    OTHER_NUMBER = "other_number", "It was told by another number than the order has (belt.other_number)."


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ProgramsWord:
    """What is known of a word of a program's for which an order is to be cancelled. It has no repr: it has a phone.

    Attributes:
        forced: its sender set aside that a decided order is a person's.
        quoted: it came with the customer's words.
        phone: by which the customer told it, where the word says so.
        call_id: the call in which they did, where that is known.
    """

    forced: bool = False
    quoted: bool = False
    phone: str | None = None
    call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Asked:
    """A cancel as a program asked for it.

    Attributes:
        before: the order's status until then; None for a word of the original program's.
        undone: a person had undone the cancel before it, and decided nothing since.
        phone: by which the customer told it, as far as anybody knows.
    """

    before: Status | None
    forced: bool
    quoted: bool
    undone: bool
    phone: str | None


def guard_against(
    asked: Asked, order: OrderFacts, belt: Belt, *, edited: bool, contradicted: bool = False
) -> Guard | None:
    """Return what speaks against this cancel of the order as it is now, or None.

    Args:
        edited: the order was changed after the agent was told of it.
        contradicted: since it was asked for, its customer may have said that they want the order.
    """
    decided = asked.before not in (None, Status.PLACED, Status.FAILED) and not asked.forced
    guards = (
        (Guard.SHIPPED, order.fulfillment_status.has_left),
        (Guard.DECIDED, decided),
        (Guard.UNDONE, asked.undone and not asked.forced),
        (Guard.CONTRADICTED, contradicted),
        (Guard.OFF, belt.cancel is Cancels.OFF),
        (Guard.NO_QUOTE, belt.evidence and not asked.quoted),
        (Guard.PAID, belt.paid and is_paid(order)),
        (Guard.EDITED, belt.edited and edited),
        (Guard.OTHER_NUMBER, belt.other_number and asked.phone not in (None, order.customer_phone)),
    )
    return next((guard for guard, speaks in guards if speaks), None)


def is_paid(order: OrderFacts) -> bool:
    """Return whether the customer has paid something that a cancel would leave to be paid back.

    What is still due says it too, but of an order that is not cancelled: then nothing is due any more.
    """
    if order.financial_status in PAID or order.shopify_cancelled_at:
        return order.financial_status in PAID
    total, outstanding = order.total_price, order.total_outstanding
    return total is not None and outstanding is not None and Decimal(0) <= outstanding < total


def is_frozen(belt: Belt, left: int, waiting: int) -> bool:
    """Return whether no further cancel leaves before a person has said so.

    Args:
        left: how many have left within the hour.
        waiting: how many wait for that person already; more might come when the hour is over, unseen.
    """
    return belt.most_an_hour > 0 and (left >= belt.most_an_hour or waiting > 0)


def due_at(belt: Belt, now: datetime) -> datetime | None:
    """Return when a cancel that is asked for now leaves; None: at once."""
    return now + belt.delay if belt.delay else None
