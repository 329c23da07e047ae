"""Half an emoji and NUL, which no database takes, in every field of every door: an answer, and no fault."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from api_calls import TOKEN, error_code
from flask.testing import FlaskClient

from makers import nested
from ordercall.storage.records import pauses
from web_app import Shop, send_form

ODD = "a\ud83db\x00c"
NAMES = (
    *("why", "until", "phone", "wish", "note", "status", "seen", "from", "back", "reason", "request", "campaign_id"),
    *("means", "at", "word", "number", "language", "rang", "action", "orders", "need", "order_id", "city", "name"),
    *("minutes", "next", "username", "password", "theme", "version", "days", "gateways", "zone", "agent_id_en"),
    *("policy", "confirm", "answer", "connection", "call_id", "report_id", "confirmed", "fate", "q", "before"),
)


def doors(shop: Shop, *, api: bool) -> list[tuple[str, str]]:
    """Return each way to send something, with an order's number where one stands in the address."""
    shop.receive(1001)
    return [
        (method, re.sub(r"<[^>]+>", "6300000001001", rule.rule))
        for rule in shop.app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) & {"POST", "DELETE", "PUT"})
        if rule.rule.startswith("/api/") is api and "webhook" not in rule.rule and rule.rule != "/login"
    ]


def test_no_door_of_the_api_fails_at_an_odd_text(shop: Shop, program: FlaskClient) -> None:
    bodies: list[Any] = [dict.fromkeys(NAMES, ODD), {"policy": {ODD: {ODD: ODD}, "who": {"gateways": [ODD]}}}]
    bodies += [{"why": ODD}, {"phone": "+919876543210", "why": ODD}, {ODD: 1}, ODD, [ODD]]

    answers = {
        f"{method} {path} {number}": program.open(
            path, method=method, data=json.dumps(body), content_type="application/json", headers=TOKEN
        ).status_code
        for method, path in doors(shop, api=True)
        for number, body in enumerate(bodies)
    }

    assert len(answers) > 60
    assert {door: status for door, status in answers.items() if status >= 500} == {}


def test_no_form_fails_at_an_odd_text(shop: Shop, person: FlaskClient) -> None:
    values = dict.fromkeys(NAMES, "a\x00b") | {"minutes": "60"}

    answers = {path: send_form(person, path, **values).status_code for _, path in doors(shop, api=False)}

    assert len(answers) > 30
    assert {door: status for door, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize("path", ["/", "/reported", "/reported/1", "/settings/versions", "/needs-you", "/orders.csv"])
def test_no_page_fails_at_an_odd_text_in_its_address(shop: Shop, person: FlaskClient, path: str) -> None:
    query = "&".join(f"{name}=a%00b%ED%A0%80" for name in NAMES)

    assert person.get(f"{path}?{query}").status_code < 500


def test_the_reason_of_a_pause_is_kept_without_what_no_database_takes(shop: Shop, program: FlaskClient) -> None:
    sent = json.dumps({"why": " The price\x00\ud83d\nis wrong "})

    answer = program.post("/api/calls/pause", data=sent, content_type="application/json", headers=TOKEN)

    assert answer.status_code == 200
    with shop.db.read() as tx:
        found = pauses.current(tx, shop.now)
    assert found
    assert found.why == "The price? is wrong"


@pytest.mark.parametrize("path", ["/api/calls/pause", "/api/do-not-call", "/api/policy/trials"])
def test_a_body_that_is_too_deep_is_refused_in_a_sentence(program: FlaskClient, path: str) -> None:
    answer = program.post(path, data=b'{"why": %s}' % nested(20_000), content_type="application/json", headers=TOKEN)

    assert (answer.status_code, error_code(answer)) == (400, "InvalidJson")


@pytest.mark.parametrize(
    ("body", "named"),
    [({"polcy": {}}, "polcy"), ({"policy": {}, "day": 3}, "day"), ({"policy": {"hwo": {}}}, "hwo")],
)
def test_a_trial_refuses_a_key_that_it_does_not_know(program: FlaskClient, body: dict[str, Any], named: str) -> None:
    answer = program.post("/api/policy/trials", json=body, headers=TOKEN)

    assert answer.status_code == 400
    assert error_code(answer) in ("UnknownKey", "InvalidPolicy")
    assert named in answer.json["error"]["message"]  # type: ignore[index]
