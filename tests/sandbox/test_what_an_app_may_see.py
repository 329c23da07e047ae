"""What Shopify denies an app, played: fields for which it lacks a scope, and protected customer data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playing import SECRET, Product, http
from shop_talk import ask, graphql, order_gid

from ordercall.sandbox.orders import make_order
from ordercall.sandbox.shop import Shop
from ordercall.sandbox.shopify import FakeShopify
from ordercall.sandbox.webhooks import Webhooks

ORDER = """
query order($id: ID!) { order(id: $id) {
  name email customer { first: firstName } shippingAddress { address1 city zip phone }
} }
"""
WITH_CUSTOMERS = ("read_orders", "read_customers")


@pytest.fixture
def order(shopify: FakeShopify, clock: Any) -> dict[str, Any]:
    order = make_order(1001, created_at=clock.minutes_ago(5), updated_at=clock.minutes_ago(5))
    shopify.add(order)
    return order


@pytest.fixture
def app(running: Any, page: httpx.Client, shopify: FakeShopify) -> Iterator[httpx.Client]:
    """The client of an app that may read orders and customers."""
    shopify.tokens.scopes = WITH_CUSTOMERS
    with http(f"{running.url}/shopify/admin/api/2026-10", **{"X-Shopify-Access-Token": shopify.token}) as client:
        yield client


def test_a_field_that_needs_another_scope_is_null_beside_an_error_with_its_path(app, page, order):
    whole = graphql(app, ORDER, id=order_gid(order))
    page.post("/control", json={"provider": "shopify", "may_read_customers": False})

    answer = graphql(app, ORDER, id=order_gid(order))

    assert "errors" not in whole
    assert answer["data"]["order"] == whole["data"]["order"] | {"customer": None}
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["order", "customer"], "ACCESS_DENIED")
    assert error["message"] == "Access denied for customer field. Required access: `read_customers` access scope."


@pytest.mark.parametrize("scopes", [("read_customers",), ()])
def test_a_root_that_is_denied_takes_all_with_it(app, shopify, order, scopes):
    shopify.tokens.scopes = scopes

    listed = graphql(app, "{ orders(first: 5) { nodes { name } } }")
    one = graphql(app, ORDER, id=order_gid(order))

    assert listed["data"] is None
    assert one["data"] == {"order": None}
    assert [error["path"] for error in (*listed["errors"], *one["errors"])] == [["orders"], ["order"]]


def test_a_scope_to_write_opens_what_the_one_to_read_does(app, shopify, order):
    shopify.tokens.scopes = ("write_orders", "write_customers")

    assert ask(app, ORDER, id=order_gid(order))["customer"] == {"first": order["customer"]["first_name"]}


def test_protected_data_is_null_in_graphql_with_an_error_for_each_field(app, page, order):
    page.post("/control", json={"provider": "shopify", "hides_customers": True})

    answer = graphql(app, ORDER, id=order_gid(order))

    nothing = dict.fromkeys(("address1", "zip", "phone"))
    assert answer["data"]["order"] == {
        "name": order["name"],
        "email": None,
        "customer": {"first": None},
        "shippingAddress": nothing | {"city": order["shipping_address"]["city"]},
    }
    denied = {tuple(error["path"][1:]) for error in answer["errors"]}
    assert denied == {("email",), ("customer", "first"), *(("shippingAddress", name) for name in nothing)}


def test_protected_data_is_null_by_rest_and_in_webhooks(app, shopify, order):
    shopify.hides_customers = True

    (listed,) = app.get("/orders.json", params={"status": "any"}).json()["orders"]
    one = app.get(f"/orders/{order['id']}.json").json()["order"]

    for body in (listed, one):
        assert (body["name"], body["phone"], body["email"], body["contact_email"]) == ("#1001", None, None, None)
        assert body["customer"]["first_name"] is None
        place = body["shipping_address"]
        assert (place["name"], place["address1"], place["zip"], place["city"]) == (
            *(None, None, None),
            order["shipping_address"]["city"],
        )
    assert shopify.order(order["id"]) == order


def test_a_webhook_hides_what_the_api_hides(product: Product):
    shopify = FakeShopify()
    shopify.hides_customers = True
    shop = Shop(shopify, Webhooks(product.url, SECRET, "sandbox-shop.myshopify.com"))

    placed = shop.place_order()
    assert placed.delivery is not None
    placed.delivery.ended.wait(30)
    shop.stop()

    ((_, body),) = product.webhooks("orders/create")
    sent = json.loads(body)
    assert (sent["id"], sent["phone"], sent["customer"]["last_name"]) == (placed.order_id, None, None)
    assert placed.phone
