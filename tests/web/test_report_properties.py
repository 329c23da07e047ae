"""Whatever is reported: one order is changed at most, and no program's word takes a Success away but a return."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from reporting import PHONE, report

from ordercall.domain.calls.call import CallState
from ordercall.domain.orders.order import Status
from ordercall.domain.reports.judging import may_move
from ordercall.domain.reports.report import Answer, Completion, Connection
from properties import few
from ringing import rung
from web_app import Shop

NUMBERS = (1001, 1002, 1003)
RUNGS = [CallState.PLACING, CallState.PLACED, CallState.IN_DOUBT, CallState.UNANSWERED, CallState.OVERTAKEN]
_WORLD = some.lists(
    some.tuples(
        some.sampled_from(Status),
        some.sampled_from(RUNGS),
        some.sampled_from(["one", "two"]),
        some.booleans(),
    ),
    min_size=3,
    max_size=3,
)
_SAID = some.fixed_dictionaries(
    {},
    optional={
        "shopify_id": some.sampled_from([6300000000000 + number for number in (*NUMBERS, 1)]),
        "contact_id": some.sampled_from(["one", "two", "three"]),
        "call_id": some.sampled_from(["call-0", "call-1", "call-2", "other"]),
        "phone": some.sampled_from([PHONE, "+919876543299"]),
        "connection": some.sampled_from([*Connection, "?"]),
        "completion": some.sampled_from(Completion),
        "answer": some.sampled_from([*Answer, "?"]),
        "do_not_call": some.booleans(),
        "final": some.booleans(),
        "force": some.just(value=False),
    },
)


@pytest.fixture
def ids(shop: Shop) -> list[int]:
    """Three orders of one phone."""
    return [shop.receive(number, phone=PHONE) for number in NUMBERS]


@few(40)
@given(_WORLD, _SAID, some.integers(0, 2**31))
def test_a_report_changes_one_order_at_most_and_cancels_no_success(
    shop: Shop, ids: list[int], world: list[Any], said: dict[str, Any], once: int
) -> None:
    with shop.db.begin() as tx:
        for place, (order_id, (_, state, contact, on_card)) in enumerate(zip(ids, world, strict=True)):
            rung(tx, order_id, now=shop.now, contact=contact, on_card=on_card, state=state, call_id=f"call-{place}")
    for order_id, (was, *_) in zip(ids, world, strict=True):
        shop.change(order_id, confirmation_status=was.value)

    answer = report(shop, **said, report_id=f"{once}")

    after = [Status(shop.order(order_id).confirmation_status) for order_id in ids]
    changed = [(was, now) for (was, *_), now in zip(world, after, strict=True) if was is not now]
    assert len(changed) <= 1
    assert all(may_move(was, now) for was, now in changed)
    assert (answer["fate"] == "applied") <= bool(changed) or answer["repeated"]
