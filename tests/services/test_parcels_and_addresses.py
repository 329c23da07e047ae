"""What becomes of the parcel of an order whose customer gave another address, and of what was said."""

from __future__ import annotations

from typing import Any

import pytest
from holding import PLACED_AT, aligned, forget_jobs, ours
from readdressing import (
    SAID,
    approve,
    approved,
    confirmed,
    correct,
    hear_from_shopify,
    in_shopify,
    known,
    mutations,
    proposal,
    state,
)

from belting import rung_order, say
from house import House
from ordercall.domain.orders.order import Status
from ordercall.domain.places.addresses import Address, State
from ordercall.domain.reports.fates import Why
from ordercall.storage.records import addresses
from ordercall.storage.records.reports import Door


def test_a_held_parcel_is_released_only_after_its_address_is_in_shopify(house: House) -> None:
    house.publish("hold", until_answered=True)
    order_id = rung_order(house, created_at=PLACED_AT)
    house.holds.align(order_id)
    say(house, order_id, status="Success", address=SAID)
    house.holds.align(order_id)
    held = ours(house, order_id)

    approve(house, order_id)
    correct(house, order_id)
    house.holds.align(order_id)
    on_its_way = ours(house, order_id)
    forget_jobs(house)
    hear_from_shopify(house, order_id)
    queued = aligned(house)
    house.holds.align(order_id)

    assert (held, on_its_way, queued, ours(house, order_id)) == ([1], [1], [order_id], [0])


def test_a_parcel_whose_address_waits_is_not_let_go_because_no_further_call_reached_anybody(house: House) -> None:
    house.publish("hold", until_answered=True, release_at_end=True)
    order_id = rung_order(house, created_at=PLACED_AT)
    house.holds.align(order_id)
    say(house, order_id, outcome="call_back", address=SAID)
    with house.db.begin() as tx:
        tx.exec_driver_sql("UPDATE orders SET calling_state = 'failed', calling_reason = 'not_reached'")
    house.holds.align(order_id)
    waiting = ours(house, order_id)

    house.addresses.reject(order_id, seen=proposal(house, order_id).version, note="", by="Asha")
    house.holds.align(order_id)

    assert (waiting, ours(house, order_id)) == ([1], [0])


def test_another_address_that_is_told_after_the_answer_has_the_parcel_held_again(house: House) -> None:
    house.publish("hold", until_answered=True)
    order_id = rung_order(house, created_at=PLACED_AT)
    house.holds.align(order_id)
    say(house, order_id, status="Success")
    house.holds.align(order_id)
    forget_jobs(house)
    released = ours(house, order_id)

    say(house, order_id, status="Success", address=SAID)
    queued = aligned(house)
    for each in queued:
        house.holds.align(each)

    assert (released, queued, ours(house, order_id)) == ([0], [order_id], [1])


@pytest.mark.parametrize("answer", [{"answer": "confirmed"}, {}])
def test_a_summary_after_the_answer_that_tells_another_address_keeps_the_parcel(
    house: House, answer: dict[str, str]
) -> None:
    order_id = rung_order(house, created_at=PLACED_AT)
    say(house, door=Door.API, contact_id="contact-1", answer="confirmed")
    was_to_ship = known(house, order_id).is_to_ship

    told = say(house, door=Door.API, contact_id="contact-1", address=SAID, **answer)
    is_to_ship = known(house, order_id).is_to_ship
    house.addresses.reject(order_id, seen=proposal(house, order_id).version, note="", by="Asha")

    assert (was_to_ship, is_to_ship, told.why) == (True, False, Why.ADDRESS)
    assert house.reports.count_by_fate() == {"applied": 1}


def test_another_address_that_is_told_while_shopify_releases_the_parcel_has_it_held_again(house: House) -> None:
    house.publish("hold", until_answered=True)
    order_id = rung_order(house, created_at=PLACED_AT)
    house.holds.align(order_id)
    house.orders.change_status(order_id, Status.SUCCESS, by="Asha")
    forget_jobs(house)

    def tell(_call: Any) -> None:
        house.shopify.on_call.remove(tell)
        say(house, order_id, address=SAID)

    house.shopify.on_call.append(tell)
    house.holds.align(order_id)
    released, queued = ours(house, order_id), aligned(house)
    house.holds.align(order_id)

    assert (released, queued, ours(house, order_id)) == ([0], [order_id], [1])


