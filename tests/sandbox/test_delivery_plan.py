"""The faults of webhook delivery, and the webhooks of what happens to an order in the shop."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest
from playing import SECRET

from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.delivery_plan import DeliveryPlan
from ordercall.sandbox.server import run_in_thread
from ordercall.sandbox.shop import Shop
from ordercall.sandbox.shopify import FakeShopify
from ordercall.sandbox.webhooks import Webhooks, signature
from waiting import LONG, until


@pytest.fixture
def shopify():
    return FakeShopify()


@pytest.fixture
def shop(product, shopify):
    shop = Shop(shopify, Webhooks(product.url, SECRET, "s.myshopify.com", other_secrets={"previous": "older"}))
    yield shop
    shop.stop()


def topics(product):
    return Counter(headers["X-Shopify-Topic"] for _, headers, _ in product.requests)


def test_every_tenth_webhook_is_lost_and_every_fifth_comes_twice(product, shop):
    shop.webhooks.plan.change({"drop_every": 10, "twice_every": 5})

    numbers = [shop.place_order().number for _ in range(20)]
    until(lambda: len(product.requests) == 20, "what is not lost has come")

    came = Counter(json.loads(body)["order_number"] for _, _, body in product.requests)
    assert [came[number] for number in numbers] == [1, 1, 1, 1, 2, 1, 1, 1, 1, 0] * 2
    assert (shop.webhooks.plan.sent, shop.webhooks.plan.lost) == (20, 2)


def test_what_is_held_back_comes_after_what_was_sent_later(product, shop):
    shop.webhooks.plan.change({"late_every": 2, "late_seconds": 1})

    for _ in range(3):
        shop.place_order()
    until(lambda: len(product.requests) == 3, "all three have come")

    assert json.loads(product.requests[-1][2])["order_number"] == 1002


def test_headers_may_be_of_the_new_family_and_signed_with_another_secret(product, shop):
    shop.webhooks.plan.change({"family": "shopify", "signed_with": "previous"})

    shop.place_order().delivery.wait(LONG)

    [(_, headers, body)] = product.requests
    assert headers["shopify-Hmac-SHA256"] == signature(body, "older")
    assert headers["shopify-Topic"] == "orders/create"


def test_a_webhook_may_be_signed_with_a_secret_that_the_product_does_not_know(product, shop):
    shop.webhooks.plan.change({"signed_with": "foreign"})

    shop.place_order().delivery.wait(LONG)

    [(_, headers, body)] = product.requests
    assert headers["X-Shopify-Hmac-SHA256"] not in (signature(body, SECRET), signature(body, "older"))


@pytest.mark.parametrize(
    "wanted", [{"drop_every": "often"}, {"late_seconds": "nan"}, {"family": "x"}, {"signed_with": "mine"}]
)
def test_a_plan_that_cannot_be_read_changes_nothing(wanted):
    plan = DeliveryPlan()

    with pytest.raises(ValueError, match="must be"):
        plan.change({"twice_every": 5} | wanted)

    assert plan.to_json() == DeliveryPlan().to_json()


@pytest.mark.parametrize(
    ("action", "webhooks"),
    [
        ("pay", {"orders/paid": 1, "orders/updated": 1}),
        ("correct", {"orders/updated": 1}),
        ("edit", {"orders/edited": 1, "orders/updated": 1}),
        ("empty", {"orders/edited": 1, "orders/updated": 1}),
        ("archive", {"orders/updated": 1}),
        ("void", {"orders/updated": 1}),
        ("take_back", {"orders/updated": 1}),
        ("hold", {"fulfillment_holds/added": 1, "orders/updated": 1}),
        ("ship_part", {"orders/fulfilled": 1, "orders/updated": 1}),
        ("delete", {"orders/delete": 1}),
        ("refund", {"refunds/create": 1, "orders/updated": 1}),
        ("redact", {"customers/redact": 1}),
        ("data_request", {"customers/data_request": 1}),
    ],
)
def test_what_happens_to_an_order_has_the_webhooks_that_shopify_sends(product, shop, shopify, action, webhooks):
    shopify.fulfilment.after = timedelta(0)
    with run_in_thread(create_sandbox(shopify=shopify, shop=shop)) as running:
        order_id = shop.place_order().order_id
        running.app.test_client().post(f"http://localhost/orders/{order_id}/change", data={"action": action})
        until(lambda: len(product.requests) == 1 + sum(webhooks.values()), "all have come")

    assert topics(product) == {"orders/create": 1} | webhooks


def test_a_corrected_phone_is_the_one_that_the_customer_answers(product, shop):
    placed = shop.place_order()
    before = placed.phone

    shop.correct(placed.order_id)

    assert placed.phone not in (before, None)
    assert shop.orders_of(placed.phone) == [placed]


def test_the_plan_is_set_on_the_page(product, shop):
    with run_in_thread(create_sandbox(shop=shop)) as running:
        client = running.app.test_client()
        by_form = client.post("http://localhost/deliveries", data={"drop_every": "10"})
        by_json = client.post("http://localhost/deliveries", json={"twice_every": 5})
        wrong = client.post("http://localhost/deliveries", json={"twice_every": "x"})
        page = client.get("http://localhost/").text

    assert (by_form.status_code, by_json.json["drop_every"], wrong.status_code) == (303, 10, 400)
    assert 'name="drop_every" min="0" max="1000" value="10"' in page


def test_an_app_that_is_uninstalled_has_a_webhook_and_no_valid_token(product, shop, shopify):
    granted = shopify.tokens.grant(shopify.tokens.client_id, shopify.tokens.client_secrets[0])
    with run_in_thread(create_sandbox(shop=shop)) as running:
        running.app.test_client().post("http://localhost/app/uninstall")
        until(lambda: len(product.requests) == 1, "the webhook has come")
        dead = [shopify.tokens.scopes_of(token) for token in (shopify.token, granted)]
        running.app.test_client().post("http://localhost/app/install")

    [(_, headers, body)] = product.requests
    assert (headers["X-Shopify-Topic"], json.loads(body)["shop_owner"]) == ("app/uninstalled", "Asha Iyer")
    assert dead == [None, None]
    assert shopify.tokens.scopes_of(shopify.token)
    assert shopify.tokens.scopes_of(granted) is None
