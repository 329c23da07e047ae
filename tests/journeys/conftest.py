"""Each journey gets an installation and a sandbox of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from installation import KALIMERA_TOKEN, Installation
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
def sandbox(kalimera: FakeKalimera, shopify: FakeShopify) -> Iterator[RunningSandbox]:
    with run_in_thread(create_sandbox(kalimera, shopify)) as running:
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
    """An installation that runs."""
    installation = install()
    installation.start()
    return installation
