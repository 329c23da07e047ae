"""The two readers of a shop's orders keep one contract: what they give is what a webhook would have brought."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from looking import AtOnce
from makers import make_settings
from ordercall.domain.calls.calling import INDIA
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy, ProviderError, ProviderRefused
from ordercall.providers.shopify.admin import ShopifyAdmin, shopify_http
from ordercall.providers.shopify.graphql import GraphQLOrders
from ordercall.providers.shopify.order_body import ORDER_FIELDS, Address
from ordercall.providers.shopify.orders import ShopOrders
from ordercall.providers.shopify.payload import read_order
from ordercall.providers.shopify.query_budget import FIRST, Budget
from ordercall.providers.shopify.rest import RestOrders
from ordercall.providers.shopify.tokens import PermanentToken
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.order_book import Order
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.server import RunningSandbox, run_in_thread
from ordercall.sandbox.shopify import FakeShopify

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
READERS = {"rest": RestOrders, "graphql": GraphQLOrders}


class Points:
    """The present of a shop in which time passes only while somebody waits for points."""

    def __init__(self) -> None:
        self.now = NOW
        self.waited: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waited += [seconds] if seconds else []
        self.now += timedelta(seconds=seconds)


@pytest.fixture(scope="module")
def points() -> Points:
    return Points()


@pytest.fixture(scope="module")
def running(points: Points) -> Iterator[RunningSandbox]:
    shopify = FakeShopify(token="sandbox-access-token", clock=points)
    with run_in_thread(create_sandbox(shopify=shopify)) as running:
        yield running


@pytest.fixture
def shopify(running: RunningSandbox) -> FakeShopify:
    """A shop without orders, in which nothing was asked yet."""
    shopify = running.sandbox.shopify
    shopify.book._orders.clear()
    shopify.switch("normal")
    shopify.forget_calls()
    shopify.graphql_bucket.size, shopify.graphql_bucket.rate = 2_000, 100
    for bucket in (shopify.rest_bucket, shopify.graphql_bucket):
        bucket.give_back(bucket.used)
    return shopify


@pytest.fixture
def admin(running: RunningSandbox) -> Iterator[ShopifyAdmin]:
    settings = make_settings(SHOPIFY_STORE_DOMAIN="sandbox-shop", SHOPIFY_ADMIN_URL=f"{running.url}/shopify")
    http = shopify_http(settings, watch=AtOnce())
    with closing(ShopifyAdmin(settings, http, PermanentToken("sandbox-access-token"))) as admin:
        yield admin


@pytest.fixture
def page() -> int:
    """The most orders on a page."""
    return 250


@pytest.fixture(params=READERS)
def orders(request: pytest.FixtureRequest, admin: ShopifyAdmin, page: int) -> ShopOrders:
    reader: ShopOrders = READERS[request.param](admin, largest_page=page)
    return reader


def in_shop(shopify: FakeShopify, number: int, *, minutes_ago: float = 5, **changes: Any) -> Order:
    at = (NOW - timedelta(minutes=minutes_ago)).astimezone(INDIA)
    written = at.isoformat(timespec="seconds")
    order = make_order(number, **{"created_at": written, "updated_at": written} | changes)
    shopify.add(order)
    return order


def ids(pages: Iterator[list[dict[str, Any]]]) -> list[list[int]]:
    return [[order["id"] for order in page] for page in pages]


PARCEL = {"id": 9, "price": "499.50", "grams": 850, "sku": "LMP-9", "variant_title": "Large"}
"""What a courier needs of a line, which every webhook tells."""


def lines(count: int, left: int = 1) -> list[dict[str, Any]]:
    """Return lines of which so many pieces are still ordered."""
    line = PARCEL | {"quantity": 1, "current_quantity": left}
    return [line | {"id": number, "title": f"Lamp {number}"} for number in range(1, count + 1)]


def in_dollars(shop: str, shown: str) -> dict[str, Any]:
    """Return an amount that the customer pays in another currency than the shop's."""
    return {
        "shop_money": {"amount": shop, "currency_code": "INR"},
        "presentment_money": {"amount": shown, "currency_code": "USD"},
    }


