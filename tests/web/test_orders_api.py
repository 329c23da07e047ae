"""The list of orders for programs: the filters of the dashboard, pages by a cursor, one order and what is its own."""

from __future__ import annotations

from typing import Any

import pytest
from api_calls import TOKEN, error_code
from flask.testing import FlaskClient

from ordercall.domain.orders.order import Status
from web_app import Shop


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [order["order_name"] for order in answer.json["orders"]]


def test_a_list_without_a_filter_has_all_orders_the_newest_first(shop: Shop, program: FlaskClient) -> None:
    shop.receive(1001)
    shop.pass_time(days=40)
    shop.receive(1002)

    assert names(program.get("/api/orders")) == ["#1002", "#1001"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=Success", ["#1003"]),
        ("status=off-campaign", ["#1006"]),
        ("reason=no_phone", ["#1006"]),
        ("q=1004", ["#1004"]),
        ("attempt=7", []),
        ("range=yesterday", []),
        ("from=2026-11-24&to=2026-11-24&status=Failed", ["#1005"]),
        ("from=0001-01-01&status=Failed", ["#1005"]),
        ("sort=name&limit=2", ["#1001", "#1002"]),
    ],
)
def test_a_filter_of_the_dashboard_narrows_the_list(
    mixed: Shop, program: FlaskClient, query: str, found: list[str]
) -> None:
    assert names(program.get(f"/api/orders?{query}")) == found


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("status=Lost", "InvalidParameter"),
        ("payment=", "InvalidParameter"),
        ("attempt=0", "InvalidParameter"),
        ("limit=101", "InvalidParameter"),
        ("from=yesterday", "InvalidParameter"),
        ("q=a&q=b", "InvalidParameter"),
        ("stauts=Failed", "UnknownParameter"),
        ("cursor=made-up", "InvalidCursor"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_and_not_left_out(program: FlaskClient, query: str, code: str) -> None:
    answer = program.get(f"/api/orders?{query}")

    assert (answer.status_code, error_code(answer)) == (400, code)


@pytest.mark.parametrize("sort", ["-placed", "placed", "total", "-name"])
def test_the_pages_of_a_list_have_each_order_once_though_new_ones_arrive(
    shop: Shop, program: FlaskClient, sort: str
) -> None:
    for number in range(1001, 1008):
        shop.receive(number)
    whole = names(program.get(f"/api/orders?sort={sort}"))

    read: list[str] = []
    cursor = ""
    while cursor is not None:
        page = program.get(f"/api/orders?sort={sort}&limit=3{cursor and f'&cursor={cursor}'}")
        read += names(page)
        cursor = page.json["next"]
        shop.receive(2000 + len(read), total_price="0.01")

    assert [name for name in read if name in whole] == whole


def test_a_cursor_is_of_one_sort_alone(mixed: Shop, program: FlaskClient) -> None:
    cursor = program.get("/api/orders?limit=1").json["next"]

    answer = program.get(f"/api/orders?sort=name&cursor={cursor}")

    assert error_code(answer) == "InvalidCursor"


def test_one_order_has_its_call_and_what_is_known_of_it(shop: Shop, program: FlaskClient) -> None:
    number = shop.receive(1001)

    order = program.get(f"/api/orders/{number}", headers=TOKEN).json["order"]

    assert (order["shopify_id"], order["confirmation_status"], order["hold"]) == (number, "Placed", None)
    assert order["call"]["state"] == "planned"


@pytest.mark.parametrize("more", ["", "/timeline", "/calls"])
def test_an_order_that_is_not_there_is_unknown(program: FlaskClient, more: str) -> None:
    answer = program.get(f"/api/orders/1{more}", headers=TOKEN)

    assert (answer.status_code, error_code(answer)) == (404, "UnknownOrder")


def test_a_timeline_is_read_fifty_entries_at_a_time(shop: Shop, program: FlaskClient) -> None:
    number = shop.receive(1001)
    for _ in range(30):
        for status in (Status.SUCCESS, Status.PLACED):
            shop.context.orders.change_status(number, status, by="a test")

    first = program.get(f"/api/orders/{number}/timeline", headers=TOKEN).json
    second = program.get(f"/api/orders/{number}/timeline?before={first['before']}", headers=TOKEN).json

    ids = [entry["id"] for entry in first["entries"] + second["entries"]]
    assert (len(first["entries"]), second["before"]) == (50, None)
    assert ids == sorted(ids, reverse=True)
    assert second["entries"][-1]["event"] == "Shopify_Webhook_Received"
