"""The worker is killed while it writes a tag and metafields to an order: ours end right, and nobody else's change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import request

from gate import Gate
from installation import Installation
from ordercall.sandbox.order_book import tags_of
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Call, Mode
from ordercall.sandbox.shopify import FakeShopify
from waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.sqlite]  # on Postgres the takeovers alone take 30 s

POLICY = """
[write_back]
tag_pending = "to confirm"
tag_confirmed = "ok"
metafields = true
"""
MUTATION = "mutation writeBack("


def is_the_mutation() -> bool:
    return MUTATION in request.get_data(as_text=True)


def test_a_kill_before_and_after_shopify_has_written_leaves_what_is_right(
    install: Callable[..., Installation], shopify: FakeShopify, gate: Gate
) -> None:
    shop = install()
    shop.start()
    (shop.folder / "policy.toml").write_text(POLICY)
    shop.run("policy", "publish", "policy.toml", "--yes")
    shop.wait_for_workers()
    order = make_order(1, tags="VIP, OK?")
    order_id = order["id"]
    shopify.add(order)
    shopify.metafields.values[order_id, "another_app", "status"] = ("boolean", "true")

    gate.close(is_the_mutation)  # nothing is written yet
    shop.deliver(order)
    shop.look_now("look_at_what_is_written")
    until(gate.waiting, "the tag is asked for")
    shop.kill()
    gate.open()
    shop.start()
    until(lambda: said(shop, order_id) == ("pending", "to confirm", ""), "what was written is known")
    first = asked(shopify)

    write_without_an_answer(shopify)
    shop.set_status(order_id, "Success")
    until(lambda: "ok" in tags(shopify, order_id), "the tag is there")
    shop.kill()
    shop.start()
    until(lambda: said(shop, order_id) == ("confirmed", "ok", ""), "what was written is known")

    assert tags(shopify, order_id) == ["OK?", "VIP", "ok"]
    assert shopify.metafields.told(order_id)["status"] == "confirmed"
    assert shopify.metafields.told(order_id, "another_app") == {"status": "true"}
    assert (first <= 2, asked(shopify) - first <= 2) == (True, True)


def write_without_an_answer(shopify: FakeShopify) -> None:
    """Have Shopify carry out the next of these mutations, and leave the worker waiting for its answer."""

    def once(call: Call) -> None:
        if MUTATION in str(call.body):
            shopify.on_call.remove(once)
            call.mode, shopify.lost_seconds = Mode.LOST, 4.0

    shopify.on_call.append(once)


def said(shop: Installation, order_id: int) -> tuple[Any, ...] | None:
    found = shop.rows("SELECT said, tag, adding FROM write_backs WHERE shopify_id = ? AND due_at IS NULL", order_id)
    return found[0] if found else None


def tags(shopify: FakeShopify, order_id: int) -> list[str]:
    return sorted(tags_of(shopify.order(order_id) or {}))


def asked(shopify: FakeShopify) -> int:
    return sum(MUTATION in str(call.body) for call in shopify.calls)
