"""The two clients, asking a provider that answers as a test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from asking import WINDOW, environment

from looking import AtOnce
from makers import make_settings
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.shopify.admin import ShopifyAdmin, shopify_http
from ordercall.providers.shopify.orders import ShopOrders, shop_orders
from ordercall.providers.shopify.tokens import PermanentToken
from stub import Stub


@pytest.fixture(scope="session")
def one_kalimera(running_stub: Stub) -> Iterator[KalimeraClient]:
    """Make the client once: reading the certificates takes longer than any test here."""
    client = KalimeraClient(make_settings(**environment(running_stub.url)), watch=AtOnce())
    yield client
    client.close()


@pytest.fixture
def kalimera(stub: Stub, one_kalimera: KalimeraClient) -> Iterator[KalimeraClient]:
    """Give a client that has seen no failure: one good answer at the end makes it forget."""
    yield one_kalimera
    stub.forget()
    one_kalimera.update_campaign("main", "agent-english", WINDOW)


@pytest.fixture(scope="session")
def shopify(running_stub: Stub) -> Iterator[ShopOrders]:
    settings = make_settings(**environment(running_stub.url))
    http = shopify_http(settings, watch=AtOnce())
    yield shop_orders(settings, ShopifyAdmin(settings, http, PermanentToken(settings.shopify_access_token)))
    http.close()


@pytest.fixture
def new_kalimera() -> Iterator[Callable[..., KalimeraClient]]:
    """Make clients with other settings, and for tests after which nobody calls for a while."""
    clients: list[KalimeraClient] = []

    def make(url: str, seconds: str = "10", **changes: str) -> KalimeraClient:
        clients.append(KalimeraClient(make_settings(**environment(url, seconds) | changes)))
        return clients[-1]

    yield make
    for client in clients:
        client.close()
