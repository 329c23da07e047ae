"""A newcomer's machine: nothing is set up, so the sandbox plays; it is started again, tidied up, and set up at last."""

from __future__ import annotations

from collections.abc import Callable

import psutil
import pytest
from newcomers import Play, orders

from installation import Installation
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.shopify import FakeShopify
from waiting import until

pytestmark = pytest.mark.journey


def is_confirmed(shop: Installation, name: str) -> None:
    until(lambda: orders(shop).get(name) == "Success", f"{name} is confirmed")


def processes(shop: Installation) -> dict[str, psutil.Process]:
    return {" ".join(each.cmdline()).strip(): each for each in psutil.Process(shop.pid).children(recursive=True)}


@pytest.mark.sqlite
def test_a_second_start_goes_on_with_the_orders_that_are_there(newcomer: Installation, play: Play) -> None:
    newcomer.start()
    is_confirmed(newcomer, "#1001")
    until(lambda: orders(newcomer)["#1002"] == "Failed", "the second order was refused")
    newcomer.stop()

    newcomer.start()
    first = play("/state")["orders"][0]
    play("/orders", answer="confirms")
    is_confirmed(newcomer, "#1005")
    play(f"/orders/{first['id']}/change", action="cancel")
    until(lambda: orders(newcomer)["#1001"] == "Failed", "the cancellation of the first order was told")

    assert orders(newcomer) == {
        "#1001": "Failed",
        "#1002": "Failed",
        "#1003": "Placed",
        "#1004": "Placed",
        "#1005": "Success",
    }
    assert newcomer.rows("SELECT count(*) FROM orders WHERE is_demo = 1") == [(5,)]


def test_what_is_removed_while_all_runs_does_not_come_back(newcomer: Installation, play: Play) -> None:
    newcomer.start()
    is_confirmed(newcomer, "#1001")
    until(lambda: len(orders(newcomer)) == 4, "all first orders are there")

    said = newcomer.run("sandbox", "clear")
    processes(newcomer)["ordercall worker"].kill()  # the next one reads the shop at its start
    until(lambda: newcomer.rows("SELECT 1 FROM reconciliations WHERE ended_at IS NOT NULL"), "the shop was read again")

    assert said == "Demo orders removed: 4.\n"
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


@pytest.mark.sqlite
def test_what_waits_for_the_sandbox_is_never_brought_to_the_real_kalimera(
    newcomer: Installation, install: Callable[..., Installation], kalimera: FakeKalimera, play: Play
) -> None:
    newcomer.start()
    is_confirmed(newcomer, "#1001")
    play("/control", provider="kalimera", mode="failing")
    play("/orders", answer="confirms")
    until(lambda: "#1005" in orders(newcomer), "an order waits for the sandbox's Kalimera")
    newcomer.stop()

    real = install()
    real.start()
    until(lambda: real.rows("SELECT 1 FROM orders WHERE calling_reason = 'demo_order'"), "the order is set aside")

    assert kalimera.calls == []
