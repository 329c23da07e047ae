"""The shape of an answer of Kalimera: its names, its kinds and what stood where, and no value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asking import CARD, FIRST_NAME, PHONE, WINDOW
from hypothesis import given
from hypothesis import strategies as some

from ordercall.domain.contract import OURS, read_contract
from ordercall.domain.shapes import AnswerShape
from ordercall.providers.http import Request
from ordercall.providers.kalimera.answer_shapes import shape_of_answer
from ordercall.providers.kalimera.words import campaign_json, contact_json, listing_json
from properties import few

URL = "https://kalimera.example/campaign/main"
CREATE = Request("create the contact", "POST", URL, json=contact_json(CARD))
LOOK_UP = Request("look up the contact", "GET", URL, params={"phone": PHONE})
UPDATE = Request("update the campaign", "PUT", URL, json=campaign_json("agent-hindi", "lines", WINDOW))
SEE = Request("look at the campaign", "GET", URL)
ADD = Request("add to the campaign", "POST", URL, json=listing_json("main", ["c-7", "c-8"]))
LIST = Request("look at the campaign's list", "GET", URL, params={"campaign_id": "main"})


def shape(request: Request, body: Any, status: int = 200) -> AnswerShape:
    return shape_of_answer(request, status, "application/json", body, OURS)


@pytest.mark.parametrize(
    ("request_", "body", "told"),
    [
        (
            CREATE,
            {"message": "Contact created", "contact_id": "c-7"},
            {"message": "text, words", "contact_id": "text, contact id"},
        ),
        (
            CREATE,
            {"success": True, "data": {"id": 7, "status": "active", "phone": PHONE[3:], "score": 0.5, "note": None}},
            {
                "success": "true or false, true",
                "data": {
                    "id": "number, contact id",
                    "status": "text, of no matter",
                    "phone": "text, phone",
                    "score": "number",
                    "note": "null",
                },
            },
        ),
        (LOOK_UP, {"contacts": []}, {"contacts": []}),
        (
            LOOK_UP,
            {"contacts": [{"id": "c-7", "phone": PHONE}], "total": 1, "page": 1, "per_page": 50, "has_more": False},
            {
                "contacts": [{"id": "text, contact id", "phone": "text, phone"}],
                "total": "number, as many",
                "page": "number, page",
                "per_page": "number, page size",
                "has_more": "true or false, false",
            },
        ),
        (UPDATE, {"code": 200, "campaign": "main"}, {"code": "number, yes as a code", "campaign": "text, campaign id"}),
        (
            SEE,
            {"agent": "agent-hindi", "start": "2026-11-23T18:05:00+05:30", "end": "2026-11-23T20:05:00+05:30"},
            {"agent": "text, agent id", "start": "text, start", "end": "text, end"},
        ),
        (
            ADD,
            {"results": [{"id": "c-7", "status": "success"}, {"id": "c-8", "status": "success"}], "added": 2},
            {"results": [{"id": "text, contact id", "status": "text, yes"}], "added": "number, as many"},
        ),
        (ADD, {"status": "ok", "error": ""}, {"status": "text, yes", "error": "text, empty"}),
        (LIST, {"contact_ids": ["c-7", "c-8"], "next": "/p2"}, {"contact_ids": ["text, contact id"], "next": None}),
        (LIST, ["c-7"], ["text, contact id"]),
        (LIST, [{"id": 7, "mobile": "98765 43210"}], [{"id": "number, contact id", "mobile": "text, phone"}]),
        (ADD, {"results": {"c-7": "ok", "c-8": "ok"}}, {"results": {"<contact id>": "text, yes"}}),
        (CREATE, "Contact created", "text, words"),
    ],
)
def test_what_stood_where_is_told_as_far_as_it_was_understood(request_: Request, body: Any, told: Any) -> None:
    found = json.loads(shape(request_, body).body)

    assert found == (told if not isinstance(told, dict) or "next" not in told else told | {"next": "text, next page"})


@pytest.mark.parametrize(
    ("request_", "status", "body", "outcome"),
    [
        (CREATE, 201, {"id": "c-7"}, "done"),
        (CREATE, 409, {"message": "Contact already exists"}, "exists"),
        (CREATE, 200, {"success": False, "message": "Duplicate contact"}, "exists"),
        (CREATE, 422, {"message": {"phone": ["is missing"]}}, "refused"),
        (CREATE, 200, "<html>", "unclear"),
        (LOOK_UP, 200, {"contacts": [{"id": "c-7", "phone": PHONE}]}, "found"),
        (LOOK_UP, 200, {"contacts": [{"id": "c-7", "phone": "+919000000099"}]}, "none"),
        (LOOK_UP, 404, {"message": "Not found"}, "refused"),
        (UPDATE, 200, {"status": "error"}, "refused"),
        (UPDATE, 204, "", "done"),
        (ADD, 200, {"message": "Contacts added", "added": 2}, "done"),
        (ADD, 200, {"added": ["c-7"], "failed": [{"id": "c-8", "error": "invalid"}]}, "in part"),
        (ADD, 400, {"message": "Unknown contact", "contact_ids": ["c-7"]}, "refused"),
        (LIST, 200, {"contact_ids": []}, "done"),
    ],
)
def test_what_was_understood_is_told_in_a_word(request_: Request, status: int, body: Any, outcome: str) -> None:
    assert shape(request_, body, status).outcome == outcome


def test_a_check_of_the_token_is_the_look_up_that_it_is() -> None:
    asked = Request("check the token", "GET", URL, params={"phone": "+910000000000"})

    assert shape(asked, {"contacts": []}) == shape(LOOK_UP, {"contacts": []})


def test_an_id_is_told_where_the_contract_says_that_it_stands() -> None:
    contract = read_contract('[contact]\nphone = "to"\n[answer]\ncontact_id = "data.ref"', "kalimera.toml")
    sent = Request("create the contact", "POST", URL, json=contact_json(CARD, contract))

    found = shape_of_answer(sent, 201, "application/json", {"id": "r-1", "data": {"ref": "c-7", "to": PHONE}}, contract)

    assert json.loads(found.body) == {"id": "text", "data": {"ref": "text, contact id", "to": "text, phone"}}


def test_the_window_is_told_under_their_names() -> None:
    contract = read_contract('[campaign]\nagent_id = "bot"\nend_time = "until"', "kalimera.toml")

    found = shape_of_answer(SEE, 200, "application/json", {"bot": "a-1", "until": WINDOW.end.isoformat()}, contract)

    assert json.loads(found.body) == {"bot": "text, agent id", "until": "text, end"}


@pytest.mark.parametrize(
    ("header", "told"),
    [("Application/JSON; charset=utf-8", "application/json"), ("", ""), ("to +919000000002", "")],
)
def test_a_content_type_is_told_where_it_is_one(header: str, told: str) -> None:
    assert shape_of_answer(SEE, 200, header, {}, OURS).content_type == told


def test_a_name_that_is_a_customers_is_a_value() -> None:
    assert json.loads(shape(CREATE, {"id": "c-7", FIRST_NAME: {"age": 30}}).body)["<a value>"] == {"age": "number"}


NAMES = some.sampled_from(["message", "status", "id", "contacts", "data", "success", "phone", "total", "end", "next"])
SECRET = some.text("éüøñ ", min_size=4)
BODIES = some.recursive(
    SECRET | some.integers(10_000) | some.booleans() | some.none(),
    lambda inner: some.lists(inner) | some.dictionaries(NAMES | SECRET, inner),
)


@few(40)
@given(some.sampled_from([CREATE, LOOK_UP, UPDATE, SEE, ADD, LIST]), some.sampled_from([200, 201, 400, 404]), BODIES)
def test_no_value_of_any_answer_is_in_its_shape(request_: Request, status: int, body: Any) -> None:
    told = shape(request_, body, status).body

    assert not any(sign.isdecimal() or sign in "éüøñ" for sign in told)
