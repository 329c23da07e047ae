"""What customers ask for in a call: to be called at another time, or in another language."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from house import House
from ordercall.domain.calls.call import CUSTOMER, CallState, Follows
from ordercall.domain.calls.calling import Language
from ordercall.domain.orders.order import Status
from ordercall.domain.policy.rules import Table
from ordercall.domain.reports.fates import Fate, Why
from ordercall.services import policy_service
from rounds import at, go_on, last, placed, report, silence, states


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"CALLING_HOURS": "09:00-21:00"}


@pytest.fixture
def thrice(house: House) -> House:
    """A house whose policy calls three times, an hour and then four hours apart."""
    house.publish("attempts", number=3, gaps=(timedelta(hours=1), timedelta(hours=4)))
    return house


def asked(house: House, order_id: int, **said: Any) -> tuple[Fate, Why]:
    return report(house, order_id, connection="connected", completion="completed", **said)


def test_a_call_back_is_planned_for_its_time(house: House) -> None:
    order_id = placed(house)

    assert asked(house, order_id, callback_at="2026-11-24T18:00:00+05:30") == (Fate.APPLIED, Why.CALLED_AS_ASKED)

    back, first = house.calls_of(order_id)
    assert (first.state, back.state, back.follows) == (CallState.ANSWERED, CallState.PLANNED, Follows.CALL_BACK)
    assert (back.asked_by, back.not_before) == (CUSTOMER, at(house, 18))
    go_on(house, order_id)
    assert len(house.kalimera.listings) == 1
    house.now = at(house, 18, 1)
    go_on(house, order_id)
    assert (last(house, order_id).state, len(house.kalimera.listings)) == (CallState.PLACED, 2)


@pytest.mark.parametrize(
    ("when", "due"),
    [
        ("2026-11-24T18:00:00", "2026-11-24T18:00:00+05:30"),
        ("2026-11-24T23:00:00+05:30", "2026-11-25T09:00:00+05:30"),
        ("2026-11-24T09:30:00+05:30", None),
    ],
    ids=["without a zone", "outside the hours", "past"],
)
def test_a_call_back_is_read_as_it_is_meant(house: House, when: str, due: str | None) -> None:
    order_id = placed(house)

    asked(house, order_id, callback_at=when)

    assert last(house, order_id).not_before == (datetime.fromisoformat(due) if due else None)


def test_a_call_back_without_a_zone_is_in_that_of_the_policy(house: House) -> None:
    house.publish("when", zone=ZoneInfo("Asia/Dubai"))
    order_id = placed(house)

    asked(house, order_id, callback_at="2026-11-24T18:00:00")

    assert last(house, order_id).not_before == datetime.fromisoformat("2026-11-24T18:00:00+04:00")


def test_a_call_back_in_more_than_a_week_is_a_persons(house: House) -> None:
    order_id = placed(house)

    assert asked(house, order_id, callback_at="2026-12-02T12:00:00+05:30") == (Fate.NEEDS_A_PERSON, Why.TOO_FAR)

    assert states(house, order_id) == [CallState.ANSWERED]


def test_another_language_is_called_at_once(house: House) -> None:
    order_id = placed(house)

    assert asked(house, order_id, language="hi-IN") == (Fate.APPLIED, Why.CALLED_AS_ASKED)
    go_on(house, order_id)

    call = last(house, order_id)
    assert (call.state, call.follows, call.language) == (CallState.PLACED, Follows.LANGUAGE, Language.HINDI)
    assert call.agent_id == "sandbox-agent-hindi"
    assert "Hindi agent, because the customer asked for it." in house.messages(order_id)


@pytest.mark.parametrize("word", ["ta", "Tamil", "Klingon"])
def test_a_language_that_no_agent_speaks_is_a_persons(house: House, word: str) -> None:
    order_id = placed(house)

    assert asked(house, order_id, language=word) == (Fate.NEEDS_A_PERSON, Why.NO_AGENT)


def test_a_language_is_asked_for_once(house: House) -> None:
    order_id = placed(house)
    asked(house, order_id, language="hi")
    go_on(house, order_id)
    asked(house, order_id, language="en")
    go_on(house, order_id)
    assert [call.language for call in house.calls_of(order_id)] == [Language.ENGLISH, Language.HINDI, Language.ENGLISH]

    assert asked(house, order_id, language="hi") == (Fate.NEEDS_A_PERSON, Why.ASKED_OFTEN)
    go_on(house, order_id)
    assert len(house.kalimera.listings) == 3


def test_a_customer_asks_for_two_calls_at_most(house: House) -> None:
    order_id = placed(house)
    for hour in (14, 16):
        asked(house, order_id, callback_at=at(house, hour).isoformat())
        house.now = at(house, hour, 1)
        go_on(house, order_id)

    assert asked(house, order_id, callback_at=at(house, 18).isoformat()) == (Fate.NEEDS_A_PERSON, Why.ASKED_OFTEN)

    house.now = at(house, 18, 1)
    go_on(house, order_id)
    assert len(house.kalimera.listings) == 3


def test_a_call_back_takes_the_place_of_the_attempt(thrice: House) -> None:
    order_id = placed(thrice)
    silence(thrice, order_id)

    asked(thrice, order_id, callback_at=at(thrice, 19).isoformat())

    assert states(thrice, order_id) == [CallState.PLANNED, CallState.WITHDRAWN, CallState.ANSWERED]
    assert last(thrice, order_id).not_before == at(thrice, 19)


def test_the_language_that_was_asked_for_is_that_of_the_attempts_that_follow(thrice: House) -> None:
    order_id = placed(thrice)
    asked(thrice, order_id, language="hi")
    go_on(thrice, order_id)
    silence(thrice, order_id)
    thrice.pass_time(hours=1, seconds=1)

    go_on(thrice, order_id)

    assert (last(thrice, order_id).state, last(thrice, order_id).language) == (CallState.PLACED, Language.HINDI)


def test_an_order_that_is_decided_has_no_call_back(house: House) -> None:
    order_id = placed(house)
    asked(house, order_id, callback_at=at(house, 18).isoformat())
    house.orders.change_status(order_id, Status.SUCCESS, by="Asha")
    house.now = at(house, 18, 1)

    go_on(house, order_id)

    assert len(house.kalimera.listings) == 1


def india(house: House) -> None:
    """Put in force that customers are called in the language of their state."""
    policy_service.begin(house.db, house.settings, house.now)
    house.publish("tongues", table=Table.INDIA)


def ordered_again(house: House, **changes: Any) -> str | None:
    """Return the language in which the same customer is called for a second order."""
    return last(house, placed(house, 2, **{"phone": "+915550000001", "state": "Kerala"} | changes)).language


def test_the_language_that_was_asked_for_is_remembered_for_the_phone(house: House) -> None:
    india(house)
    asked(house, placed(house), language="hi")

    assert ordered_again(house) is Language.HINDI


def test_the_language_in_which_a_phone_last_answered_is_remembered(house: House) -> None:
    india(house)
    report(house, placed(house, state="Uttar Pradesh"), answer="confirmed")

    assert ordered_again(house) is Language.HINDI


@pytest.mark.parametrize(
    "said", [{"connection": "no_answer"}, {"phone": "+915550000009", "answer": "confirmed"}], ids=["silent", "nobody's"]
)
def test_a_call_that_was_not_answered_teaches_no_language(house: House, said: dict[str, Any]) -> None:
    india(house)
    report(house, placed(house, state="Uttar Pradesh"), **said)

    assert ordered_again(house) is Language.ENGLISH


def test_a_call_whose_campaign_was_given_another_agent_teaches_no_language(house: House) -> None:
    india(house)
    order_id = placed(house, state="Uttar Pradesh")
    placed(house, 3)
    report(house, order_id, answer="confirmed")

    assert ordered_again(house) is Language.ENGLISH


def test_as_described_the_place_alone_says_the_language(house: House) -> None:
    report(house, placed(house, state="Gujarat"), answer="confirmed")

    assert ordered_again(house) is Language.ENGLISH


def test_the_language_of_a_phone_is_erased_with_its_customer(house: House) -> None:
    india(house)
    order_id = placed(house, state="Uttar Pradesh")
    report(house, order_id, answer="confirmed")
    house.request_erasure(order_id)
    house.do_erasures()

    assert ordered_again(house) is Language.ENGLISH
