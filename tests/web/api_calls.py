"""How programs ask the API in its tests, and what they hear."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from web_app import Shop

ELSEWHERE = "203.0.113.7"
TOKEN = {"X-App-Token": "a-sync-token-of-programs"}


def with_an_order(shop: Shop) -> Shop:
    """Give a shop one Placed order, on the campaign already, so that every route has something to answer at once."""
    shop.change(shop.receive(1001), calling_state="on_campaign", contact_id="a-contact")
    return shop


def set_status(client: FlaskClient, shopify_id: object, status: object) -> TestResponse:
    return client.post(f"/api/orders/{shopify_id}/status", json={"status": status})


def error_code(answer: TestResponse) -> Any:
    """Return the code of an error that has the one form that every error has."""
    assert answer.is_json
    assert set(answer.json) == {"success", "error"}
    assert answer.json["success"] is False
    assert set(answer.json["error"]) == {"code", "message"}
    assert answer.json["error"]["message"].endswith(".")
    return answer.json["error"]["code"]
