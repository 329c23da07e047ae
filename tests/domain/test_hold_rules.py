"""When a parcel is held in Shopify, what is asked for then, and that a step may be repeated."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ordercall.domain.calls.calling import CallingState, Reason
from ordercall.domain.orders.order import Status
from ordercall.domain.parcels.holds import (
    FulfilmentOrder,
    HeldWithin,
    Hold,
    HoldRules,
    Standing,
    Why,
    cannot_be_held,
    held_by_others,
    is_covered,
    next_look,
    released_by_others,
    to_hold,
    to_release,
    why_free,
)
from properties import always

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ON = HoldRules(until_answered=True)
WAITS = Standing(status=Status.PLACED, calling=CallingState.QUEUED, since=NOW)
OURS, THEIRS = Hold(id="ours", is_ours=True), Hold(id="theirs", is_ours=False, notes="address check")
OPEN = FulfilmentOrder(id="1", status="OPEN", actions=frozenset({"HOLD", "MOVE"}))
HELD = FulfilmentOrder(id="2", status="ON_HOLD", actions=frozenset({"HOLD", "RELEASE_HOLD"}), holds=(OURS,))

ids = some.integers(1, 10**9).map(str)
holds = some.builds(Hold, id=ids, is_ours=some.booleans())
statuses = some.sampled_from(["OPEN", "IN_PROGRESS", "SCHEDULED", "ON_HOLD", "CLOSED", "CANCELLED", "INCOMPLETE"])
methods = some.sampled_from(["SHIPPING", "PICK_UP", "NONE", "RETAIL", "LOCAL", "PICKUP_POINT", None])
fulfilment_orders = some.lists(
    some.builds(
        FulfilmentOrder,
        id=ids,
        status=statuses,
        actions=some.frozensets(some.sampled_from(["HOLD", "RELEASE_HOLD", "MOVE", "CREATE_FULFILLMENT"])),
        method=methods,
        holds=some.lists(holds, max_size=3, unique_by=lambda hold: hold.id).map(tuple),
    ),
    max_size=4,
    unique_by=lambda one: one.id,
)
standings = some.builds(
    Standing,
    status=some.sampled_from([None, *Status]),
    calling=some.sampled_from([None, *CallingState]),
    reason=some.sampled_from([None, *Reason]),
    is_gone=some.booleans(),
    let_go=some.sampled_from([None, Why.PERSON, Why.TOO_LONG]),
    since=some.sampled_from([None, NOW, NOW - timedelta(days=9)]),
    address_waits=some.booleans(),
    is_erased=some.booleans(),
)


def free(rules: HoldRules = ON, **changes: Any) -> Why | None:
    return why_free(replace(WAITS, **changes), rules, NOW)


def held(found: list[FulfilmentOrder]) -> list[FulfilmentOrder]:
    """Return what Shopify would show after each hold was made that is asked for."""
    wanted = to_hold(found)
    return [replace(one, holds=(*one.holds, OURS)) if one.id in wanted else one for one in found]


def released(found: list[FulfilmentOrder]) -> list[FulfilmentOrder]:
    """Return what Shopify would show after each release that is asked for."""
    gone = {release.fulfilment_order: release.holds for release in to_release(found)}
    return [replace(one, holds=tuple(h for h in one.holds if h.id not in gone.get(one.id, ()))) for one in found]


@pytest.mark.parametrize("calling", [CallingState.QUEUED, CallingState.WAITING_FOR_HOURS, CallingState.ON_CAMPAIGN])
def test_an_order_whose_customer_is_waited_for_is_held(calling: CallingState) -> None:
    assert free(calling=calling) is None


@given(standings)
@always
def test_nothing_is_held_while_the_policy_is_off(order: Standing) -> None:
    assert why_free(order, HoldRules(), NOW) is not None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": Status.SUCCESS}, Why.ANSWERED),
        ({"status": Status.SUCCESS, "address_waits": True}, None),
        ({"status": Status.SUCCESS, "address_waits": True, "since": NOW - timedelta(hours=48)}, Why.TOO_LONG),
        ({"status": Status.SUCCESS, "address_waits": True, "let_go": Why.PERSON}, Why.PERSON),
        ({"calling": CallingState.NOT_CALLED, "reason": Reason.DO_NOT_CALL, "address_waits": True}, None),
        ({"status": Status.RETURNED, "address_waits": True}, Why.RETURNED),
        ({"status": Status.RETURNED}, Why.RETURNED),
        ({"status": None}, Why.NOT_CALLED),
        ({"calling": None}, Why.NOT_CALLED),
        ({"calling": CallingState.NOT_CALLED, "reason": Reason.DO_NOT_CALL}, Why.NOT_CALLED),
        ({"calling": CallingState.NOT_CALLED, "reason": Reason.NO_PHONE}, None),
        ({"calling": CallingState.NOT_CALLED, "reason": Reason.DISCONNECTED}, None),
        ({"calling": CallingState.FAILED, "reason": Reason.KALIMERA_REFUSED}, None),
        ({"calling": CallingState.FAILED, "reason": Reason.NOT_REACHED}, None),
        ({"is_gone": True}, Why.GONE),
        ({"let_go": Why.PERSON}, Why.PERSON),
        ({"since": NOW - timedelta(hours=48)}, Why.TOO_LONG),
        ({"since": NOW - timedelta(hours=47)}, None),
        ({"since": None}, None),
    ],
)
def test_a_hold_ends_for_one_reason(changes: dict[str, Any], why: Why | None) -> None:
    assert free(**changes) is why


def test_the_policy_says_whether_a_parcel_leaves_when_nobody_was_reached() -> None:
    ended = {"calling": CallingState.FAILED, "reason": Reason.NOT_REACHED}

    assert free(replace(ON, release_at_end=True), **ended) is Why.NOT_REACHED


@pytest.mark.parametrize("since", [NOW, NOW - timedelta(days=30)])
def test_what_was_refused_stays_held_until_shopify_has_cancelled_it(since: datetime) -> None:
    refused = {"status": Status.FAILED, "calling": CallingState.NOT_CALLED, "reason": Reason.ALREADY_DECIDED}

    assert free(**refused, since=since) is None
    assert free(**refused, since=since, is_gone=True) is Why.GONE


@given(standings)
@always
def test_what_a_person_let_go_is_never_held_again(order: Standing) -> None:
    assert why_free(replace(order, let_go=Why.PERSON), ON, NOW) is not None


@given(standings.filter(lambda order: order.status is not Status.FAILED and order.since is not None))
@always
def test_no_hold_outlives_its_longest_time_but_that_of_a_refused_order(order: Standing) -> None:
    assert order.since
    assert why_free(order, ON, order.since + ON.longest) is not None


def test_a_parcel_that_waits_is_held_once() -> None:
    assert to_hold([OPEN, HELD]) == ["1"]


def test_a_hold_of_somebody_else_does_not_stand_for_ours() -> None:
    theirs = replace(HELD, holds=(THEIRS,))

    assert (to_hold([theirs]), is_covered([theirs]), held_by_others([theirs])) == (["2"], False, "address check")
    assert held_by_others([HELD]) is None


def test_a_parcel_is_covered_once_each_part_of_it_is_held() -> None:
    shipped = FulfilmentOrder(id="9", status="CLOSED")

    assert [is_covered(found) for found in ([], [shipped], [OPEN, HELD], [HELD], [HELD, shipped])] == [
        *(False, False, False),
        *(True, True),
    ]


def test_what_shopify_offers_no_hold_for_is_named() -> None:
    packed = replace(OPEN, status="IN_PROGRESS", actions=frozenset({"CREATE_FULFILLMENT"}))

    assert (to_hold([packed]), cannot_be_held([packed, HELD])) == ([], [packed])


def test_only_what_we_held_can_be_released_by_others() -> None:
    freed = replace(HELD, status="OPEN", holds=())

    assert released_by_others([freed, OPEN], {"2"}) == ["2"]
    assert released_by_others([HELD, replace(freed, status="CLOSED")], {"2"}) == []


@given(fulfilment_orders)
@always
def test_nothing_is_released_but_holds_of_ours(found: list[FulfilmentOrder]) -> None:
    ours = {one.id: {hold.id for hold in one.holds if hold.is_ours} for one in found}

    for release in to_release(found):
        assert release.holds
        assert set(release.holds) <= ours[release.fulfilment_order]


@given(fulfilment_orders)
@always
def test_after_a_release_nothing_of_ours_stays_and_all_of_the_others(found: list[FulfilmentOrder]) -> None:
    after = released(found)

    assert to_release(after) == []
    assert [[hold for hold in one.holds if not hold.is_ours] for one in found] == [list(one.holds) for one in after]


@given(fulfilment_orders)
@always
def test_what_is_shipped_cancelled_or_picked_up_is_never_held(found: list[FulfilmentOrder]) -> None:
    by_id = {one.id: one for one in found}

    for wanted in map(by_id.__getitem__, to_hold(found)):
        assert wanted.status not in ("CLOSED", "CANCELLED", "INCOMPLETE")
        assert wanted.method in ("SHIPPING", "LOCAL", "PICKUP_POINT", None)


@given(fulfilment_orders)
@always
def test_a_hold_that_is_asked_for_again_changes_nothing(found: list[FulfilmentOrder]) -> None:
    assert to_hold(held(found)) == []


@given(fulfilment_orders)
@always
def test_what_waits_is_held_or_named(found: list[FulfilmentOrder]) -> None:
    after = held(found)
    waits = any(one.waits_to_ship for one in found)

    assert is_covered(after) is (waits and not cannot_be_held(after))


def test_fulfilment_orders_are_looked_for_soon_and_then_more_rarely() -> None:
    age, looks = timedelta(), []
    while pause := next_look(age):
        age += pause
        looks.append(age // timedelta(seconds=1))

    assert looks == [2, 5, 15, 60, 180, 420, 900]


@pytest.mark.parametrize(
    ("seconds", "within"),
    [([], None), ([7], (1, 7, 7)), ([9, 2], (2, 2, 9)), ([*range(1, 11)], (10, 5, 9)), ([3] * 19 + [900], (20, 3, 3))],
)
def test_half_and_nine_of_ten_orders_were_held_within_some_seconds(
    seconds: list[int], within: tuple[int, int, int] | None
) -> None:
    assert HeldWithin.of(seconds) == (HeldWithin(*within) if within else None)
