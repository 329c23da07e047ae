"""The services on a real database, speaking real HTTP to the sandbox, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from databases import open_at
from gate import Gate
from house import SECRET, House
from makers import beside_sandbox
from ordercall.config import read_settings
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.server import run_in_thread
from ordercall.sandbox.shopify import FakeShopify


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    """How the shop is asked; a test module that asks otherwise overrides it."""
    return {}


@pytest.fixture
def database_options() -> dict[str, float]:
    """How the database is opened; a test module that opens it otherwise overrides it."""
    return {}


@pytest.fixture
def house(
    place: dict[str, str], shopify_settings: dict[str, str], database_options: dict[str, float]
) -> Iterator[House]:
    kalimera, shopify = FakeKalimera(), FakeShopify()
    sandbox_app = create_sandbox(kalimera, shopify)
    gate = Gate(sandbox_app)
    with run_in_thread(sandbox_app) as sandbox, closing(open_at(place, **database_options)) as db:
        ours = {"SHOPIFY_SHARED_SECRET": SECRET, "PUBLIC_URL": "https://ordercall.example"}
        settings = read_settings(place | beside_sandbox(sandbox.url) | ours | shopify_settings)
        with closing(House(settings, db, kalimera, shopify, gate)) as house:
            yield house
