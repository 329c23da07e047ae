"""After silence the next attempt follows by itself, as often as the policy calls and never at a wrong time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from databases import ask
from house import House
from ordercall.domain.calls.call import CallState, Follows, Waits
from ordercall.domain.policy.rules import After
from ordercall.domain.reports.fates import Fate, Why
from ordercall.sandbox.orders import make_order
from rounds import CAMPAIGN, at, go_on, last, placed, report, silence, states

LATER = "2036-11-24T13:00:00+05:30"


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"CALLING_HOURS": "09:00-21:00"}


@pytest.fixture
def thrice(house: House) -> House:
    """A house whose policy calls three times, an hour and then four hours apart."""
    house.publish("attempts", number=3, gaps=(timedelta(hours=1), timedelta(hours=4)))
    return house


def test_nothing_follows_by_itself_where_the_policy_calls_once(house: House) -> None:
    order_id = placed(house)

    silence(house, order_id)

    assert states(house, order_id) == [CallState.UNANSWERED]
    assert house.states()[order_id] == ("on_campaign", None)


def test_the_only_call_that_nobody_answers_leaves_a_held_parcel_to_a_person(house: House) -> None:
    house.publish("hold", until_answered=True)
    order_id = placed(house)

    silence(house, order_id)

    assert states(house, order_id) == [CallState.UNANSWERED]
    assert house.states()[order_id] == ("failed", "not_reached")


def test_silence_is_followed_by_the_next_attempt_after_its_gap(thrice: House) -> None:
    order_id = placed(thrice)
    silence(thrice, order_id)

    attempt = last(thrice, order_id)
    due = thrice.now + timedelta(hours=1)
    assert (attempt.state, attempt.follows, attempt.waits) == (CallState.PLANNED, Follows.SILENCE, Waits.AGAIN)
    assert (attempt.attempt, attempt.asked_by, attempt.not_before) == (2, None, due)

    go_on(thrice, order_id)
    assert len(thrice.kalimera.listings) == 1
    thrice.now = due + timedelta(seconds=1)
    go_on(thrice, order_id)
    assert (states(thrice, order_id)[0], len(thrice.kalimera.listings)) == (CallState.PLACED, 2)


def test_a_job_waits_for_the_attempt_and_holds_nobody_up(thrice: House) -> None:
    order_id = placed(thrice)
    silence(thrice, order_id)

    waiting = [when for about, when in thrice.jobs("sync_order") if about == {"shopify_id": order_id} and when]

    assert [when for when in waiting if abs(when - thrice.now - timedelta(hours=1)) < timedelta(seconds=1)]


def test_an_attempt_whose_time_is_at_night_waits_for_the_morning(thrice: House) -> None:
    thrice.now = at(thrice, 18, 30)
    order_id = placed(thrice)
    silence(thrice, order_id)
    assert last(thrice, order_id).not_before == at(thrice, 9, days=1)

    thrice.now = at(thrice, 22)
    go_on(thrice, order_id)
    assert len(thrice.kalimera.listings) == 1

    thrice.now = at(thrice, 9, 1, days=1)
    go_on(thrice, order_id)
    assert len(thrice.kalimera.listings) == 2


def test_no_attempt_begins_while_the_campaign_may_still_ring_the_one_before(thrice: House) -> None:
    order_id = placed(thrice, 1)
    thrice.pass_time(hours=1)
    placed(thrice, 2)
    silence(thrice, order_id)
    rings_until = thrice.calls_of(order_id)[1].may_ring_until
    assert rings_until
    thrice.pass_time(minutes=30)
    placed(thrice, 3)

    thrice.pass_time(minutes=45)
    go_on(thrice, order_id)

    assert last(thrice, order_id).state is CallState.PLANNED
    assert last(thrice, order_id).not_before == thrice.now + timedelta(hours=1, minutes=15)


def test_the_attempts_end_with_a_person(thrice: House) -> None:
    order_id = placed(thrice)
    for _ in range(2):
        silence(thrice, order_id)
        due = last(thrice, order_id).not_before
        assert due
        thrice.now = due.astimezone(thrice.now.tzinfo) + timedelta(seconds=1)
        go_on(thrice, order_id)
    assert [call.attempt for call in thrice.calls_of(order_id)] == [3, 2, 1]

    silence(thrice, order_id)
    go_on(thrice, order_id)

    assert states(thrice, order_id) == [CallState.UNANSWERED] * 3
    assert thrice.states()[order_id] == ("failed", "not_reached")
    assert len(thrice.kalimera.listings) == 3


def test_a_policy_of_fewer_attempts_leaves_to_a_person_whose_next_one_is_planned(thrice: House) -> None:
    order_id = placed(thrice)
    silence(thrice, order_id)
    thrice.publish("attempts", number=1)
    thrice.pass_time(hours=1, seconds=1)

    go_on(thrice, order_id)

    assert (states(thrice, order_id), len(thrice.kalimera.listings)) == (
        [CallState.WITHDRAWN, CallState.UNANSWERED],
        1,
    )
    assert thrice.states()[order_id] == ("failed", "not_reached")


@pytest.mark.parametrize("connection", ["no_answer", "busy", "voicemail", "unreachable"])
def test_a_report_that_nobody_was_reached_is_followed_without_waiting_for_the_campaign(
    thrice: House, connection: str
) -> None:
    order_id = placed(thrice)
    thrice.pass_time(minutes=5)

    report(thrice, order_id, connection=connection)

    attempt, first = thrice.calls_of(order_id)
    assert (first.state, first.reason) == (CallState.UNANSWERED, connection)
    assert attempt.not_before == thrice.now + timedelta(hours=1)
    thrice.pass_time(hours=1, seconds=1)
    go_on(thrice, order_id)
    assert last(thrice, order_id).state is CallState.PLACED


@pytest.mark.parametrize("connection", ["declined", "failed"])
def test_what_the_policy_does_not_name_is_followed_by_a_person(thrice: House, connection: str) -> None:
    order_id = placed(thrice)

    report(thrice, order_id, connection=connection)

    assert states(thrice, order_id) == [CallState.UNANSWERED]
    assert thrice.states()[order_id] == ("failed", "not_reached")


def test_a_number_that_cannot_be_rung_is_a_persons_by_its_report(thrice: House) -> None:
    order_id = placed(thrice)

    assert report(thrice, order_id, connection="invalid_number") == (Fate.NEEDS_A_PERSON, Why.INVALID_NUMBER)
    assert states(thrice, order_id) == [CallState.UNANSWERED]


def test_silence_alone_may_be_left_out(thrice: House) -> None:
    thrice.publish("attempts", after=(After.BUSY,))
    order_id = placed(thrice)

    silence(thrice, order_id)

    assert states(thrice, order_id) == [CallState.UNANSWERED]
    assert thrice.states()[order_id] == ("failed", "not_reached")


@pytest.mark.parametrize("connection", ["no_answer", "declined", "failed"])
def test_where_the_policy_calls_once_a_call_in_vain_leaves_the_order_where_it_is(house: House, connection: str) -> None:
    order_id = placed(house)

    report(house, order_id, connection=connection)

    assert house.states()[order_id] == ("on_campaign", None)


@pytest.mark.parametrize(
    "change",
    [{"fulfillment_status": "fulfilled"}, {"cancelled_at": LATER}, {"phone": None}],
    ids=["shipped", "cancelled", "no phone"],
)
def test_an_order_that_is_not_to_be_called_any_more_has_no_attempt(thrice: House, change: dict[str, Any]) -> None:
    order_id = placed(thrice)
    silence(thrice, order_id)
    thrice.receive(make_order(1, updated_at=LATER, **change), "orders/updated")
    thrice.pass_time(hours=1, seconds=1)

    go_on(thrice, order_id)

    assert len(thrice.kalimera.listings) == 1
    assert not last(thrice, order_id).state.live


def test_a_late_answer_ends_the_attempts(thrice: House) -> None:
    order_id = placed(thrice)
    silence(thrice, order_id)

    report(thrice, order_id, answer="confirmed")
    thrice.pass_time(hours=1, seconds=1)
    go_on(thrice, order_id)

    assert states(thrice, order_id) == [CallState.WITHDRAWN, CallState.ANSWERED]
    assert (thrice.order(order_id).confirmation_status, len(thrice.kalimera.listings)) == ("Success", 1)
    assert thrice.states()[order_id] == ("on_campaign", None)


@pytest.mark.parametrize("said", [{"answer": "wrong_person"}, {"do_not_call": True}, {"answer": "unclear"}])
def test_an_answer_for_a_person_ends_the_attempts_too(thrice: House, said: dict[str, Any]) -> None:
    order_id = placed(thrice)
    silence(thrice, order_id)

    report(thrice, order_id, **said)
    thrice.pass_time(hours=1, seconds=1)
    go_on(thrice, order_id)

    assert len(thrice.kalimera.listings) == 1


def test_a_person_who_calls_again_takes_the_place_of_the_attempt(thrice: House) -> None:
    order_id = placed(thrice)
    silence(thrice, order_id)

    thrice.again.request(order_id, by="Asha", confirmed=True)
    go_on(thrice, order_id)

    assert states(thrice, order_id) == [CallState.PLACED, CallState.WITHDRAWN, CallState.UNANSWERED]
    assert len(thrice.kalimera.listings) == 2


def test_a_phone_that_is_corrected_before_the_attempt_is_the_one_that_rings(thrice: House) -> None:
    order_id = placed(thrice)
    silence(thrice, order_id)
    thrice.receive(make_order(1, updated_at=LATER, phone="+915550000042"), "orders/updated")
    go_on(thrice, order_id)
    assert len(thrice.kalimera.listings) == 1

    thrice.pass_time(hours=1, seconds=1)
    go_on(thrice, order_id)

    assert [entry.phone for entry in thrice.kalimera.listings] == ["+915550000001", "+915550000042"]


def test_a_pause_keeps_an_attempts_own_time(thrice: House) -> None:
    order_id = placed(thrice)
    silence(thrice, order_id)
    thrice.pauses.pause(by="Asha")
    go_on(thrice, order_id)
    thrice.pauses.resume(by="Asha")

    go_on(thrice, order_id)
    assert len(thrice.kalimera.listings) == 1

    thrice.pass_time(hours=1, seconds=1)
    go_on(thrice, order_id)
    assert len(thrice.kalimera.listings) == 2


def test_an_attempt_that_waits_for_its_campaign_while_its_time_becomes_a_later_one_is_put_off(thrice: House) -> None:
    order_id = placed(thrice)
    silence(thrice, order_id)
    thrice.pass_time(hours=1, seconds=1)
    thrice.sync.sync(order_id)
    with thrice.db.begin() as tx:  # as if the campaign had been told another end meanwhile
        later = (thrice.now + timedelta(hours=1)).timestamp()
        ask(tx, "UPDATE calls SET may_ring_until = ? WHERE state = 'unanswered'", later)

    thrice.campaigns.flush(CAMPAIGN)
    go_on(thrice, order_id)

    assert len(thrice.kalimera.listings) == 1
    attempt, silent = thrice.calls_of(order_id)
    assert (attempt.state, attempt.not_before) == (CallState.PLANNED, silent.may_ring_until)
