"""The worker is killed while Shopify is asked for a corrected address, with real processes."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from flask import request

from gate import Gate
from installation import HTTP, TOKEN, Installation
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.shopify import FakeShopify
from waiting import LONG, until

pytestmark = [pytest.mark.journey, pytest.mark.sqlite]  # on a server the takeover alone takes 15 seconds

SAID = {"address1": "7 Corrected Street", "city": "Kochi", "state": "Kerala", "pincode": "682031"}


def is_the_correction() -> bool:
    return "orderUpdate" in request.get_data(as_text=True)


def approve(shop: Installation, order_id: int) -> None:
    """Approve the address on the order's page, as a person does."""
    with httpx.Client(base_url=shop.url, timeout=LONG, trust_env=False, follow_redirects=True) as person:
        login = hidden(person.get("/login").text)
        person.post("/login", data=login | {"username": "admin", "password": "admin"}).raise_for_status()
        page = person.get(f"/orders/{order_id}").raise_for_status().text
        card = page[page.index('id="address"') :]
        typed = dict(re.findall(r'<input class="field[^>]* name="(\w+)" value="([^"]*)"', card))
        sent = hidden(card) | typed | {"province": "KL", "decision": "approve"}
        person.post(f"/orders/{order_id}/address", data=sent).raise_for_status()


def hidden(page: str) -> dict[str, str]:
    """Return the first hidden field of each name."""
    return dict(reversed(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)))


def test_a_kill_while_shopify_is_asked_repeats_one_request_at_most(
    install: Callable[..., Installation], shopify: FakeShopify, gate: Gate
) -> None:
    shop = install()
    shop.start()
    shop.wait_for_workers()
    order = make_order(1)
    shopify.add(order)
    shop.deliver(order)
    HTTP.post(
        f"{shop.url}/api/orders/{order['id']}/status",
        json={"status": "Success", "address": SAID},
        headers={"X-App-Token": TOKEN},
    ).raise_for_status()
    gate.close(when=is_the_correction)
    approve(shop, order["id"])
    until(lambda: gate.waiting() == 1, "Shopify is asked for it")
    shop.kill()
    assert shop.rows("SELECT state FROM address_proposals") == [("sent",)]

    gate.open()
    shop.start()

    until(lambda: shop.rows("SELECT state FROM address_proposals") == [("seen",)], "it is seen in Shopify")
    found = shopify.book.order(order["id"])
    assert found
    assert (found["shipping_address"]["address1"], found["shipping_address"]["zip"]) == ("7 Corrected Street", "682031")
    assert sum("orderUpdate" in str(call.body) for call in shopify.calls) <= 2
    assert shop.rows("SELECT address, address_waits FROM orders") == [("7 Corrected Street", 0)]
