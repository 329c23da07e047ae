"""What the tests of the two clients share: a contact, a call window, and the error that a question ends with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ordercall.domain.calls.calling import CallWindow
from ordercall.errors import ProviderError
from ordercall.providers.kalimera.words import ContactCard

INDIA = ZoneInfo("Asia/Kolkata")
PHONE, EMAIL, STREET = "+919000000002", "asha@example.com", "14 Lake View Road"
FIRST_NAME, LAST_NAME = "Ashalata", "Iyengar"
ORDER_ID = 2**53 + 1
CARD = ContactCard(
    call_id="call-1",
    shopify_id=ORDER_ID,
    phone=PHONE,
    first_name=FIRST_NAME,
    last_name=LAST_NAME,
    email=EMAIL,
    address=STREET,
    city="Chennai",
    state="Tamil Nadu",
    order_name="#1001",
    product_title="Brass Table Lamp",
    total_price=99.99,
    currency="INR",
    items="2 × Brass Table Lamp",
    current_total_price=149.5,
    total_outstanding=49.5,
    presentment_currency="USD",
)
WINDOW = CallWindow(
    datetime(2026, 11, 23, 18, 5, tzinfo=INDIA),
    datetime(2026, 11, 23, 20, 5, tzinfo=INDIA),
)
type Ask = Callable[[], Any]


def environment(url: str, seconds: str = "10") -> dict[str, str]:
    return {
        "KALIMERA_CONTACT_URL": f"{url}/contact",
        "KALIMERA_CAMPAIGN_URL": f"{url}/campaign/<campaign id>",
        "KALIMERA_CAMPAIGN_CONTACTS_URL": f"{url}/campaign/contacts",
        "KALIMERA_TIMEOUT_SECONDS": seconds,
        "SHOPIFY_ADMIN_URL": url,
        "SHOPIFY_API_VERSION": "2026-10",
        "SHOPIFY_TIMEOUT_SECONDS": seconds,
    }


def error_of(ask: Ask) -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        ask()
    return failed.value
