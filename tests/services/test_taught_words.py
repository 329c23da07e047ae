"""Teaching the words of an agent, and applying them to what came before."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from databases import ask
from house import House
from ordercall.domain.calls.call import CallState
from ordercall.domain.orders.order import Status
from ordercall.domain.reports.fates import Why
from ordercall.domain.reports.words import Rule
from ordercall.errors import InvalidRequest, WordConflict
from ordercall.sandbox.orders import make_order
from ordercall.storage.records import calls
from ordercall.storage.records.reports import Door, Incoming
from ringing import rung

CNF = Rule("data.disposition", "CNF", "answer", "confirmed")
REF = Rule("data.disposition", "REF", "answer", "refused")
ANOTHER = Rule("data.disposition", "ETC", "answer", "unclear")


@pytest.fixture
def house(house: House) -> House:
    """A shop that was taught one word of its agent's, so that others at the same place wait."""
    house.words.teach(ANOTHER, by="Asha")
    return house


def ring(house: House, number: int) -> int:
    order_id = house.receive(make_order(number, phone=f"+9155500000{number:02}"))
    with house.db.begin() as tx:
        rung(tx, order_id, now=house.now, contact=f"contact-{number}")
    return order_id


def hear(house: House, number: int, word: str, **said: Any) -> int:
    """Take in a report about the contact of an order, and return the report's number."""
    body = json.dumps({"contact_id": f"contact-{number}", "data": {"disposition": word}} | said).encode()
    return house.reports.receive(Incoming(door=Door.API, sender="API", body=body, received_at=house.now)).number


def fates(house: House) -> list[tuple[str, str]]:
    with house.db.read() as tx:
        return [tuple(row) for row in ask(tx, "SELECT fate, why FROM reports ORDER BY id")]


def call_states(house: House) -> list[tuple[str, str | None]]:
    """Return what became of each call, the oldest first, and what was answered."""
    asked = "SELECT state, answer FROM calls JOIN call_orders USING (call_id) ORDER BY attempt"
    with house.db.read() as tx:
        return [tuple(row) for row in ask(tx, asked)]


def known(house: House) -> list[Rule]:
    """Return what was taught, the newest first."""
    return [each.rule for each in house.words.known()]


def status(house: House, order_id: int) -> str:
    return str(house.order(order_id).confirmation_status)


def test_words_that_nobody_explained_wait_the_most_frequent_first(house: House) -> None:
    for number, word in ((1, "REF"), (2, "CNF"), (3, "CNF")):
        ring(house, number)
        hear(house, number, word)
        house.pass_time(hours=1)

    assert [(word.path, word.word, word.number) for word in house.words.waiting()] == [
        ("data.disposition", "CNF", 2),
        ("data.disposition", "REF", 1),
    ]
    assert house.words.waiting()[1].since == house.now - timedelta(hours=3)


def test_a_word_that_was_taught_is_understood_from_then_on(house: House) -> None:
    order_id = ring(house, 1)
    house.words.teach(CNF, by="Asha")

    hear(house, 1, "cnf")

    assert (fates(house), status(house, order_id)) == ([("applied", "said")], "Success")
    assert known(house) == [CNF, ANOTHER]


def test_a_preview_changes_nothing_and_says_what_would_be(house: House) -> None:
    order_id = ring(house, 1)
    hear(house, 1, "CNF")

    [shown] = house.words.preview(CNF)

    assert shown.verdict.changes == {order_id: "Success"}
    assert house.words.preview() == []
    assert (fates(house), status(house, order_id)) == ([("needs_a_person", "unknown_word")], "Placed")
    assert known(house) == [ANOTHER]


def test_what_came_before_is_applied_once_its_word_is_known(house: House) -> None:
    order_id, other = ring(house, 1), ring(house, 2)
    hear(house, 1, "CNF")
    hear(house, 2, "REF")
    house.words.teach(CNF, by="Asha")

    house.words.apply_again(by="Asha")
    house.words.apply_again(by="Asha")

    assert fates(house) == [("applied", "said"), ("needs_a_person", "unknown_word")]
    assert (status(house, order_id), status(house, other)) == ("Success", "Placed")
    assert house.events(order_id).count("Order_Status_Updated") == 1


def test_a_refusal_cancels_only_after_a_person_has_seen_it_on_the_list(house: House) -> None:
    order_id = ring(house, 1)
    number = hear(house, 1, "REF")
    house.words.teach(REF, by="Asha")

    [listed] = house.words.apply_again(by="Asha")
    before = status(house, order_id), fates(house)
    assert [shown.refuses for shown in house.words.preview()] == [True]
    house.words.apply_again(by="Asha", confirmed={number})

    assert listed.verdict.why is Why.TO_CONFIRM
    assert before == ("Placed", [("needs_a_person", "to_confirm")])
    assert (status(house, order_id), house.order(order_id).cancel_state) == ("Failed", "queued")
    assert house.order(order_id).status_changed_by == "Asha"


