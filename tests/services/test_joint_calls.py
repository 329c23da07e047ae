"""Orders of one customer that wait together are one call, and each keeps an answer of its own."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from joining import CANCELLED, by_card, died_before_the_answer, of_the_customer

from house import House
from ordercall.domain.calls.call import Answer, CallState
from ordercall.domain.orders.order import Status
from ordercall.domain.reports.fates import Fate, Why
from ordercall.errors import OutcomeUnknown, ProviderBusy
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.storage.records import campaigns, shop_notices
from rounds import CAMPAIGN, go_on, last, report, rung, silence, states

LATER = "2036-11-24T13:00:00+05:30"
CONTACT = ("POST", "/kalimera/contact")


@pytest.fixture
def shop(house: House) -> House:
    house.publish("attempts", together=True, number=3, gaps=(timedelta(hours=1),))
    house.kalimera.several_contacts = True
    return house


@pytest.fixture
def two(shop: House) -> tuple[int, int]:
    """Two orders of a customer, which wait."""
    return shop.receive(of_the_customer(1)), shop.receive(of_the_customer(2))


@pytest.fixture
def called(shop: House, two: tuple[int, int]) -> tuple[int, int]:
    """Two orders of a customer who is rung for both."""
    go_on(shop, *two)
    return two


def cards(house: House) -> list[list[int]]:
    """Return of which orders each card tells that Kalimera was given."""
    made = [call.body["metadata"] for call in house.kalimera.calls if (call.method, call.path) == CONTACT]
    return [[one["shopify_id"] for one in card.get("orders", [card])] for card in made]


def statuses(house: House, order_ids: tuple[int, ...]) -> list[str]:
    return [house.order(order_id).confirmation_status for order_id in order_ids]


# Made


def test_orders_that_wait_together_are_one_card_and_one_ring(shop: House, two: tuple[int, int]) -> None:
    go_on(shop, *two)

    assert (cards(shop), rung(shop)) == ([list(two)], 1)
    assert [states(shop, order_id) for order_id in two] == [[CallState.PLACED]] * 2
    assert len({last(shop, order_id).known_as for order_id in two}) == 1


def test_who_came_while_calls_were_paused_is_rung_for_together(shop: House, two: tuple[int, int]) -> None:
    shop.pauses.pause(by="Asha")
    go_on(shop, *two)
    shop.pauses.resume(by="Asha")
    shop.pass_time(minutes=1)

    go_on(shop, *two)

    assert (cards(shop), rung(shop)) == ([list(two)], 1)


def test_each_timeline_tells_of_the_other_order(shop: House, called: tuple[int, int]) -> None:
    names = [shop.order(order_id).order_name for order_id in called]
    told = [" ".join(shop.messages(order_id)) for order_id in called]

    assert f"tells of {names[1]} as well" in told[0]
    assert f"tells of {names[0]} as well" in told[1]


@pytest.mark.parametrize(("said", "calls"), [({}, 1), ({"together": False}, 2)], ids=["unsaid", "said not to"])
def test_each_order_is_rung_for_alone_only_where_the_policy_says_so(
    house: House, said: dict[str, bool], calls: int
) -> None:
    house.publish("attempts", **said)
    house.kalimera.several_contacts = True

    go_on(house, *(house.receive(of_the_customer(number)) for number in (1, 2)))

    assert (len(cards(house)), rung(house)) == (calls, calls)


@pytest.mark.parametrize(
    "differs",
    [
        {"phone": make_order(2)["phone"]},
        {"shipping_address": make_order(1)["shipping_address"] | {"address1": "2 Other Street"}},
        {"shipping_address": make_order(1)["shipping_address"] | {"province": "Kerala", "province_code": "KL"}},
        {"currency": "USD", "presentment_currency": "USD"},
        {"test": True},
        {"cancelled_at": "2026-11-24T10:00:00+05:30"},
    ],
    ids=["phone", "address", "state", "currency", "test", "cancelled"],
)
def test_what_one_card_cannot_tell_is_told_by_two_or_not_at_all(shop: House, differs: dict[str, Any]) -> None:
    go_on(shop, *(shop.receive(of_the_customer(number, **more)) for number, more in ((1, {}), (2, differs))))

    assert all(len(card) == 1 for card in cards(shop))


def test_an_order_whose_card_is_made_is_not_told_of_by_another(shop: House, two: tuple[int, int]) -> None:
    shop.sync.sync(two[0])
    third = shop.receive(of_the_customer(3))

    go_on(shop, third)

    assert (cards(shop), rung(shop)) == ([list(two), [third]], 2)


def test_more_orders_than_a_customer_can_tell_apart_are_two_calls(shop: House) -> None:
    six = [shop.receive(of_the_customer(number)) for number in range(1, 7)]

    go_on(shop, *six)

    assert (cards(shop), rung(shop)) == ([six[:5], six[5:]], 2)


# Gone wrong on the way


def test_where_kalimera_keeps_the_contact_of_before_nobody_is_rung_for_together(shop: House) -> None:
    shop.kalimera.several_contacts = False
    earlier = shop.receive(of_the_customer(9))
    go_on(shop, earlier)
    report(shop, earlier, answer="confirmed")
    two = (shop.receive(of_the_customer(1)), shop.receive(of_the_customer(2)))

    go_on(shop, *two)

    assert [last(shop, order_id).rings_with for order_id in two] == [None, None]


def test_a_busy_kalimera_is_given_the_same_card_later(shop: House, two: tuple[int, int]) -> None:
    shop.kalimera.mode = Mode.BUSY
    with suppress(ProviderBusy):
        shop.sync.sync(two[0])
    shop.kalimera.mode = Mode.NORMAL

    go_on(shop, *two)

    assert rung(shop) == 1
    assert len({last(shop, order_id).known_as for order_id in two}) == 1


def test_who_comes_while_a_card_may_have_been_made_has_one_of_its_own(shop: House, two: tuple[int, int]) -> None:
    died_before_the_answer(shop, two[0])
    third = shop.receive(of_the_customer(3))
    shop.kalimera.calls.clear()

    go_on(shop, *two, third)

    assert all(third not in card or card == [third] for card in cards(shop))


def test_after_a_crash_everybody_is_rung_and_no_card_tells_of_somebody_elses(shop: House, two: tuple[int, int]) -> None:
    died_before_the_answer(shop, two[0])

    go_on(shop, *two)

    assert [states(shop, order_id) for order_id in two] == [[CallState.PLACED]] * 2


def test_a_card_whose_answer_was_lost_tells_of_both(shop: House, two: tuple[int, int]) -> None:
    shop.kalimera.mode = Mode.LOST
    with suppress(OutcomeUnknown):
        shop.sync.sync(two[0])
    shop.kalimera.mode = Mode.NORMAL

    go_on(shop, *two)

    assert [states(shop, order_id) for order_id in two] == [[CallState.PLACED]] * 2
    assert by_card(shop, two[0], answer="refused")[0] is Fate.NEEDS_A_PERSON


def test_who_is_left_before_the_list_is_rung_by_a_card_of_its_own(shop: House, two: tuple[int, int]) -> None:
    for order_id in two:
        shop.sync.sync(order_id)
    shop.receive(of_the_customer(1, **CANCELLED), "orders/cancelled")

    shop.campaigns.flush(CAMPAIGN)
    assert rung(shop) == 0
    go_on(shop, two[1])

    assert (cards(shop)[-1], rung(shop)) == ([two[1]], 1)
    assert last(shop, two[1]).rings_with is None


def test_a_batch_that_parts_them_rings_nobody_by_their_card(
    shop: House, two: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for order_id in two:
        shop.sync.sync(order_id)

    with monkeypatch.context() as small:
        small.setattr(campaigns, "BATCH", 1)
        shop.campaigns.flush(CAMPAIGN)
    assert rung(shop) == 0
    go_on(shop, *two)

    assert (cards(shop), rung(shop)) == ([list(two)] * 2, 1)


def test_a_lost_answer_to_the_add_is_settled_by_the_list_for_both(shop: House, two: tuple[int, int]) -> None:
    for order_id in two:
        shop.sync.sync(order_id)
    shop.gate.says_once("POST", "/kalimera/campaign/contacts", {"error": "gateway"}, 502)

    shop.campaigns.flush(CAMPAIGN)
    shop.campaigns.flush(CAMPAIGN)

    assert rung(shop) == 1
    assert [states(shop, order_id) for order_id in two] == [[CallState.PLACED]] * 2


# Changed while it is open


def test_the_cancel_of_one_leaves_the_other(shop: House, called: tuple[int, int]) -> None:
    shop.receive(of_the_customer(1, **CANCELLED), "orders/cancelled")

    assert [states(shop, order_id) for order_id in called] == [[CallState.OVERTAKEN], [CallState.PLACED]]


def test_a_corrected_phone_leaves_the_other(shop: House, called: tuple[int, int]) -> None:
    other = make_order(7)["phone"]
    shop.receive(of_the_customer(1, phone=other, updated_at=LATER), "orders/updated")

    assert states(shop, called[0])[0] is not CallState.PLACED
    assert states(shop, called[1]) == [CallState.PLACED]


def test_after_the_cancel_of_one_what_names_none_is_a_persons(shop: House, called: tuple[int, int]) -> None:
    shop.receive(of_the_customer(1, **CANCELLED), "orders/cancelled")

    heard = [by_card(shop, called[1], answer=answer)[0] for answer in ("refused", "confirmed")]

    assert heard == [Fate.NEEDS_A_PERSON] * 2
    assert statuses(shop, called)[1] == Status.PLACED


def test_an_erasure_names_the_contact_and_leaves_nothing_of_its_order(shop: House, called: tuple[int, int]) -> None:
    contact = shop.order(called[1]).contact_id
    shop.request_erasure(called[1])
    shop.do_erasures()

    with shop.db.read() as tx:
        [request] = shop_notices.latest_requests(tx)
    assert request.report["contacts"] == [contact]
    assert contact not in " ".join(shop.messages(called[1]))  # this one is made of the phone
    assert shop.order(called[0]).contact_id == contact


# Answered


def test_a_yes_without_a_name_is_for_all_on_the_card(shop: House, called: tuple[int, int]) -> None:
    assert by_card(shop, called[0], answer="confirmed") == (Fate.APPLIED, Why.SAID)

    assert statuses(shop, called) == [Status.SUCCESS] * 2
    assert [(last(shop, one).state, last(shop, one).answer) for one in called] == [
        (CallState.ANSWERED, Answer.CONFIRMED)
    ] * 2


def test_a_no_without_a_name_is_a_persons_and_nobodys_answer(shop: House, called: tuple[int, int]) -> None:
    assert by_card(shop, called[0], answer="refused") == (Fate.NEEDS_A_PERSON, Why.JOINT_REFUSAL)

    assert statuses(shop, called) == [Status.PLACED] * 2
    assert [last(shop, one).answer for one in called] == [None, None]


@pytest.mark.parametrize("named", [0, 1])
def test_an_answer_that_names_an_order_is_that_orders(shop: House, called: tuple[int, int], named: int) -> None:
    heard = by_card(shop, called[named], shopify_id=called[named], answer="refused")

    assert heard == (Fate.APPLIED, Why.SAID)
    assert [status == Status.FAILED for status in statuses(shop, called)] == [named == 0, named == 1]
    assert states(shop, called[1 - named]) == [CallState.PLACED]


def test_each_order_can_have_another_answer(shop: House, called: tuple[int, int]) -> None:
    by_card(shop, called[0], shopify_id=called[0], answer="confirmed")
    by_card(shop, called[0], shopify_id=called[1], answer="refused")

    assert statuses(shop, called) == [Status.SUCCESS, Status.FAILED]


def test_an_order_that_was_passed_over_is_a_persons_and_not_rung_again(shop: House, called: tuple[int, int]) -> None:
    report(shop, called[0], answer="confirmed")

    silence(shop, called[1])

    assert shop.states()[called[1]] == ("failed", "passed_over")
    assert states(shop, called[1]) == [CallState.UNANSWERED]


def test_an_answer_that_was_not_the_last_word_is_a_persons_for_all(shop: House, called: tuple[int, int]) -> None:
    assert by_card(shop, called[0], answer="confirmed", final=False) == (Fate.KEPT, Why.NOT_FINAL)

    silence(shop, called[0])

    assert [states(shop, order_id) for order_id in called] == [[CallState.ANSWERED]] * 2
    assert rung(shop) == 1


# Rung again


@pytest.mark.parametrize("heard", [None, "no_answer"])
def test_who_is_not_reached_is_rung_again_for_all_by_the_same_card(
    shop: House, called: tuple[int, int], heard: str | None
) -> None:
    if heard:
        by_card(shop, called[0], connection=heard)
    else:
        silence(shop, called[0])
    shop.run_until(last(shop, called[0]).not_before + timedelta(seconds=1))  # type: ignore[operator]

    go_on(shop, *called)

    assert (cards(shop), rung(shop)) == ([list(called)], 2)
    assert [states(shop, one)[0] for one in called] == [CallState.PLACED] * 2
    assert by_card(shop, called[1], answer="confirmed") == (Fate.APPLIED, Why.SAID)
    assert statuses(shop, called) == [Status.SUCCESS] * 2


def test_one_that_is_rung_again_alone_has_a_card_that_tells_of_it_alone(shop: House, called: tuple[int, int]) -> None:
    report(shop, called[0], answer="confirmed")
    shop.again.request(called[1], by="Asha", confirmed=True)

    go_on(shop, called[1])

    assert (cards(shop)[-1], rung(shop)) == ([called[1]], 2)
