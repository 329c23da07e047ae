"""A newcomer's machine: nothing is set up, so the sandbox plays; it is started again, tidied up, and set up at last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import psutil
import pytest

from installation import HTTP, Installation
from ordercall.config import SETTINGS
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.shopify import FakeShopify
from ports import free_port
from waiting import until

pytestmark = pytest.mark.journey

Play = Callable[..., dict[str, Any]]


@pytest.fixture
def port() -> int:
    """Where the sandbox of the installation listens."""
    return free_port()


@pytest.fixture
def newcomer(install: Callable[..., Installation], port: int) -> Installation:
    """An installation without settings, which is not started yet."""
    return install(
        **{each.name: "" for each in SETTINGS.values() if each.account}, SANDBOX_PORT=str(port), RECONCILE_MINUTES="15"
    )


@pytest.fixture
def play(port: int) -> Play:
    """Ask the sandbox, or have it do something, once it plays."""

    def ask(path: str, **wanted: Any) -> dict[str, Any]:
        def answer() -> httpx.Response | None:
            try:
                return HTTP.request("POST" if wanted else "GET", f"http://127.0.0.1:{port}{path}", json=wanted)
            except httpx.ConnectError:
                return None

        return dict(until(answer, "the sandbox answers").raise_for_status().json())

    return ask


def orders(shop: Installation) -> dict[str, str]:
    return {row[0]: row[1] for row in shop.rows("SELECT order_name, confirmation_status FROM orders")}


def is_confirmed(shop: Installation, name: str) -> None:
    until(lambda: orders(shop).get(name) == "Success", f"{name} is confirmed")


def processes(shop: Installation) -> dict[str, psutil.Process]:
    return {" ".join(each.cmdline()).strip(): each for each in psutil.Process(shop.pid).children(recursive=True)}


def test_a_second_start_goes_on_with_the_orders_that_are_there(newcomer: Installation, play: Play) -> None:
    newcomer.start()
    is_confirmed(newcomer, "#1001")
    newcomer.stop()

    newcomer.start()
    [first] = play("/state")["orders"]
    play("/orders", answer="confirms")
    is_confirmed(newcomer, "#1002")
    play(f"/orders/{first['id']}/change", action="cancel")
    until(lambda: orders(newcomer)["#1001"] == "Failed", "the cancellation of the first order was told")

    assert orders(newcomer) == {"#1001": "Failed", "#1002": "Success"}
    assert newcomer.rows("SELECT count(*) FROM orders WHERE is_demo = 1") == [(2,)]


def test_what_is_removed_while_all_runs_does_not_come_back(newcomer: Installation, play: Play) -> None:
    newcomer.start()
    is_confirmed(newcomer, "#1001")

    said = newcomer.run("sandbox", "clear")
    processes(newcomer)["ordercall worker"].kill()  # the next one reads the shop at its start
    until(lambda: newcomer.rows("SELECT 1 FROM reconciliations WHERE ended_at IS NOT NULL"), "the shop was read again")

    assert said == "Demo orders removed: 1.\n"
    assert orders(newcomer) == {}
    assert play("/state")["orders"] == []


def test_beside_a_real_order_a_start_without_settings_does_nothing_in_its_name(
    newcomer: Installation, shop: Installation, kalimera: FakeKalimera, shopify: FakeShopify
) -> None:
    order = make_order(1001)
    shopify.add(order)
    shop.deliver(order)
    until(shop.on_campaign, "the order is on the campaign")
    shop.stop()
    kalimera.forget_calls()

    newcomer.start()
    newcomer.wait_for_workers(2)
    newcomer.set_status(order["id"], "Failed")

    assert newcomer.rows("SELECT order_name, cancel_state FROM orders") == [("#1001", "refused")]
    assert (kalimera.calls, shopify.calls) == ([], [])
    assert sorted(processes(newcomer)) == ["ordercall web", "ordercall worker"]
    assert "the sandbox stays out of a database" in newcomer.log.read_text()


def test_what_waits_for_the_sandbox_is_never_brought_to_the_real_kalimera(
    newcomer: Installation, install: Callable[..., Installation], kalimera: FakeKalimera, play: Play
) -> None:
    newcomer.start()
    is_confirmed(newcomer, "#1001")
    play("/control", provider="kalimera", mode="failing")
    play("/orders", answer="confirms")
    until(lambda: "#1002" in orders(newcomer), "an order waits for the sandbox's Kalimera")
    newcomer.stop()

    real = install()
    real.start()
    until(lambda: real.rows("SELECT 1 FROM orders WHERE calling_reason = 'demo_order'"), "the order is set aside")

    assert kalimera.calls == []
