"""Whose answer a report is: the scenarios in which the wrong order could have been cancelled."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ordercall.domain.calls.call import GRACE
from ordercall.domain.reports.fates import Why
from ordercall.domain.reports.matching import Match, Related, WaitingCall, match, match_named
from ordercall.domain.reports.report import Report
from properties import always

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PHONE, OTHER_PHONE = "+919876543210", "+919876543211"
FIRST, SECOND = 1, 2


def related(
    shopify_id: int,
    *,
    contact: str | None = "card",
    phone: str | None = PHONE,
    waits: bool = True,
    on_card: bool = True,
    looked_up: bool = False,
    call: str | None = None,
    rings: tuple[datetime, datetime] = (NOW, NOW + 2 * HOUR),
) -> Related:
    """Return an order with a call of its own, by a card of its own, unless told otherwise."""
    call_id = call or f"call-{shopify_id}"
    waiting = WaitingCall(
        call_id=call_id,
        contact_id=contact,
        on_card=on_card,
        looked_up=looked_up,
        rings_from=rings[0],
        rings_until=rings[1],
    )
    return Related(
        shopify_id=shopify_id,
        phone=phone,
        contact_ids=frozenset({contact} if contact else ()),
        call_ids=frozenset({call_id} if on_card else ()),
        call=waiting if waits else None,
    )


def meant(found: Match) -> tuple[tuple[int, ...], Why | None]:
    return found.orders, found.doubt


CONFIRMED_LONG_AGO = related(FIRST, waits=False)
RUNG_BY_THE_OLD_CARD = related(SECOND, on_card=False)


@pytest.mark.parametrize("ids", [{"shopify_id": FIRST}, {"call_id": "call-1"}], ids=["order", "call"])
def test_a_returning_customers_refusal_under_the_first_order_is_a_persons(ids: dict[str, object]) -> None:
    found = match(Report(contact_id="card", **ids), [CONFIRMED_LONG_AGO, RUNG_BY_THE_OLD_CARD])  # type: ignore[arg-type]

    assert meant(found) == ((), Why.NOT_WAITING)
    assert set(found.beside) == {FIRST, SECOND}


def test_the_same_at_the_first_orders_own_address_is_a_persons_too() -> None:
    found = match_named(Report(), FIRST, [CONFIRMED_LONG_AGO, RUNG_BY_THE_OLD_CARD])

    assert meant(found) == ((), Why.STALE_CARD)
    assert found.beside == (FIRST, SECOND)


def test_a_first_order_that_waits_too_is_in_doubt_under_the_old_card() -> None:
    found = match(Report(shopify_id=FIRST), [related(FIRST), RUNG_BY_THE_OLD_CARD])

    assert meant(found) == ((), Why.STALE_CARD)


CORRECTED = replace(
    related(FIRST, contact="new"), contact_ids=frozenset({"old", "new"}), elsewhere=frozenset({"old", OTHER_PHONE})
)


def test_a_contact_by_which_another_number_was_rung_does_not_answer_for_the_order() -> None:
    for report in (Report(contact_id="old"), Report(contact_id="old", shopify_id=FIRST)):
        assert meant(match(report, [CORRECTED])) == ((), Why.OTHER_NUMBER)
        assert meant(match_named(report, FIRST, [CORRECTED])) == ((), Why.OTHER_NUMBER)
    assert meant(match(Report(contact_id="new", phone=PHONE), [CORRECTED])) == ((FIRST,), None)


SETTLED_AND_STILL_RINGING = Related(
    shopify_id=SECOND,
    phone=OTHER_PHONE,
    contact_ids=frozenset({"card"}),
    rings=(WaitingCall(call_id="call-2", contact_id="card", on_card=False, rings_from=NOW, rings_until=NOW + HOUR),),
)


@pytest.mark.parametrize("ids", [{"shopify_id": FIRST}, {"contact_id": "card"}], ids=["order", "contact"])
def test_an_order_that_is_settled_is_a_rival_while_its_phone_still_rings(ids: dict[str, object]) -> None:
    orders = [related(FIRST), SETTLED_AND_STILL_RINGING]

    assert meant(match(Report(**ids), orders)) == ((), Why.STALE_CARD)  # type: ignore[arg-type]
    assert meant(match_named(Report(), FIRST, orders)) == ((), Why.STALE_CARD)


def test_a_call_that_was_not_yet_under_way_is_no_rival() -> None:
    orders = [related(FIRST, rings=(NOW - 6 * HOUR, NOW)), SETTLED_AND_STILL_RINGING]

    assert meant(match(Report(shopify_id=FIRST, happened_at=NOW - HOUR), orders)) == ((FIRST,), None)


def test_a_stale_card_alone_decides_nothing() -> None:
    assert meant(match(Report(phone=PHONE), [RUNG_BY_THE_OLD_CARD])) == ((), Why.STALE_CARD)


def test_an_agent_that_has_looked_it_up_knows_better_than_its_card() -> None:
    looked_up = related(SECOND, on_card=False, looked_up=True)

    assert meant(match(Report(phone=PHONE), [CONFIRMED_LONG_AGO, looked_up])) == ((SECOND,), None)


def test_the_second_order_named_under_the_old_card_is_believed() -> None:
    assert meant(match(Report(shopify_id=SECOND), [related(FIRST), RUNG_BY_THE_OLD_CARD])) == ((SECOND,), None)


def test_one_order_and_its_own_card_is_certain_by_any_id() -> None:
    only = [related(FIRST)]

    for report in (
        Report(phone=PHONE),
        Report(contact_id="card"),
        Report(call_id="call-1"),
        Report(shopify_id=FIRST),
        Report(phone=PHONE, contact_id="card", call_id="call-1", shopify_id=FIRST),
    ):
        assert meant(match(report, only)) == ((FIRST,), None)


TWO_CARDS = [related(FIRST, contact="one"), related(SECOND, contact="two")]


def test_two_orders_of_one_phone_are_told_apart_by_their_cards() -> None:
    assert meant(match(Report(contact_id="two"), TWO_CARDS)) == ((SECOND,), None)
    assert meant(match(Report(shopify_id=FIRST, phone=PHONE), TWO_CARDS)) == ((FIRST,), None)


def test_two_orders_of_one_phone_are_not_told_apart_by_it() -> None:
    found = match(Report(phone=PHONE), TWO_CARDS)

    assert meant(found) == ((), Why.SEVERAL_ORDERS)
    assert found.beside == (FIRST, SECOND)


def test_the_time_tells_apart_what_the_phone_does_not() -> None:
    morning = related(FIRST, contact="one", rings=(NOW - 6 * HOUR, NOW - 4 * HOUR))
    now = related(SECOND, contact="two")

    assert meant(match(Report(phone=PHONE, happened_at=NOW + HOUR), [morning, now])) == ((SECOND,), None)


@pytest.mark.parametrize(
    ("moment", "doubt"),
    [
        (NOW - GRACE, None),
        (NOW + 2 * HOUR + GRACE, None),
        (NOW - GRACE - timedelta(seconds=1), Why.NOT_THEN),
        (NOW + 2 * HOUR + GRACE + timedelta(seconds=1), Why.NOT_THEN),
    ],
)
def test_a_call_is_believed_in_its_window_and_a_little_around_it(moment: datetime, doubt: Why | None) -> None:
    assert match(Report(phone=PHONE, happened_at=moment), [related(FIRST)]).doubt is doubt


def test_a_call_whose_window_is_not_known_may_have_rung_at_any_time() -> None:
    placing = Related(shopify_id=FIRST, phone=PHONE, call=WaitingCall(call_id="call-1"))

    assert meant(match(Report(phone=PHONE, happened_at=NOW), [placing])) == ((FIRST,), None)


def test_an_order_that_shares_only_the_phone_does_not_stop_a_named_one() -> None:
    """Its card is its own, or another contact's: the agent cannot have read the named order there."""
    elsewhere = related(SECOND, contact="two", on_card=False)

    assert meant(match(Report(shopify_id=FIRST), [related(FIRST, contact="one"), elsewhere])) == ((FIRST,), None)


