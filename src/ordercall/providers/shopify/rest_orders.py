"""Reading whole orders from Shopify (REST): one by its id, and all that changed since a time, page by page.

Source: Shopify's REST reference for orders, and its pages on pagination and access scopes. Without ``status=any``
closed and cancelled orders are missing; without the scope read_all_orders those older than 60 days always are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ordercall.errors import OutcomeUnknown
from ordercall.providers.http import Response
from ordercall.providers.shopify.admin import ShopifyAdmin

PAGE = 250
FIELDS = (
    "id,admin_graphql_api_id,name,total_price,currency,total_outstanding,email,contact_email,phone,created_at,"
    "updated_at,cancelled_at,test,payment_gateway_names,financial_status,fulfillment_status,customer,"
    "shipping_address,billing_address,line_items"
)
"""What an order is read from; the rest would only be carried about."""


class RestOrders:
    """Reads one shop's orders. Every method may raise the three provider errors.

    Args:
        largest_page: so many orders are read at a time.
    """

    def __init__(self, admin: ShopifyAdmin, *, largest_page: int = PAGE) -> None:
        self._admin = admin
        self._page = str(largest_page)

    def orders_updated_since(self, since: datetime) -> Iterator[list[dict[str, Any]]]:
        """Yield the orders that changed since then, in pages, the longest unchanged first; bodies as in a webhook.

        An order that changes while the pages are read moves to the end and is read again there; none is skipped.
        """
        asked = {
            "status": "any",
            "updated_at_min": since.astimezone(UTC).isoformat(timespec="seconds"),
            "order": "updated_at asc",
            "limit": self._page,
            "fields": FIELDS,
        }
        while asked:
            answer = self._admin.rest("list the orders", "GET", "/orders.json", params=asked)
            yield _orders(answer)
            asked = self._next(answer)

    def read_order_body(self, shopify_id: int) -> dict[str, Any] | None:
        """Return the order as a webhook would carry it now, or None if Shopify shows no such order."""
        answer = self._admin.find("read the order", f"/orders/{shopify_id}.json", {"fields": FIELDS})
        if answer is None:
            return None
        order = answer.body.get("order") if isinstance(answer.body, dict) else None
        if not isinstance(order, dict):
            raise OutcomeUnknown("Shopify", "read the order", "its answer holds no order", call=answer.call)
        return order

    def _next(self, answer: Response) -> dict[str, str]:
        """Return what asks for the next page, which may name nothing else; empty after the last."""
        info = parse_qs(urlsplit(answer.next_page or "").query).get("page_info")
        return {"limit": self._page, "fields": FIELDS, "page_info": info[0]} if info else {}


def _orders(answer: Response) -> list[dict[str, Any]]:
    found = answer.body.get("orders") if isinstance(answer.body, dict) else None
    if not isinstance(found, list):
        raise OutcomeUnknown("Shopify", "list the orders", "its answer holds no orders", call=answer.call)
    return [order for order in found if isinstance(order, dict)]
