"""Orders as large as Shopify's: 9 to 12 KB, four lines with their taxes and discounts, most of it never used."""

from __future__ import annotations

import json
from typing import Any

from load import request_bytes
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.webhooks import signed_headers

SECRET = "the secret of the bench"  # noqa: S105 - signs only what is sent to this machine


def webhooks(url: str, count: int, first: int) -> list[bytes]:
    """Return requests that announce the orders ``#first`` and following, ready to be sent."""
    return [_request(f"{url}/shopify/webhook", number) for number in range(first, first + count)]


def _request(url: str, number: int) -> bytes:
    body = json.dumps(large_order(number), separators=(",", ":")).encode()
    return request_bytes(url, body, signed_headers(body, topic="orders/create", secret=SECRET))


def large_order(number: int) -> dict[str, Any]:
    """Return an order; every third ships to Gujarat, and each has a phone of its own."""
    order = make_order(number, state="Gujarat" if number % 3 == 0 else "Kerala")
    line = order["line_items"][0]
    order["line_items"] = [line | _details(order["id"] + place) for place in range(1, 5)]
    order["client_details"] = {
        "accept_language": "en-IN,en;q=0.9",
        "browser_ip": "203.0.113.7",
        "user_agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile",
    }
    order["landing_site"] = "/collections/festival?utm_source=instagram&utm_medium=social&utm_campaign=diwali"
    order["tax_lines"] = [_tax("CGST"), _tax("SGST")]
    order["discount_applications"] = [
        {"type": "automatic", "title": title, "value": "5.0", "value_type": "percentage", "target_type": "line_item"}
        for title in ("Festival", "Prepaid", "Loyal customer")
    ]
    return order


def _details(line_id: int) -> dict[str, Any]:
    return {
        "id": line_id,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{line_id}",
        "price_set": _money("1299.00"),
        "total_discount_set": _money("64.95"),
        "discount_allocations": [
            {"amount": "64.95", "amount_set": _money("64.95"), "discount_application_index": place}
            for place in range(3)
        ],
        "tax_lines": [_tax("CGST"), _tax("SGST")],
        "properties": [{"name": "_bundle", "value": "festival-2026"}, {"name": "Gift wrap", "value": "no"}],
        "origin_location": {"id": 3_990_000_000_001, "country_code": "IN", "province_code": "GJ", "city": "Surat"},
    }


def _tax(title: str) -> dict[str, Any]:
    return {"title": title, "price": "77.94", "rate": 0.06, "price_set": _money("77.94"), "channel_liable": False}


def _money(amount: str) -> dict[str, Any]:
    money = {"amount": amount, "currency_code": "INR"}
    return {"shop_money": money, "presentment_money": money}