@pytest.mark.parametrize(
    "report",
    [
        Report(shopify_id=FIRST, phone=OTHER_PHONE),
        Report(shopify_id=FIRST, call_id="call-3"),
        Report(contact_id="card", phone=OTHER_PHONE),
        Report(call_id="call-1", contact_id="three"),
    ],
    ids=["order and phone", "order and call", "contact and phone", "call and contact"],
)
def test_ids_that_disagree_are_a_persons(report: Report) -> None:
    orders = [related(FIRST), related(3, contact="three", phone=OTHER_PHONE)]

    assert meant(match(report, orders)) == ((), Why.IDS_DISAGREE)


@pytest.mark.parametrize(
    "report", [Report(shopify_id=9), Report(call_id="x"), Report(contact_id="x"), Report(phone=OTHER_PHONE)]
)
def test_one_unknown_id_among_known_ones_is_a_persons(report: Report) -> None:
    assert meant(match(report, [related(FIRST)])) == ((), Why.UNKNOWN_IDS)


def test_a_report_without_an_id_is_a_persons() -> None:
    assert meant(match(Report(), [related(FIRST)])) == ((), Why.NO_IDS)


JOINT = [related(FIRST, call="joint"), related(SECOND, call="joint")]


def test_a_joint_call_answers_for_all_its_orders_or_for_the_named_one() -> None:
    assert meant(match(Report(contact_id="card"), JOINT)) == ((FIRST, SECOND), None)
    assert meant(match(Report(call_id="joint"), JOINT)) == ((FIRST, SECOND), None)
    assert meant(match(Report(shopify_id=SECOND), JOINT)) == ((SECOND,), None)


