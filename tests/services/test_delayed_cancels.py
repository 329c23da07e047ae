"""Cancels that no person asked for: their delay with *Undo*, and how many leave in an hour."""

from __future__ import annotations

import json
import logging
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
    say_body,
)
from databases import ask
from house import House
from ordercall.domain.orders.belt import Guard
from ordercall.domain.orders.order import Status
from ordercall.domain.policy.rules import Cancels
from ordercall.errors import OutcomeUnknown
from ordercall.jobs.priorities import SOMEBODY_WAITS
from ordercall.sandbox.provider import Mode
from ordercall.storage.records.reports import Door

HALF_AN_HOUR = timedelta(minutes=30)
LATER = "2036-11-24T13:00:00+05:30"


# -- the delay


def test_a_delayed_cancel_leaves_when_its_time_has_come_and_not_before(house: House) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    refuse(house, order_id)

    a_minute_passes(house, 29)
    early = house.order(order_id).cancel_state, cancel_jobs(house)
    house.cancels.cancel(order_id)
    a_minute_passes(house)
    house.cancels.cancel(order_id)

    assert early == ("delayed", [])
    assert (house.order(order_id).cancel_state, house.shopify.cancellations) == ("done", [order_id])


def test_a_delayed_cancel_is_queued_once_and_before_new_contacts(house: House) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    refuse(house, rung_order(house))

    for _ in range(3):
        a_minute_passes(house, 30)

    with house.db.read() as tx:
        rows = list(ask(tx, "SELECT priority FROM procrastinate_jobs WHERE task_name = 'cancel_order'").scalars())
    assert rows == [SOMEBODY_WAITS]


def test_a_delayed_cancel_survives_a_restart(house: House) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    refuse(house, order_id)
    reborn = House(house.settings, house.db, house.kalimera, house.shopify, house.gate)
    reborn.now = house.now

    a_minute_passes(reborn, 30)
    reborn.cancels.cancel(order_id)
    reborn.close()

    assert house.shopify.cancellations == [order_id]


def test_another_status_takes_back_a_cancel_that_waits(house: House) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    refuse(house, order_id)

    house.orders.change_status(order_id, Status.SUCCESS, by="Asha")
    a_minute_passes(house, 31)

    assert (house.order(order_id).cancel_state, cancel_jobs(house)) == (None, [])
    assert "Shopify_Cancel_Withdrawn" in house.events(order_id)


def test_a_person_who_agrees_does_not_wait(house: House) -> None:
    buckle(house, delay=HALF_AN_HOUR, evidence=True)
    order_id = rung_order(house)
    refuse(house, order_id)

    house.orders.retry_cancel(order_id, by="Asha")
    house.cancels.cancel(order_id)

    assert house.shopify.cancellations == [order_id]


def test_a_cancel_that_the_shop_carried_out_itself_waits_no_more(house: House) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    refuse(house, order_id)
    cancelled = {"cancelled_at": LATER, "updated_at": LATER}
    house.receive(json.loads(house.bodies(order_id)[0] or b"") | cancelled, "orders/cancelled")

    a_minute_passes(house, 31)

    assert (house.order(order_id).cancel_state, cancel_jobs(house)) == ("done", [])


# -- what is said after the refusal


OTHERWISE: list[dict[str, Any]] = [
    {"answer": "confirmed"},
    {"answer": "confirmed", "final": False},
    {"answer": "unclear"},
    {"answer": "wrong_person"},
    {"callback_at": "2036-11-24T13:00:00+05:30"},
    {"language": "hi"},
    {"quote": "haan, bhej dijiye"},
    {"answer": "haan ji"},
]


@pytest.mark.parametrize("said", OTHERWISE, ids=str)
@pytest.mark.parametrize("delay", [HALF_AN_HOUR, timedelta(0)], ids=["delayed", "queued"])
def test_a_cancel_does_not_leave_once_something_else_was_said_of_its_order(
    house: House, said: dict[str, Any], delay: timedelta
) -> None:
    buckle(house, delay=delay)
    order_id = rung_order(house)
    refuse(house, order_id)

    say(house, door=Door.API, shopify_id=order_id, **said)
    a_minute_passes(house)
    house.cancels.cancel(order_id)

    assert held_back(house, order_id, Guard.CONTRADICTED)


@pytest.mark.parametrize(
    "said",
    [
        {"answer": "refused"},
        {"connection": "connected", "completion": "completed", "summary": "Refused.", "duration_seconds": 41},
        {"connection": "no_answer"},
        {"do_not_call": True},
    ],
    ids=str,
)
def test_what_says_nothing_against_the_refusal_leaves_the_cancel_its_time(house: House, said: dict[str, Any]) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    refuse(house, order_id)

    say(house, door=Door.API, shopify_id=order_id, **said)
    a_minute_passes(house, 30)
    house.cancels.cancel(order_id)

    assert house.shopify.cancellations == [order_id]


def test_force_does_not_lift_what_the_customer_said_since(house: House) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    house.orders.change_status(order_id, Status.SUCCESS, by="Asha")
    refuse(house, order_id, force=True)

    say(house, door=Door.API, shopify_id=order_id, answer="confirmed")
    refuse(house, order_id, force=True)
    a_minute_passes(house, 30)
    house.cancels.cancel(order_id)

    assert held_back(house, order_id, Guard.CONTRADICTED)


