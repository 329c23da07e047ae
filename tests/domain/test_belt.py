"""What speaks against the cancel of an order that no person asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ordercall.domain.orders.belt import Asked, Guard, due_at, guard_against, is_frozen
from ordercall.domain.orders.order import Fulfilment, OrderFacts, Status
from ordercall.domain.policy.rules import Belt, Cancels
from properties import always

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PHONE, ANOTHER = "+919876543210", "+919876543299"
ASKED = Asked(before=Status.PLACED, forced=False, quoted=True, undone=False, phone=PHONE)
ORDER = OrderFacts(
    shopify_id=1, customer_phone=PHONE, total_price=Decimal(500), financial_status="pending", is_cod=True
)
STRICT = Belt(evidence=True, paid=True, edited=True, other_number=True)


def against(belt: Belt = STRICT, *, order: OrderFacts = ORDER, edited: bool = False, **asked: Any) -> Guard | None:
    return guard_against(replace(ASKED, **asked), order, belt, edited=edited)


def test_nothing_speaks_against_an_order_as_its_customer_knew_it() -> None:
    assert against() is None


def test_that_nothing_is_due_for_a_cancelled_order_is_no_payment() -> None:
    due_nothing = replace(ORDER, total_outstanding=Decimal(0))
    cancelled = replace(due_nothing, shopify_cancelled_at="2026-11-24T12:00:00+00:00")

    assert (against(order=due_nothing), against(order=cancelled)) == (Guard.PAID, None)


@pytest.mark.parametrize("left", [Fulfilment.PART, Fulfilment.ALL])
@pytest.mark.parametrize("forced", [False, True])
def test_what_has_left_is_never_cancelled_by_a_programs_word(left: Fulfilment, *, forced: bool) -> None:
    assert against(Belt(), order=replace(ORDER, fulfillment_status=left), forced=forced) is Guard.SHIPPED


@pytest.mark.parametrize("before", [Status.SUCCESS, Status.RETURNED])
def test_what_was_decided_is_cancelled_by_force_alone(before: Status) -> None:
    assert against(Belt(), before=before) is Guard.DECIDED
    assert against(Belt(), before=before, forced=True) is None


@pytest.mark.parametrize("before", [None, Status.PLACED, Status.FAILED])
def test_what_was_not_decided_otherwise_is_cancelled(before: Status | None) -> None:
    assert against(before=before) is None


def test_what_a_person_undid_is_not_cancelled_by_the_next_word() -> None:
    assert against(Belt(), undone=True) is Guard.UNDONE


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize(
    ("rule", "order", "asked", "guard"),
    [
        ({"cancel": Cancels.OFF}, {}, {}, Guard.OFF),
        ({"evidence": True}, {}, {"quoted": False}, Guard.NO_QUOTE),
        ({"paid": True}, {"financial_status": "paid"}, {}, Guard.PAID),
        ({"paid": True}, {"financial_status": "partially_paid"}, {}, Guard.PAID),
        ({"paid": True}, {"financial_status": None, "total_outstanding": Decimal(0)}, {}, Guard.PAID),
        ({"other_number": True}, {}, {"phone": ANOTHER}, Guard.OTHER_NUMBER),
        ({"other_number": True}, {"customer_phone": None}, {}, Guard.OTHER_NUMBER),
    ],
)
def test_each_rule_speaks_only_where_it_is_on_and_force_does_not_lift_it(
    rule: dict[str, Any], order: dict[str, Any], asked: dict[str, Any], guard: Guard, *, forced: bool
) -> None:
    meant = replace(ORDER, **order)

    assert against(Belt(**rule), order=meant, forced=forced, **asked) is guard
    assert against(Belt(), order=meant, forced=forced, **asked) is None


def test_an_order_that_was_changed_after_its_card_is_held_back_where_the_policy_says_so() -> None:
    assert against(Belt(edited=True), edited=True) is Guard.EDITED
    assert against(Belt(), edited=True) is None


def test_a_refusal_by_nobody_knows_which_number_is_not_one_by_another() -> None:
    assert against(phone=None) is None


@pytest.mark.parametrize("status", ["pending", "authorized", "refunded", "voided"])
def test_money_that_was_not_taken_or_was_given_back_is_not_paid(status: str) -> None:
    assert against(order=replace(ORDER, financial_status=status)) is None


@pytest.mark.parametrize(
    ("most", "left", "waiting", "frozen"),
    [(0, 1_000, 0, False), (0, 1_000, 7, False), (3, 2, 0, False), (3, 3, 0, True), (3, 0, 1, True)],
)
def test_a_number_an_hour_freezes_what_is_more_and_all_that_follows(
    most: int, left: int, waiting: int, *, frozen: bool
) -> None:
    assert is_frozen(Belt(most_an_hour=most), left, waiting) is frozen


def test_a_cancel_leaves_at_once_or_after_the_delay_in_force_when_it_was_asked_for() -> None:
    assert due_at(Belt(), NOW) is None
    assert due_at(Belt(delay=timedelta(minutes=15)), NOW) == NOW + timedelta(minutes=15)


@always
@given(
    asked=some.builds(
        Asked, before=some.sampled_from([None, *Status]), phone=some.sampled_from([None, PHONE, ANOTHER])
    ),
    belt=some.builds(
        Belt, delay=some.just(timedelta()), most_an_hour=some.integers(0, 3), cancel=some.sampled_from(Cancels)
    ),
    order=some.builds(
        replace,
        some.just(ORDER),
        fulfillment_status=some.sampled_from(Fulfilment),
        financial_status=some.sampled_from([None, "pending", "paid", "partially_paid", "refunded"]),
    ),
    edited=some.booleans(),
    contradicted=some.booleans(),
)
def test_a_programs_word_cancels_exactly_what_nothing_speaks_against(
    asked: Asked, belt: Belt, order: OrderFacts, *, edited: bool, contradicted: bool
) -> None:
    guard = guard_against(asked, order, belt, edited=edited, contradicted=contradicted)

    speaks = {
        Guard.SHIPPED: order.fulfillment_status in (Fulfilment.PART, Fulfilment.ALL),
        Guard.DECIDED: asked.before in (Status.SUCCESS, Status.RETURNED) and not asked.forced,
        Guard.UNDONE: asked.undone and not asked.forced,
        Guard.CONTRADICTED: contradicted,
        Guard.OFF: belt.cancel is Cancels.OFF,
        Guard.NO_QUOTE: belt.evidence and not asked.quoted,
        Guard.PAID: belt.paid and order.financial_status in ("paid", "partially_paid"),
        Guard.EDITED: belt.edited and edited,
        Guard.OTHER_NUMBER: belt.other_number and asked.phone == ANOTHER,
    }
    assert speaks.keys() == set(Guard)
    assert speaks[guard] if guard else not any(speaks.values())


LIFTED = {Guard.DECIDED, Guard.UNDONE}
"""The guards that force sets aside."""


def against_these(speaking: set[Guard], *, forced: bool) -> Guard | None:
    """Return what speaks against a cancel of which just these guards have something to say."""
    asked = replace(
        ASKED,
        before=Status.SUCCESS if Guard.DECIDED in speaking else Status.PLACED,
        forced=forced,
        quoted=Guard.NO_QUOTE not in speaking,
        undone=Guard.UNDONE in speaking,
        phone=ANOTHER if Guard.OTHER_NUMBER in speaking else PHONE,
    )
    order = replace(
        ORDER,
        fulfillment_status=Fulfilment.PART if Guard.SHIPPED in speaking else Fulfilment.NOTHING,
        financial_status="paid" if Guard.PAID in speaking else "pending",
    )
    belt = replace(STRICT, cancel=Cancels.OFF if Guard.OFF in speaking else Cancels.ON)
    edited, contradicted = Guard.EDITED in speaking, Guard.CONTRADICTED in speaking
    return guard_against(asked, order, belt, edited=edited, contradicted=contradicted)


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize("guard", Guard)
def test_each_guard_holds_alone_and_beside_every_other(guard: Guard, *, forced: bool) -> None:
    for speaking in ({guard, other} for other in Guard):
        held = {one for one in speaking if not (forced and one in LIFTED)}
        assert against_these(speaking, forced=forced) is next((one for one in Guard if one in held), None)
