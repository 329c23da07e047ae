"""Whatever order, history, policy and moment meet: what a decision never does."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from ordercall.domain.calls.call import Follows, Plan
from ordercall.domain.calls.calling import CallingHours, Language, Reason
from ordercall.domain.calls.decision import RULES, Decision, History, ShopFacts, decide
from ordercall.domain.calls.decision_words import Answer, Rule
from ordercall.domain.calls.forecast import Forecast, foresee, reason_against
from ordercall.domain.orders.order import PHONE_NOT_SHOWN, Fulfilment, Order, OrderFacts, Status
from ordercall.domain.policy.document import PolicyFaults, differences, read_document, write_document
from ordercall.domain.policy.rules import Policy, When
from properties import always
from random_policies import policies

moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is given
amounts = st.none() | st.decimals(0, 100_000, places=2)
orders = st.builds(
    Order,
    shopify_id=st.just(1),
    customer_phone=st.sampled_from([None, "+919000000001"]),
    is_test=st.booleans(),
    is_cod=st.none() | st.booleans(),
    gateways=st.none() | st.sampled_from(["Cash on Delivery (COD)", "razorpay", "manual, gift_card"]),
    financial_status=st.sampled_from([None, "pending", "paid", "refunded", "voided", "expired"]),
    fulfillment_status=st.sampled_from(Fulfilment),
    shopify_cancelled_at=st.sampled_from([None, "2026-11-23T12:00:00+05:30"]),
    closed_at=st.sampled_from([None, "2026-11-23T12:00:00+05:30"]),
    source_name=st.sampled_from([None, "web", "pos"]),
    state=st.sampled_from([None, "Gujarat", "Goa", "महाराष्ट्र", "Kent"]),
    province_code=st.sampled_from([None, "GJ", "MH", "??"]),
    country=st.sampled_from([None, "IN", "India", "GB"]),
    currency=st.sampled_from([None, "INR", "USD"]),
    total_price=amounts,
    total_outstanding=amounts,
    placed_at=st.none() | moments,
    phone_fault=st.sampled_from([None, PHONE_NOT_SHOWN]),
    absent=st.sampled_from([frozenset[str](), frozenset({"closed_at"}), frozenset({"city"})]),
    is_final=st.booleans(),
)
histories = st.builds(
    History,
    status=st.sampled_from([None, *Status]),
    came_at=st.none() | moments,
    is_demo=st.booleans(),
    do_not_call=st.booleans(),
    plan=st.builds(
        Plan,
        follows=st.none() | st.sampled_from(Follows),
        attempt=st.integers(1, 4),
        not_before=st.none() | moments,
        language=st.none() | st.sampled_from(Language),
        despite=st.sampled_from([None, *Status]),
    ),
)
shops = st.builds(
    ShopFacts,
    sandboxed=st.none() | st.booleans(),
    disconnected=st.booleans(),
    missing=st.sampled_from([(), ("KALIMERA_AUTH_TOKEN",)]),
)
anything = given(orders, histories, shops, policies, moments)
callable_order = OrderFacts(shopify_id=1, customer_phone="+919000000001")


def reasons(decision: Decision) -> list[str]:
    return [look.verdict for look in decision.because if Reason.of(look.verdict)]


@anything
@always
def test_every_decision_is_explained_by_every_rule(
    order: OrderFacts, history: History, shop: ShopFacts, policy: Policy, now: datetime
) -> None:
    decision = decide(order, history, shop, policy, now)

    assert [look.rule for look in decision.because] == list(Rule)
    assert [rule for rule, _ in RULES] == list(Rule)[: len(RULES)]
    assert next(iter(reasons(decision)), None) == decision.reason
    assert (decision.answer is Answer.CALL) == (decision.reason is None)
    assert all(look.sentence.endswith(".") and "{" not in look.sentence for look in decision.because)


@anything
@always
def test_what_is_foreseen_is_what_the_whole_decision_comes_to(
    order: OrderFacts, history: History, shop: ShopFacts, policy: Policy, now: datetime
) -> None:
    decision = decide(order, history, shop, policy, now)

    assert reason_against(order, history, shop, policy) == decision.reason
    assert foresee(order, history, shop, policy, now) == Forecast(
        decision.reason, decision.not_before, decision.language
    )


@anything
@always
def test_the_same_facts_come_to_the_same_decision(
    order: OrderFacts, history: History, shop: ShopFacts, policy: Policy, now: datetime
) -> None:
    assert decide(order, history, shop, policy, now) == decide(order, history, shop, policy, now)


@anything
@always
def test_nobody_is_rung_who_must_not_be(
    order: OrderFacts, history: History, shop: ShopFacts, policy: Policy, now: datetime
) -> None:
    decision = decide(order, history, shop, policy, now)

    never = (
        history.do_not_call,
        history.status is None or history.status not in (Status.PLACED, history.plan.despite),
        history.plan.attempt > policy.attempts.number,
        order.is_test,
        order.shopify_cancelled_at,
        order.fulfillment_status.has_left,
        not order.customer_phone,
        order.unknown,
        shop.disconnected,
        shop.missing,
    )
    if any(never):
        assert decision.answer is not Answer.CALL
        assert decision.window is None
        assert not decision.rings
    if history.plan.not_before and history.plan.not_before > now:
        assert not decision.rings


@given(policies, histories, moments)
@always
def test_no_window_lies_outside_the_hours_or_on_a_holiday(policy: Policy, history: History, now: datetime) -> None:
    when = policy.when
    came = History(came_at=history.came_at)
    decision = decide(callable_order, came, ShopFacts(), Policy(when=when, agents=policy.agents), now)
    assume(decision.window is not None)
    assert decision.window is not None
    assert decision.not_before is not None

    assert now <= decision.not_before
    assert decision.window.end - decision.window.start <= when.window
    assert decision.window.end - decision.not_before >= when.shortest - timedelta(seconds=1)
    for share in (0.0, 0.25, 0.5, 0.75, 0.999):
        moment = (decision.window.start + (decision.window.end - decision.window.start) * share).astimezone(when.zone)
        hours = when.week[moment.weekday()]
        assert moment.date() not in when.holidays
        assert hours is not None
        assert hours.opens <= moment.time()
        assert hours.closes is None or moment.time() <= hours.closes


@given(policies, histories, moments)
@always
def test_while_calling_is_paused_nobody_is_rung(policy: Policy, history: History, now: datetime) -> None:
    paused = Policy(when=When(week=policy.when.week, paused=True), agents=policy.agents)

    decision = decide(callable_order, History(came_at=history.came_at), ShopFacts(), paused, now)

    assert decision.not_before is None
    assert decision.window is None
    assert not decision.rings


@given(moments, st.integers(1, 2_000), st.integers(1, 600))
@always
def test_a_delay_and_an_age_count_from_when_the_order_reached_us(now: datetime, age: int, delay: int) -> None:
    order = OrderFacts(shopify_id=1, customer_phone="+919000000001", placed_at=now - timedelta(minutes=age))
    daily = When(week=(CallingHours(time(0), None),) * 7, delay=timedelta(minutes=delay))

    decision = decide(order, History(came_at=now), ShopFacts(), Policy(when=daily), now + timedelta(days=3))
    at_once = decide(order, History(came_at=now), ShopFacts(), Policy(when=daily), now)

    assert (decision.reason is Reason.TOO_OLD) == (age > 24 * 60)
    if at_once.reason is None:
        assert at_once.not_before == now + timedelta(minutes=delay)


@given(policies)
@always
def test_a_document_says_all_of_a_policy(policy: Policy) -> None:
    try:
        read = read_document(write_document(policy), datetime(2026, 11, 24, 12, tzinfo=UTC))
    except PolicyFaults as refused:
        assert all("14 days" in fault or "who.gateways" in fault for fault in refused.faults)  # noqa: PT017 - some are odd
        return
    assert differences(policy, read) == []
