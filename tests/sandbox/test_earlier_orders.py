"""The orders from before the sandbox's start: what it knows of them, and how it forgets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playing import SECRET, Product, http

from ordercall.domain.orders.order import LARGEST_ID
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.server import Earlier, RunningSandbox, recall, run_in_thread, sandbox_beside
from ordercall.sandbox.shop import Shop
from ordercall.sandbox.shopify import FakeShopify
from ordercall.sandbox.talks import Answer
from ordercall.sandbox.webhooks import Webhooks
from waiting import until

LARGEST_OF_A_SCRIPT = 2**53 - 1
LARGEST_OF_SHOPIFY = 10**13
"""Shopify's ids have 13 digits in 2026."""


def shop_with(*orders: tuple[dict[str, object], str], last_number: int = 0) -> Shop:
    shop = Shop(FakeShopify())
    recall(shop, Earlier(orders, last_number))
    return shop


def test_numbers_continue_those_of_earlier_orders():
    shop = shop_with((make_order(1041), "Placed"), (make_order(1040), "Success"))

    assert shop.place_order().number == 1042


def test_numbers_continue_also_where_no_body_is_kept():
    assert shop_with(last_number=2_000).place_order().number == 2_001


def test_without_an_order_the_numbers_begin_at_1001():
    assert shop_with().place_order().number == 1001


@pytest.mark.parametrize(
    ("status", "said"), [("Placed", ""), ("Success", Answer.CONFIRMS), ("Failed", Answer.REFUSES), ("Returned", "")]
)
def test_an_earlier_order_comes_with_its_customers_answer(status, said):
    [order] = shop_with((make_order(1041), status)).orders

    assert order.said == said


def test_an_earlier_order_has_its_customer_and_phone():
    body = make_order(1041, state="Gujarat")

    [order] = shop_with((body, "Placed")).orders

    assert (order.body["shipping_address"]["last_name"], order.body["shipping_address"]["province"], order.phone) == (
        body["shipping_address"]["last_name"],
        "Gujarat",
        body["phone"],
    )
    assert order.placed_at.isoformat(timespec="seconds") == body["created_at"]


@pytest.fixture
def restarted(product: Product) -> Iterator[RunningSandbox]:
    """A sandbox that knows order #1041 of before its start, beside a product."""
    shopify = FakeShopify()
    shop = Shop(shopify, Webhooks(product.url, SECRET, shopify.shop_domain, pauses=[0.05] * 5))
    recall(shop, Earlier([(make_order(1041), "Placed")]))
    with run_in_thread(create_sandbox(FakeKalimera(), shopify, shop=shop)) as running:
        yield running


@pytest.mark.parametrize(
    ("action", "topic"), [("cancel", "orders/cancelled"), ("ship", "orders/fulfilled"), ("correct", "orders/updated")]
)
def test_everything_can_be_done_with_an_earlier_order(
    restarted: RunningSandbox, product: Product, action: str, topic: str
) -> None:
    [order] = restarted.sandbox.shop.orders
    with http(restarted.url) as page:
        answer = page.post(f"/orders/{order.order_id}/{action}", json={})
        shown = page.get("/").text

    until(lambda: product.webhooks(topic), "the webhook of the change has come")
    [(_, body)] = product.webhooks(topic)
    assert answer.status_code == 200
    assert json.loads(body)["id"] == order.order_id
    assert "none since the start" in shown


def test_earlier_orders_have_no_new_webhook(restarted: RunningSandbox, product: Product) -> None:
    restarted.sandbox.shop.place_order()
    until(lambda: product.requests, "the webhook of the new order has come")

    assert [json.loads(body)["name"] for _, _, body in product.requests] == ["#1042"]


def test_the_app_reads_earlier_orders(restarted: RunningSandbox) -> None:
    admin = f"{restarted.url}/shopify/admin/api/2026-10"
    with http(admin, **{"X-Shopify-Access-Token": "sandbox-access-token"}) as client:
        listed = client.get("/orders.json", params={"status": "any"}).json()["orders"]

    assert [order["name"] for order in listed] == ["#1041"]


def test_what_is_forgotten_is_not_shown_any_more_and_its_webhooks_are_not_sent_again(
    restarted: RunningSandbox, product: Product
) -> None:
    shop = restarted.sandbox.shop
    product.answers = [503] * 100
    forgotten = shop.place_order()
    until(lambda: product.requests, "the product has refused the order")

    with http(restarted.url) as page:
        assert page.post("/orders/forget", json={}).json() == {"success": True}
    tried = forgotten.delivery and forgotten.delivery.attempts

    product.answers = [503]
    later = shop.place_order()
    until(lambda: later.delivery and later.delivery.accepted, "a later order was refused once, too, and taken then")
    assert forgotten.delivery
    assert forgotten.delivery.attempts == tried
    assert not forgotten.delivery.accepted
    assert [order.number for order in shop.orders] == [1043]
    assert [order["name"] for order in restarted.sandbox.shopify.book.orders()] == ["#1043"]


def test_with_the_orders_it_is_forgotten_that_the_app_was_taken_out(restarted: RunningSandbox) -> None:
    restarted.sandbox.shop.uninstall()

    with http(restarted.url) as page:
        answer = page.post("/orders/forget")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/#orders")
    assert restarted.sandbox.shopify.tokens.app_installed


def test_the_campaign_of_before_has_no_window_left_so_that_the_product_sets_it_anew() -> None:
    app = sandbox_beside({"KALIMERA_CAMPAIGN_ID": "main", "KALIMERA_AUTH_TOKEN": "Bearer t"})
    with run_in_thread(app) as running, http(running.url, Authorization="Bearer t") as client:
        shown = client.get("/kalimera/campaign/main").json()

    assert datetime.fromisoformat(shown["end"]) <= datetime.now(UTC)


def test_no_id_is_one_that_a_real_order_could_have() -> None:
    shop = sandbox_beside({}).extensions["sandbox"].shop

    assert LARGEST_OF_SHOPIFY * 100 < shop.place_order().order_id < LARGEST_OF_A_SCRIPT < LARGEST_ID