ODD = {
    "plain": {},
    "cancelled": {"cancelled_at": "2026-11-24T11:00:00+05:30", "financial_status": "voided"},
    "paid and shipped": {"financial_status": "paid", "fulfillment_status": "fulfilled", "total_outstanding": "0.00"},
    "shipped in part": {"fulfillment_status": "partial", "financial_status": "partially_paid"},
    "a test order": {"test": True, "payment_gateway_names": ["bogus"]},
    "no customer": {"customer": None, "email": None, "contact_email": None, "phone": None},
    "nothing to ship": {"shipping_address": None, "billing_address": None},
    "a phone in an address alone": {"phone": None, "customer": None},
    "two ways of payment": {"payment_gateway_names": ["Razorpay", "Cash on Delivery (COD)"]},
    "no goods": {"line_items": []},
    "more goods than come at once": {"line_items": lines(12)},
    "archived": {"closed_at": "2026-11-24T11:00:00+05:30"},
    "sold at a counter": {"source_name": "pos", "shipping_address": None},
    "of another year": {"processed_at": "2024-03-05T09:10:11+05:30"},
    "a payment that was voided": {"financial_status": "voided"},
    "a payment that expired": {"financial_status": "expired"},
    "a fulfilment that was taken back": {"fulfillment_status": None, "fulfillments": [{"status": "cancelled"}]},
    "edited": {"line_items": lines(3, 0), "current_total_price": "120.00", "total_outstanding": "60.00"},
    "emptied": {"line_items": lines(2, 0), "current_total_price": "0.00"},
    "paid in another currency": {"current_total_price_set": in_dollars("2450.00", "29.40")},
    "a tip before the goods": {"line_items": [PARCEL | {"title": "Tip", "requires_shipping": False}, *lines(1)]},
    "a gift card beside the goods": {"line_items": [PARCEL | {"title": "Voucher", "gift_card": True}, *lines(1)]},
    "a tip in another language": {
        "line_items": [PARCEL | {"title": "Gorjeta", "vendor": None, "requires_shipping": False}, *lines(1)]
    },
    "a variant": {"line_items": [PARCEL | {"title": "Kurta", "name": "Kurta - M / Indigo", "quantity": 2}]},
    "a name in two scripts": {"name": "#आदेश-7 \u2028"},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_order_is_read_as_its_webhook_would_have_brought_it(
    orders: ShopOrders, shopify: FakeShopify, odd: dict[str, Any]
) -> None:
    order = in_shop(shopify, 1, **odd)

    body = orders.read_order_body(order["id"])

    assert body is not None
    assert read_order(json.dumps(body).encode()) == read_order(json.dumps(order).encode())
    assert next(orders.orders_updated_since(NOW - timedelta(hours=1))) == [body]


def test_every_field_that_is_read_of_an_order_is_asked_for(orders: ShopOrders, shopify: FakeShopify) -> None:
    order = in_shop(shopify, 1)

    body = orders.read_order_body(order["id"])

    assert body is not None
    assert set(ORDER_FIELDS) - set(body) <= {"gateway", "contact_email"}  # which only older bodies have
    assert {field.name for field in msgspec.structs.fields(Address)} <= set(body["shipping_address"])


def test_an_order_that_shopify_does_not_show_is_none(orders: ShopOrders, shopify: FakeShopify) -> None:
    assert orders.read_order_body(77) is None


def test_orders_of_all_states_come_from_the_longest_unchanged_to_the_latest(
    orders: ShopOrders, shopify: FakeShopify
) -> None:
    open_, cancelled, too_old = (
        in_shop(shopify, 1, minutes_ago=5),
        in_shop(shopify, 2, minutes_ago=50, cancelled_at="2026-11-24T11:00:00+05:30", closed_at=NOW.isoformat()),
        in_shop(shopify, 3, minutes_ago=61),
    )

    found = ids(orders.orders_updated_since(NOW - timedelta(hours=1)))

    assert found == [[cancelled["id"], open_["id"]]]
    assert too_old["id"] not in found[0]


@pytest.mark.parametrize("page", [2])
def test_each_order_stands_on_one_page(orders: ShopOrders, shopify: FakeShopify) -> None:
    placed = [in_shop(shopify, number, minutes_ago=20 - number)["id"] for number in range(1, 6)]

    assert ids(orders.orders_updated_since(NOW - timedelta(hours=1))) == [placed[:2], placed[2:4], placed[4:]]


@pytest.mark.parametrize("page", [2])
def test_an_order_that_changes_while_pages_are_read_comes_again_and_none_is_left_out(
    orders: ShopOrders, shopify: FakeShopify
) -> None:
    placed = [in_shop(shopify, number, minutes_ago=20 - number)["id"] for number in range(1, 5)]
    pages = orders.orders_updated_since(NOW - timedelta(hours=1))
    first = ids(iter([next(pages)]))

    shopify.book.pay(placed[0])

    assert [*first, *ids(pages)] == [placed[:2], placed[2:4], placed[:1]]


@pytest.mark.parametrize(
    ("mode", "meaning", "said"),
    [
        ("unauthorized", CredentialsRefused, "401"),
        ("frozen", ProviderRefused, "402"),
        ("forbidden", CredentialsRefused, "403"),
        ("not_found", ProviderRefused, "404"),
        ("unprocessable", ProviderRefused, "422"),
        ("locked", ProviderRefused, "423"),
        ("throttled", ProviderBusy, "429"),
        ("cost_throttled", ProviderBusy, ""),
        ("rejected", ProviderBusy, "430"),
        ("failing", OutcomeUnknown, "500"),
        ("bad_gateway", OutcomeUnknown, "502"),
        ("busy", ProviderBusy, "503"),
        ("gateway_timeout", OutcomeUnknown, "504"),
        ("html", OutcomeUnknown, ""),
        ("login_page", ProviderRefused, "303"),
    ],
)
def test_a_refusal_is_one_of_the_three_errors_and_says_what_it_was(
    orders: ShopOrders, shopify: FakeShopify, mode: str, meaning: type[ProviderError], said: str
) -> None:
    shopify.switch(mode)

    with pytest.raises(meaning) as refusal:
        next(orders.orders_updated_since(NOW))

    assert type(refusal.value) is meaning
    assert said in str(refusal.value)
    assert (refusal.value.retry_after or None) == (2.0 if "throttled" in mode else None)


def test_an_app_without_the_scope_is_refused_by_name(orders: ShopOrders, shopify: FakeShopify) -> None:
    granted, shopify.tokens.scopes = shopify.tokens.scopes, ()
    try:
        with pytest.raises(CredentialsRefused, match="read_orders"):
            next(orders.orders_updated_since(NOW))
    finally:
        shopify.tokens.scopes = granted


@pytest.mark.parametrize(("size", "a_second"), [(600, 100), (1_000, 50)])
def test_graphql_pages_stay_within_the_points_that_are_left(
    admin: ShopifyAdmin, shopify: FakeShopify, points: Points, size: int, a_second: int
) -> None:
    shopify.graphql_bucket.size, shopify.graphql_bucket.rate = size, a_second
    points.waited.clear()
    placed = [in_shop(shopify, number, minutes_ago=50 - number / 10)["id"] for number in range(1, 81)]

    pages = ids(GraphQLOrders(admin, sleep=points.sleep).orders_updated_since(NOW - timedelta(hours=1)))

    assert [order_id for page in pages for order_id in page] == placed
    assert {call.status for call in shopify.calls} == {200}
    assert points.waited
    assert max(points.waited) < 5


def test_graphql_is_asked_anew_before_a_chain_of_pages_grows_too_long(
    admin: ShopifyAdmin, shopify: FakeShopify
) -> None:
    placed = [in_shop(shopify, number, minutes_ago=20 - number)["id"] for number in range(1, 6)]

    pages = ids(GraphQLOrders(admin, largest_page=2, chain=4).orders_updated_since(NOW - timedelta(hours=1)))

    assert pages == [placed[:2], placed[2:4], placed[3:]]
    assert [call.body["variables"]["after"] is None for call in shopify.calls] == [True, False, True]


@pytest.mark.parametrize(
    ("available", "size", "wait"),
    [
        (1_900, 50, 0.0),  # a request may cost 1,000 points however many there are
        (900, 40, 0.0),
        (200, 5, 0.0),
        (100, 5, 1.0),  # where five orders cost 100 points, 100 of them are kept free
    ],
)
def test_the_next_page_is_as_large_as_its_points_allow(available: int, size: int, wait: float) -> None:
    status = {"currentlyAvailable": available, "restoreRate": 100.0}

    after = Budget.first(250).after({"requestedQueryCost": 20 * FIRST, "throttleStatus": status})

    assert (after.size, after.wait) == (size, wait)


def test_a_page_stays_as_it_was_where_nobody_says_what_it_cost() -> None:
    assert Budget.first(250).after({}) == Budget.first(250)
