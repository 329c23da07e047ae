"""The belt around every cancel that no person asked for: its guards, its delay, its number an hour."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from belting import (
    a_minute_passes,
    buckle,
    cancel_jobs,
    held_back,
    refuse,
    refused_and_tried,
    rung_order,
    say,
    waits_for_a_person,
)
from databases import ask
from house import House
from ordercall.domain.orders.belt import Guard
from ordercall.domain.orders.bulk import BulkAction
from ordercall.domain.orders.order import Status
from ordercall.domain.policy.rules import Cancels
from ordercall.domain.reports.fates import Why
from ordercall.domain.reports.words import Rule
from ordercall.errors import OutcomeUnknown
from ordercall.providers import outgoing
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.storage.reads import needs_you
from ordercall.storage.records import belt
from ordercall.storage.records.bulk import Selection, chosen
from ordercall.storage.records.reports import Door
from waiting import until

HALF_AN_HOUR = timedelta(minutes=30)
LATER = "2036-11-24T13:00:00+05:30"


# -- the ways in


def by_status(house: House, order_id: int) -> None:
    refuse(house, order_id)


def by_outcome(house: House, order_id: int) -> None:
    say(house, door=Door.API, shopify_id=order_id, answer="refused")


def by_address(house: House, order_id: int) -> None:
    say(house, door=Door.ADDRESS, shopify_id=order_id, answer="refused")


def by_replay(house: House, order_id: int) -> None:
    house.words.teach(Rule("word", "ETC", "answer", "unclear"), by="Asha")
    heard = say(house, door=Door.API, shopify_id=order_id, word="REF")
    house.words.teach(Rule("word", "REF", "answer", "refused"), by="Asha")
    house.words.apply_again(by="Asha", confirmed={heard.number})


def by_hand(house: House, order_id: int) -> None:
    house.orders.change_status(order_id, Status.FAILED, by="Asha")


def by_bulk(house: House, order_id: int) -> None:
    run = house.bulk.prepare(BulkAction.FAILED, chosen([order_id], "one order"), by="Asha")
    house.bulk.start(run, by="Asha")
    house.bulk.work(run)


PROGRAMS = [by_status, by_outcome, by_address, by_replay]
type WayIn = Callable[[House, int], None]


@pytest.mark.parametrize("way_in", PROGRAMS)
def test_a_programs_word_is_bound_by_whichever_door_it_comes(house: House, way_in: WayIn) -> None:
    buckle(house, cancel=Cancels.OFF)
    order_id = rung_order(house)

    way_in(house, order_id)
    house.cancels.cancel(order_id)

    assert house.order(order_id).confirmation_status == "Failed"
    assert held_back(house, order_id, Guard.OFF)


@pytest.mark.parametrize("way_in", [by_hand, by_bulk])
def test_a_persons_cancel_goes_its_usual_way(house: House, way_in: WayIn) -> None:
    buckle(house, cancel=Cancels.OFF, delay=HALF_AN_HOUR, evidence=True, most_an_hour=1, paid=True)
    orders = [rung_order(house, number, financial_status="paid") for number in (1, 2)]

    for order_id in orders:
        way_in(house, order_id)
        house.cancels.cancel(order_id)

    assert house.shopify.cancellations == orders


@pytest.mark.parametrize("way_in", PROGRAMS)
def test_by_the_policy_as_it_is_at_first_a_refusal_is_cancelled_at_once(house: House, way_in: WayIn) -> None:
    order_id = rung_order(house)

    way_in(house, order_id)
    house.cancels.cancel(order_id)

    assert house.shopify.cancellations == [order_id]


@pytest.mark.parametrize("way_in", [*PROGRAMS, "force"])
@pytest.mark.parametrize("was", [Status.SUCCESS, Status.RETURNED])
def test_a_decided_order_stays_by_whichever_door_a_program_comes(
    house: House, way_in: WayIn | str, was: Status
) -> None:
    order_id = rung_order(house)
    house.orders.change_status(order_id, was, by="Asha")

    if isinstance(way_in, str):
        say(house, door=Door.ADDRESS, shopify_id=order_id, answer="refused", force=True)
    else:
        way_in(house, order_id)

    assert (house.order(order_id).confirmation_status, cancel_jobs(house)) == (was, [])


# -- the guards


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize(
    ("rules", "order", "guard"),
    [
        ({}, {"fulfillment_status": "partial"}, Guard.SHIPPED),
        ({"cancel": Cancels.OFF}, {}, Guard.OFF),
        ({"evidence": True}, {}, Guard.NO_QUOTE),
        ({"paid": True}, {"financial_status": "paid"}, Guard.PAID),
    ],
)
def test_a_guard_holds_back_what_leaves_and_force_does_not_lift_it(
    house: House, rules: dict[str, Any], order: dict[str, Any], guard: Guard, *, forced: bool
) -> None:
    buckle(house, **rules)
    order_id = rung_order(house)
    house.receive({**json.loads(house.bodies(order_id)[0] or b""), **order, "updated_at": LATER}, "orders/updated")

    refused_and_tried(house, order_id, force=forced)

    assert held_back(house, order_id, guard)


def test_a_refusal_with_the_customers_words_is_evidence(house: House) -> None:
    buckle(house, evidence=True)

    assert refused_and_tried(house, rung_order(house), quote="nahi chahiye").cancel_state == "done"


@pytest.mark.parametrize(
    "edit",
    [
        {"total_price": "123.45"},
        {"shipping_address": {"address1": "2 Other Road", "city": "Surat", "country_code": "IN"}},
    ],
    ids=["total", "address"],
)
def test_an_order_that_was_edited_after_its_card_is_left_to_a_person(house: House, edit: dict[str, Any]) -> None:
    buckle(house, edited=True)
    order_id = on_the_campaign(house)
    house.receive(json.loads(house.bodies(order_id)[0] or b"") | edit | {"updated_at": LATER}, "orders/updated")

    refused_and_tried(house, order_id)

    assert held_back(house, order_id, Guard.EDITED)


def while_its_card_is_made(house: House, order: dict[str, Any], edit: dict[str, Any]) -> None:
    house.while_kalimera_answers(lambda: house.receive(order | edit, "orders/updated"))
    house.sync.sync(order["id"])


def after_its_card_was_made_by_a_worker_that_died(house: House, order: dict[str, Any], edit: dict[str, Any]) -> None:
    with house.db.begin() as tx:
        [ready] = house.sync.prepare(tx, [order["id"]])
    outgoing.run(house.sync.contact_for(ready))
    house.receive(order | edit, "orders/updated")
    house.sync.sync(order["id"])


@pytest.mark.parametrize("edited", [while_its_card_is_made, after_its_card_was_made_by_a_worker_that_died])
def test_an_order_that_was_edited_before_anybody_knew_its_card_is_left_to_a_person(
    house: House, edited: Callable[..., None]
) -> None:
    buckle(house, edited=True)
    order = make_order(1, state="Kerala")
    house.shopify.add(order)
    house.receive(order)
    edited(house, order, {"total_price": "123.45", "updated_at": LATER})
    house.campaigns.flush("sandbox-campaign")

    refused_and_tried(house, order["id"])

    assert house.kalimera.card(house.order(order["id"]).contact_id)["total_price"] != 123.45
    assert held_back(house, order["id"], Guard.EDITED)


def test_an_edit_before_a_card_is_made_is_told_by_it(house: House) -> None:
    buckle(house, edited=True)
    order = make_order(1, state="Kerala")
    house.shopify.add(order)
    house.receive(order)
    house.receive(order | {"total_price": "123.45", "updated_at": LATER}, "orders/updated")
    house.sync.sync(order["id"])
    house.campaigns.flush("sandbox-campaign")

    assert refused_and_tried(house, order["id"]).cancel_state == "done"


def test_a_change_that_the_customer_was_not_asked_about_is_no_edit(house: House) -> None:
    buckle(house, edited=True)
    order_id = on_the_campaign(house)
    house.receive(
        json.loads(house.bodies(order_id)[0] or b"") | {"email": "a@b.example", "updated_at": LATER}, "orders/updated"
    )

    assert refused_and_tried(house, order_id).cancel_state == "done"


def test_a_cancellation_is_no_edit(house: House) -> None:
    order_id = on_the_campaign(house)
    nothing_left = {"cancelled_at": LATER, "updated_at": LATER, "current_total_price": "0.00", "total_price": "0.00"}

    house.receive(json.loads(house.bodies(order_id)[0] or b"") | nothing_left, "orders/updated")

    with house.db.read() as tx:
        assert not belt.old_cards(tx, [order_id])


def on_the_campaign(house: House) -> int:
    """Return an order that was brought to Kalimera, with a card of its own."""
    order_id = rung_order(house)
    house.sync.sync(order_id)
    assert house.order(order_id).contact_id
    return order_id


def test_an_order_whose_phone_was_corrected_while_its_cancel_waits_is_left_to_a_person(house: House) -> None:
    buckle(house, other_number=True, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    refuse(house, order_id)
    corrected = {"phone": "+915550099999", "updated_at": LATER}
    house.receive(json.loads(house.bodies(order_id)[0] or b"") | corrected, "orders/updated")

    a_minute_passes(house, 30)
    house.cancels.cancel(order_id)

    assert held_back(house, order_id, Guard.OTHER_NUMBER)


def test_a_refusal_is_told_by_the_number_that_was_rung_where_it_names_none(house: House) -> None:
    buckle(house, other_number=True)
    order_id = rung_order(house)
    corrected = {"phone": "+915550099999", "updated_at": LATER}
    house.receive(json.loads(house.bodies(order_id)[0] or b"") | corrected, "orders/updated")

    refused_and_tried(house, order_id)

    assert held_back(house, order_id, Guard.OTHER_NUMBER)


def test_a_parcel_that_leaves_while_a_cancel_waits_stays(house: House) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    refuse(house, order_id)
    shipped = {"fulfillment_status": "fulfilled", "updated_at": LATER}
    house.receive(json.loads(house.bodies(order_id)[0] or b"") | shipped, "orders/updated")

    a_minute_passes(house, 30)
    house.cancels.cancel(order_id)

    assert held_back(house, order_id, Guard.SHIPPED)


def test_a_person_cancels_what_was_held_back(house: House) -> None:
    buckle(house, evidence=True)
    order_id = rung_order(house)
    refused_and_tried(house, order_id)

    house.orders.retry_cancel(order_id, by="Asha")
    house.cancels.cancel(order_id)

    assert house.shopify.cancellations == [order_id]


def test_what_was_held_back_is_not_repeated_with_what_failed(house: House) -> None:
    buckle(house, evidence=True)
    held, failed = rung_order(house, 1), rung_order(house, 2)
    refused_and_tried(house, held)
    house.orders.change_status(failed, Status.FAILED, by="Asha")
    house.shopify.fail_next(2, "frozen")
    house.cancels.cancel(failed)

    run = house.bulk.prepare(BulkAction.FAILED, Selection(needs_you.to_cancel(), "all"), by="Asha")

    with house.db.read() as tx:
        assert list(ask(tx, "SELECT shopify_id FROM bulk_items WHERE run_id = ?", run).scalars()) == [failed]


def test_a_program_that_says_it_again_changes_nothing_of_what_waits_for_a_person(house: House) -> None:
    buckle(house, evidence=True)
    order_id = rung_order(house)
    refused_and_tried(house, order_id)
    before = house.events(order_id)

    again = refuse(house, order_id, quote="nahi chahiye")

    assert (again.why, cancel_jobs(house)[1:]) == (Why.SAME, [])
    assert house.order(order_id).cancel_state == "refused"
    assert [event for event in house.events(order_id)[len(before) :] if event.startswith("Shopify")] == []


def test_a_guard_that_speaks_after_a_lost_answer_leaves_it_unclear(house: House) -> None:
    order_id = rung_order(house)
    refuse(house, order_id)
    house.shopify.fail_next(1, Mode.NORMAL)
    house.shopify.fail_next(1, Mode.FAILING)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)
    buckle(house, cancel=Cancels.OFF)
    house.pass_time(minutes=6)

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "unclear"
    assert waits_for_a_person(house, order_id)


@pytest.mark.postgres
def test_a_cancel_waits_for_what_is_just_being_stored_of_its_order_and_is_held_by_it(house: House) -> None:
    order_id = rung_order(house)
    refuse(house, order_id)

    with ThreadPoolExecutor(1) as aside:
        with house.db.begin() as tx:
            belt.contradict(tx, [order_id], now=house.now)
            leaving = aside.submit(house.cancels.cancel, order_id)
            until(lambda: leaving.done() or row_is_waited_for(house), "the cancel waits, or is done")
        leaving.result()

    assert held_back(house, order_id, Guard.CONTRADICTED)


def row_is_waited_for(house: House) -> bool:
    with house.db.read() as tx:
        return bool(ask(tx, "SELECT count(*) FROM pg_locks WHERE NOT granted").scalar())
