"""What holds for every write of a program: once for its Idempotency-Key, and so many requests a minute."""

from __future__ import annotations

import json

import pytest
from api_calls import ELSEWHERE, TOKEN, error_code
from flask.testing import FlaskClient

from ordercall.domain.people import Scope
from ordercall.errors import TooManyRequests
from ordercall.web.access.rates import PERIOD, RateLimits, limits_of
from web_app import Shop

KEY = {"Idempotency-Key": "8d7c0f5e"}


def trials(shop: Shop) -> int:
    return int(shop.rows("SELECT count(*) FROM trials")[0][0])


def test_a_write_that_comes_again_with_its_key_is_answered_and_not_carried_out(
    shop: Shop, program: FlaskClient
) -> None:
    first = program.post("/api/policy/trials", json={"days": 1}, headers=TOKEN | KEY)
    again = program.post("/api/policy/trials", json={"days": 1}, headers=TOKEN | KEY)

    assert (again.status_code, again.json, trials(shop)) == (202, first.json, 1)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_key_with_another_body_is_refused(shop: Shop, program: FlaskClient) -> None:
    program.post("/api/policy/trials", json={"days": 1}, headers=TOKEN | KEY)
    other = program.post("/api/policy/trials", json={"days": 2}, headers=TOKEN | KEY)

    assert (other.status_code, error_code(other), trials(shop)) == (422, "KeyReused", 1)


def test_a_key_is_of_one_program_and_one_address(shop: Shop, program: FlaskClient) -> None:
    key = shop.context.access.api_keys.make("another", list(Scope), by="a test").secret
    for headers in (TOKEN, {"X-App-Token": key}):
        program.post("/api/policy/trials", json={"days": 1}, headers=headers | KEY)

    assert trials(shop) == 2


def test_a_refusal_is_not_kept_so_the_same_key_may_try_again(shop: Shop, program: FlaskClient) -> None:
    refused = program.post("/api/orders/6300000001001/sync", headers=TOKEN | KEY)
    number = shop.receive(1001)
    shop.change(number, calling_state="on_campaign", contact_id="a-contact")

    again = program.post(f"/api/orders/{number}/sync", headers=TOKEN | KEY)

    assert (refused.status_code, again.status_code) == (404, 200)


def test_while_the_first_request_is_not_answered_the_second_is_told_so(shop: Shop, program: FlaskClient) -> None:
    program.post("/api/policy/trials", json={"days": 1}, headers=TOKEN | KEY)
    with shop.db.begin() as tx:
        [(key, kept)] = tx.exec_driver_sql("SELECT key, answer FROM answered_requests").all()
        mark = json.loads(kept)["sent"]
        tx.exec_driver_sql(f"UPDATE answered_requests SET answer = '{mark}' WHERE key = '{key}'")  # noqa: S608

    early = program.post("/api/policy/trials", json={"days": 1}, headers=TOKEN | KEY)
    shop.pass_time(minutes=2)
    late = program.post("/api/policy/trials", json={"days": 1}, headers=TOKEN | KEY)

    assert (early.status_code, error_code(early)) == (409, "StillAnswering")
    assert (late.status_code, trials(shop)) == (202, 2)


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_that_is_none_is_refused(program: FlaskClient, key: str) -> None:
    answer = program.post("/api/calls/resume", headers=TOKEN | {"Idempotency-Key": key})

    assert (answer.status_code, error_code(answer)) == (400, "InvalidIdempotencyKey")


# -- how many


def test_a_key_has_so_many_at_once_and_then_one_by_one() -> None:
    now = 0.0
    limits = RateLimits(at_once=60, clock=lambda: now)

    left = [limits.take("a").number for _ in range(60)]
    with pytest.raises(TooManyRequests, match="Wait 1 s"):
        limits.take("a")
    other = limits.take("b").number
    now += PERIOD / 60
    after = limits.take("a")

    assert (left, other, after.number, after.seconds) == ([*range(59, -1, -1)], 59, 0, 60)


@pytest.fixture
def three(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A program whose key may make three requests a minute."""
    monkeypatch.setattr(limits_of(shop.app), "at_once", 3)
    monkeypatch.setattr(limits_of(shop.app), "_full_at", {})
    return shop.client(address=ELSEWHERE)


def test_the_headers_say_what_is_left_and_when_to_come_again(three: FlaskClient) -> None:
    answers = [three.get("/api/holds", headers=TOKEN) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["RateLimit"].partition(";t=")[0] for answer in answers] == [
        *('"key";r=2', '"key";r=1', '"key";r=0', '"key";r=0')
    ]
    assert answers[0].headers["RateLimit-Policy"] == '"key";q=3;w=60'
    assert 0 < int(answers[3].headers["Retry-After"]) <= 20
    assert error_code(answers[3]) == "TooManyRequests"


def test_reports_and_people_are_never_held_up(shop: Shop, three: FlaskClient) -> None:
    """Nor is a report refused for a key that one of its call had before."""
    reports = {three.post("/api/outcomes", json={"n": n}, headers=TOKEN | KEY).status_code for n in range(9)}
    person = shop.person()

    assert reports == {200}
    assert {person.get("/api/holds").status_code for _ in range(9)} == {200}


# -- problem details


def test_whoever_asks_for_problem_details_gets_them_with_the_code_of_today(shop: Shop, program: FlaskClient) -> None:
    asked = program.get("/api/orders/1", headers=TOKEN | {"Accept": "application/json, application/problem+json"})
    usual = program.get("/api/orders/1", headers=TOKEN | {"Accept": "*/*"})

    assert asked.mimetype == "application/problem+json"
    assert asked.json == {
        "type": "/api/docs#UnknownOrder",
        "title": "No order has this id.",
        "status": 404,
        "detail": usual.json["error"]["message"],
        "code": usual.json["error"]["code"],
    }
    assert usual.mimetype == "application/json"
