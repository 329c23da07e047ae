"""Where two things meet at one order: what a person or a customer settled is not undone by what was on its way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from belting import buckle, refuse
from house import House
from ordercall.domain.calls.call import CallState, Follows
from ordercall.domain.calls.calling import Language
from ordercall.domain.do_not_call import Source
from ordercall.domain.orders.order import Status
from ordercall.domain.reports.road_back import MOST_UNTOLD
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Call, Mode
from rounds import CAMPAIGN, at, go_on, last, placed, report, rung, silence, states

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


@pytest.fixture
def promised(house: House) -> int:
    """The id of an order whose customer is to be called back at six in the evening."""
    order_id = placed(house)
    report(house, order_id, connection="connected", callback_at=at(house, 18).isoformat())
    assert last(house, order_id).state is CallState.PLANNED
    return order_id


GONE_AND_BACK = [
    ({"closed_at": "2026-11-24T12:00:00+05:30"}, {"closed_at": None}),
    ({"financial_status": "voided"}, {"financial_status": "pending"}),
    ({"phone": None}, {}),
    ({"fulfillment_status": "partial"}, {"fulfillment_status": None}),
]


@pytest.mark.parametrize(("gone", "back"), GONE_AND_BACK, ids=["archived", "voided", "no phone", "shipped"])
def test_a_call_that_was_promised_comes_back_with_its_order(
    house: House, promised: int, gone: dict[str, Any], back: dict[str, Any]
) -> None:
    edited(house, 13, gone)
    assert last(house, promised).state is CallState.WITHDRAWN
    edited(house, 14, back)

    assert (last(house, promised).follows, last(house, promised).not_before) == (Follows.CALL_BACK, at(house, 18))
    house.now = at(house, 18, 1)
    go_on(house, promised)
    assert (rung(house), last(house, promised).state) == (2, CallState.PLACED)


def test_a_promised_call_that_was_answered_meanwhile_does_not_come_back(house: House, promised: int) -> None:
    edited(house, 13, {"closed_at": "2026-11-24T12:00:00+05:30"})
    house.orders.change_status(promised, Status.SUCCESS, by="Asha")
    edited(house, 14, {"closed_at": None})

    assert last(house, promised).state is CallState.WITHDRAWN


def test_a_promised_call_does_not_come_back_for_an_order_whose_cancel_was_undone(house: House, promised: int) -> None:
    buckle(house, delay=timedelta(minutes=10))
    edited(house, 13, {"closed_at": "2026-11-24T12:00:00+05:30"})
    undo(house, promised)
    edited(house, 14, {"closed_at": None})

    assert (last(house, promised).state, house.states()[promised]) == (CallState.WITHDRAWN, UNDONE)


def test_who_wants_no_calls_any_more_has_no_promise(house: House, promised: int) -> None:
    phone = house.order(promised).customer_phone
    house.numbers.add([phone], Source.PERSON, by="Asha")
    edited(house, 13, {"phone": "+915550000042"})

    assert last(house, promised).state is CallState.WITHDRAWN


def edited(house: House, hour: int, changes: dict[str, Any]) -> None:
    """Let Shopify tell of a change of the only order, later than at the last hour."""
    later = f"2036-11-24T{hour}:00:00+05:30"
    house.receive(make_order(1, **({"state": "Kerala", "updated_at": later} | changes)), "orders/updated")


def test_the_language_that_was_asked_for_is_that_of_a_phone_corrected_while_it_is_added(house: House) -> None:
    order_id = placed(house)
    report(house, order_id, connection="connected", completion="completed", language="hi")
    house.sync.sync(order_id)
    house.kalimera.on_call.append(once_added(house, lambda: edited(house, 13, {"phone": "+915550000042"})))
    house.kalimera.fail_next(1, Mode.NORMAL)
    house.kalimera.fail_next(1, Mode.BUSY)
    house.campaigns.flush(CAMPAIGN)
    assert states(house, order_id)[1] is CallState.OVERTAKEN

    house.run_until(house.now + timedelta(minutes=5))
    go_on(house, order_id)

    call = last(house, order_id)
    assert (call.state, call.language, call.follows) == (CallState.PLACED, Language.HINDI, Follows.LANGUAGE)
    assert house.kalimera.listings[-1].phone == "+915550000042"
