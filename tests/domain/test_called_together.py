"""Which orders become one call: whatever waits beside whatever, nobody is told of what is not theirs or not due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.domain.calls.call import Plan
from ordercall.domain.calls.calling import Language
from ordercall.domain.calls.decision import Decision, History, ShopFacts, decide
from ordercall.domain.calls.joint_calls import MOST_TOGETHER, Waiting, called_with, keeps_card
from ordercall.domain.orders.order import OrderFacts, Status
from ordercall.domain.policy.rules import Agent, Policy, When
from properties import always

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
AGENTS = (Agent(language=Language.ENGLISH, agent_id="en", campaign_id="main"),)
BOTH = (*AGENTS, Agent(language=Language.HINDI, agent_id="hi", campaign_id="main"))
PHONES = ("+919000000001", "+919000000002")


def decision(state: str = "Goa", policy: Policy | None = None, at: datetime = NOW, **history: Any) -> Decision:
    facts = OrderFacts(shopify_id=1, customer_phone=PHONES[0], state=state)
    return decide(facts, History(came_at=NOW, **history), ShopFacts(), policy or Policy(agents=BOTH), at)


def waiting(shopify_id: int, **changes: Any) -> Waiting:
    """Return an order of the customer that waits and is due, unless told otherwise."""
    usual = Waiting(
        shopify_id=shopify_id, phone=PHONES[0], status=Status.PLACED, decision=decision(), told_once=("asha", "inr")
    )
    return replace(usual, **changes)


APART: dict[str, Callable[[], dict[str, Any]]] = {
    "another phone": lambda: {"phone": PHONES[1]},
    "no phone": lambda: {"phone": None},
    "another address": lambda: {"told_once": ("ravi", "inr")},
    "another language": lambda: {"decision": decision("Gujarat")},
    "a language asked for": lambda: {"decision": decision(plan=Plan(language=Language.HINDI))},
    "decided": lambda: {"status": Status.SUCCESS},
    "decided, and asked for again": lambda: {
        "status": Status.FAILED,
        "decision": decision(status=Status.FAILED, plan=Plan(despite=Status.FAILED)),
    },
    "never called": lambda: {"decision": decision(do_not_call=True)},
    "a delay of its own": lambda: {"decision": decision(plan=Plan(not_before=NOW + timedelta(minutes=1)))},
    "paused": lambda: {"decision": decision(policy=Policy(agents=BOTH, when=When(paused=True)))},
    "an earlier policy": lambda: {"decision": decision(policy=Policy(agents=BOTH, version=1))},
    "another agent": lambda: {"decision": decision(policy=Policy(agents=(replace(AGENTS[0], agent_id="new"),)))},
    "another window": lambda: {"decision": decision(at=NOW + timedelta(minutes=1))},
    "a card of its own": lambda: {"contact_id": "card"},
}


def test_orders_of_a_customer_that_are_due_are_one_call() -> None:
    assert called_with(waiting(1), [waiting(3), waiting(2)]) == [2, 3]


@pytest.mark.parametrize("differs", APART)
@pytest.mark.parametrize("is_first", [True, False])
def test_what_differs_is_called_for_alone(differs: str, is_first: bool) -> None:
    usual, other = waiting(1), waiting(2, **APART[differs]())

    assert called_with(*((other, [usual]) if is_first else (usual, [other]))) == []


def test_who_is_not_told_of_by_a_card_that_may_have_been_made_does_not_join_it() -> None:
    assert called_with(waiting(1), [waiting(2), waiting(3)], announced={1, 3}) == [3]


orders = st.builds(
    waiting,
    st.integers(1, 9),
    phone=st.sampled_from([None, *PHONES]),
    status=st.sampled_from([None, *Status]),
    told_once=st.sampled_from([("asha", "inr"), ("ravi", "inr")]),
    decision=st.sampled_from(
        [
            decision(),
            decision("Gujarat"),
            decision(do_not_call=True),
            decision(plan=Plan(not_before=NOW + timedelta(hours=1))),
        ]
    ),
    contact_id=st.sampled_from([None, "card"]),
    card_tells_of=st.integers(1, 3),
)


@given(orders, st.lists(orders, max_size=12, unique_by=lambda one: one.shopify_id))
@always
def test_nobody_is_told_of_an_order_that_is_not_theirs_or_not_due(first: Waiting, others: list[Waiting]) -> None:
    joined = [one for one in others if one.shopify_id in called_with(first, others)]

    assert len(joined) < MOST_TOGETHER
    assert first not in joined
    for one in (first, *joined) if joined else ():
        assert one.decision.rings
        assert one.status is Status.PLACED
        assert not one.has_its_own_card
        assert one.phone == first.phone is not None
        assert (one.told_once, one.decision.language) == (first.told_once, first.decision.language)


@pytest.mark.parametrize(
    ("on_card", "tells_of", "keeps"), [({1, 2}, 2, True), ({1, 2}, 3, False), ({1, 2, 3}, 3, False), ({1}, 2, False)]
)
def test_only_a_card_that_tells_of_just_them_is_kept(on_card: set[int], tells_of: int, keeps: bool) -> None:
    card = {"contact_id": "card", "on_card": frozenset(on_card), "card_tells_of": tells_of}

    assert keeps_card([waiting(1, **card), waiting(2, **card)]) is keeps


def test_an_order_alone_keeps_the_card_that_it_has() -> None:
    assert keeps_card([waiting(1, contact_id="card")])
