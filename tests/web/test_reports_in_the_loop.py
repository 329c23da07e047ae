"""Reports over the network: those of the usual senders are read in the event loop, and answered as by the view."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from api_calls import TOKEN
from reporting import PHONE, ring, status, stored

from ordercall.intake import report_committer
from ordercall.intake.report_reception import LARGEST_REPORT, MOST_TOGETHER
from ordercall.web.context import Context
from web_app import Shop
from wire import Address, ask, whole

SECRET = "an-address-that-nobody-guesses"
BY_THE_ADDRESS = f"/api/outcomes/in/{SECRET}"
BEARER = {"Authorization": f"Bearer {TOKEN['X-App-Token']}"}
CONFIRMED = {"phone": PHONE, "answer": "confirmed"}


@pytest.fixture
def served(new_shop: Callable[..., Shop]) -> Shop:
    return new_shop(APP_ENV="production", ADMIN_PASSWORD="a-long-password", OUTCOMES_SECRET=SECRET)


@pytest.fixture
def address(served: Shop, address_of: Callable[[Shop], Address]) -> Address:
    return address_of(served)


def send(address: Address, said: Any, headers: dict[str, str], path: str = "/api/outcomes") -> Any:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return ask(address, whole(path, {"Content-Type": "application/json"} | headers, body))


def views_answer(shop: Shop, said: Any, headers: dict[str, str], path: str = "/api/outcomes") -> Any:
    return shop.client(address="203.0.113.7").post(path, json=said, headers=headers).json


@pytest.mark.parametrize(
    ("path", "headers", "sender"),
    [("/api/outcomes", TOKEN, "API"), ("/api/outcomes", BEARER, "API"), (BY_THE_ADDRESS, {}, "agent")],
)
def test_a_report_changes_its_order_and_is_answered_as_by_the_view(
    served: Shop, address: Address, path: str, headers: dict[str, str], sender: str
) -> None:
    order_id = ring(served)

    said = send(address, CONFIRMED | {"report_id": "r-1"}, headers, path)

    assert (said.status_code, status(served, order_id), stored(served)[0].sender) == (200, "Success", sender)
    again = views_answer(served, CONFIRMED | {"report_id": "r-1"}, headers, path)
    assert said.json == again | {"repeated": False}


def test_an_array_is_answered_with_the_fate_of_each(served: Shop, address: Address) -> None:
    order_id = ring(served)

    said = send(address, [CONFIRMED, {"phone": "+919876500000", "answer": "refused"}], TOKEN)

    assert [one["fate"] for one in said.json["reports"]] == ["applied", "needs_a_person"]
    assert (said.json["reports"][0]["shopify_ids"], len(stored(served))) == ([order_id], 2)


@pytest.mark.parametrize(
    ("said", "code", "number"),
    [([CONFIRMED] * (MOST_TOGETHER + 1), "TooManyReports", 413), (b"x" * (LARGEST_REPORT + 1), None, 413)],
    ids=["reports", "bytes"],
)
def test_too_much_at_once_is_refused_and_remembered(
    served: Shop, address: Address, said: Any, code: str | None, number: int
) -> None:
    before = refused(served)

    answer = send(address, said, TOKEN)

    assert (answer.status_code, stored(served)) == (number, [])
    assert code is None or answer.json["error"]["code"] == code
    assert refused(served) == before + 1


def refused(shop: Shop) -> int:
    context: Context = shop.app.extensions["ordercall"]
    context.refusals.write()
    return sum(row.number for row in shop.rows("SELECT number FROM refusals WHERE cause = 'report'"))


def test_what_comes_while_too_many_wait_is_refused_as_a_whole_and_comes_again(
    served: Shop, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_committer, "LONGEST_QUEUE", 1)

    assert send(address, [CONFIRMED, CONFIRMED], TOKEN).status_code == 503
    assert stored(served) == []


@pytest.mark.parametrize(
    ("headers", "path", "number"),
    [
        ({}, "/api/outcomes", 401),
        ({"X-App-Token": "another"}, "/api/outcomes", 401),
        ({"X-App-Token": ""}, "/api/outcomes", 401),
        ({"X-App-Token": "another"} | BEARER, "/api/outcomes", 401),
        ({}, "/api/outcomes/in/another", 404),
        ({}, "/api/outcomes/in/", 404),
        (TOKEN, f"{BY_THE_ADDRESS}/", 404),
    ],
)
def test_nobody_else_is_let_in(served: Shop, address: Address, headers: dict[str, str], path: str, number: int) -> None:
    ring(served)

    assert send(address, CONFIRMED, headers, path).status_code == number
    assert stored(served) == []


def test_who_wants_problem_details_gets_them(address: Address) -> None:
    many = [CONFIRMED] * (MOST_TOGETHER + 1)

    answer = send(address, many, TOKEN | {"Accept": "application/problem+json"})

    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


def test_the_address_forces_nothing_and_the_token_may(served: Shop, address: Address) -> None:
    order_id = ring(served)

    assert send(address, CONFIRMED | {"force": True}, {}, BY_THE_ADDRESS).json["why"] == "no_right"
    assert status(served, order_id) == "Placed"
    assert send(address, CONFIRMED | {"force": True, "report_id": "r-2"}, TOKEN).json["why"] == "said"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"answer": "\\ud800"}', b"\xff"])
def test_an_odd_body_is_kept_for_a_person(served: Shop, address: Address, body: bytes) -> None:
    assert send(address, body, TOKEN).json["fate"] == "needs_a_person"
    assert [bytes(one.body) for one in stored(served)] == [body]
