"""Where two things meet at one order: what a person or a customer settled is not undone by what was on its way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from belting import buckle, refuse
from house import House
from ordercall.domain.calls import CallState
from ordercall.domain.do_not_call import Source
from ordercall.domain.orders import Status
from ordercall.domain.road_back import MOST_UNTOLD
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Call
from rounds import at, go_on, last, placed, report, rung, silence, states

UNDONE = ("failed", "cancel_undone")


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"CALLING_HOURS": "09:00-21:00"}


def undo(house: House, order_id: int) -> None:
    """Refuse an order by a program's word, and take that back in time."""
    refuse(house, order_id)
    house.orders.undo_cancel(order_id, by="Asha")


def cancels_an_hour_later(house: House, order_id: int) -> int:
    """Return how many orders Shopify was told to cancel by then."""
    house.run_until(house.now + timedelta(hours=1))
    with house.db.begin() as tx:
        house.worker.belt.come_due(tx)
    house.cancels.cancel(order_id)
    return len(house.shopify.cancellations)


def arrived(house: House) -> int:
    """Return the id of an order that Shopify knows as well, before anybody is rung for it."""
    buckle(house, delay=timedelta(minutes=10))
    order = make_order(1, state="Kerala")
    house.shopify.add(order)
    return house.receive(order)


def test_an_order_whose_cancel_was_undone_is_not_rung_by_a_job_of_before(house: House) -> None:
    house.now = at(house, 22)
    order_id = arrived(house)
    house.sync.sync(order_id)
    undo(house, order_id)

    house.now = at(house, 9, 1, days=1)
    go_on(house, order_id)

    assert (rung(house), house.states()[order_id]) == (0, UNDONE)
    refuse(house, order_id)
    assert cancels_an_hour_later(house, order_id) == 0


def test_an_undo_while_the_customer_is_added_is_kept(house: House) -> None:
    order_id = arrived(house)
    house.sync.sync(order_id)
    house.kalimera.on_call.append(once_added(house, lambda: undo(house, order_id)))
    house.campaigns.flush("sandbox-campaign")

    assert house.states()[order_id] == UNDONE
    refuse(house, order_id)
    assert cancels_an_hour_later(house, order_id) == 0


def once_added(house: House, happens: Callable[[], None]) -> Callable[[Call], None]:
    """Return what lets something happen once, while Kalimera adds somebody."""

    def look(call: Call) -> None:
        if (call.method, call.path.endswith("/campaign/contacts")) == ("POST", True):
            house.kalimera.on_call.remove(look)
            happens()

    return look


def test_a_number_that_was_taken_off_the_list_is_not_rung_by_a_job_of_before(house: House) -> None:
    house.now = at(house, 22)
    order_id = placed(house)
    phone = house.order(order_id).customer_phone
    house.numbers.add([phone], Source.PERSON, by="Asha")
    house.numbers.remove(phone, by="Asha")

    house.now = at(house, 9, 1, days=1)
    go_on(house, order_id)

    assert (rung(house), house.states()[order_id]) == (0, ("not_called", "do_not_call"))


def test_attempts_that_are_planned_end_where_nobody_was_heard_at_all(house: House) -> None:
    house.publish("attempts", number=2, gaps=(timedelta(hours=3),))
    early = placed(house, 99)
    house.run_until(house.now + timedelta(minutes=30))
    for number in range(1, MOST_UNTOLD + 1):
        placed(house, number, phone=f"+9155500{number:05}")
    silence(house, early)
    assert states(house, early)[0] is CallState.PLANNED

    house.run_until(house.now + timedelta(minutes=40))
    house.calls.see_silence()

    assert states(house, early) == [CallState.WITHDRAWN, CallState.UNANSWERED]
    assert house.states()[early] == ("on_campaign", "not_heard")


def test_an_edit_leaves_the_call_that_a_person_asked_for_in_spite_of_a_status(house: House) -> None:
    order_id = placed(house)
    house.orders.change_status(order_id, Status.SUCCESS, by="Asha")
    house.now = at(house, 22)
    house.again.request(order_id, by="Asha", confirmed=True)

    edited = make_order(1, state="Kerala", city="Thrissur", updated_at="2036-11-24T13:00:00+05:30")
    house.receive(edited, "orders/updated")

    assert last(house, order_id).state is CallState.PLANNED


def test_an_order_whose_phone_is_removed_before_its_next_call_is_left_to_a_person(house: House) -> None:
    house.publish("attempts", number=2, gaps=(timedelta(hours=1),))
    order_id = placed(house)
    silence(house, order_id)

    gone = make_order(1, state="Kerala", phone=None, updated_at="2036-11-24T13:00:00+05:30")
    house.receive(gone, "orders/updated")

    assert house.states()[order_id] == ("on_campaign", "no_phone")


def test_a_number_that_is_listed_while_nobody_was_heard_is_a_wish_for_no_calls(house: House) -> None:
    house.calls.see_silence()
    order_id = placed(house)
    house.pass_time(hours=3)
    house.calls.see_silence()
    assert house.states()[order_id] == ("on_campaign", "not_heard")

    house.numbers.add([house.order(order_id).customer_phone], Source.PERSON, by="Asha")
    report(house, order_id, connection="no_answer")

    assert house.states()[order_id] == ("on_campaign", "do_not_call")