def test_an_order_that_was_decided_meanwhile_stays_as_it_is(house: House) -> None:
    order_id = ring(house, 1)
    hear(house, 1, "CNF")
    house.orders.change_status(order_id, Status.FAILED, by="Asha")
    house.words.teach(CNF, by="Asha")

    house.words.apply_again(by="Asha")

    assert (fates(house), status(house, order_id)) == ([("needs_a_person", "decided")], "Failed")


def test_a_report_of_more_than_three_days_ago_is_left_to_a_person(house: House) -> None:
    order_id = ring(house, 1)
    hear(house, 1, "CNF")
    house.pass_time(hours=72, seconds=1)
    house.words.teach(CNF, by="Asha")

    house.words.apply_again(by="Asha")

    assert (fates(house), status(house, order_id)) == ([("needs_a_person", "too_old")], "Placed")
    assert call_states(house) == [("placed", None)]


@pytest.mark.parametrize(
    ("rule", "first", "next_one"),
    [
        (Rule("data.disposition", "OLD", "answer", "unclear"), "answered", "overtaken"),
        (Rule("data.disposition", "OLD", "connection", "busy"), "unanswered", "placed"),
    ],
)
def test_what_is_explained_later_is_of_the_call_that_it_was_about_not_of_the_next(
    house: House, rule: Rule, first: str, next_one: str
) -> None:
    order_id = ring(house, 1)
    hear(house, 1, "OLD")
    with house.db.begin() as tx:
        calls.move(tx, [order_id], CallState.UNANSWERED, now=house.now)
        calls.plan_missing(tx, [order_id], now=house.now)
        calls.move(tx, [order_id], CallState.PLACING, now=house.now)
        calls.move(tx, [order_id], CallState.PLACED, now=house.now)
    house.words.teach(rule, by="Asha")

    house.words.apply_again(by="Asha")

    assert call_states(house) == [(first, None), (next_one, None)]


def test_what_is_explained_later_is_the_answer_of_its_call(house: House) -> None:
    ring(house, 1)
    hear(house, 1, "CNF")
    house.words.teach(CNF, by="Asha")

    house.words.apply_again(by="Asha")

    assert call_states(house) == [("answered", "confirmed")]


def test_two_old_reports_of_one_order_are_applied_in_the_order_in_which_they_came(house: House) -> None:
    order_id = ring(house, 1)
    hear(house, 1, "CNF")
    hear(house, 1, "REF")

    shown = house.words.preview(CNF, REF)
    for rule in (REF, CNF):
        house.words.teach(rule, by="Asha")
    house.words.apply_again(by="Asha", confirmed={1, 2})

    assert [each.verdict.why for each in shown] == [Why.SAID, Why.DECIDED]
    assert (fates(house), status(house, order_id)) == (
        [("applied", "said"), ("needs_a_person", "decided")],
        "Success",
    )


def test_a_report_that_was_nobodys_when_it_came_is_nobodys_later(house: House) -> None:
    hear(house, 1, "CNF")
    order_id = ring(house, 1)
    house.words.teach(CNF, by="Asha")

    house.words.apply_again(by="Asha")

    assert (fates(house), status(house, order_id)) == ([("needs_a_person", "not_waiting")], "Placed")


@pytest.mark.parametrize(("word", "key"), [("CNF", "answer"), ("cnf", "answer"), ("CNF", "do_not_call")])
def test_a_word_means_what_the_first_said_until_that_is_taken_back(house: House, word: str, key: str) -> None:
    house.words.teach(CNF, by="Asha")
    otherwise = Rule(CNF.path, word, key, {"answer": "refused", "do_not_call": "true"}[key])

    with pytest.raises(WordConflict, match="Asha explained this word before you did: it means answer confirmed"):
        house.words.teach(otherwise, by="Bela")
    house.words.teach(CNF, by="Bela")
    [first, _] = house.words.known()
    taken_back = house.words.forget(first.id), house.words.forget(first.id)
    house.words.teach(otherwise, by="Bela")

    assert (first.rule, first.by, taken_back) == (CNF, "Asha", (True, False))
    assert known(house) == [otherwise, ANOTHER]


@pytest.mark.parametrize(
    "rule",
    [
        Rule("", "CNF", "answer", "confirmed"),
        Rule("data", " ", "answer", "confirmed"),
        Rule("data", "CNF", "answers", "confirmed"),
        Rule("data", "CNF", "answer", "perhaps"),
        Rule("data", "CNF", "answer"),
        Rule("data", "CNF", "status", "Failed"),
        Rule("data", "CNF", "force", "true"),
        Rule("d" * 201, "CNF", "answer", "confirmed"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(house: House, rule: Rule) -> None:
    with pytest.raises(InvalidRequest):
        house.words.teach(rule, by="Asha")


@pytest.mark.parametrize("rule", [Rule("data.to", "*", "phone"), Rule("call_id", "*", ""), Rule("end", "x-*", "")])
def test_a_rule_may_take_a_word_as_it_comes_or_pass_over_it(house: House, rule: Rule) -> None:
    house.words.teach(rule, by="Asha")

    assert rule in known(house)
