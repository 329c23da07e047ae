"""Signed bodies that are no order, under the topic of one: kept with what they are, and nobody is rung."""

from __future__ import annotations

import json
from typing import Any

import pytest
from receiving import Shop

from makers import make_body


def kept(shop: Shop) -> list[tuple[Any, ...]]:
    return shop.rows("SELECT outcome, reason FROM deliveries")


XML = b'<?xml version="1.0" encoding="UTF-8"?>\n<order><id type="integer">1001</id><phone>+915550000042</phone></order>'


def test_an_order_in_xml_is_kept_and_its_format_named(shop: Shop) -> None:
    assert shop.outcome_of(XML) == "unreadable"
    assert kept(shop) == [
        (
            "unreadable",
            "The body is XML: its webhook has the format XML. Set it to JSON in Shopify, or run: "
            "ordercall shopify connect",
        )
    ]


CUSTOMER = {"id": 7, "email": "asha@example.com", "phone": "+915550000042", "first_name": "Asha"}
LINES = [{"id": 1, "title": "Steel Tiffin", "quantity": 1}]
ORDER_LIKE = {"id": 1, "name": "#9812", "phone": "+915550000042", "customer": CUSTOMER, "line_items": LINES}
NAMED = "The body is not an order: its admin_graphql_api_id names another resource."
OF_AN_ORDER = "The body is not an order: it has the fields of a shop or of a part of an order."
OTHER_RESOURCES: dict[str, tuple[dict[str, Any], str]] = {
    "a checkout": (
        ORDER_LIKE | {"token": "b490a9220cd14d7344024f4874f640a6", "cart_token": "68778783ad298f1c80c3bafcddeea02f"},
        "The body is not an order but a checkout.",
    ),
    "a checkout that was left": (
        ORDER_LIKE | {"abandoned_checkout_url": "https://checkout.example/1", "completed_at": None},
        "The body is not an order but a checkout.",
    ),
    "a whole order's fields, and a checkout": (
        json.loads(make_body())
        | {"admin_graphql_api_id": None, "abandoned_checkout_url": "https://checkout.example/1"},
        "The body is not an order but a checkout.",
    ),
    "a draft order": (
        ORDER_LIKE | {"invoice_url": "https://shop.example/invoices/1", "status": "open"},
        "The body is not an order but a draft order.",
    ),
    "a draft order by its id": (ORDER_LIKE | {"admin_graphql_api_id": "gid://shopify/DraftOrder/1"}, NAMED),
    "a draft order that became an order": (ORDER_LIKE | {"order_id": 450789469}, OF_AN_ORDER),
    "a product": ({"id": 1, "title": "Steel Tiffin", "variants": []}, "The body is not an order but a product."),
    "a product by its id": ({"id": 1, "admin_graphql_api_id": "gid://shopify/Product/1"}, NAMED),
    "a customer": (CUSTOMER | {"orders_count": 3}, "The body is not an order but a customer."),
    "a customer by its id": (CUSTOMER | {"admin_graphql_api_id": "gid://shopify/Customer/7"}, NAMED),
    "a refund": ({"id": 1, "order_id": 450789469, "note": None}, OF_AN_ORDER),
    "a shop": ({"id": 1, "name": "Super Toys", "shop_owner": "John Smith"}, OF_AN_ORDER),
}


@pytest.mark.parametrize("topic", ["orders/create", "orders/updated", "orders/paid"])
@pytest.mark.parametrize(("resource", "reason"), OTHER_RESOURCES.values(), ids=list(OTHER_RESOURCES))
def test_a_signed_body_of_another_resource_is_kept_as_unused_and_nobody_is_rung(
    shop: Shop, resource: dict[str, Any], reason: str, topic: str
) -> None:
    assert shop.outcome_of(json.dumps(resource).encode(), topic=topic) == "unused"

    assert kept(shop) == [("unused", reason)]
    assert shop.counts() == {"deliveries": 1, "orders": 0, "logs": 0, "procrastinate_jobs": 0}
