"""What became of an order's call, as people and programs read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from reporting import PHONE, report, ring
from sqlalchemy import update

from databases import ask
from ordercall.domain.calls.call import CallState
from ordercall.storage.records import policies
from ordercall.storage.tables import calls
from reading import look, row
from web_app import Element, Shop

UNTIL = {
    CallState.PLACED: "Rings until 2:00 pm",
    CallState.IN_DOUBT: "May ring until 2:00 pm",
    CallState.PLACING: "Going to Kalimera",
    CallState.UNANSWERED: "No answer",
    CallState.ENDED_UNKNOWN: "Outcome unknown",
    CallState.OVERTAKEN: "Settled before",
    CallState.ANSWERED: "Answered",
}


def left(shop: Shop, state: CallState, **columns: object) -> int:
    """Return the id of an order whose call the worker left so, to be rung until two o'clock."""
    order_id = shop.receive(1001)
    shop.change(order_id, calling_state="on_campaign")
    ends = {"state": state, "window_end": shop.now.timestamp() + 7_200} | columns
    with shop.db.begin() as tx:
        tx.execute(update(calls).values(ends))
    return order_id


def several_attempts(shop: Shop) -> None:
    """Have the policy call three times where nobody is reached."""
    with shop.db.begin() as tx:
        policy = shop.context.decisions.policy(tx)
        several = replace(policy, attempts=replace(policy.attempts, number=3))
        policies.publish(tx, several, {}, by="Asha", changed=["attempts"], now=shop.now)


def told(person: FlaskClient, order_id: int) -> list[str]:
    """Return what the list, the head of the order's page and its card of calls say."""
    page = look(person, f"/orders/{order_id}")
    listed = row(look(person), "#1001").one(css="c-calling").one(css="say").text
    head = page.one("header", css="mb-5").all(css="bdg")[1].text
    return [
        text.replace("\u202f", " ") for text in (listed, head, page.one(aria_labelledby="calls-title").one("b").text)
    ]


@pytest.mark.parametrize(("state", "words"), UNTIL.items(), ids=list(UNTIL))
def test_what_became_of_a_call_is_told_in_a_few_words(
    shop: Shop, person: FlaskClient, state: CallState, words: str
) -> None:
    assert told(person, left(shop, state)) == [words] * 3


def test_a_call_in_its_grace_has_rung(shop: Shop, person: FlaskClient) -> None:
    order_id = left(shop, CallState.PLACED)
    shop.pass_time(hours=2, minutes=5)

    assert told(person, order_id) == ["Rang until 2:00 pm"] * 3


def test_a_call_that_a_pause_cut_off_says_so(shop: Shop, person: FlaskClient) -> None:
    assert told(person, left(shop, CallState.ENDED_UNKNOWN, cut_off_at=1.0)) == ["Cut off by a pause"] * 3


@pytest.mark.parametrize(("answer", "words"), [("confirmed", "Confirmed by phone"), ("refused", "Refused by phone")])
def test_an_answer_is_told(shop: Shop, person: FlaskClient, answer: str, words: str) -> None:
    order_id = left(shop, CallState.ANSWERED)
    with shop.db.begin() as tx:
        ask(tx, "UPDATE call_orders SET answer = ?", answer)

    assert told(person, order_id) == [words] * 3


@pytest.mark.parametrize(
    ("reason", "words"),
    [("already_decided", "Decided meanwhile"), ("shipped", "Shipped already"), ("cancelled", "Cancelled")],
)
def test_what_overtook_a_call_is_told(shop: Shop, person: FlaskClient, reason: str, words: str) -> None:
    assert told(person, left(shop, CallState.OVERTAKEN, reason=reason)) == [words] * 3


@pytest.mark.parametrize(("hours", "words"), [(9, "Waits for 9:00 pm"), (21, "Waits for 25 Nov, 9:00 am")])
def test_a_planned_call_says_when_it_is_due(shop: Shop, person: FlaskClient, hours: int, words: str) -> None:
    due = (shop.now + timedelta(hours=hours)).timestamp()
    order_id = left(shop, CallState.PLANNED, not_before=due, reason="hours")

    assert told(person, order_id) == [words] * 3


def test_an_order_that_is_not_called_says_why(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, test=True)

    assert row(look(person), "#1001").one(css="c-calling").one(css="say").text == "Not called: test order"
    assert not look(person, f"/orders/{order_id}").has("section", aria_labelledby="calls-title")


def test_the_card_says_by_whom_until_when_and_why(shop: Shop, person: FlaskClient) -> None:
    longer = shop.now.timestamp() + 9_000
    order_id = left(
        shop, CallState.PLACED, language="hi", agent_unsure=1, asked_by="Asha", may_ring_until=longer, is_before=1
    )

    card = look(person, f"/orders/{order_id}").one(aria_labelledby="calls-title").text.replace("\u202f", " ")

    for said in (
        "Hindi agent, or another: its campaign was given another while this call was open.",
        "to 2:00 pm.",
        "Its campaign rings until 2:30 pm.",
        "Asked for by Asha.",
        "Known from before calls were written down.",
    ):
        assert said in card


