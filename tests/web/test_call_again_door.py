"""Calling an order again: what programs send and hear, and the button of the order's page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from api_calls import ELSEWHERE, TOKEN, error_code
from flask.testing import FlaskClient
from reporting import ring
from werkzeug.test import TestResponse

from databases import ask as change
from ordercall.domain.calls.call import CallState
from reading import fields, flashed, look, row
from web_app import Shop


def called(shop: Shop, **call: Any) -> int:
    """Return the id of an order that was called a while ago, in vain."""
    order_id = ring(shop, 1001, **({"state": CallState.UNANSWERED, "began": timedelta(hours=3)} | call))
    shop.change(order_id, calling_state="on_campaign", contact_id="card")
    return order_id


def ask(shop: Shop, order_id: object, **options: Any) -> TestResponse:
    headers = TOKEN | options.pop("headers", {})
    return shop.client(address=ELSEWHERE).post(f"/api/orders/{order_id}/call", headers=headers, **options)


def number_of_calls(shop: Shop) -> int:
    return int(shop.rows("SELECT count(*) FROM calls")[0][0])


def test_a_call_is_planned_and_told(shop: Shop) -> None:
    order_id = called(shop)

    answer = ask(shop, order_id)

    assert (answer.status_code, answer.json["success"], answer.json["shopify_id"]) == (202, True, order_id)
    assert answer.json["message"].startswith("The call is on its way to Kalimera")
    call = answer.json["call"]
    assert (call["state"], call["attempt"], call["asked_by"]) == ("planned", 2, "API")


def test_outside_the_calling_hours_it_says_when_it_will_ring(shop: Shop, person: FlaskClient) -> None:
    order_id = called(shop)
    ask(shop, order_id)
    due = (shop.now + timedelta(hours=9)).timestamp()
    with shop.db.begin() as tx:
        change(tx, "UPDATE calls SET not_before = ?, reason = 'hours' WHERE state = 'planned'", due)

    answer = ask(shop, order_id)

    assert answer.status_code == 202
    assert answer.json["message"] == (
        "It is outside the calling hours. The call is planned for 24 Nov, 21:00 India time."
    )


def test_the_same_key_is_the_same_call(shop: Shop) -> None:
    order_id, key = called(shop), {"Idempotency-Key": "once"}
    first = ask(shop, order_id, headers=key)
    shop.pass_time(hours=2)

    second = ask(shop, order_id, headers=key)

    assert first.json["call"]["call_id"] == second.json["call"]["call_id"]
    assert number_of_calls(shop) == 2


def test_the_same_key_at_another_order_is_another_call(shop: Shop) -> None:
    key = {"Idempotency-Key": "once"}
    other = shop.receive(1002)

    calls = [ask(shop, order_id, headers=key).json["call"]["call_id"] for order_id in (called(shop), other)]

    assert len(set(calls)) == 2


def test_without_the_token_nobody_is_called(shop: Shop) -> None:
    order_id = called(shop)

    assert shop.client(address=ELSEWHERE).post(f"/api/orders/{order_id}/call").status_code == 401
    assert number_of_calls(shop) == 1


def test_an_unknown_order_is_not_found(shop: Shop) -> None:
    assert ask(shop, 77).status_code == 404


@pytest.mark.parametrize("body", ["[]", "{", '{"confirm": "yes"}'])
def test_a_body_that_says_nothing_is_refused(shop: Shop, body: str) -> None:
    answer = ask(shop, called(shop), data=body, content_type="application/json")

    assert (answer.status_code, error_code(answer)) == (400, "InvalidJson")


def test_a_body_that_is_no_json_is_refused(shop: Shop) -> None:
    answer = ask(shop, called(shop), data="confirm=true", content_type="text/plain")

    assert (answer.status_code, error_code(answer)) == (415, "UnsupportedMediaType")


def test_an_order_without_a_phone_is_refused(shop: Shop) -> None:
    answer = ask(shop, shop.receive(1001, phone=None), json={"confirm": True})

    assert (answer.status_code, error_code(answer)) == (409, "NotCallable")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"confirmation_status": "Success"}, "The order is Success already."),
        ({}, "Its customer may still be rung until 24 Nov, 14:00 India time"),
    ],
    ids=["decided", "may ring"],
)
def test_what_is_to_be_confirmed_says_why(shop: Shop, changes: dict[str, Any], words: str) -> None:
    ringing = {} if changes else {"state": CallState.PLACED, "began": timedelta()}
    order_id = called(shop, **ringing)
    if changes:
        shop.change(order_id, **changes)

    answer = ask(shop, order_id)
    assert (answer.status_code, error_code(answer)) == (409, "ConfirmFirst")
    assert words in answer.json["error"]["message"]

    assert ask(shop, order_id, json={"confirm": True}).status_code == 202


# The page


def press(person: FlaskClient, order_id: int, words: str) -> TestResponse:
    form = next(form for form in look(person, f"/orders/{order_id}").all("form") if form.has("button", text=words))
    return person.post(form.attrs["action"], data=fields(form))


def test_an_order_that_was_called_has_a_button_to_call_it_again(shop: Shop, person: FlaskClient) -> None:
    order_id = called(shop)

    answer = press(person, order_id, "Call again")

    assert answer.status_code == 303
    assert flashed(look(person, answer.location)) == [
        "#1001: The call is on its way to Kalimera, but Kalimera has not answered yet."
    ]
    assert number_of_calls(shop) == 2


def test_the_form_that_is_sent_twice_calls_once(shop: Shop, person: FlaskClient) -> None:
    order_id = called(shop)
    form = next(
        form for form in look(person, f"/orders/{order_id}").all("form") if form.has("button", text="Call again")
    )
    for _ in range(2):
        person.post(form.attrs["action"], data=fields(form))
        shop.pass_time(minutes=2)

    assert number_of_calls(shop) == 2


def test_the_page_asks_before_a_phone_rings_twice(shop: Shop, person: FlaskClient) -> None:
    order_id = called(shop, state=CallState.PLACED, began=timedelta())

    answer = press(person, order_id, "Call again")
    asked = look(person, answer.location)

    assert number_of_calls(shop) == 1
    assert "may still be rung until 24 Nov, 14:00 India time" in asked.one(id="ask-first").text
    form = asked.one(id="ask-first").one("form")
    person.post(form.attrs["action"], data=fields(form))
    assert number_of_calls(shop) == 2


@pytest.mark.parametrize("columns", [{"fulfillment_status": "fulfilled"}, {"shopify_cancelled_at": "2026-11-24"}])
def test_an_order_that_is_never_called_has_no_button(shop: Shop, person: FlaskClient, columns: dict[str, str]) -> None:
    order_id = called(shop)
    shop.change(order_id, **columns)

    assert not look(person, f"/orders/{order_id}").has("button", text="Call again")


@pytest.mark.parametrize(
    ("follows", "words"),
    [
        ("silence", "No answer, again 9:00 pm"),
        ("call_back", "Call back 9:00 pm"),
        ("language", "Other language, again 9:00 pm"),
    ],
)
def test_a_further_call_says_why_and_when(shop: Shop, person: FlaskClient, follows: str, words: str) -> None:
    order_id = called(shop)
    ask(shop, order_id)
    due = (shop.now + timedelta(hours=9)).timestamp()
    with shop.db.begin() as tx:
        change(
            tx, "UPDATE calls SET not_before = ?, reason = 'again', follows = ? WHERE state = 'planned'", due, follows
        )
    shop.change(order_id, calling_state="waiting_for_hours")

    listed = row(look(person), "#1001").one(css="c-calling").one(css="say").text.replace("\u202f", " ")
    card = look(person, f"/orders/{order_id}").one(aria_labelledby="calls-title").text.replace("\u202f", " ")

    assert listed == words
    assert words in card
    assert "Attempt 2. Asked for by API." in card
