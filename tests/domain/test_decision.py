"""What is decided about an order's call."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ordercall.domain.calls.calling import Reason
from ordercall.domain.calls.decision import Decision, History, ShopFacts, decide
from ordercall.domain.orders.order import PHONE_NOT_SHOWN, Fulfilment, Order, OrderFacts, Status
from ordercall.domain.phones.choosing import PhoneKind
from ordercall.domain.policy.rules import Policy, Who

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Kolkata"))
ORDER = OrderFacts(shopify_id=1, customer_phone="+919000000001")


def decided(order: OrderFacts = ORDER, history: History | None = None, policy: Policy | None = None) -> Decision:
    """Decide about an order at noon, where nothing else speaks against its call."""
    return decide(order, history or History(), ShopFacts(), policy or Policy(), NOON)


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({}, None),
        ({"is_test": True}, Reason.TEST_ORDER),
        ({"shopify_cancelled_at": "2026-11-23T12:00:00+05:30"}, Reason.CANCELLED),
        ({"fulfillment_status": Fulfilment.ALL}, Reason.SHIPPED),
        ({"fulfillment_status": Fulfilment.PART}, Reason.SHIPPED),
        ({"fulfillment_status": Fulfilment.RESTOCKED, "financial_status": "partially_refunded"}, None),
        ({"financial_status": "refunded"}, Reason.REFUNDED),
        ({"financial_status": "voided"}, Reason.PAYMENT_VOIDED),
        ({"financial_status": "expired"}, Reason.PAYMENT_EXPIRED),
        ({"financial_status": "authorized"}, None),
        ({"shopify_deleted_at": NOON}, Reason.DELETED),
        ({"shopify_deleted_at": NOON, "shopify_cancelled_at": "2026-11-23T12:00:00+05:30"}, Reason.CANCELLED),
        ({"closed_at": "2026-11-23T12:00:00+05:30"}, Reason.ARCHIVED),
        ({"closed_at": "2026-11-23T12:00:00+05:30", "fulfillment_status": Fulfilment.ALL}, Reason.SHIPPED),
        ({"source_name": "pos"}, Reason.COUNTER_SALE),
        ({"source_name": "pos", "fulfillment_status": Fulfilment.ALL}, Reason.COUNTER_SALE),
        ({"source_name": "web"}, None),
        ({"source_name": "shopify_draft_order"}, None),
        ({"source_name": "580111"}, None),
        ({"units_left": 0}, Reason.EMPTIED),
        ({"units_left": 1}, None),
        ({"is_cod": True, "current_total_price": Decimal(0)}, Reason.EMPTIED),
        ({"is_cod": True, "current_total_price": Decimal("0.01")}, None),
        ({"is_cod": False, "current_total_price": Decimal(0)}, None),
        ({"is_cod": None, "current_total_price": Decimal(0)}, None),
        ({"is_cod": False, "total_price": Decimal(1_149), "current_total_price": Decimal(0)}, Reason.EMPTIED),
        ({"is_cod": None, "total_price": Decimal(1_149), "current_total_price": Decimal("0.00")}, Reason.EMPTIED),
        ({"current_total_price": Decimal("-0.01")}, Reason.EMPTIED),
        ({"is_cod": False, "total_price": Decimal(1_149), "current_total_price": Decimal(-40)}, Reason.EMPTIED),
        ({"is_cod": True, "total_price": Decimal(0), "current_total_price": Decimal(-1_149)}, Reason.EMPTIED),
        ({"is_cod": False, "total_price": Decimal(1_149), "current_total_price": Decimal("0.01")}, None),
        ({"is_cod": False, "total_price": Decimal(1_149), "current_outstanding": Decimal(0)}, None),
        ({"is_cod": False, "total_price": Decimal(1_149), "current_total_price": None}, None),
        ({"is_cod": False, "total_price": Decimal("0.00"), "current_total_price": Decimal("0.00")}, None),
        ({"customer_phone": None, "phone_fault": PHONE_NOT_SHOWN}, Reason.PHONE_HIDDEN),
        ({"customer_phone": None}, Reason.NO_PHONE),
        ({"customer_phone": ""}, Reason.NO_PHONE),
        ({"customer_phone": None, "is_test": True}, Reason.TEST_ORDER),
    ],
)
def test_why_nobody_may_be_called(odd: dict[str, Any], reason: Reason | None) -> None:
    assert decided(replace(ORDER, **odd)).reason is reason


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({}, Reason.PARTLY_KNOWN),
        ({"closed_at": "2026-11-23T12:00:00+05:30"}, Reason.ARCHIVED),
        ({"units_left": 0}, Reason.EMPTIED),
        ({"customer_phone": None, "phone_fault": PHONE_NOT_SHOWN}, Reason.PARTLY_KNOWN),
    ],
)
def test_nobody_is_called_for_an_order_that_is_known_in_part(told: dict[str, Any], reason: Reason) -> None:
    part = Order(shopify_id=1, customer_phone="+919000000001", absent=frozenset({"first_name", "state"}))

    decision = decided(replace(part, **told))

    assert decision.reason is reason
    assert {"unknown": ["first_name", "state"]} in [look.facts for look in decision.because]


@pytest.mark.parametrize("status", [None, *(status for status in Status if status is not Status.PLACED)])
def test_nobody_is_called_for_an_order_that_is_decided_or_of_which_nobody_knows(status: Status | None) -> None:
    assert decided(history=History(status=status)).reason is Reason.ALREADY_DECIDED


LINE, FREE, CALLER, ABROAD = PhoneKind.LANDLINE, PhoneKind.TOLL_FREE, PhoneKind.CALLER, PhoneKind.FOREIGN


@pytest.mark.parametrize(
    ("number", "not_called", "reason"),
    [
        ("+912223456789", (), None),
        ("+912223456789", (LINE,), Reason.OTHER_PHONE),
        ("+912223456789", (FREE, CALLER, ABROAD), None),
        ("+9118001234567", (FREE,), Reason.OTHER_PHONE),
        ("+911401234567", (LINE, CALLER), Reason.OTHER_PHONE),
        ("+911600123456", (CALLER,), Reason.OTHER_PHONE),
        ("+14695550134", (ABROAD,), Reason.OTHER_PHONE),
        ("+971501234567", (LINE,), None),
        ("+919000000001", (LINE, FREE, CALLER, ABROAD), None),
        ("+915550001001", (LINE, FREE, CALLER, ABROAD), None),
        (None, (LINE,), Reason.NO_PHONE),
    ],
)
def test_a_policy_may_leave_out_kinds_of_numbers(
    number: str | None, not_called: tuple[PhoneKind, ...], reason: Reason | None
) -> None:
    order, policy = replace(ORDER, customer_phone=number), Policy(who=Who(phones_not_called=not_called))

    asked_for = decided(order, policy=policy)
    by_itself = decided(order, History(came_at=NOON), policy)

    assert by_itself.reason is reason
    assert asked_for.reason is (Reason.NO_PHONE if number is None else None)
