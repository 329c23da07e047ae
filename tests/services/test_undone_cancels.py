"""*Undo*: until a cancel leaves that no person asked for, its order can have its status back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from belting import (
    a_minute_passes,
    buckle,
    held_back,
    refuse,
    refused_and_tried,
    rung_order,
    waits_for_a_person,
)
from house import House
from ordercall.domain.orders.belt import Guard
from ordercall.domain.orders.order import Status
from ordercall.domain.reports.fates import Fate, Why
from ordercall.errors import InvalidRequest

HALF_AN_HOUR = timedelta(minutes=30)


def test_undone_in_time_the_order_is_what_it_was_and_waits_for_a_person(house: House) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    refuse(house, order_id)

    change = house.orders.undo_cancel(order_id, by="Asha")
    a_minute_passes(house, 31)
    house.cancels.cancel(order_id)

    assert (change.new, house.order(order_id).confirmation_status) == ("Placed", "Placed")
    assert (house.order(order_id).cancel_state, house.shopify.calls) == (None, [])
    assert waits_for_a_person(house, order_id)


def test_a_forced_cancel_that_is_undone_leaves_a_success(house: House) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    house.orders.change_status(order_id, Status.SUCCESS, by="Asha")
    refuse(house, order_id, force=True)

    house.orders.undo_cancel(order_id, by="Asha")

    assert house.order(order_id).confirmation_status == "Success"
    [left] = house.reports.newest(fate=Fate.NEEDS_A_PERSON, before=None, shopify_id=order_id)
    assert (left.why, house.reports.count_by_fate()[Fate.NEEDS_A_PERSON]) == (Why.UNDONE, 1)


def test_what_is_undone_and_waits_for_its_customer_is_on_one_list(house: House) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    refuse(house, order_id)

    house.orders.undo_cancel(order_id, by="Asha")

    assert waits_for_a_person(house, order_id)
    assert house.reports.newest(fate=Fate.NEEDS_A_PERSON, before=None, shopify_id=order_id) == []


def test_the_next_word_of_a_program_does_not_cancel_what_a_person_undid(house: House) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    refuse(house, order_id)
    house.orders.undo_cancel(order_id, by="Asha")
    refuse(house, order_id)

    a_minute_passes(house, 30)
    house.cancels.cancel(order_id)

    assert held_back(house, order_id, Guard.UNDONE)


def test_what_is_cancelled_or_a_persons_cannot_be_undone(house: House) -> None:
    mine, gone = rung_order(house, 1), rung_order(house, 2)
    house.orders.change_status(mine, Status.FAILED, by="Asha")
    refused_and_tried(house, gone)

    for order_id in (mine, gone):
        with pytest.raises(InvalidRequest, match="no cancellation that can be undone"):
            house.orders.undo_cancel(order_id, by="Asha")
    assert {house.order(order_id).confirmation_status for order_id in (mine, gone)} == {"Failed"}


def test_a_cancel_without_a_delay_can_be_undone_until_it_leaves(house: House) -> None:
    order_id = rung_order(house)
    refuse(house, order_id)

    house.orders.undo_cancel(order_id, by="Asha")
    house.cancels.cancel(order_id)

    assert (house.order(order_id).confirmation_status, house.shopify.cancellations) == ("Placed", [])


def test_an_order_that_got_another_status_is_not_undone_to_what_it_was_before(house: House) -> None:
    order_id = rung_order(house)
    refuse(house, order_id)
    house.orders.change_status(order_id, Status.SUCCESS, by="Asha")

    with pytest.raises(InvalidRequest, match="no cancellation that can be undone"):
        house.orders.undo_cancel(order_id, by="Ravi")

    assert house.order(order_id).confirmation_status == "Success"


@pytest.mark.parametrize("agree", ["retry_cancel", "change_status"])
def test_a_cancel_that_a_person_has_made_their_own_is_not_undone_as_a_programs(house: House, agree: str) -> None:
    buckle(house, delay=HALF_AN_HOUR)
    order_id = rung_order(house)
    refuse(house, order_id)
    if agree == "retry_cancel":
        house.orders.retry_cancel(order_id, by="Asha")
    else:
        house.orders.change_status(order_id, Status.FAILED, by="Asha")

    with pytest.raises(InvalidRequest, match="no cancellation that can be undone"):
        house.orders.undo_cancel(order_id, by="Ravi")
    house.cancels.cancel(order_id)

    assert house.shopify.cancellations == [order_id]
