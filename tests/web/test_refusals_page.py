"""The page of refusals: which products, states and pincodes refuse most, and what calls cost and saved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from flask.testing import FlaskClient
from reporting import report, ring
from sqlalchemy import insert, update

from ordercall.sandbox.orders import make_order
from ordercall.storage.tables import call_orders, calls, orders
from reading import look, names, tiles
from web_app import Page, Shop

PAGE = "/reports/refusals"


def answered(shop: Shop, first: int, state: str, answers: Iterable[str], **columns: Any) -> list[int]:
    """Store an order for each of the answers, with a call that was answered so."""
    bodies = [make_order(first + place, created_at=shop.now.isoformat()) for place, _ in enumerate(answers)]
    shop.store(*bodies)
    with shop.db.begin() as tx:
        for body, answer in zip(bodies, answers, strict=True):
            mine = orders.c.shopify_id == body["id"]
            tx.execute(update(orders).where(mine).values(state=state, zip="", product_title="", **columns))
            _call(tx, shop, body["id"], f"{body['id']}-1", answer)
    return [body["id"] for body in bodies]


def _call(tx: Any, shop: Shop, order: int, call_id: str, answer: str | None, **columns: Any) -> None:
    now = shop.now.timestamp()
    call = {"call_id": call_id, "state": "answered", "planned_at": now, "changed_at": now, "agent_id": "agent-en"}
    tx.execute(insert(calls).values(call | columns))
    tx.execute(insert(call_orders).values(shopify_id=order, call_id=call_id, is_live=0, answer=answer))


def rows(page: Page, kind: str) -> list[tuple[str, ...]]:
    table = page.one("section", aria_labelledby=f"by-{kind}").one("tbody")
    cells = [(row.one("th"), *row.all("td")) for row in table.all("tr")]
    return [(name.text, *(cell.text for cell in (share, *rest))) for name, share, _, *rest in cells]


@pytest.fixture
def shop_of_two(shop: Shop) -> Shop:
    answered(shop, 1001, "Bihar", ["refused"] * 20 + ["confirmed"] * 20)
    answered(shop, 1101, "Goa", ["refused"] * 2 + ["confirmed"] * 58)
    answered(shop, 1201, "Kerala", ["refused"] * 5 + ["confirmed"] * 24)
    return shop


def test_each_rate_has_its_counts_its_interval_and_how_it_stands_to_the_shop(
    shop_of_two: Shop, person: FlaskClient
) -> None:
    page = look(person, PAGE)

    assert page.has("p", text="27 of 129 orders that were answered were refused: 21 %")
    assert rows(page, "state") == [
        ("Bihar", "50 %", "35 to 65 %", "20 of 40", "above"),
        ("Goa", "3 %", "1 to 11 %", "2 of 60", "below"),
    ]
    assert page.has("p", text="1 with fewer than 30 answers, 5 refused of 29 together: too few to say.")


def test_a_row_leads_to_the_orders_that_it_counts_as_refused(shop_of_two: Shop, person: FlaskClient) -> None:
    link = look(person, PAGE).one("a", text="Goa").attrs["href"]

    assert sorted(names(look(person, link))) == ["#1101", "#1102"]


def test_the_last_answer_of_an_order_counts(shop: Shop, person: FlaskClient) -> None:
    (order,) = answered(shop, 1001, "Goa", ["refused"])
    with shop.db.begin() as tx:
        _call(tx, shop, order, f"{order}-2", "confirmed")
        _call(tx, shop, order, f"{order}-3", None, state="unanswered")

    page = look(person, PAGE)

    assert page.has("p", text="0 of 1 orders that were answered were refused")
    assert tiles(page)["Calls"][0] == "3"
    assert tiles(page)["Answered"] == ("2", "67 % of them")


@pytest.mark.parametrize(("asked", "number"), [("?from=2026-11-24&to=2026-11-24", 1), ("?to=2026-11-23", 0)])
def test_the_page_is_of_any_days(shop: Shop, person: FlaskClient, asked: str, number: int) -> None:
    answered(shop, 1001, "Goa", ["refused"])

    assert tiles(look(person, PAGE + asked))["Refused, not sent"][0] == str(number)


def test_what_was_saved_is_said_only_where_the_shop_has_said_the_prices(shop: Shop, person: FlaskClient) -> None:
    answered(shop, 1001, "Goa", ["refused"], total_price=250, fulfillment_status=None)
    answered(shop, 1002, "Goa", ["refused"], total_price=300, fulfillment_status="fulfilled")

    said = tiles(look(person, PAGE))

    assert said["Refused, not sent"] == ("1", "worth ₹250")
    assert said["Saved"] == ("–", "RETURN_PRICE says what a returned parcel costs")
    assert said["Calls"] == ("2", "CALL_PRICE says what one costs")


def test_with_prices_it_says_what_calls_cost_and_what_was_saved(new_shop: Any) -> None:
    shop: Shop = new_shop(CALL_PRICE="2.50", RETURN_PRICE="120")
    answered(shop, 1001, "Goa", ["refused", "confirmed"], fulfillment_status=None)

    said = tiles(look(shop.person(), PAGE))

    assert said["Calls"] == ("2", "cost ₹5")
    assert said["Saved"] == ("₹115", "if each had come back: ₹120 less the calls")


def test_a_joint_call_is_one_call(shop: Shop, person: FlaskClient) -> None:
    answered(shop, 1001, "Goa", ["confirmed", "confirmed"])
    with shop.db.begin() as tx:
        tx.execute(update(calls).values(rings_with="together"))

    assert tiles(look(person, PAGE))["Calls"][0] == "1"


def test_a_shop_without_answers_says_so(person: FlaskClient) -> None:
    assert look(person, PAGE).has("p", text="No order of this period was answered by phone.")


def test_refusals_are_grouped_by_the_reason_as_it_was_said(shop: Shop, person: FlaskClient) -> None:
    for number, reason, quote in ((1001, "Too expensive", "too much for me"), (1002, "too  expensive", None)):
        refuse(shop, number, reason=reason, quote=quote, duration_seconds=90)
    refuse(shop, 1003, reason=None, quote=None)

    page = look(person, PAGE)

    reasons = page.one("section", aria_labelledby="by-reason")
    assert [row.text for row in reasons.one("tbody").all("tr")] == ["too expensive 2 #1002 #1001 “too much for me”"]
    assert reasons.has("p", text="1 said no reason, or it is no longer kept.")
    assert tiles(page)["Answered"] == ("3", "100 % of them, 3 min of talk in the 2 that tell")


def refuse(shop: Shop, number: int, **said: Any) -> int:
    order = ring(shop, number, phone=f"+91987654{number}")
    report(shop, shopify_id=order, answer="refused", **said)
    return order
