"""Where a contact rings but once (``KALIMERA_CALL_AGAIN=new-contact``), each further call makes another."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belting import buckle, held_back, refused_and_tried
from house import House
from ordercall.domain.calls.call import CallState
from ordercall.domain.orders.belt import Guard
from ordercall.domain.orders.order import Status
from ordercall.domain.reports.fates import Fate
from ordercall.errors import InvalidRequest, ProviderError
from ordercall.providers import outgoing
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.services.contact_maker import NoContactMade
from properties import few
from rounds import CAMPAIGN, at, go_on, last, report, rung, silence, states, unanswered

CONTACT = "/kalimera/contact"
LATER = "2036-11-24T13:00:00+05:30"


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"CALLING_HOURS": "09:00-21:00", "KALIMERA_CALL_AGAIN": "new-contact"}


@pytest.fixture
def once(house: House) -> House:
    """A house whose Kalimera rings each contact but once, and lets a phone have several."""
    house.kalimera.rings_listed_again, house.kalimera.several_contacts = False, True
    return house


def again(house: House, order_id: int) -> str:
    """Ask for a further call of an order, and return its id."""
    return house.again.request(order_id, by="Asha", confirmed=True).call.call_id


def cards(house: House) -> list[dict[str, Any]]:
    made = (call.body for call in house.kalimera.calls if (call.method, call.path) == ("POST", CONTACT))
    return [card["metadata"] for card in made]


def contacts_of(house: House, order_id: int) -> list[str | None]:
    """Return by which contact each call of the order rang, the newest first."""
    return [call.contact_id for call in house.calls_of(order_id)]


def test_a_further_call_rings_by_a_contact_of_its_own(once: House) -> None:
    order_id = unanswered(once)

    call_id = again(once, order_id)
    go_on(once, order_id)

    second, first = contacts_of(once, order_id)
    assert [card["call_id"] for card in cards(once)][1:] == [call_id]
    assert (second, states(once, order_id)[0]) == (once.order(order_id).contact_id, CallState.PLACED)
    assert (second != first, rung(once)) == (True, 2)


def test_an_attempt_after_silence_rings_by_a_contact_of_its_own(once: House) -> None:
    once.publish("attempts", number=2, gaps=(timedelta(hours=1),))
    order_id = unanswered(once)
    once.pass_time(hours=1, seconds=1)

    go_on(once, order_id)

    assert (len(set(contacts_of(once, order_id))), states(once, order_id)[0]) == (2, CallState.PLACED)


def test_the_answer_to_a_further_call_counts_by_its_contact_alone(once: House) -> None:
    order_id = unanswered(once)
    again(once, order_id)
    go_on(once, order_id)

    fate, _ = report(once, order_id, shopify_id=None, contact_id=last(once, order_id).contact_id, answer="confirmed")

    assert (fate, once.order(order_id).confirmation_status) == (Fate.APPLIED, Status.SUCCESS)


def test_a_late_answer_by_the_contact_of_the_first_call_counts(once: House) -> None:
    order_id = unanswered(once)
    first = last(once, order_id).contact_id
    again(once, order_id)
    go_on(once, order_id)

    fate, _ = report(once, order_id, shopify_id=None, contact_id=first, answer="confirmed")

    assert fate is Fate.APPLIED


@pytest.mark.parametrize("named_by", ["contact_id", "call_id"])
def test_what_comes_late_of_a_call_that_reached_nobody_ends_no_later_one(once: House, named_by: str) -> None:
    once.publish("attempts", number=3, gaps=(timedelta(hours=1),))
    order_id = unanswered(once)
    once.run_until(once.now + timedelta(hours=1))
    go_on(once, order_id)
    second, first = once.calls_of(order_id)

    for call in (first, second):
        assert states(once, order_id) == [CallState.PLACED, CallState.UNANSWERED]
        report(once, order_id, shopify_id=None, **{named_by: getattr(call, named_by)}, connection="no_answer")

    assert states(once, order_id) == [CallState.PLANNED, CallState.UNANSWERED, CallState.UNANSWERED]


def test_a_refusal_by_a_card_that_an_edit_made_old_is_a_persons_also_after_a_further_call(once: House) -> None:
    buckle(once, edited=True)
    order_id = unanswered(once)
    edited = json.loads(once.bodies(order_id)[0] or b"") | {"total_price": "123.45", "updated_at": LATER}
    once.receive(edited, "orders/updated")
    again(once, order_id)
    go_on(once, order_id)

    refused_and_tried(once, order_id, contact_id=contacts_of(once, order_id)[1])

    assert held_back(once, order_id, Guard.EDITED)


def refuse_the_addition(house: House, order_id: int) -> None:
    house.gate.answers_once("POST", "/kalimera/campaign/contacts", {"error": "This contact is invalid"}, 422)
    house.campaigns.flush(CAMPAIGN)
    house.orders.request_sync(order_id, by="Asha")
    go_on(house, order_id)


def correct_the_phone(house: House, order_id: int) -> None:
    go_on(house, order_id)
    corrected = {"phone": "+915550099999", "total_price": "123.45", "updated_at": "2036-11-24T14:00:00+05:30"}
    house.receive(json.loads(house.bodies(order_id)[0] or b"") | corrected, "orders/updated")
    again(house, order_id)
    go_on(house, order_id)


@pytest.mark.parametrize("another", [refuse_the_addition, correct_the_phone])
def test_an_edit_of_a_card_by_which_nobody_answers_holds_no_cancel_back(once: House, another: Any) -> None:
    buckle(once, edited=True)
    order = make_order(1, state="Kerala")
    once.shopify.add(order)
    order_id = once.receive(order)
    once.sync.sync(order_id)
    once.receive(order | {"total_price": "123.45", "updated_at": LATER}, "orders/updated")

    another(once, order_id)

    assert rung(once)
    assert refused_and_tried(once, order_id).cancel_state == "done"


@pytest.mark.parametrize("shown", [True, False])
def test_a_further_contact_whose_answer_was_lost_is_found_beside_the_first(once: House, shown: bool) -> None:
    order_id = unanswered(once)
    for _ in range(2):
        again(once, order_id)
        once.kalimera.lookup_shows_card = shown
        once.kalimera.fail_next(1, Mode.LOST)
        go_on(once, order_id)
        silence(once, order_id)

    assert (len(cards(once)), len(set(contacts_of(once, order_id))), rung(once)) == (3, 3, 3)


def test_where_a_phone_has_one_contact_the_first_is_rung_again_by_its_own_card(once: House) -> None:
    once.kalimera.rings_listed_again, once.kalimera.several_contacts = True, False
    order_id = unanswered(once)
    again(once, order_id)
    go_on(once, order_id)

    assert (len(set(contacts_of(once, order_id))), rung(once)) == (1, 2)
    fate, _ = report(once, order_id, shopify_id=None, contact_id=last(once, order_id).contact_id, answer="confirmed")
    assert fate is Fate.APPLIED


def test_where_nothing_rings_again_a_person_is_asked(once: House) -> None:
    once.kalimera.several_contacts = False
    order_id = unanswered(once)
    again(once, order_id)

    go_on(once, order_id)

    assert once.states()[order_id] == ("failed", "already_listed")


def test_a_call_that_meets_a_busy_campaign_keeps_the_contact_that_was_made_for_it(once: House) -> None:
    order_id = unanswered(once)
    again(once, order_id)
    once.sync.sync(order_id)
    once.kalimera.fail_next(1, Mode.BUSY)
    once.campaigns.flush(CAMPAIGN)

    go_on(once, order_id)

    assert (len(cards(once)), states(once, order_id)[0]) == (2, CallState.PLACED)


def test_the_list_tells_what_became_of_a_lost_addition_of_a_new_contact(once: House) -> None:
    order_id = unanswered(once)
    again(once, order_id)
    once.sync.sync(order_id)
    once.gate.answers_once("POST", "/kalimera/campaign/contacts", "Bad gateway", 502)
    once.campaigns.flush(CAMPAIGN)
    once.pass_time(minutes=1)

    go_on(once, order_id)

    assert (states(once, order_id)[0], rung(once)) == (CallState.PLACED, 2)


def announced(house: House, order_id: int) -> None:
    with house.db.begin() as tx:
        house.sync.prepare(tx, [order_id])


def made(house: House, order_id: int) -> None:
    with house.db.begin() as tx:
        [ready] = house.sync.prepare(tx, [order_id])
    outgoing.run(house.sync.contact_for(ready))


def stored(house: House, order_id: int) -> None:
    house.sync.sync(order_id)


@pytest.mark.parametrize("died", [announced, made, stored])
def test_a_worker_that_dies_between_two_steps_leaves_one_contact_and_one_ring(once: House, died: Any) -> None:
    order_id = unanswered(once)
    again(once, order_id)
    died(once, order_id)

    go_on(once, order_id)

    assert (len(cards(once)), rung(once)) == (2, 2)
    assert states(once, order_id)[0] is CallState.PLACED


STEPS = ("sync", "flush", "again", "silence", "lost", "down", "busy", "hide", "one", "several", "announced", "made")


@few(30)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=14))
def test_nobody_is_rung_twice_by_a_call_and_each_card_is_its_orders_own(once: House, steps: list[str]) -> None:
    once.run_until(at(once, 10, days=1))
    once.kalimera.several_contacts = once.kalimera.lookup_shows_card = True
    before, moment = len(once.states()), once.now.isoformat()
    body = make_order(before + 1, phone=f"+9190{before:08}", state="Kerala", created_at=moment, updated_at=moment)
    order_id = once.receive(body)
    for step in ("sync", "flush", "silence", "again", *steps):
        once.pass_time(minutes=2)
        take(once, step, order_id)

    order, calls = once.order(order_id), once.calls_of(order_id)
    mine = [one for one in once.kalimera.listings if one.phone == order.customer_phone]
    assert len(mine) <= sum(call.state not in (CallState.PLANNED, CallState.WITHDRAWN) for call in calls)
    assert {once.kalimera.card(one.contact_id)["shopify_id"] for one in mine} <= {order_id}
    assert not [one for one in mine if one.repeated]


def take(house: House, step: str, order_id: int) -> None:
    with suppress(ProviderError, NoContactMade, InvalidRequest, ValueError):
        match step:
            case "sync":
                house.sync.sync(order_id)
            case "flush":
                house.campaigns.flush(CAMPAIGN)
            case "again":
                again(house, order_id)
            case "silence" if last(house, order_id).window_end:
                silence(house, order_id)
            case "lost" | "down" | "busy":
                house.kalimera.fail_next(1, Mode(step))
            case "one" | "several":
                house.kalimera.several_contacts = step == "several"
            case "hide":
                house.kalimera.lookup_shows_card = False
            case "announced":
                announced(house, order_id)
            case "made":
                made(house, order_id)
