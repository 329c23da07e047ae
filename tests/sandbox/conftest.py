"""A running sandbox, the clients that ask it, and a product beside it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playing import Product, http
from shop_talk import Clock

from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.customers import Customers
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.server import RunningSandbox, run_in_thread
from ordercall.sandbox.shop import Shop
from ordercall.sandbox.shopify import FakeShopify


@pytest.fixture
def product() -> Iterator[Product]:
    product = Product()
    yield product
    product.stop()


@pytest.fixture
def street(product: Product) -> Iterator[tuple[RunningSandbox, Shop, httpx.Client]]:
    """A sandbox with quick customers, a shop, and a client for its Kalimera."""
    shop = Shop(FakeShopify())
    customers = Customers(shop, product.url, "app-token", answer_after=0.02, spread=0.02, seed=1)
    kalimera = FakeKalimera(campaign_ids=("main",))
    with (
        run_in_thread(create_sandbox(kalimera, shop=shop, customers=customers)) as running,
        http(f"{running.url}/kalimera", Authorization=kalimera.token) as client,
    ):
        yield running, shop, client


@pytest.fixture
def clock() -> Clock:
    """The present of the fake Shopify."""
    return Clock()


@pytest.fixture
def running(clock: Clock) -> Iterator[RunningSandbox]:
    kalimera, shopify = FakeKalimera(campaign_ids=("main", "other")), FakeShopify(clock=clock)
    with run_in_thread(create_sandbox(kalimera, shopify)) as running:
        yield running


@pytest.fixture
def kalimera(running: RunningSandbox) -> FakeKalimera:
    return running.sandbox.kalimera


@pytest.fixture
def shopify(running: RunningSandbox) -> FakeShopify:
    return running.sandbox.shopify


@pytest.fixture
def to_kalimera(running: RunningSandbox, kalimera: FakeKalimera) -> Iterator[httpx.Client]:
    with http(f"{running.url}/kalimera", Authorization=kalimera.token) as client:
        yield client


@pytest.fixture
def to_shopify(running: RunningSandbox, shopify: FakeShopify) -> Iterator[httpx.Client]:
    admin = f"{running.url}/shopify/admin/api/2026-10"
    with http(admin, **{"X-Shopify-Access-Token": shopify.token}) as client:
        yield client


@pytest.fixture
def page(running: RunningSandbox) -> Iterator[httpx.Client]:
    with http(running.url) as client:
        yield client
