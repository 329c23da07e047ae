"""Each topic over HTTP, with a body as Shopify writes it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from makers import SECRET
from ordercall.sandbox.orders import FIRST_ID, make_order
from ordercall.sandbox.webhooks import signed_headers
from web_app import Shop

NUMBER = 1001
ORDER_ID = FIRST_ID + NUMBER
LATER = "2026-11-24T12:05:00+05:30"
NOTHING: dict[str, list[Any]] = {"additions": [], "removals": []}
EDIT = {
    "order_edit": {
        "id": 78912328793,
        "app_id": None,
        "created_at": LATER,
        "notify_customer": False,
        "order_id": ORDER_ID,
        "reason": "",
        "staff_note": "",
        "user_id": None,
        "line_items": {"additions": [{"id": 15715295999999, "delta": 1}], "removals": []},
        "discounts": {"line_item": NOTHING},
        "shipping_lines": NOTHING,
    }
}
REFUND = {
    "id": 929361463,
    "admin_graphql_api_id": "gid://shopify/Refund/929361463",
    "order_id": ORDER_ID,
    "created_at": LATER,
    "note": "wrong size",
    "restock": True,
    "refund_line_items": [{"id": 1, "line_item_id": 2, "quantity": 1, "subtotal": 199.65, "total_tax": 0.0}],
    "transactions": [{"id": 3, "kind": "refund", "gateway": "manual", "amount": "199.65", "status": "success"}],
    "order_adjustments": [],
}
SHOP_BODY = {
    "id": 548380009,
    "name": "Super Toys",
    "email": "super@supertoys.com",
    "domain": None,
    "created_at": None,
    "country_code": "IN",
    "currency": "INR",
    "shop_owner": "John Smith",
    "plan_name": "enterprise",
    "myshopify_domain": None,
}
CUSTOMER = {"id": 191167, "email": "john@example.com", "phone": "555-625-1199"}
ABOUT_CUSTOMER = {"shop_id": 954889, "shop_domain": "shop.myshopify.com", "customer": CUSTOMER}


def order(**changes: Any) -> dict[str, Any]:
    return make_order(NUMBER, created_at="2026-11-24T11:59:00+05:30", updated_at=LATER, **changes)


BODIES: dict[str, dict[str, Any]] = {
    "orders/create": order(),
    "orders/updated": order(note="ring twice"),
    "orders/edited": EDIT,
    "orders/cancelled": order(cancelled_at=LATER, cancel_reason="customer", current_total_price="0.00"),
    "orders/paid": order(financial_status="paid", total_outstanding="0.00"),
    "orders/fulfilled": order(fulfillment_status="fulfilled"),
    "orders/partially_fulfilled": order(fulfillment_status="partial"),
    "refunds/create": REFUND,
    "fulfillment_events/create": {"id": 46, "order_id": ORDER_ID, "fulfillment_id": 7, "status": "failure"},
    "returns/close": {"id": 18, "order_id": ORDER_ID, "status": "closed"},
    "returns/reopen": {"id": 18, "order_id": ORDER_ID, "status": "open"},
    "orders/delete": {"id": ORDER_ID},
    "app/uninstalled": SHOP_BODY,
    "customers/data_request": ABOUT_CUSTOMER | {"orders_requested": [ORDER_ID], "data_request": {"id": 9999}},
    "customers/redact": ABOUT_CUSTOMER | {"orders_to_redact": [ORDER_ID]},
    "shop/redact": {"shop_id": 954889, "shop_domain": "shop.myshopify.com"},
}
JOBS = {
    "orders/create": ["sync_order"],
    "orders/updated": ["sync_order"],
    "orders/edited": ["read_order_again"],
    "orders/paid": ["sync_order"],
    "refunds/create": ["read_order_again"],
    "fulfillment_events/create": ["look_at_parcels"],
    "returns/close": ["look_at_parcels"],
    "returns/reopen": ["look_at_parcels"],
    "customers/data_request": ["answer_privacy_request"],
    "customers/redact": ["answer_privacy_request"],
    "shop/redact": ["answer_privacy_request"],
}


@pytest.mark.parametrize("topic", BODIES)
def test_a_topic_is_stored_once_with_the_job_that_it_asks_for(shop: Shop, topic: str) -> None:
    body = json.dumps(BODIES[topic]).encode()
    headers = signed_headers(body, topic=topic, secret=SECRET, shop="shop.myshopify.com")

    answers = [shop.client().post("/shopify/webhook", data=body, headers=headers) for _ in range(2)]

    assert [(answer.status_code, (answer.json or {})["outcome"]) for answer in answers] == [
        (200, "recorded"),
        (200, "repeat"),
    ]
    assert [row[0] for row in shop.rows("SELECT task_name FROM procrastinate_jobs")] == JOBS.get(topic, [])