def test_a_parcel_whose_address_waits_is_held_again_once_holding_is_switched_on_again(house: House) -> None:
    house.publish("hold", until_answered=True)
    order_id = rung_order(house, created_at=PLACED_AT)
    house.holds.align(order_id)
    say(house, order_id, status="Success", address=SAID)
    house.publish("hold", until_answered=False)
    house.holds.align(order_id)
    released = ours(house, order_id)
    house.publish("hold", until_answered=True)
    forget_jobs(house)

    house.holds.look()
    queued = aligned(house)
    house.holds.align(order_id)

    assert (released, queued, ours(house, order_id)) == ([0], [order_id], [1])


@pytest.mark.parametrize("first", [True, False])
def test_an_order_is_told_to_shopify_as_confirmed_only_once_its_address_is_dealt_with(
    house: House, first: bool
) -> None:
    house.publish("write_back", tag_pending="waits", tag_confirmed="ok")
    order_id = rung_order(house, created_at=PLACED_AT)
    said = {} if first else {"address": SAID}
    say(house, order_id, status="Success", **said)
    house.writing.write(order_id)
    say(house, order_id, status="Success", address=SAID)
    house.writing.look()
    house.writing.write(order_id)
    waiting = (house.shopify.book.order(order_id) or {})["tags"]

    house.addresses.reject(order_id, seen=proposal(house, order_id).version, note="", by="Asha")
    forget_jobs(house)
    house.writing.look()
    [(arguments, _)] = house.jobs("write_order")
    house.writing.write(arguments["shopify_id"])

    assert (waiting, (house.shopify.book.order(order_id) or {})["tags"]) == ("waits", "ok")


def test_an_erasure_takes_what_was_said_of_the_address_with_it(house: House) -> None:
    order_id = approved(house)
    house.request_erasure(order_id)
    house.do_erasures()

    with house.db.read() as tx:
        assert addresses.latest(tx, order_id) is None
    assert not known(house, order_id).address_waits
    correct(house, order_id)
    assert mutations(house) == 0


def test_what_is_reported_of_an_erased_order_is_no_proposal(house: House) -> None:
    order_id = rung_order(house)
    house.request_erasure(order_id)
    house.do_erasures()
    say(house, order_id, status="Success", address=SAID)

    assert not known(house, order_id).address_waits


def test_nothing_personal_is_shown_of_a_proposal_in_a_log(house: House) -> None:
    order_id = confirmed(house)

    assert "Corrected" not in repr([proposal(house, order_id), Address(address1="7 Corrected Street")])


UNSEEN = {
    "a mark of direction": "21\u200e Ring Road",
    "a blank of no width": "21 Ring\u200b Road",
    "marks around": "\ufeff\u202a21 Ring Road\u202c",
    "a soft hyphen and a tab": "21 Ring\u00ad\tRoad",
    "lines": "21 Ring Road\r\nBehind the temple",
    "a sign that nobody knows": "21 Ring Road \ue000\U0001fb00",
}


@pytest.mark.parametrize("line", UNSEEN.values(), ids=UNSEEN)
def test_an_address_with_signs_that_show_nothing_is_corrected_as_any_other(house: House, line: str) -> None:
    order_id = confirmed(house, pincode="682031")
    house.shopify.book.readdress(order_id, in_shopify(house, order_id) | {"address1": line, "city": f"{line}\u200f"})
    hear_from_shopify(house, order_id)
    approve(house, order_id)

    correct(house, order_id)
    sent = state(house, order_id)
    hear_from_shopify(house, order_id)

    assert (sent, in_shopify(house, order_id)["zip"]) == ((State.SENT, True), "682031")
    assert state(house, order_id) == (State.SEEN, False)
