"""What the list and an order's page say of its parcel, and of a cancellation that its status does not tell."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from reading import look, row
from web_app import Shop

CANCELLED = "Cancelled in Shopify"
BADGES = ("Part shipped", "Shipped", CANCELLED)


@pytest.mark.parametrize(
    ("columns", "badge"),
    [
        ({}, None),
        ({"fulfillment_status": "restocked"}, None),
        ({"fulfillment_status": "partial"}, "Part shipped"),
        ({"fulfillment_status": "fulfilled"}, "Shipped"),
        ({"shopify_cancelled_at": "2026-11-24T12:00:00+05:30"}, CANCELLED),
        ({"cancel_state": "done"}, CANCELLED),
        ({"confirmation_status": "Failed", "shopify_cancelled_at": "2026-11-24T12:00:00+05:30"}, None),
    ],
)
def test_an_order_wears_what_became_of_its_parcel(
    shop: Shop, person: FlaskClient, columns: dict[str, str], badge: str | None
) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, **{"confirmation_status": "Success"} | columns)

    listed = row(look(person), "#1001").all("span", css="bdg")
    shown = look(person, f"/orders/{order_id}").all("span", css="bdg")

    for found in (listed, shown):
        assert [one.text for one in found if one.text in BADGES] == ([badge] if badge else [])
