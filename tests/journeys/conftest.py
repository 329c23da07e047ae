"""Each journey gets an installation and a sandbox of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from gate import Gate
from installation import Installation
from makers import KALIMERA_TOKEN
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.server import RunningSandbox, run_in_thread
from ordercall.sandbox.shopify import FakeShopify


@pytest.fixture
def kalimera() -> FakeKalimera:
    return FakeKalimera(token=KALIMERA_TOKEN)


@pytest.fixture
def shopify() -> FakeShopify:
    return FakeShopify(token="sandbox-access-token")


@pytest.fixture
def sandbox_app(kalimera: FakeKalimera, shopify: FakeShopify) -> Flask:
    return create_sandbox(kalimera, shopify)


@pytest.fixture
def gate(sandbox_app: Flask) -> Gate:
    """Stands before both providers; open until a test closes it."""
    return Gate(sandbox_app)


@pytest.fixture
def sandbox(sandbox_app: Flask, gate: Gate) -> Iterator[RunningSandbox]:
    with run_in_thread(sandbox_app) as running:
        yield running


def on_a_server(place: dict[str, str]) -> dict[str, str]:
    """Return the address of the test's database, if it has one; a file lies in the installation's own folder."""
    return {name: value for name, value in place.items() if name == "DATABASE_URL"}


@pytest.fixture
def install(tmp_path: Path, sandbox: RunningSandbox, place: dict[str, str]) -> Iterator[Callable[..., Installation]]:
    """Make installations that share one folder and one database; they are ended with the test."""
    made: list[Installation] = []

    def make(**settings: str) -> Installation:
        made.append(Installation(tmp_path, sandbox.url, **(on_a_server(place) | settings)))
        return made[-1]

    yield make
    for installation in made:
        installation.clean_up()


@pytest.fixture
def shop(install: Callable[..., Installation]) -> Installation:
    """An installation that runs, its worker included."""
    installation = install()
    installation.start()
    installation.wait_for_workers()
    return installation
