"""The fake shop's REST: the list of orders, the rate limit, closed versions, and the webhooks of each change."""

from __future__ import annotations

import httpx
import pytest
from playing import http
from shop_talk import orders

from ordercall.sandbox.orders import make_order


def names(answer: httpx.Response) -> list[str]:
    return [order["name"] for order in answer.json()["orders"]]


def test_the_list_of_orders_is_read_page_by_page(to_shopify, shopify, clock):
    for order in orders(clock, 5):
        shopify.add(order)

    first = to_shopify.get("/orders.json", params={"status": "any", "limit": 3, "order": "updated_at asc"})
    second = to_shopify.get(first.links["next"]["url"])

    assert names(first) + names(second) == ["#1001", "#1002", "#1003", "#1004", "#1005"]
    assert "next" not in second.links


def test_the_list_can_be_asked_for_what_changed_since(to_shopify, shopify, clock):
    for order in orders(clock, 5):
        shopify.add(order)

    changed = to_shopify.get("/orders.json", params={"status": "any", "updated_at_min": clock.minutes_ago(2)})

    assert sorted(names(changed)) == ["#1004", "#1005"]


def test_a_cancelled_order_is_listed_with_status_any_only(to_shopify, shopify):
    order = make_order(1001)
    shopify.add(order)
    shopify.cancel(order["id"])

    assert names(to_shopify.get("/orders.json")) == []
    assert names(to_shopify.get("/orders.json", params={"status": "any"})) == ["#1001"]


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": "251"},
        {"limit": "none"},
        {"updated_at_min": "yesterday"},
        {"status": "lost"},
        {"page_info": "none"},
        {"page_info": "e30=", "status": "any"},
    ],
    ids=str,
)
def test_a_list_that_cannot_be_asked_for_is_refused(to_shopify, asked):
    assert to_shopify.get("/orders.json", params=asked).status_code == 400


def test_the_forty_first_call_at_once_is_throttled_until_the_bucket_has_leaked(to_shopify, shopify, clock):
    calls = [to_shopify.get("/orders.json") for _ in range(41)]
    clock.forward(seconds=1)

    assert [call.status_code for call in calls] == [200] * 40 + [429]
    assert calls[0].headers["X-Shopify-Shop-Api-Call-Limit"] == "1/40"
    assert calls[-1].headers["Retry-After"] == "2.0"
    assert to_shopify.get("/orders.json").status_code == 200


@pytest.mark.parametrize(
    ("asked", "answered"),
    [("2026-10", "2026-10"), ("2024-07", "2026-01"), ("never", "2026-01"), ("2027-01", "2027-01")],
)
def test_a_closed_version_falls_forward_to_the_oldest_that_is_open(running, shopify, asked, answered):
    admin = f"{running.url}/shopify/admin/api/{asked}"
    with http(admin, **{"X-Shopify-Access-Token": shopify.token}) as client:
        assert client.get("/orders.json").headers["X-Shopify-API-Version"] == answered


def test_every_change_has_an_update_beside_its_own_webhook(shopify):
    topics: list[str] = []
    shopify.book.on_event.append(lambda topic, _body: topics.append(topic))
    order = make_order(1001)
    shopify.add(order)
    shopify.book.tag(order["id"], ["confirmed"])
    shopify.cancel(order["id"])
    shopify.cancel(order["id"])

    assert topics == ["orders/updated", "orders/cancelled", "orders/updated"]


def test_what_was_paid_for_stays_paid_when_it_is_cancelled(shopify):
    for number, financial_status in ((1001, "pending"), (1002, "paid")):
        shopify.add(make_order(number, id=number, financial_status=financial_status))
        shopify.cancel(number)

    assert [shopify.order(number)["financial_status"] for number in (1001, 1002)] == ["voided", "paid"]


def test_an_edit_of_one_line_keeps_the_others(shopify):
    lines = [{"id": 1, "current_quantity": 1}, {"id": 2, "current_quantity": 5}]
    shopify.add(make_order(1001, id=1, line_items=lines))

    shopify.book.edit(1)

    assert [line["current_quantity"] for line in shopify.order(1)["line_items"]] == [2, 5]
