"""The worker is killed between the wish to hold a parcel, the hold and its release: nothing stays held for ever."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import request

from gate import Gate
from installation import Installation
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.shopify import FakeShopify
from waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.sqlite]


def asks(mutation: str) -> Callable[[], bool]:
    return lambda: f"mutation {mutation}(" in request.get_data(as_text=True)


def kill_the_worker(shop: Installation) -> None:
    pid = shop.process("worker")
    assert pid
    os.kill(pid, signal.SIGKILL)


def holding(shop: Installation, shopify: FakeShopify) -> Installation:
    """Start a shop that holds each parcel until its customer has answered; Shopify has them at once."""
    shopify.fulfilment.after = timedelta(0)
    shop.start()
    (shop.folder / "policy.toml").write_text("[hold]\nuntil_answered = true\n")
    shop.run("policy", "publish", "policy.toml", "--yes")
    shop.wait_for_workers()
    return shop


def test_a_worker_that_is_killed_while_it_holds_and_while_it_releases_leaves_nothing_held(
    install: Callable[..., Installation], shopify: FakeShopify, gate: Gate
) -> None:
    shop = holding(install(), shopify)
    order = make_order(1)
    order_id = order["id"]
    shopify.add(order)

    gate.close(asks("hold"))
    shop.deliver(order)
    until(gate.waiting, "the hold is asked for")
    kill_the_worker(shop)
    gate.open()
    until(lambda: shop.rows("SELECT held_at FROM order_holds WHERE held_at > 0"), "the hold is known")
    [parcel] = shopify.fulfilment.of_order(order_id)
    held = [hold.handle for hold in parcel.holds]

    gate.close(asks("release"))
    shop.set_status(order_id, "Success")
    until(gate.waiting, "the release is asked for")
    kill_the_worker(shop)
    gate.open()
    until(lambda: shop.rows("SELECT released_at FROM order_holds WHERE released_at > 0"), "the release is known")
    [parcel] = shopify.fulfilment.of_order(order_id)

    assert (held, parcel.holds) == (["ordercall"], [])
    assert shop.stop() == 0


def test_an_outage_and_a_kill_between_decision_and_hold_and_between_hold_and_release_leave_nothing_undone(
    install: Callable[..., Installation], shopify: FakeShopify
) -> None:
    shop = holding(install(), shopify)
    order = make_order(1)
    shopify.add(order)

    break_down(shopify)
    shop.deliver(order)
    until(lambda: shopify.calls, "the hold was tried")
    kill_the_worker(shop)
    shopify.switch("normal")
    until(lambda: shop.rows("SELECT held_at FROM order_holds WHERE held_at > 0"), "the hold is known", seconds=120)
    [parcel] = shopify.fulfilment.of_order(order["id"])
    held = [hold.handle for hold in parcel.holds]

    break_down(shopify)
    shop.set_status(order["id"], "Success")
    until(lambda: shopify.calls, "the release was tried")
    kill_the_worker(shop)
    shopify.switch("normal")
    until(lambda: shop.rows("SELECT released_at FROM order_holds WHERE released_at > 0"), "released", seconds=120)
    [parcel] = shopify.fulfilment.of_order(order["id"])

    assert (held, parcel.holds) == (["ordercall"], [])
    assert shop.stop() == 0


def break_down(shopify: FakeShopify) -> None:
    """Let Shopify end each connection from now on, and have every request from now on counted."""
    shopify.switch("down")
    shopify.forget_calls()
