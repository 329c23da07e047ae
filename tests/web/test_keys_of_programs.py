"""Keys of programs: shown once, kept hashed, used, changed without a gap, ended."""

from __future__ import annotations

from typing import Any

import pytest
from api_calls import ELSEWHERE
from flask.testing import FlaskClient

from ordercall.domain.people import Scope
from web_app import Page, Shop, send_form


def make(owner: FlaskClient, name: str = "the agent's platform", scope: str = "read") -> str:
    """Have a key made on the page, and return it."""
    page = Page(send_form(owner, "/settings/keys", name=name, scope=scope))
    return page.one("span", css="code").text


def look(shop: Shop, key: str, **more: Any) -> int:
    return shop.client(address=ELSEWHERE).get("/api/reports", headers={"X-App-Token": key}, **more).status_code


def test_a_key_is_shown_once_and_nowhere_kept(shop: Shop, person: FlaskClient) -> None:
    key = make(person)

    assert key.startswith("ock_")
    assert look(shop, key) == 200
    assert key not in person.get("/settings/keys").text
    assert key not in repr(shop.rows("SELECT * FROM api_keys"))


def test_a_key_comes_as_a_bearer_too(shop: Shop, person: FlaskClient) -> None:
    sent = {"Authorization": f"Bearer {make(person)}"}

    assert shop.client(address=ELSEWHERE).get("/api/reports", headers=sent).status_code == 200


def test_what_a_program_does_is_told_by_the_name_of_its_key(shop: Shop, person: FlaskClient) -> None:
    order, key = shop.receive(1001), make(person, "the desk", "status")

    shop.client().post(f"/api/orders/{order}/status", json={"status": "Success"}, headers={"X-App-Token": key})

    assert shop.order(order).status_changed_by == "key the desk"


@pytest.mark.parametrize(("scopes", "has_right"), [("outcome status", True), ("outcome", False)])
def test_only_a_key_that_may_set_a_status_may_force_one(shop: Shop, scopes: str, has_right: bool) -> None:
    order = shop.receive(1001)
    key = shop.context.access.api_keys.make("the desk", map(Scope, scopes.split()), by="a test").secret

    body = {"shopify_id": order, "answer": "confirmed", "force": True}
    answer = shop.client(address=ELSEWHERE).post("/api/outcomes", json=body, headers={"X-App-Token": key})

    assert (answer.json["why"] != "no_right") is has_right


def test_the_next_key_works_beside_the_one_before_until_that_is_ended(shop: Shop, person: FlaskClient) -> None:
    before = make(person)
    following = Page(send_form(person, "/settings/keys/1/next")).one("span", css="code").text
    both = look(shop, before), look(shop, following)

    send_form(person, "/settings/keys/1/end")

    assert both == (200, 200)
    assert (look(shop, before), look(shop, following)) == (401, 200)


def test_an_ended_key_has_no_next_one(shop: Shop, person: FlaskClient) -> None:
    make(person)
    send_form(person, "/settings/keys/1/end")

    assert send_form(person, "/settings/keys/1/next").status_code == 404
    assert send_form(person, "/settings/keys/1/end").status_code == 404


def test_when_and_from_where_a_key_was_used_is_noted_once_a_minute(shop: Shop, person: FlaskClient) -> None:
    key, noted = make(person), []
    for seconds in (0, 59, 1):
        shop.pass_time(seconds=seconds)
        look(shop, key)
        noted.append(shop.rows("SELECT used_at - made_at, used_from FROM api_keys")[0])

    assert [tuple(each) for each in noted] == [(0, ELSEWHERE), (0, ELSEWHERE), (60, ELSEWHERE)]


@pytest.mark.parametrize(("name", "scope"), [("x", "read"), ("the desk", ""), ("the desk", "everything")])
def test_a_key_without_a_name_or_a_purpose_is_none(shop: Shop, person: FlaskClient, name: str, scope: str) -> None:
    assert send_form(person, "/settings/keys", name=name, scope=scope).status_code == 400
    assert shop.rows("SELECT id FROM api_keys") == []


def test_two_programs_have_two_names(shop: Shop, person: FlaskClient) -> None:
    make(person, "the desk")

    assert send_form(person, "/settings/keys", name="The desk", scope="read").status_code == 400
