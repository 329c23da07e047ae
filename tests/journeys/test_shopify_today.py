"""A shop that installs today: an app of the Dev Dashboard, GraphQL, jobs of Shopify's, tags and their echo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from installation import Installation
from ordercall.sandbox.order_book import tags_of
from ordercall.sandbox.shop import Shop
from ordercall.sandbox.shopify import FakeShopify
from ordercall.sandbox.webhooks import Webhooks
from waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.sqlite]

TODAY = {
    "SHOPIFY_ACCESS_TOKEN": "",
    "SHOPIFY_SHARED_SECRET": "",
    "SHOPIFY_CLIENT_ID": "sandbox-client-id",
    "SHOPIFY_CLIENT_SECRET": "sandbox-client-secret",
    "SHOPIFY_TAG_CONFIRMED": "confirmed",
    "SHOPIFY_TAG_FAILED": "not confirmed",
}


def open_shop(shopify: FakeShopify, installation: Installation) -> Shop:
    """Return a shop whose webhooks are signed with the app's client secret."""
    return Shop(shopify, Webhooks(installation.url, "sandbox-client-secret", "sandbox-shop.myshopify.com"))


def asked(shopify: FakeShopify, what: str) -> list[Any]:
    return [call for call in shopify.calls if what in call.path or what in str(call.body)]


def status_of(installation: Installation, order_id: int) -> tuple[Any, ...]:
    query = "SELECT confirmation_status, calling_state, cancel_state FROM orders WHERE shopify_id = ?"
    return installation.rows(query, order_id)[0]


def echoes(installation: Installation) -> int:
    return int(installation.rows("SELECT count(*) FROM deliveries WHERE topic = 'orders/updated'")[0][0])


def test_orders_are_cancelled_and_tagged_and_the_echo_of_it_changes_nothing(
    install: Callable[..., Installation], shopify: FakeShopify
) -> None:
    installation = install(**TODAY)
    installation.start()
    shop = open_shop(shopify, installation)
    confirmed, failed = shop.place_order(tags="VIP").order_id, shop.place_order().order_id
    until(lambda: installation.on_campaign() == 2, "both orders are on the campaign")

    installation.set_status(confirmed, "Success")
    answer = installation.set_status(failed, "Failed")

    until(lambda: len(asked(shopify, "tagsAdd(")) == 2, "both orders are tagged")
    until(lambda: echoes(installation) == 3, "Shopify told of both tags and of the cancellation")
    told = [sorted(tags_of(order)) for order_id in (confirmed, failed) if (order := shopify.order(order_id))]
    assert answer["shopify_cancelled"] is True
    assert told == [["VIP", "confirmed"], ["not confirmed"]]
    assert status_of(installation, confirmed) == ("Success", "on_campaign", None)
    assert status_of(installation, failed) == ("Failed", "on_campaign", "done")
    after = ["Order_Status_Updated", "Shopify_Tag_Added"]
    until(lambda: installation.events(confirmed)[-2:] == after, "the tag is told, and nothing else")
    told_of_end = [event for event in installation.events(failed) if event.endswith(("_Cancelled", "_Cancel_Success"))]
    assert told_of_end == ["Shopify_Cancel_Success"]
    installation.run("reconcile")
    assert len(asked(shopify, "access_token")) == 1  # also of the process that read the shop
    shop.stop()


def test_a_cancellation_that_shopify_works_on_is_followed_after_a_power_cut(
    install: Callable[..., Installation], shopify: FakeShopify
) -> None:
    shopify.jobs.ticks = 1_000_000
    installation = install(**TODAY)
    installation.start()
    order_id = open_shop(shopify, installation).place_order().order_id
    until(lambda: installation.on_campaign() == 1, "the order is on the campaign")
    answer = installation.set_status(order_id, "Failed")
    until(lambda: status_of(installation, order_id)[2] == "working", "Shopify works on it")
    installation.kill()
    installation.start()

    shopify.jobs.finish()

    until(lambda: status_of(installation, order_id)[2] == "done", "the cancellation is told as done")
    assert (answer["shopify_cancelled"], answer["shopify_cancel_state"]) == (False, "working")
    assert len(asked(shopify, "orderCancel(")) == 1
    assert shopify.cancellations == [order_id]
