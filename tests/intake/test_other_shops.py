"""Orders of another shop that has the same app: kept with the reason, and nobody is rung and nothing cancelled."""

from __future__ import annotations

import json

import pytest
from receiving import Shop, make_reception

from makers import NOW, ORDER_ID, make_body, make_headers
from ordercall.intake.reception import WebhookAnswer
from ordercall.services.own_shop import OTHER_SHOP
from ordercall.storage.engine.database import Database
from ordercall.storage.records import shop_names

CANCELLED = "2026-11-23T12:00:00+05:30"
REFUND = json.dumps({"id": 929361462, "order_id": ORDER_ID}).encode()
DELETION = json.dumps({"id": ORDER_ID}).encode()
OTHERS = [
    "dev-store.myshopify.com",
    "shop-2.myshopify.com",
    "ashop.myshopify.com",
    "DEV-STORE.myshopify.com",
    "dev-store",
]
OURS = [
    "sandbox-shop.myshopify.com",
    "shop.myshopify.com",
    "Shop.MyShopify.com",
    " shop.myshopify.com ",
    "shop",
    "",
    "   ",
]


def send(shop: Shop, domain: str | None, body: bytes | None = None, **about: str) -> WebhookAnswer:
    """Deliver in the name of a shop; None: the header is not there."""
    body = make_body() if body is None else body
    headers = [each for each in make_headers(body, **about) if each[0] != "X-Shopify-Shop-Domain"]
    headers += [("X-Shopify-Shop-Domain", domain)] if domain is not None else []
    return shop.reception.answer(headers, body)


@pytest.mark.parametrize("domain", OTHERS)
@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("orders/create", make_body()),
        ("orders/updated", make_body(tags="vip")),
        ("orders/cancelled", make_body(cancelled_at=CANCELLED)),
        ("refunds/create", REFUND),
        ("orders/delete", DELETION),
    ],
)
def test_an_order_of_another_shop_is_kept_as_unused_with_the_reason(
    shop: Shop, domain: str, topic: str, body: bytes
) -> None:
    answer = send(shop, domain, body, topic=topic)

    assert answer == WebhookAnswer(200, {"success": True, "outcome": "unused"})
    assert shop.counts() == {"deliveries": 1, "orders": 0, "logs": 0, "procrastinate_jobs": 0}
    assert shop.rows("SELECT reason, shop, body FROM deliveries") == [(OTHER_SHOP, domain, body)]


def test_another_shops_cancellation_leaves_our_order_of_that_id_alone(shop: Shop) -> None:
    send(shop, "shop.myshopify.com")

    send(
        shop,
        "dev-store.myshopify.com",
        make_body(cancelled_at=CANCELLED),
        topic="orders/cancelled",
        webhook_id="delivery-2",
    )

    assert shop.rows("SELECT confirmation_status, calling_state FROM orders") == [("Placed", "queued")]


@pytest.mark.parametrize("first", ["the order", "the deletion"])
def test_another_shops_deletion_leaves_our_order_of_that_id_alone(shop: Shop, first: str) -> None:
    said = [
        lambda: send(shop, "shop.myshopify.com"),
        lambda: send(shop, "dev-store.myshopify.com", DELETION, topic="orders/delete", webhook_id="delivery-2"),
    ]
    for say in said if first == "the order" else reversed(said):
        say()

    assert shop.rows("SELECT shopify_deleted_at, calling_state FROM orders") == [(None, "queued")]


@pytest.mark.parametrize("domain", [*OURS, None])
def test_our_orders_are_taken_in_however_the_header_is_written_and_without_it(shop: Shop, domain: str | None) -> None:
    assert send(shop, domain).body["outcome"] == "recorded"


@pytest.mark.parametrize("domain", [*OTHERS, *OURS, None])
def test_where_no_shop_is_set_no_order_is_another_shops(database: Database, domain: str | None) -> None:
    shop = Shop(database, make_reception(database, store=""))

    assert send(shop, domain).body["outcome"] == "recorded"


@pytest.mark.parametrize("domain", ["new-name.myshopify.com", "New-Name.myshopify.com", "shop.myshopify.com"])
def test_a_shop_that_was_renamed_is_known_by_both_names_once_shopify_has_said_so(shop: Shop, domain: str) -> None:
    with shop.database.begin() as tx:
        shop_names.remember(tx, "gid://shopify/Shop/1", {"shop.myshopify.com", "new-name.myshopify.com"}, now=NOW)

    assert send(shop, domain).body["outcome"] == "recorded"


def test_another_shop_whose_name_was_learnt_before_stays_another(shop: Shop) -> None:
    with shop.database.begin() as tx:
        shop_names.remember(tx, "gid://shopify/Shop/1", {"shop.myshopify.com"}, now=NOW)
        shop_names.remember(tx, "gid://shopify/Shop/2", {"dev-store.myshopify.com"}, now=NOW)

    assert send(shop, "dev-store.myshopify.com").body["outcome"] == "unused"


def test_a_batch_of_both_shops_brings_only_ours(shop: Shop) -> None:
    outcomes = [
        send(shop, domain, make_body(number), webhook_id=f"delivery-{number}").body["outcome"]
        for number, domain in enumerate(["shop.myshopify.com", "dev-store.myshopify.com"] * 3, 1)
    ]

    assert outcomes == ["recorded", "unused"] * 3
    assert shop.count("orders") == 3
