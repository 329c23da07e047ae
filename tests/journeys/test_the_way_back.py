"""What the agent reports, with real processes: whose it is, and that none is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from installation import HTTP, TOKEN, Installation
from load import fire, request_bytes
from ordercall.sandbox.orders import make_order
from waiting import until

pytestmark = pytest.mark.journey

PHONE = "+919876543210"
HEADERS = {"X-App-Token": TOKEN, "Content-Type": "application/json"}


def report(shop: Installation, **said: Any) -> dict[str, Any]:
    answer = HTTP.post(f"{shop.url}/api/outcomes", json=said, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def statuses(shop: Installation) -> list[str]:
    return [row[0] for row in shop.rows("SELECT confirmation_status FROM orders ORDER BY shopify_id")]


def test_a_returning_customers_refusal_cancels_the_second_order_and_leaves_the_first(shop: Installation) -> None:
    shop.deliver(make_order(1001, phone=PHONE))
    until(lambda: shop.on_campaign() == 1, "the first order is on the campaign")
    first = report(shop, phone=PHONE, answer="confirmed")
    shop.deliver(make_order(1002, phone=PHONE))
    until(lambda: shop.on_campaign() == 2, "the second order is on the campaign")

    by_the_card = report(shop, shopify_id=first["shopify_ids"][0], answer="refused")
    before = statuses(shop)
    HTTP.get(f"{shop.url}/api/orders", params={"phone": PHONE, "waiting": "1"}, headers=HEADERS)
    by_the_look_up = report(shop, phone=PHONE, answer="refused")

    assert (first["fate"], by_the_card["fate"], before) == ("applied", "needs_a_person", ["Success", "Placed"])
    assert (by_the_look_up["fate"], statuses(shop)) == ("applied", ["Success", "Failed"])


def test_every_report_that_was_answered_outlives_a_power_cut(shop: Installation) -> None:
    url = f"{shop.url}/api/outcomes"
    bodies = [json.dumps({"contact_id": f"c{number}", "answer": "confirmed"}).encode() for number in range(300)]

    answered = fire(url, [request_bytes(url, body, HEADERS) for body in bodies], connections=16)
    shop.kill()

    assert answered.statuses == {200: 300}
    assert {bytes(row[0]) for row in shop.rows("SELECT body FROM reports")} == set(bodies)
