"""What many tests start from: an order's body, its signed headers, settings. Each takes what a test cares about."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ordercall.config import Settings, read_settings
from ordercall.intake.signature import sign
from ordercall.sandbox.orders import FIRST_ID, make_order

SECRET = "a-shared-secret!"
KALIMERA_TOKEN = "Bearer sandbox-token"
NUMBER = 1001
ORDER_ID = FIRST_ID + NUMBER
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
PLACED_AT = "2026-11-23T11:59:00+05:30"


def make_body(number: int = NUMBER, **changes: Any) -> bytes:
    """Return a webhook's body; *changes* are those of :func:`ordercall.sandbox.orders.make_order`."""
    return json.dumps(make_order(number, **{"created_at": PLACED_AT} | changes)).encode()


def make_address(**changes: Any) -> dict[str, Any]:
    """Return the address of an Indian customer, with neither a phone nor anything else that a test must undo."""
    return make_order(NUMBER, phone=None)["shipping_address"] | changes


def make_headers(
    body: bytes, *, topic: str = "orders/create", secret: str = SECRET, webhook_id: str = "delivery-1"
) -> list[tuple[str, str]]:
    """Return the headers that Shopify sends with *body*."""
    return [
        ("Content-Type", "application/json"),
        ("X-Shopify-Topic", topic),
        ("X-Shopify-Hmac-Sha256", sign(body, secret)),
        ("X-Shopify-Shop-Domain", "shop.myshopify.com"),
        ("X-Shopify-API-Version", "2026-10"),
        ("X-Shopify-Webhook-Id", webhook_id),
    ]


def nested(levels: int) -> bytes:
    """Return JSON with so many levels and nothing in them."""
    return b"[" * levels + b"]" * levels


def make_settings(path: Path | None = None, **environment: str) -> Settings:
    """Return the settings of a shop that calls and cancels; *environment* adds to them or replaces them."""
    complete = {
        "FLASK_SECRET_KEY": "a-flask-key-that-signs-the-sessions",
        "SYNC_API_TOKEN": "a-sync-token-of-programs",
        "DATABASE_PATH": str(path or "orders.db"),
        "CALLING_HOURS": "00:00-24:00",
        "KALIMERA_AUTH_TOKEN": "Bearer kalimera-token",
        "KALIMERA_CAMPAIGN_ID": "main",
        "KALIMERA_AGENT_ID_EN": "agent-english",
        "KALIMERA_AGENT_ID_HI": "agent-hindi",
        "KALIMERA_SIP_LIST_ID": "sip-list",
        "SHOPIFY_SHARED_SECRET": SECRET,
        "SHOPIFY_STORE_DOMAIN": "shop",
        "SHOPIFY_ACCESS_TOKEN": "shopify-token",
    }
    return read_settings(complete | environment)


def beside_sandbox(url: str) -> dict[str, str]:
    """Return the settings that have a product call, cancel and read at the sandbox of this address."""
    return {
        "KALIMERA_CONTACT_URL": f"{url}/kalimera/contact",
        "KALIMERA_CAMPAIGN_ID": "sandbox-campaign",
        "KALIMERA_CAMPAIGN_URL": f"{url}/kalimera/campaign/<campaign id>",
        "KALIMERA_CAMPAIGN_CONTACTS_URL": f"{url}/kalimera/campaign/contacts",
        "KALIMERA_AUTH_TOKEN": KALIMERA_TOKEN,
        "KALIMERA_AGENT_ID_EN": "sandbox-agent-english",
        "KALIMERA_AGENT_ID_HI": "sandbox-agent-hindi",
        "SHOPIFY_STORE_DOMAIN": "sandbox-shop",
        "SHOPIFY_ADMIN_URL": f"{url}/shopify",
        "SHOPIFY_ACCESS_TOKEN": "sandbox-access-token",
    }
