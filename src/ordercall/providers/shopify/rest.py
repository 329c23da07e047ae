"""A shop's orders by REST, as the description cancels them; what REST does not have goes by GraphQL.

Source: Shopify's REST reference for orders, and its pages on pagination and access scopes. The parameters of a
cancellation stand at the top of the body; inside an ``order`` object Shopify ignores them silently. Without
``status=any`` closed and cancelled orders are missing from the list; without the scope read_all_orders those older than
60 days always are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ordercall.domain.orders.order import CancelChoices, Fulfilment
from ordercall.errors import OutcomeUnknown, ProviderRefused
from ordercall.providers.http import Response
from ordercall.providers.json_values import part
from ordercall.providers.shopify.cancelling import Accepted, OrderInShopify
from ordercall.providers.shopify.graphql import GraphQLOrders
from ordercall.providers.shopify.order_body import ORDER_FIELDS

FIELDS = ",".join(ORDER_FIELDS)
"""What an order is read from; the rest would only be carried about."""

WORTH_KEEPING = ("id", "cancelled_at", "cancel_reason", "financial_status", "fulfillment_status", "updated_at")
"""Of the whole order that Shopify answers with; the rest is the customer's."""


class RestOrders(GraphQLOrders):
    """:class:`ShopOrders` by REST. The jobs of a cancellation exist in GraphQL alone."""

    def read_order(self, shopify_id: int) -> OrderInShopify | None:
        """Return the order as it stands in Shopify."""
        order = self._read(shopify_id)
        if order is None:
            return None
        cancelled_at = order.get("cancelled_at")
        is_text = isinstance(cancelled_at, str) and cancelled_at
        made = order.get("fulfillments")
        states = (part(one).get("status") for one in made) if isinstance(made, list) else ()
        left = Fulfilment.shown(order.get("fulfillment_status"), states).has_left
        return OrderInShopify(cancelled_at if is_text else None, left)

    def cancel_order(self, shopify_id: int, choices: CancelChoices) -> Accepted:
        """Cancel the order at once; there is no job to follow."""
        body = {"email": choices.email, "restock": choices.restock, "reason": choices.reason}
        response = self._admin.rest("cancel the order", "POST", f"/orders/{shopify_id}/cancel.json", json=body)
        order = _order(response)
        if not order or order.get("cancelled_at", "") is None:
            reason = "its answer does not say that the order is cancelled"
            raise OutcomeUnknown("Shopify", "cancel the order", reason, call=response.call)
        kept = replace(response.call, response={"order": {name: order.get(name) for name in WORTH_KEEPING}})
        return Accepted(None, kept)

    def orders_updated_since(self, since: datetime) -> Iterator[list[dict[str, Any]]]:
        """Yield what changed since then, in pages of one size."""
        page = {"limit": str(self._largest_page), "fields": FIELDS}
        updated_since = since.astimezone(UTC).isoformat(timespec="seconds")
        asked = page | {"status": "any", "updated_at_min": updated_since, "order": "updated_at asc"}
        while asked:
            response = self._admin.rest("list the orders", "GET", "/orders.json", params=asked)
            yield _orders(response)
            info = parse_qs(urlsplit(response.next_page or "").query).get("page_info")
            asked = page | {"page_info": info[0]} if info else {}  # nothing else may be named beside page_info

    def read_order_body(self, shopify_id: int) -> dict[str, Any] | None:
        """Return the order as a webhook would carry it now."""
        return self._read(shopify_id, {"fields": FIELDS})

    def _read(self, shopify_id: int, params: dict[str, str] | None = None) -> dict[str, Any] | None:
        try:
            response = self._admin.rest("read the order", "GET", f"/orders/{shopify_id}.json", params=params)
        except ProviderRefused as refusal:
            if refusal.call and refusal.call.status == 404:
                return None
            raise
        order = _order(response)
        if not order:
            raise OutcomeUnknown("Shopify", "read the order", "its answer holds no order", call=response.call)
        return order


def _order(response: Response) -> dict[str, Any]:
    """Return the order of an answer, an empty one where none is; it may stand at the top or under its name."""
    body = part(response.body)
    return body if "id" in body else part(body, "order")


def _orders(response: Response) -> list[dict[str, Any]]:
    found = part(response.body).get("orders")
    if not isinstance(found, list):
        raise OutcomeUnknown("Shopify", "list the orders", "its answer holds no orders", call=response.call)
    return [order for order in found if isinstance(order, dict)]
