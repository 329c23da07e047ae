"""A call that ends while no report could reach us is left to a person, and nobody is taken to have been silent."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from databases import ask
from house import House
from ordercall.domain.calls.call import CallState
from ordercall.domain.reports.road_back import MOST_UNTOLD
from ordercall.sandbox.orders import make_order
from ordercall.storage.reads import needs_you
from ordercall.storage.records import refusals
from ordercall.storage.records.reports import Door, Incoming
from ringing import rung

PHONE = "+915550000041"
UNHEARD = ("on_campaign", "not_heard")


def placed(house: House, number: int = 1, phone: str = PHONE) -> int:
    """Return the id of an order whose customer is rung for two hours from now."""
    order_id = house.receive(make_order(number, phone=phone))
    house.sync.sync(order_id)
    house.campaigns.flush("sandbox-campaign")
    return order_id


def rings(house: House, number: int) -> int:
    """As :func:`placed`, without Kalimera."""
    order_id = house.receive(make_order(number, phone=f"+9155500{number:05}"))
    with house.db.begin() as tx:
        rung(tx, order_id, now=house.now, contact=f"card {number}")
        ask(tx, "UPDATE orders SET calling_state = 'on_campaign' WHERE shopify_id = ?", order_id)
    return order_id


def report(house: House, **said: Any) -> None:
    body = json.dumps(said).encode()
    house.reports.receive(Incoming(door=Door.API, sender="API", body=body, received_at=house.now))


def runs(house: House, **until: int) -> None:
    """Let so much time pass, with a look at the silence each five minutes."""
    end = house.now + timedelta(**until)
    while house.now < end:
        house.now = min(house.now + timedelta(minutes=5), end)
        house.calls.see_silence()


def waiting(house: House) -> set[int]:
    with house.db.read() as tx:
        return {order.shopify_id for order in needs_you.page(tx, before=None, after=None).rows}


def state(house: House, order_id: int) -> CallState:
    return house.calls_of(order_id)[0].state


def test_a_silence_while_we_ran_all_the_time_is_the_customers(house: House) -> None:
    house.calls.see_silence()
    order_id = placed(house)

    runs(house, hours=2, minutes=20)

    assert (state(house, order_id), house.states()[order_id]) == (CallState.UNANSWERED, ("on_campaign", None))
    assert waiting(house) == set()


def test_a_call_that_rang_while_we_did_not_run_is_left_to_a_person(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.calls.see_silence()
    order_id = placed(house)
    runs(house, minutes=30)
    house.pass_time(minutes=40)  # nobody looks
    with caplog.at_level(logging.WARNING, logger="ordercall.services.call_service"):
        runs(house, hours=2)

    assert (state(house, order_id), house.states()[order_id]) == (CallState.ENDED_UNKNOWN, UNHEARD)
    assert waiting(house) == {order_id}
    assert "may have answered. Ordercall did not run while it rang." in house.messages(order_id)[-1]
    assert "Call_Unanswered" not in house.events(order_id)
    [alarm] = caplog.messages
    assert alarm.startswith("1 calls ended while no report could be heard")


def test_a_start_anew_of_a_few_minutes_says_nothing(house: House) -> None:
    house.calls.see_silence()
    order_id = placed(house)
    runs(house, minutes=30)
    house.pass_time(minutes=4)
    house.calls.see_silence()

    runs(house, hours=2)

    assert state(house, order_id) is CallState.UNANSWERED


def test_a_call_before_the_pause_is_unanswered_and_one_in_it_is_not(house: House) -> None:
    house.calls.see_silence()
    first = placed(house, 1)
    runs(house, hours=2, minutes=16)
    second = placed(house, 2, "+915550000042")
    house.pass_time(hours=1)

    runs(house, hours=2)

    assert (state(house, first), state(house, second)) == (CallState.UNANSWERED, CallState.ENDED_UNKNOWN)


def test_a_call_that_rang_while_reports_were_refused_is_left_to_a_person(house: House) -> None:
    house.calls.see_silence()
    order_id = placed(house)
    runs(house, minutes=30)
    with house.db.begin() as tx:
        refusals.add(tx, {refusals.REPORT: 1}, now=house.now)

    runs(house, hours=2)

    assert house.states()[order_id] == UNHEARD
    assert "were not let in while it rang" in house.messages(order_id)[-1]


def test_a_refused_webhook_says_nothing_of_the_reports(house: House) -> None:
    house.calls.see_silence()
    order_id = placed(house)
    with house.db.begin() as tx:
        refusals.add(tx, {"missing": 5}, now=house.now)

    runs(house, hours=3)

    assert state(house, order_id) is CallState.UNANSWERED


def test_twenty_calls_of_which_nobody_reports_anything_are_all_left_to_a_person(house: House) -> None:
    house.calls.see_silence()
    early = [rings(house, number) for number in range(MOST_UNTOLD - 1)]
    runs(house, hours=2, minutes=20)
    assert {state(house, order_id) for order_id in early} == {CallState.UNANSWERED}
    last = rings(house, 99)

    runs(house, hours=2, minutes=20)

    assert state(house, last) is CallState.ENDED_UNKNOWN
    assert waiting(house) == {*early, last}


def test_one_report_among_them_shows_that_the_road_is_open(house: House) -> None:
    house.calls.see_silence()
    [rings(house, number) for number in range(MOST_UNTOLD - 1)]
    runs(house, hours=2, minutes=20)
    report(house, phone="+915550009999", connection="no_answer")
    last = rings(house, 99)

    runs(house, hours=2, minutes=20)

    assert (state(house, last), waiting(house)) == (CallState.UNANSWERED, set())


def test_an_answer_that_comes_after_all_is_believed(house: House) -> None:
    house.calls.see_silence()
    order_id = placed(house)
    house.pass_time(hours=3)
    house.calls.see_silence()
    assert house.states()[order_id] == UNHEARD

    report(house, phone=PHONE, answer="confirmed")

    assert house.order(order_id).confirmation_status == "Success"
    assert waiting(house) == set()


def test_a_report_that_nobody_answered_takes_it_from_the_person(house: House) -> None:
    house.calls.see_silence()
    order_id = placed(house)
    house.pass_time(hours=3)
    house.calls.see_silence()

    report(house, phone=PHONE, connection="no_answer")

    assert house.states()[order_id] == ("on_campaign", None)
    assert state(house, order_id) is CallState.UNANSWERED


def test_a_report_that_nobody_answered_brings_the_next_attempt_however_late_it_comes(house: House) -> None:
    house.publish("attempts", number=2, gaps=(timedelta(hours=1),))
    house.calls.see_silence()
    order_id = placed(house)
    house.pass_time(hours=3)
    house.calls.see_silence()

    report(house, phone=PHONE, connection="no_answer")

    assert [call.state for call in house.calls_of(order_id)] == [CallState.PLANNED, CallState.UNANSWERED]


def test_a_clock_that_goes_back_makes_no_pause(house: House) -> None:
    house.calls.see_silence()
    house.now -= timedelta(hours=1)
    house.calls.see_silence()
    house.now += timedelta(hours=1)
    house.calls.see_silence()

    with house.db.read() as tx:
        assert len(tx.exec_driver_sql("SELECT * FROM running").all()) == 1
