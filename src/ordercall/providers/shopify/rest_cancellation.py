"""Cancelling an order as the description does (REST), and looking at it before.

Source: Shopify's REST reference for orders. The parameters of a cancellation stand at the top of the body;
inside an ``order`` object Shopify ignores them silently.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ordercall.domain.orders import CancelChoices, Fulfilment
from ordercall.errors import OutcomeUnknown
from ordercall.providers.shopify.admin import ShopifyAdmin
from ordercall.providers.shopify.cancelling import Accepted, OrderInShopify

WORTH_KEEPING = ("id", "cancelled_at", "cancel_reason", "financial_status", "fulfillment_status", "updated_at")
"""Of the whole order that Shopify answers with; the rest is the customer's."""


class RestCancellation:
    """Cancels orders. Every method may raise the three provider errors."""

    def __init__(self, admin: ShopifyAdmin) -> None:
        self._admin = admin

    def read_order(self, shopify_id: int) -> OrderInShopify | None:
        """Return the order as it stands in Shopify, or None if Shopify shows no such order."""
        answer = self._admin.find("read the order", f"/orders/{shopify_id}.json")
        if answer is None:
            return None
        order = _order(answer.body)
        if order is None:
            raise OutcomeUnknown("Shopify", "read the order", "its answer holds no order", call=answer.call)
        return OrderInShopify(_text(order.get("cancelled_at")), Fulfilment.of(order.get("fulfillment_status")).has_left)

    def cancel_order(self, shopify_id: int, choices: CancelChoices) -> Accepted:
        """Cancel the order. It cannot be undone.

        Raises:
            OutcomeUnknown: also when Shopify answers without saying that the order is cancelled.
        """
        body = {"email": choices.email, "restock": choices.restock, "reason": choices.reason}
        answer = self._admin.rest("cancel the order", "POST", f"/orders/{shopify_id}/cancel.json", json=body)
        order = _order(answer.body)
        if order is None or order.get("cancelled_at", "") is None:
            reason = "its answer does not say that the order is cancelled"
            raise OutcomeUnknown("Shopify", "cancel the order", reason, call=answer.call)
        told = replace(answer.call, response={"order": {name: order.get(name) for name in WORTH_KEEPING}})
        return Accepted(None, told)


def _order(body: Any) -> dict[str, Any] | None:
    if not isinstance(body, dict):
        return None
    order = body if "id" in body else body.get("order")
    return order if isinstance(order, dict) and order else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
