"""Webhooks that are lost, come twice, late and in the wrong order: in the end the database equals the shop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gate import Gate
from installation import SECRET, Installation
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.orders import fictional_phone
from ordercall.sandbox.shop import Shop
from ordercall.sandbox.shopify import FakeShopify
from ordercall.sandbox.webhooks import Webhooks
from waiting import until

pytestmark = pytest.mark.journey

ORDERS = 90
BADLY = {"drop_every": 10, "twice_every": 5, "late_every": 7, "late_seconds": 0.8}
OLD_TOKEN = {"SHOPIFY_ACCESS_TOKEN": "sandbox-access-token"}
DEV_DASHBOARD = {
    "SHOPIFY_ACCESS_TOKEN": "",
    "SHOPIFY_CLIENT_ID": "sandbox-client-id",
    "SHOPIFY_CLIENT_SECRET": "sandbox-client-secret",
}
BAD_ANSWERS = {
    "rest": (OLD_TOKEN, ["throttled", "bad_gateway", "normal"]),
    "graphql": (DEV_DASHBOARD, ["throttled", "normal", "bad_gateway", "normal", "cost_throttled"]),
}
"""How Shopify is asked, and how it takes the first questions; by GraphQL the first one is for a token."""


class Shopkeeper:
    """A clock for the shop on which every look is a second later: no two changes have the same time."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def shopify() -> FakeShopify:
    return FakeShopify(token="sandbox-access-token", clock=Shopkeeper())


def place_and_change(shop: Shop, count: int) -> None:
    """Place orders and change two thirds of them, as a day in a shop does."""
    book = shop.book
    changes: dict[int, Callable[[int], object]] = {1: book.cancel, 3: shop.correct, 5: book.pay, 7: book.ship}
    for number in range(count):
        at = shop._shopify.book.now()
        placed = shop.place_order(state="Gujarat" if number % 3 == 0 else "Kerala", created_at=at)
        change = changes.get(number % 9)
        if change:
            change(placed.order_id)


def as_in_shop(order: dict[str, Any]) -> tuple[Any, ...]:
    return (
        order["id"],
        order["name"],
        order["phone"],
        order["shipping_address"]["address1"],
        order["financial_status"],
        order["fulfillment_status"],
        bool(order["cancelled_at"]),
        datetime.fromisoformat(order["updated_at"]).timestamp(),
    )


def as_stored(shop: Installation) -> list[tuple[Any, ...]]:
    rows = shop.rows(
        "SELECT shopify_id, order_name, customer_phone, address, financial_status, fulfillment_status,"
        " shopify_cancelled_at IS NOT NULL, shopify_updated_at FROM orders ORDER BY shopify_id"
    )
    return [(*row[:6], bool(row[6]), row[7]) for row in rows]


@pytest.mark.parametrize(
    ("credentials", "answers"),
    [
        pytest.param(*BAD_ANSWERS["rest"], id="rest", marks=pytest.mark.sqlite),
        pytest.param(*BAD_ANSWERS["graphql"], id="graphql"),
    ],
)
def test_after_one_reading_the_database_equals_the_shop_and_nobody_is_called_twice(
    install: Callable[..., Installation],
    shopify: FakeShopify,
    kalimera: FakeKalimera,
    credentials: dict[str, str],
    answers: list[str],
) -> None:
    installation = install(WORKER="external", **credentials)  # cancellations come before calls, as they do at night
    installation.start()
    webhooks = Webhooks(installation.url, SECRET, "sandbox-shop.myshopify.com")
    webhooks.plan.change(BADLY)
    shop = Shop(shopify, webhooks)
    try:
        place_and_change(shop, ORDERS)
        until(lambda: not webhooks.under_way, "every webhook that is not lost has come")
    finally:
        shop.stop()
    missed = as_stored(installation) != [as_in_shop(order) for order in shopify.book.orders()]
    shopify.forget_calls()
    shopify.retry_after = 0.2
    for mode in answers:
        shopify.fail_next(1, mode)

    answer = installation.run("reconcile", "--since", (datetime.now(UTC) - timedelta(days=1)).isoformat())

    assert missed
    assert answer.startswith("Read ")
    assert [call.mode for call in shopify.calls][: len(answers)] == answers
    assert as_stored(installation) == [as_in_shop(order) for order in shopify.book.orders()]
    installation.stop()
    install(**credentials).start()
    callable_ones = [
        order
        for order in shopify.book.orders()
        if not order["cancelled_at"] and order["fulfillment_status"] != "fulfilled"
    ]
    until(lambda: installation.on_campaign() == len(callable_ones), "everybody who may be called is on the list")
    listed = Counter(entry.phone for entry in kalimera.listings)
    assert listed == Counter(order["phone"] for order in callable_ones)


@pytest.mark.sqlite
def test_what_the_shop_did_while_nobody_listened_is_read_at_the_start(
    install: Callable[..., Installation], shopify: FakeShopify, kalimera: FakeKalimera
) -> None:
    shopify.clock.now = datetime.now(UTC)  # type: ignore[attr-defined]
    installation = install(RECONCILE_MINUTES="15")
    installation.start()
    until(lambda: installation.rows("SELECT 1 FROM reconciliations WHERE ended_at IS NOT NULL"), "the shop was read")
    installation.stop()
    shop = Shop(shopify)
    shop.place_order(phone=fictional_phone(1), created_at=shopify.book.now())

    installation.start()

    until(lambda: installation.on_campaign() == 1, "the order that no webhook told of is on the campaign")
    assert len(kalimera.listings) == 1


def test_kill_9_in_the_middle_of_a_reading_loses_nothing_and_nobody_is_called_twice(
    install: Callable[..., Installation], shopify: FakeShopify, kalimera: FakeKalimera, gate: Gate
) -> None:
    shopify.clock.now = datetime.now(UTC)  # type: ignore[attr-defined]
    shop = Shop(shopify)
    for _ in range(60):
        shop.place_order(created_at=shopify.book.now())
    gate.close(when=lambda: any("orders(" in str(call.body) for call in shopify.calls))
    installation = install(RECONCILE_MINUTES="15", **DEV_DASHBOARD)
    installation.start()
    until(gate.waiting, "the second page is asked for")
    first_page = installation.rows("SELECT shopify_id FROM orders")
    installation.kill()
    asked = len(shopify.calls)
    gate.open()
    until(lambda: len(shopify.calls) > asked, "what the dead one asked is through")
    shopify.fail_next(1, "cost_throttled")

    installation.start()

    until(lambda: installation.on_campaign() == 60, "every order of the shop is on the campaign")
    assert 0 < len(first_page) < 60
    assert as_stored(installation) == [as_in_shop(order) for order in shopify.book.orders()]
    assert Counter(entry.phone for entry in kalimera.listings) == Counter(order.phone for order in shop.orders)
    assert installation.rows("SELECT count(*) FROM reconciliations WHERE ended_at IS NULL") == [(0,)]
