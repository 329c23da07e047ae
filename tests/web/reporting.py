"""How tests report a call, and see what became of it."""

from __future__ import annotations

import json
from typing import Any

from api_calls import ELSEWHERE, TOKEN

from ringing import rung
from web_app import Shop

PHONE = "+919876543210"


def ring(shop: Shop, number: int = 1001, *, phone: str = PHONE, **call: Any) -> int:
    """Receive an order and have its customer rung; return the order's id."""
    order_id = shop.receive(number, phone=phone)
    with shop.db.begin() as tx:
        rung(tx, order_id, now=shop.now, **call)
    return order_id


def report(shop: Shop, **said: Any) -> dict[str, Any]:
    """Send a report with the token and return its answer, which is always 200."""
    return report_text(shop, json.dumps(said))


def report_text(shop: Shop, text: str) -> dict[str, Any]:
    """Send a body as it is written, as a report."""
    answer = shop.client(address=ELSEWHERE).post("/api/outcomes", data=text, headers=TOKEN)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def fate(answer: dict[str, Any]) -> tuple[str, str]:
    return answer["fate"], answer["why"]


def status(shop: Shop, order_id: int) -> str:
    return str(shop.order(order_id).confirmation_status)


def stored(shop: Shop) -> list[Any]:
    return shop.rows("SELECT * FROM reports ORDER BY id")
