"""The default policy beside the rules that the program had before there was one, written down plainly.

Ten thousand random orders: the same ones are called, at the same times, in the same languages. What is decided
otherwise since, and why, stands in ``DECIDED_SINCE``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from ordercall.domain.calls.calling import Language
from ordercall.domain.calls.decision import Decision, History, ShopFacts, decide
from ordercall.domain.calls.decision_words import Answer
from ordercall.domain.orders.order import Fulfilment, OrderFacts, Status
from ordercall.domain.policy.rules import Policy

NUMBER = 10_000
INDIA = ZoneInfo("Asia/Kolkata")
START = datetime(2026, 11, 23, tzinfo=UTC)
MINUTES = 14 * 24 * 60
"""The orders come at any minute of two weeks."""

PLACES = (
    *(("GJ", "Gujarat"), (None, "gujarat"), (None, "GJ"), (None, "Gujrat"), ("MH", "Maharashtra")),
    *((None, "Kerala"), ("GJ", "ગુજરાત"), ("MH", "Gujarat"), (None, None), (None, "Tamil Nadu")),
)
DECIDED_SINCE: dict[str, Callable[[OrderFacts], bool]] = {
    "Sold at a counter: who stood there is not rung.": lambda order: order.source_name == "pos",
    "Shipped in part: a parcel is on its way.": lambda order: order.fulfillment_status is Fulfilment.PART,
    "Nothing is left to deliver after an edit.": lambda order: order.units_left == 0,
    "Its payment is void or has expired: nothing is to be confirmed.": lambda order: (
        order.financial_status in ("voided", "expired")
    ),
    "Archived: the shop is done with it.": lambda order: order.closed_at is not None,
}
"""Who is not called since, and was before: :mod:`ordercall.domain.calls.decision` has a rule for each."""


def is_called(order: OrderFacts, came: datetime) -> bool:
    """Whether the program before called its customer, by itself."""
    if order.is_test or order.shopify_cancelled_at or order.shopify_deleted_at:
        return False
    if order.fulfillment_status is Fulfilment.ALL or order.financial_status == "refunded":
        return False
    if not order.customer_phone:
        return False
    return order.placed_at is None or came - order.placed_at <= timedelta(hours=24)


def language(order: OrderFacts) -> str:
    """The description's table; since then the code of the province decides before its name."""
    if order.province_code is not None:
        return "hi" if order.province_code == "GJ" else "en"
    return "hi" if (order.state or "").lower() in ("gujarat", "gj", "gujrat") else "en"


def window(came: datetime) -> tuple[datetime, datetime]:
    """Two hours from now, within nine to nine in India; with less than five minutes left from nine the next day."""
    here = came.astimezone(INDIA)
    opens, closes = (here.replace(hour=hour, minute=0, second=0, microsecond=0) for hour in (9, 21))
    if here < opens:
        here = opens
    elif closes - here < timedelta(minutes=5):
        here, closes = opens + timedelta(days=1), closes + timedelta(days=1)
    return here, min(here + timedelta(hours=2), closes)


def random_order(dice: Random, number: int, came: datetime) -> OrderFacts:
    code, state = dice.choice(PLACES)

    def seldom(value: Any, otherwise: Any = None) -> Any:
        return value if dice.random() < 0.05 else otherwise

    return OrderFacts(
        shopify_id=number,
        customer_phone=seldom(None, "+919000000001"),
        state=state,
        province_code=code,
        country=dice.choice(["IN", "IN", "India", None]),
        is_test=seldom(True, otherwise=False),
        is_cod=dice.random() < 0.7,
        gateways=dice.choice(["Cash on Delivery (COD)", "razorpay", None]),
        financial_status=seldom(dice.choice(["refunded", "voided", "expired"]), dice.choice(["pending", "paid", None])),
        fulfillment_status=seldom(dice.choice([Fulfilment.PART, Fulfilment.ALL]), Fulfilment.NOTHING),
        shopify_cancelled_at=seldom("2026-11-23T12:00:00+05:30"),
        shopify_deleted_at=seldom(START),
        closed_at=seldom("2026-11-23T12:00:00+05:30"),
        source_name=seldom("pos", dice.choice(["web", None])),
        units_left=seldom(0, dice.choice([1, 3, None])),
        currency=dice.choice(["INR", "AED", None]),
        total_price=Decimal(dice.randrange(1, 100_000)) / 100,
        placed_at=seldom(None, came - timedelta(minutes=dice.choice([0, 5, 23 * 60, 24 * 60, 24 * 60 + 1, 4_000]))),
    )


def test_the_default_policy_calls_whom_the_program_before_it_called() -> None:
    dice, since, called = Random(19), dict.fromkeys(DECIDED_SINCE, 0), 0  # noqa: S311 - orders to compare by
    wrong = []
    for number in range(NUMBER):
        came = START + timedelta(minutes=dice.randrange(MINUTES), seconds=dice.randrange(60))
        order = random_order(dice, number, came)
        decision = decide(order, History(status=Status.PLACED, came_at=came), ShopFacts(), Policy(), came)
        expected = is_called(order, came)
        for why, holds in DECIDED_SINCE.items():
            if expected and holds(order):
                since[why] += 1
                expected = False
        called += expected
        if not same(decision, order, came, expected=expected):
            wrong.append((order, decision.answer, decision.reason, decision.window, decision.language))

    assert wrong == []
    assert called > NUMBER / 3
    assert min(since.values()) > 10


def same(decision: Decision, order: OrderFacts, came: datetime, *, expected: bool) -> bool:
    if not expected:
        return decision.answer is not Answer.CALL
    here = decision.window and (decision.window.start, decision.window.end)
    opens, closes = window(came)
    return (
        decision.answer is Answer.CALL
        and decision.language is Language(language(order))
        and decision.not_before == opens
        and here == (opens.replace(microsecond=0), closes)
    )