def test_a_program_reads_the_last_call_beside_the_order(shop: Shop, program: FlaskClient) -> None:
    left(shop, CallState.PLACED, language="hi")

    call = program.get("/api/orders/latest").json["call"]

    assert (call["state"], call["attempt"], call["language"], call["answer"]) == ("placed", 1, "hi", None)
    assert (call["window_end"], len(call["call_id"])) == ("2026-11-24T08:30:00+00:00", 32)


def test_an_order_without_a_call_says_so_to_programs(shop: Shop, program: FlaskClient) -> None:
    shop.receive(1001, phone=None)

    assert program.get("/api/orders/latest").json["call"] is None


def listed(person: FlaskClient) -> Element:
    return row(look(person), "#1001").one(css="c-calling").one(css="say")


def plain(element: Element) -> str:
    return element.text.replace("\u202f", " ")


def test_a_window_that_has_not_begun_says_when_it_does(shop: Shop, person: FlaskClient) -> None:
    left(shop, CallState.PLACED, window_start=shop.now.timestamp() + 3_600)

    assert plain(listed(person)) == "Will ring at 1:00 pm"


@pytest.mark.parametrize(
    ("follows", "words"),
    [
        ("silence", "No answer, again 3:00 pm"),
        ("call_back", "Call back 3:00 pm"),
        ("language", "Other language, again 3:00 pm"),
    ],
)
def test_a_further_call_says_why_there_is_one(shop: Shop, person: FlaskClient, follows: str, words: str) -> None:
    left(shop, CallState.PLANNED, not_before=shop.now.timestamp() + 10_800, reason="again", follows=follows, attempt=2)

    assert plain(listed(person)) == words


@pytest.mark.parametrize(
    ("state", "columns", "words"),
    [
        (CallState.PLACED, {"attempt": 2}, "Rings until 2:00 pm attempt 2 of 3"),
        (CallState.UNANSWERED, {"attempt": 3}, "No answer attempt 3 of 3"),
        (CallState.PLACED, {"attempt": 2, "asked_by": "Asha"}, "Rings until 2:00 pm"),
        (CallState.ANSWERED, {"attempt": 2}, "Answered"),
    ],
)
def test_which_attempt_it_is_stands_beside_where_there_are_several(
    shop: Shop, person: FlaskClient, state: CallState, columns: dict[str, object], words: str
) -> None:
    left(shop, state, **columns)
    several_attempts(shop)

    assert plain(listed(person)) == words


def test_after_the_last_attempt_the_order_is_a_persons(shop: Shop, person: FlaskClient) -> None:
    order_id = left(shop, CallState.UNANSWERED, attempt=3)
    several_attempts(shop)
    shop.change(order_id, calling_state="failed", calling_reason="not_reached")

    assert plain(listed(person)) == "No answer attempt 3 of 3"
    assert "s-you" in listed(person).classes


@pytest.mark.parametrize("waits", ["pause", "campaign"])
def test_a_call_that_is_held_back_says_by_what(shop: Shop, person: FlaskClient, waits: str) -> None:
    left(shop, CallState.PLANNED, not_before=shop.now.timestamp() + 3_600, reason=waits)

    assert listed(person).text.startswith("Waits: ")
    assert listed(person).text.endswith("paused")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"answer": "unclear"}, "Unclear answer"),
        ({"answer": "changed"}, "Wants it changed"),
        ({"answer": "wrong_person"}, "Wrong person"),
    ],
)
def test_what_a_person_must_decide_is_told_in_the_row(
    shop: Shop, person: FlaskClient, said: dict[str, str], words: str
) -> None:
    ring(shop)
    report(shop, phone=PHONE, **said)

    assert listed(person).text == words
    assert "s-you" in listed(person).classes


@pytest.mark.parametrize(
    ("state", "reason", "words", "needs"),
    [
        ("not_called", "no_phone", "Not called: no usable phone", True),
        ("not_called", "paid", "Not called: paid", False),
        ("failed", "kalimera_refused", "Kalimera refused", True),
        ("failed", "not_heard", "May have answered", True),
    ],
)
def test_why_nobody_rings_stands_in_the_row_and_what_a_person_can_do_stands_out(
    shop: Shop, person: FlaskClient, state: str, reason: str, words: str, needs: bool
) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, calling_state=state, calling_reason=reason)
    found = listed(person)
    shop.change(order_id, confirmation_status="Success")

    assert found.text == words
    assert ("s-you" in found.classes) is needs
    assert "s-you" not in listed(person).classes


def test_a_test_order_is_marked_in_the_list(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, test=True)
    shop.receive(1002)

    assert row(look(person), "#1001").one(css="c-status").has(css="bdg", text="Test")
    assert not row(look(person), "#1002").has(css="bdg", text="Test")


@pytest.mark.parametrize("columns", [{"shopify_cancelled_at": "2026-11-24T12:00:00+05:30"}, {"cancel_state": "done"}])
def test_a_success_that_shopify_keeps_cancelled_does_not_look_like_one_to_ship(
    shop: Shop, person: FlaskClient, columns: dict[str, str]
) -> None:
    for number in (1001, 1002):
        shop.change(shop.receive(number), confirmation_status="Success", **(columns if number == 1001 else {}))

    gone, to_ship = (row(look(person), name).one(css="bdg", text="Success") for name in ("#1001", "#1002"))

    assert "b-Success" in to_ship.classes
    assert "b-Success" not in gone.classes
    assert gone.one("use").attrs["href"].endswith("#x")
