"""The sandbox's shop sends the product webhooks of its orders, and its customers answer the call."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import datetime, timedelta

import phonenumbers
import pytest
from playing import CANCELLATION, INDIA, SECRET, add, create, http, window

from ordercall.providers.shopify.payload import read_order
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.orders import PEOPLE, fictional_phone, make_order
from ordercall.sandbox.server import run_in_thread
from ordercall.sandbox.shop import Shop
from ordercall.sandbox.shopify import FakeShopify
from ordercall.sandbox.talks import Answer
from ordercall.sandbox.webhooks import Webhooks
from waiting import LONG, until


@pytest.mark.parametrize("number", range(1001, 1001 + len(PEOPLE)))
def test_an_order_is_one_that_the_product_can_read(number):
    order = read_order(json.dumps(make_order(number)).encode())

    assert (order.order_name, order.customer_phone, order.currency, order.is_cod) == (
        f"#{number}",
        fictional_phone(number),
        "INR",
        True,
    )
    assert order.state
    assert order.remarks == ()


def test_an_order_can_be_changed():
    order = make_order(1001, state="Gujarat", phone=None, id=7, test=True, note="Ring the bell.")

    assert order["shipping_address"]["province"] == "Gujarat"
    assert read_order(json.dumps(order).encode()).customer_phone is None
    assert (order["admin_graphql_api_id"], order["test"], order["note"]) == (
        "gid://shopify/Order/7",
        True,
        "Ring the bell.",
    )


@pytest.mark.parametrize("number", [0, 1, 1001, 4_500_000, 9_999_999])
def test_a_fictional_phone_is_possible_but_nobodys(number):
    phone = phonenumbers.parse(fictional_phone(number))

    assert phonenumbers.is_possible_number(phone)
    assert not phonenumbers.is_valid_number(phone)


def test_a_placed_order_arrives_as_a_signed_webhook(product):
    shopify, webhooks = FakeShopify(), Webhooks(product.url, SECRET, "shop.myshopify.com")
    shop = Shop(shopify, webhooks)

    placed = shop.place_order(state="Gujarat", test=True)

    assert placed.delivery.wait(LONG) == 200
    [(path, headers, body)] = product.requests
    expected = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    assert path == "/shopify/webhook"
    assert headers["X-Shopify-Hmac-SHA256"] == expected
    assert headers["X-Shopify-Shop-Domain"] == "shop.myshopify.com"
    assert headers["X-Shopify-Test"] == "true"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", headers["X-Shopify-Triggered-At"])
    assert json.loads(body) == shopify.order(placed.order_id)
    shop.stop()


def test_a_webhook_is_repeated_unchanged_until_it_is_accepted(product):
    product.answers = [503, 500]
    shop = Shop(FakeShopify(), Webhooks(product.url, SECRET, "shop.myshopify.com", pauses=(0.01, 0.01, 0.01)))

    placed = shop.place_order()

    assert placed.delivery.wait(LONG) == 200
    ids = [headers["X-Shopify-Webhook-Id"] for headers, _ in product.webhooks("orders/create")]
    bodies = {body for _, body in product.webhooks("orders/create")}
    assert (len(ids), len(set(ids)), len(bodies)) == (3, 1, 1)
    shop.stop()


def test_a_webhook_is_given_up_in_the_end(product):
    product.answers = [503] * 3
    shop = Shop(FakeShopify(), Webhooks(product.url, SECRET, "shop.myshopify.com", pauses=(0.01, 0.01)))

    placed = shop.place_order()

    assert placed.delivery.wait(LONG) == 503
    assert placed.delivery.attempts == 3
    shop.stop()


def test_a_cancellation_by_the_merchant_and_by_the_product_has_a_webhook(product):
    shopify = FakeShopify()
    shop = Shop(shopify, Webhooks(product.url, SECRET, "shop.myshopify.com"))
    by_merchant, by_product = shop.place_order(), shop.place_order()

    with (
        run_in_thread(create_sandbox(shopify=shopify, shop=shop)) as running,
        http(running.url, **{"X-Shopify-Access-Token": shopify.token}) as client,
    ):
        shop.book.cancel(by_merchant.order_id)
        client.post(f"/shopify/admin/api/2026-10/orders/{by_product.order_id}/cancel.json", json=CANCELLATION)
        until(lambda: len(product.webhooks("orders/cancelled")) == 2, "both webhooks have come")

    cancelled = {
        json.loads(body)["id"]: json.loads(body)["cancelled_at"] for _, body in product.webhooks("orders/cancelled")
    }
    assert cancelled.keys() == {by_merchant.order_id, by_product.order_id}
    assert all(cancelled.values())


def test_customers_answer_the_call_and_the_agent_reports(product, street):
    _, shop, client = street
    orders = [shop.place_order(answer) for answer in (Answer.CONFIRMS, Answer.REFUSES, Answer.SILENT)]
    client.put("/campaign/main", json=window("sandbox-agent-english"))

    add(client, *[create(client, order.phone) for order in orders])
    until(lambda: all(order.said for order in orders) and len(product.reports()) == 2, "all have answered")

    confirmed, refused, silent = (f"/api/orders/{order.order_id}/status" for order in orders)
    assert product.reports() == {confirmed: "Success", refused: "Failed"}
    assert silent not in product.reports()
    assert product.requests[0][1]["X-App-Token"] == "app-token"


def test_one_call_settles_all_orders_of_a_phone(product, street):
    _, shop, client = street
    first = shop.place_order(Answer.CONFIRMS)
    second = shop.place_order(Answer.REFUSES, same_customer=True)
    client.put("/campaign/main", json=window("sandbox-agent-english"))

    add(client, create(client, first.phone))
    until(lambda: len(product.reports()) == 2, "both are reported")

    assert second.phone == first.phone
    assert (first.said, second.said) == (Answer.CONFIRMS, Answer.REFUSES)


def test_nobody_is_rung_outside_the_window(product, street):
    running, shop, client = street
    running.sandbox.kalimera.update_reaches_listed = False
    early, late, open_now = shop.place_order(), shop.place_order(), shop.place_order()
    now = datetime.now(INDIA).replace(microsecond=0)

    for order, start in (
        (late, now - timedelta(hours=3)),
        (early, now + timedelta(hours=1)),
        (open_now, now),
    ):
        client.put("/campaign/main", json=window("sandbox-agent-english", start))
        add(client, create(client, order.phone))
    until(lambda: open_now.report, "the one whose window is open is reported")

    assert (early.said, late.said) == ("", "")


def test_a_report_is_repeated_while_the_product_answers_503(product, street, monkeypatch):
    monkeypatch.setattr("ordercall.sandbox.agent.PAUSES", (0.01,))
    product.answers = [503]
    _, shop, client = street
    order = shop.place_order(Answer.CONFIRMS)
    client.put("/campaign/main", json=window("sandbox-agent-english"))

    add(client, create(client, order.phone))
    until(lambda: order.report == "Success: 200", "the report is accepted")

    assert len(product.requests) == 2
