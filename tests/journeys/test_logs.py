"""The log of a whole order, from its webhook through jobs and requests to the report: one id, and nothing of a person.

The customer has a name, an address and an e-mail that no rule of masking was made for, Kalimera is out for a while, and
a report says more than it should. All that the processes write is looked through, in both forms.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from installation import HTTP, SECRET, TOKEN, Installation
from makers import KALIMERA_TOKEN
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.sandbox.shopify import FakeShopify
from waiting import until

pytestmark = pytest.mark.journey

PERSONAL = {
    "phone": "+919812345678",
    "email": "zéphyrine.o'hara+odd@xn--bcher-kva.example",
    "first_name": "Zéphyrine%s",
    "last_name": "O'Hära\nTable",
    "address1": "Röntgenweg {7}; DROP",
    "city": "Pünchville",
    "zip": "380015",
}
WEBHOOK = "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"
QUOTED = "the customer Zéphyrine said: my gate is the blue one"
SECRETS = [SECRET, TOKEN, KALIMERA_TOKEN, "sandbox-access-token"]
NEVER = [
    *("9812345678", "98123 45678", "zéphyrine", "z\\u00e9phyrine", "phyrine", "o'hara", "o'hära", "ra\\ntable"),
    *("röntgenweg", "ntgenweg", "pünchville", "nchville", "380015", "blue one", "xn--bcher-kva"),
    *(secret.casefold() for secret in SECRETS),
]
"""What must be in no line, in small letters; also with what JSON makes of letters that are not ASCII."""


def odd_order() -> dict[str, Any]:
    order = make_order(
        1001, phone=PERSONAL["phone"], email=PERSONAL["email"], contact_email=PERSONAL["email"], note=QUOTED
    )
    for part in ("shipping_address", "billing_address", "customer"):
        order[part] |= PERSONAL
    return order


def order_of(shop: Installation, shopify: FakeShopify) -> int:
    order = odd_order()
    shopify.add(order)
    assert shop.deliver(order, **{"X-Shopify-Webhook-Id": WEBHOOK}).status_code == 200
    return int(order["id"])


def goes_wrong_in_every_way(shop: Installation, shopify: FakeShopify, kalimera: FakeKalimera) -> int:
    """Bring an order to its call through an outage and a lost answer, have it reported and cancelled, and more."""
    kalimera.mode = Mode.DOWN
    order_id = order_of(shop, shopify)
    until(lambda: bool(kalimera.calls), "Kalimera was asked in vain")
    kalimera.mode = Mode.NORMAL
    until(shop.on_campaign, "the order is on the campaign")
    shop.deliver(odd_order() | {"id": QUOTED})
    HTTP.post(f"{shop.url}/shopify/webhook", content=json.dumps(PERSONAL).encode())
    HTTP.get(f"{shop.url}/", params={"q": PERSONAL["phone"]})
    said = {"phone": PERSONAL["phone"], "quote": QUOTED, "answer": "refused", "connection": "connected"}
    ended = {"shopify_id": order_id, "completion": "completed", "summary": PERSONAL["address1"]}
    report = HTTP.post(f"{shop.url}/api/outcomes", json=said | ended, headers={"X-App-Token": TOKEN})
    assert report.status_code == 200, report.text
    shop.set_status(order_id, "Failed")
    until(lambda: "Shopify_Cancel_Success" in shop.events(order_id), "the order is cancelled")
    return order_id


def assert_nothing_personal(log: str) -> None:
    told = log.casefold()
    assert [secret for secret in NEVER if secret in told] == []


def test_a_log_in_json_follows_an_order_by_one_id_and_tells_nothing_of_its_customer(
    install: Callable[..., Installation], shopify: FakeShopify, kalimera: FakeKalimera
) -> None:
    shop = install(LOG_FORMAT="json")
    shop.start()

    order_id = goes_wrong_in_every_way(shop, shopify, kalimera)

    shop.stop()
    lines: list[dict[str, Any]] = [json.loads(line) for line in shop.log.read_text().splitlines() if line[:1] == "{"]
    mine = [line for line in lines if line["correlation_id"] == f"order-{order_id}"]
    assert {line["message"] for line in mine} >= {"webhook", "job", "request", "report"}
    assert {line["provider"] for line in mine if line["message"] == "request"} == {"Kalimera", "Shopify"}
    assert WEBHOOK in {line["webhook"] for line in mine if line["message"] == "webhook"}
    assert all({"timestamp", "level", "logger", "message", "correlation_id"} <= line.keys() for line in lines)
    assert_nothing_personal(shop.log.read_text())


def test_a_log_for_people_tells_nothing_of_a_customer_either(
    install: Callable[..., Installation], shopify: FakeShopify, kalimera: FakeKalimera
) -> None:
    shop = install()
    shop.start()

    goes_wrong_in_every_way(shop, shopify, kalimera)

    shop.stop()
    assert "the worker is ready" in shop.log.read_text()
    assert_nothing_personal(shop.log.read_text())