def test_what_is_left_of_a_joint_call_is_not_answered_by_its_id_alone() -> None:
    """The other order was decided meanwhile, and the answer may have been its own."""
    decided = Related(shopify_id=FIRST, phone=PHONE, contact_ids=frozenset({"card"}), call_ids=frozenset({"joint"}))

    assert meant(match(Report(call_id="joint"), [decided, JOINT[1]])) == ((), Why.NOT_WAITING)


def test_an_order_at_its_own_address_need_not_wait_for_a_call() -> None:
    assert meant(match_named(Report(), FIRST, [related(FIRST, waits=False)])) == ((FIRST,), None)


@pytest.mark.parametrize("report", [Report(shopify_id=SECOND), Report(phone=OTHER_PHONE), Report(call_id="call-2")])
def test_ids_that_disagree_with_the_address_are_a_persons(report: Report) -> None:
    orders = [related(FIRST), related(SECOND, contact="two", phone=OTHER_PHONE)]

    assert meant(match_named(report, FIRST, orders)) == ((), Why.IDS_DISAGREE)


_CONTACTS, _PHONES = ("one", "two"), (PHONE, OTHER_PHONE)
_ORDERS = some.lists(
    some.builds(
        related,
        some.integers(1, 4),
        contact=some.sampled_from(_CONTACTS),
        phone=some.sampled_from(_PHONES),
        waits=some.booleans(),
        on_card=some.booleans(),
        looked_up=some.booleans(),
        call=some.sampled_from([None, "joint"]),
    ),
    unique_by=lambda order: order.shopify_id,
)
_REPORTS = some.builds(
    Report,
    shopify_id=some.sampled_from([None, 1, 2, 3, 9]),
    call_id=some.sampled_from([None, "call-1", "call-2", "joint"]),
    contact_id=some.sampled_from([None, *_CONTACTS, "x"]),
    phone=some.sampled_from([None, *_PHONES]),
    happened_at=some.sampled_from([None, NOW, NOW - 9 * HOUR]),
)


@always
@given(_REPORTS, _ORDERS)
def test_a_report_is_one_orders_or_that_of_one_joint_call(report: Report, orders: list[Related]) -> None:
    found = match(report, orders)

    calls = {order.call.call_id for order in orders if order.shopify_id in found.orders and order.call}
    assert bool(found.orders) is (found.doubt is None)
    assert len(found.orders) <= 1 or len(calls) == 1
    assert all(order.call for order in orders if order.shopify_id in found.orders)


@always
@given(_REPORTS, _ORDERS)
def test_no_order_is_changed_that_a_stale_card_of_another_may_have_told_of(
    report: Report, orders: list[Related]
) -> None:
    changed = set(match(report, orders).orders)

    for order in orders:
        rivals = [
            each
            for each in orders
            if each.shopify_id not in changed
            and each.call
            and not each.call.on_card
            and each.call.contact_id in order.contact_ids
            and each.phone == order.phone
            and report.happened_at is None
        ]
        assert not (order.shopify_id in changed and rivals)
