"""Each journey gets an installation and a sandbox of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from newcomers import Play

from gate import Gate
from installation import HTTP, Installation, on_a_server
from makers import KALIMERA_TOKEN
from ordercall.config import SETTINGS
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.server import RunningSandbox, run_in_thread
from ordercall.sandbox.shopify import FakeShopify
from ports import free_port
from waiting import until


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


@pytest.fixture
def port() -> int:
    """Where the sandbox of a newcomer's installation listens."""
    return free_port()


@pytest.fixture
def newcomer(install: Callable[..., Installation], port: int) -> Installation:
    """An installation without settings, which is not started yet."""
    return install(
        **{each.name: "" for each in SETTINGS.values() if each.account}, SANDBOX_PORT=str(port), RECONCILE_MINUTES="15"
    )


@pytest.fixture
def play(port: int) -> Play:
    """Ask the newcomer's sandbox, or have it do something, once it plays."""

    def ask(path: str, **wanted: Any) -> dict[str, Any]:
        def answer() -> httpx.Response | None:
            try:
                return HTTP.request("POST" if wanted else "GET", f"http://127.0.0.1:{port}{path}", json=wanted)
            except httpx.ConnectError:
                return None

        return dict(until(answer, "the sandbox answers").raise_for_status().json())

    return ask