def test_a_body_that_nobody_can_read_holds_the_cancel_of_the_order_at_whose_address_it_came(house: House) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    refuse(house, order_id)

    say_body(house, order_id, b"{'status': Success}")
    a_minute_passes(house, 30)
    house.cancels.cancel(order_id)

    assert held_back(house, order_id, Guard.CONTRADICTED)


def test_a_customer_who_is_called_again_is_not_cancelled_meanwhile(house: House) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    refuse(house, order_id)

    house.again.request(order_id, by="Asha", confirmed=True)
    a_minute_passes(house, 30)
    house.cancels.cancel(order_id)

    assert held_back(house, order_id, Guard.CONTRADICTED)


def test_one_click_does_not_let_go_what_was_frozen_and_contradicted(house: House) -> None:
    buckle(house, most_an_hour=1)
    first, second = refused_orders(house, 2)
    say(house, door=Door.API, shopify_id=second, answer="confirmed")

    house.worker.belt.go_on(by="Asha")
    house.cancels.cancel(second)

    assert (house.order(second).cancel_state, house.shopify.cancellations) == ("refused", [first])


def test_a_person_cancels_in_spite_of_what_was_said_since(house: House) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    refuse(house, order_id)
    say(house, door=Door.API, shopify_id=order_id, answer="confirmed")

    house.orders.retry_cancel(order_id, by="Asha")
    house.cancels.cancel(order_id)

    assert house.shopify.cancellations == [order_id]


# -- the number an hour


def refused_orders(house: House, number: int) -> list[int]:
    """Have programs cancel so many orders; return their ids."""
    ids = [rung_order(house, place) for place in range(1, number + 1)]
    for order_id in ids:
        refused_and_tried(house, order_id)
    return ids


def test_no_more_leave_in_an_hour_than_the_policy_allows(house: House, caplog: pytest.LogCaptureFixture) -> None:
    buckle(house, most_an_hour=2)
    caplog.set_level(logging.WARNING)

    ids = refused_orders(house, 4)

    assert house.shopify.cancellations == ids[:2]
    assert [house.order(order_id).cancel_state for order_id in ids[2:]] == ["frozen", "frozen"]
    assert [house.order(order_id).confirmation_status for order_id in ids] == ["Failed"] * 4
    assert sum("have left within an hour" in record.message for record in caplog.records) == 1


def test_a_cancel_whose_request_may_have_left_is_seen_through_while_others_are_frozen(house: House) -> None:
    buckle(house, most_an_hour=1)
    first, second = rung_order(house, 1), rung_order(house, 2)
    refuse(house, first)
    house.shopify.fail_next(1, Mode.NORMAL)
    house.shopify.fail_next(1, Mode.FAILING)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(first)
    assert refused_and_tried(house, second).cancel_state == "frozen"

    house.cancels.cancel(first)

    assert house.order(first).cancel_state == "done"


def test_an_order_whose_cancel_shopify_refused_does_not_count_against_its_own_next_one(house: House) -> None:
    buckle(house, most_an_hour=1)
    order_id = rung_order(house)
    for answer in (Mode.NORMAL, "frozen"):  # the look, and the cancellation
        house.shopify.fail_next(1, answer)
    assert refused_and_tried(house, order_id).cancel_state == "refused"
    house.orders.change_status(order_id, Status.PLACED, by="Asha")

    assert refused_and_tried(house, order_id).cancel_state == "done"


def test_what_is_frozen_does_not_thaw_by_itself(house: House) -> None:
    buckle(house, most_an_hour=1)
    refused_orders(house, 2)

    house.pass_time(hours=2)
    late = rung_order(house, 3)

    assert refused_and_tried(house, late).cancel_state == "frozen"


def test_one_click_lets_all_go_on(house: House) -> None:
    buckle(house, most_an_hour=1)
    ids = refused_orders(house, 3)

    gone = house.worker.belt.go_on(by="Asha")
    for order_id in ids[1:]:
        house.cancels.cancel(order_id)

    assert (gone, house.shopify.cancellations) == (2, ids)


def test_what_goes_on_is_asked_about_by_the_other_guards(house: House) -> None:
    buckle(house, most_an_hour=1)
    first, second = refused_orders(house, 2)
    house.worker.belt.go_on(by="Asha")
    buckle(house, cancel=Cancels.OFF)

    house.cancels.cancel(second)

    assert (house.order(second).cancel_state, house.shopify.cancellations) == ("refused", [first])


def test_a_frozen_cancel_can_be_undone_and_then_nothing_is_frozen(house: House) -> None:
    buckle(house, most_an_hour=1)
    _, second = refused_orders(house, 2)

    house.orders.undo_cancel(second, by="Asha")
    house.pass_time(minutes=61)

    assert (house.order(second).confirmation_status, house.order(second).cancel_state) == ("Placed", None)
    assert refused_and_tried(house, rung_order(house, 3)).cancel_state == "done"


def test_persons_cancels_are_not_counted(house: House) -> None:
    buckle(house, most_an_hour=1)
    mine, refused = rung_order(house, 1), rung_order(house, 2)
    house.orders.change_status(mine, Status.FAILED, by="Asha")
    house.cancels.cancel(mine)

    assert refused_and_tried(house, refused).cancel_state == "done"


def test_force_does_not_lift_a_frozen_number(house: House) -> None:
    buckle(house, most_an_hour=1)
    refused_orders(house, 2)

    assert refused_and_tried(house, rung_order(house, 3), force=True).cancel_state == "frozen"
