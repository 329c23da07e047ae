"""An app that may not see all: by its scopes, and for want of access to protected customer data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from installation import SECRET, Installation
from ordercall.domain.hidden_customers import ENOUGH
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.shop import Shop
from ordercall.sandbox.shopify import FakeShopify
from ordercall.sandbox.webhooks import Webhooks
from waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.sqlite]

BY_GRAPHQL = {"SHOPIFY_ADMIN_API": "graphql"}
MOBILE = "+919000000041"


def open_shop(shopify: FakeShopify, installation: Installation) -> Shop:
    return Shop(shopify, Webhooks(installation.url, SECRET, "sandbox-shop.myshopify.com"))


def calling(installation: Installation) -> dict[str, int]:
    query = "SELECT coalesce(calling_reason, calling_state), count(*) FROM orders GROUP BY 1"
    return {word: int(number) for word, number in installation.rows(query)}


def customers(installation: Installation) -> set[Any]:
    return {row[0] for row in installation.rows("SELECT customer_phone FROM orders")}


def test_an_app_without_the_scope_for_customers_reads_its_shop_and_loses_nothing(
    install: Callable[..., Installation], shopify: FakeShopify
) -> None:
    installation = install(**BY_GRAPHQL)
    installation.start()
    shop = open_shop(shopify, installation)
    shop.place_order()
    until(lambda: calling(installation) == {"on_campaign": 1}, "the order is on the campaign")
    known = customers(installation)
    shopify.may_read_customers = False
    shopify.add(make_order(77, phone=MOBILE, created_at=shopify.book.now(), updated_at=shopify.book.now()))
    shopify.book.change(shop.orders[0].order_id, lambda _: {"note": "Ring the bell."})

    said = installation.run("reconcile")

    assert "Read 2 orders" in said
    until(lambda: calling(installation) == {"on_campaign": 2}, "the order that no webhook brought is there as well")
    assert customers(installation) == known | {MOBILE}
    shop.stop()


def test_a_shop_that_hides_its_customers_says_so_and_calls_them_once_they_are_shown(
    install: Callable[..., Installation], shopify: FakeShopify
) -> None:
    installation = install(**BY_GRAPHQL)
    installation.start()
    shop = open_shop(shopify, installation)
    shopify.hides_customers = True
    for _ in range(ENOUGH):
        shop.place_order()
    until(lambda: calling(installation) == {"phone_hidden": ENOUGH}, "all are known to be hidden")

    shopify.hides_customers = False
    installation.run("reconcile", "--since", shopify.book.now()[:10])

    until(lambda: calling(installation) == {"on_campaign": ENOUGH}, "their customers are called")
    shop.stop()
