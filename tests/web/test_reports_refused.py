"""Reports that are refused at the door are remembered, and people are told that calls may have been answered."""

from __future__ import annotations

from typing import Any

import pytest
from api_calls import ELSEWHERE, TOKEN
from flask.testing import FlaskClient
from reporting import PHONE, report

from ordercall.web.context import Context
from reading import look
from web_app import Shop

ORDER = "/api/orders/6300000001001/status"


def refused(shop: Shop) -> int:
    """Return how many reports are remembered as refused."""
    context: Context = shop.app.extensions["ordercall"]
    context.refusals.write()
    return sum(row.number for row in shop.rows("SELECT number FROM refusals WHERE cause = 'report'"))


def send(shop: Shop, path: str, headers: dict[str, str], **said: Any) -> int:
    return shop.client(address=ELSEWHERE).post(path, json=said, headers=headers).status_code


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/outcomes", {}, 401),
        ("/api/outcomes", {"X-App-Token": "another"}, 401),
        ("/api/outcomes/in/another-secret", {}, 404),
        (ORDER, {"X-App-Token": "another"}, 401),
    ],
)
def test_a_report_that_is_not_let_in_is_remembered(shop: Shop, path: str, headers: dict[str, str], status: int) -> None:
    before = refused(shop)

    assert send(shop, path, headers, phone=PHONE, answer="confirmed") == status

    assert refused(shop) == before + 1


def test_what_is_let_in_or_no_report_is_not(shop: Shop) -> None:
    before = refused(shop)

    assert send(shop, "/api/outcomes", TOKEN, phone=PHONE) == 200
    assert send(shop, ORDER, TOKEN, status="Success") == 404
    assert shop.client(address=ELSEWHERE).get("/api/reports").status_code == 401
    assert send(shop, "/api/orders/6300000001001/sync", {}) == 401

    assert refused(shop) == before


def test_the_last_report_stands_beside_the_other_signs_of_life(shop: Shop, person: FlaskClient) -> None:
    assert look(person, "/").one(id="health").has("p", text="Last report never")

    report(shop, phone=PHONE, connection="no_answer")

    assert look(person, "/").one(id="health").one("p", text="Last report").has("time")


def test_people_are_told_that_customers_may_have_answered(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    assert not look(person, "/").has("p", css="ban", text="did not reach")

    shop.change(order_id, calling_state="on_campaign", calling_reason="not_heard")

    assert look(person, "/").has("p", css="ban", text="Reports of calls did not reach Ordercall. 1 customer may have")
    need = look(person, "/needs-you").one("li", id=f"order-{order_id}")
    assert need.has("a", text="Open order")
    assert "the customer may have answered" in need.text
