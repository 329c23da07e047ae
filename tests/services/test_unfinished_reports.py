"""An answer that never became final: its call ends, and a person decides."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from databases import ask
from house import House
from ordercall.domain.calls.call import CallState
from ordercall.domain.reports.words import Rule
from ordercall.sandbox.orders import make_order
from ordercall.storage.records.reports import Door, Incoming
from ringing import rung

NEVER_FINAL = ("needs_a_person", "never_final")
NOT_FINAL = ("kept", "not_final")


def ring(house: House, state: CallState = CallState.PLACED, **call: Any) -> int:
    order_id = house.receive(make_order(1))
    with house.db.begin() as tx:
        rung(tx, order_id, now=house.now, state=state, call_id="call", **call)
    return order_id


def report(house: House, **said: Any) -> None:
    body = json.dumps({"call_id": "call"} | said).encode()
    house.reports.receive(Incoming(door=Door.API, sender="API", body=body, received_at=house.now))


def fates(house: House) -> list[tuple[str, str]]:
    with house.db.read() as tx:
        return [tuple(row) for row in ask(tx, "SELECT fate, why FROM reports ORDER BY id")]


def state(house: House, order_id: int) -> CallState:
    [call] = house.calls_of(order_id)
    return call.state


def end(house: House) -> None:
    house.now += timedelta(hours=2, minutes=16)
    house.calls.see_silence()


@pytest.mark.parametrize("answer", ["refused", "confirmed"])
def test_an_answer_without_a_last_word_is_a_persons_once_its_call_is_over(house: House, answer: str) -> None:
    order_id = ring(house)
    report(house, answer=answer, final=False)
    house.calls.see_silence()
    assert (fates(house), state(house, order_id)) == ([NOT_FINAL], CallState.PLACED)

    end(house)

    assert (fates(house), state(house, order_id)) == ([NEVER_FINAL], CallState.ANSWERED)
    assert house.order(order_id).confirmation_status == "Placed"
    assert "Call_Unanswered" not in house.events(order_id)
    assert house.messages(order_id)[-1].endswith("a person decides.")


def test_one_of_a_call_in_doubt_is_a_persons_too(house: House) -> None:
    ring(house, CallState.IN_DOUBT)
    report(house, answer="refused", final=False)

    end(house)

    assert fates(house) == [NEVER_FINAL]


def test_an_attempt_that_then_reaches_nobody_leaves_the_answer_to_a_person(house: House) -> None:
    order_id = ring(house)
    report(house, answer="refused", final=False)

    report(house, connection="no_answer", final=True)

    assert fates(house) == [NEVER_FINAL, ("kept", "nobody_reached")]
    assert state(house, order_id) is CallState.ANSWERED


def test_an_answer_that_comes_after_the_end_waits_for_no_last_word(house: House) -> None:
    order_id = ring(house)
    end(house)

    report(house, answer="refused", final=False)

    assert (fates(house), state(house, order_id)) == ([NEVER_FINAL], CallState.ANSWERED)


def test_nor_does_one_whose_word_is_explained_after_the_end(house: House) -> None:
    ring(house)
    house.words.teach(Rule("said", "ETC", "answer", "unclear"), by="Asha")
    report(house, said="OK", final=False)
    end(house)
    house.words.teach(Rule("said", "OK", "answer", "confirmed"), by="Asha")

    house.words.apply_again(by="Asha")

    assert fates(house) == [NEVER_FINAL]


def test_a_last_word_in_time_is_applied_and_leaves_nothing_to_a_person(house: House) -> None:
    order_id = ring(house)
    report(house, answer="refused", final=False)
    report(house, answer="confirmed")

    end(house)

    assert fates(house) == [NOT_FINAL, ("applied", "said")]
    assert (state(house, order_id), house.order(order_id).confirmation_status) == (CallState.ANSWERED, "Success")
