"""Reports that are refused at the door are remembered, and people are told that calls may have been answered."""

from __future__ import annotations

from typing import Any

import pytest
from api_calls import ELSEWHERE, TOKEN
from flask.testing import FlaskClient
from reporting import PHONE, report, ring

from ordercall.domain.reports.words import ANY, Rule
from ordercall.intake.refusals import MOST_LOOKS
from ordercall.intake.report_reception import LARGEST_REPORT
from ordercall.web.context import Context
from reading import look
from web_app import Shop

ORDER = "/api/orders/6300000001001/status"
ANOTHER = {"X-App-Token": "another"}


def refused(shop: Shop) -> int:
    """Return how many reports are remembered as refused."""
    context: Context = shop.app.extensions["ordercall"]
    context.refusals.write()
    return sum(row.number for row in shop.rows("SELECT number FROM refusals WHERE cause = 'report'"))


def send(shop: Shop, path: str, headers: dict[str, str], **said: Any) -> int:
    return shop.client(address=ELSEWHERE).post(path, json=said, headers=headers).status_code


CLOSED_DOORS = [
    ("/api/outcomes", {}, 401),
    ("/api/outcomes", ANOTHER, 401),
    ("/api/outcomes/in/another-secret", {}, 404),
    (ORDER, ANOTHER, 401),
]


@pytest.mark.parametrize(("path", "headers", "status"), CLOSED_DOORS)
def test_a_report_of_a_call_that_waits_is_remembered_where_it_is_not_let_in(
    shop: Shop, path: str, headers: dict[str, str], status: int
) -> None:
    ring(shop)
    before = refused(shop)

    assert send(shop, path, headers, phone=PHONE, answer="confirmed") == status

    assert refused(shop) == before + 1


@pytest.mark.parametrize(("path", "headers", "status"), CLOSED_DOORS)
@pytest.mark.parametrize(
    "said", [{}, {"phone": "+919876500000"}, {"contact_id": "guess"}, {"call_id": "0" * 32}], ids=str
)
def test_a_stranger_at_a_closed_door_makes_nobody_look(
    shop: Shop, path: str, headers: dict[str, str], status: int, said: dict[str, str]
) -> None:
    ring(shop, 1002)
    before = refused(shop)

    assert send(shop, path, headers, answer="confirmed", **said) == status

    assert refused(shop) == before


@pytest.mark.parametrize("name", ["call_id", "contact_id", "phone", "shopify_id"])
def test_each_id_of_a_waiting_call_is_known_also_by_the_words_of_the_shops_agent(shop: Shop, name: str) -> None:
    order_id = ring(shop, contact="contact-7")
    [call_id] = [row.call_id for row in shop.rows("SELECT call_id FROM calls")]
    ids = {"call_id": call_id, "contact_id": "contact-7", "phone": PHONE, "shopify_id": order_id}
    context: Context = shop.app.extensions["ordercall"]
    context.words.teach(Rule("data.its_id", ANY, name, None), by="Asha")
    before = refused(shop)

    assert send(shop, "/api/outcomes", ANOTHER, data={"its_id": ids[name]}) == 401

    assert refused(shop) == before + 1


def test_an_order_that_is_decided_waits_for_no_report(shop: Shop) -> None:
    shop.change(ring(shop), confirmation_status="Success")
    before = refused(shop)

    assert send(shop, "/api/outcomes", ANOTHER, phone=PHONE) == 401

    assert refused(shop) == before


def test_whoever_knocks_without_end_is_not_looked_up_each_time(shop: Shop) -> None:
    ring(shop)
    before = refused(shop)

    for _ in range(3 * MOST_LOOKS):  # within two minutes of the clock at most
        send(shop, "/api/outcomes", ANOTHER, phone=PHONE)

    assert 0 < refused(shop) - before < 3 * MOST_LOOKS


def test_a_report_that_is_let_in_and_lost_is_remembered_whatever_it_says(shop: Shop) -> None:
    before = refused(shop)

    assert send(shop, "/api/outcomes", TOKEN, note="x" * LARGEST_REPORT) == 413

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
