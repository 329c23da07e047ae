"""Contacts that were on a campaign before are added apart from the others, and the list proves nothing of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from house import House
from ordercall.domain.calls.call import CallState
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Call, Mode
from rounds import CAMPAIGN, go_on, placed, states, unanswered

ADD = "/kalimera/campaign/contacts"


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"CALLING_HOURS": "09:00-21:00"}


def again(house: House, order_id: int) -> None:
    house.again.request(order_id, by="Asha")


def added(house: House) -> list[list[str]]:
    """Keep, from now on, the contacts of each request that adds to the list."""
    requests: list[list[str]] = []

    def look(call: Call) -> None:
        if call.path.endswith("/campaign/contacts") and call.method == "POST":
            requests.append(sorted(call.body["contact_ids"]))

    house.kalimera.on_call.append(look)
    return requests


def test_who_was_on_the_campaign_before_is_added_in_a_request_of_its_own(house: House) -> None:
    order_id = unanswered(house, 1)
    again(house, order_id)
    new = house.receive(make_order(2, state="Kerala"))
    requests = added(house)

    go_on(house, order_id, new)

    first, second = (house.order(each).contact_id for each in (order_id, new))
    assert requests == [[second], [first]]


def test_a_returning_customer_is_added_in_a_request_of_its_own(house: House) -> None:
    placed(house, 1, phone="+915550000001")
    returning = house.receive(make_order(2, state="Kerala", phone="+915550000001"))
    new = house.receive(make_order(3, state="Kerala"))
    requests = added(house)

    go_on(house, returning, new)

    assert requests == [[house.order(new).contact_id], [house.order(returning).contact_id]]


def on_the_addition(house: House, happens: Callable[[Call], None]) -> None:
    def once(call: Call) -> None:
        if call.path.endswith("/campaign/contacts") and call.method == "POST":
            house.kalimera.on_call.remove(once)
            happens(call)

    house.kalimera.on_call.append(once)


def test_a_lost_answer_leaves_an_addition_once_more_in_doubt_whatever_the_list_says(house: House) -> None:
    order_id = unanswered(house)
    again(house, order_id)
    house.sync.sync(order_id)
    on_the_addition(house, lambda call: setattr(call, "mode", Mode.LOST))

    house.campaigns.flush(CAMPAIGN)

    assert states(house, order_id) == [CallState.IN_DOUBT, CallState.UNANSWERED]
    assert house.states()[order_id] == ("failed", "outcome_unknown")


def test_a_busy_kalimera_is_asked_again_and_the_call_stays_planned(house: House) -> None:
    order_id = unanswered(house)
    again(house, order_id)
    house.sync.sync(order_id)
    on_the_addition(house, lambda call: setattr(call, "mode", Mode.BUSY))

    house.campaigns.flush(CAMPAIGN)
    assert states(house, order_id)[0] is CallState.PLANNED

    house.campaigns.flush(CAMPAIGN)
    assert (states(house, order_id)[0], len(house.kalimera.listings)) == (CallState.PLACED, 2)


def test_a_contact_that_kalimera_says_is_there_already_ends_its_call_and_keeps_its_id(house: House) -> None:
    order_id = unanswered(house)
    contact_id = house.order(order_id).contact_id
    again(house, order_id)
    house.sync.sync(order_id)
    house.gate.answers("POST", ADD, {"message": "Contact already exists in this campaign"}, 400)

    house.campaigns.flush(CAMPAIGN)

    call, _ = house.calls_of(order_id)
    assert (call.state, call.reason) == (CallState.REJECTED, "already_listed")
    assert house.states()[order_id] == ("failed", "already_listed")
    assert house.order(order_id).contact_id == contact_id


def test_an_old_job_does_not_call_again_what_a_person_was_left_to(house: House) -> None:
    order_id = unanswered(house)
    again(house, order_id)
    house.sync.sync(order_id)
    house.gate.answers("POST", ADD, {"message": "Contact already exists in this campaign"}, 400)
    house.campaigns.flush(CAMPAIGN)

    go_on(house, order_id)

    assert len(house.calls_of(order_id)) == 2
