"""What became of an order's parcels, by GraphQL, whichever API the shop's orders are asked for by.

Nobody asks without the scopes for it (:data:`NEEDED_TO_SEE_RETURNS`): where a list that is never null is denied,
Shopify denies the order with it. Source: Shopify's reference for the GraphQL objects Fulfillment, Return and
ReverseFulfillmentOrder.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ordercall.domain.orders.order import Fulfilment
from ordercall.domain.parcels.came_back import LEFT, Parcel, Parcels
from ordercall.providers.json_values import part
from ordercall.providers.shopify.admin import ShopifyAdmin
from ordercall.providers.shopify.order_shape import fulfilment

CLOSED = "CLOSED"

RECEIVED = frozenset({"NOT_RESTOCKED", "PROCESSING_REQUIRED", "RESTOCKED"})
"""How pieces that are here again stand in a return, be they sold again, thrown away or looked at yet; those that never
came are ``MISSING``."""

MOST = 20
"""Parcels of an order, and returns. Of an order that may have more nothing is concluded: what is not seen may be with
its customer."""

PARCELS = """
query parcels($id: ID!, $most: Int!) {
  order(id: $id) {
    returnStatus
    fulfillment_status: displayFulfillmentStatus
    fulfillments(first: $most) { status displayStatus deliveredAt totalQuantity }
    returns(first: $most) { nodes { id status } }
  }
}
"""
RECEIVED_OF = """
query received($id: ID!) {
  return(id: $id) {
    reverseFulfillmentOrders(first: 3) {
      nodes { lineItems(first: 30) { nodes { dispositions { type quantity } } } }
    }
  }
}
"""
"""Most returns have one such order. What is not seen of more is not received, as far as anything is concluded."""


class ShopParcels:
    """Speaks to one shop about parcels. Every method may raise the three provider errors."""

    def __init__(self, admin: ShopifyAdmin) -> None:
        self._admin = admin

    def of_order(self, shopify_id: int) -> Parcels | None:
        """Return what became of an order's parcels; None: Shopify shows no such order."""
        asked = {"id": f"gid://shopify/Order/{shopify_id}", "most": MOST}
        order = self._admin.graphql("read the parcels", PARCELS, asked).data.get("order")
        if not order:
            return None
        closed = (one["id"] for one in part(order, "returns").get("nodes") or () if one["status"] == CLOSED)
        return _parcels(order, sum(map(self._received, closed)))

    def _received(self, return_id: str) -> int:
        """Return how many pieces of a return are here again: a return can be closed though nothing ever came."""
        found = self._admin.graphql("read the return", RECEIVED_OF, {"id": return_id}).data
        orders = part(found, "return", "reverseFulfillmentOrders").get("nodes") or ()
        lines = (line for order in orders for line in part(order, "lineItems").get("nodes") or ())
        disposed = (one for line in lines for one in line.get("dispositions") or ())
        return sum(one["quantity"] for one in disposed if one["type"] in RECEIVED)


def _parcels(order: Mapping[str, Any], received: int) -> Parcels:
    made = order.get("fulfillments") or ()
    left = [one for one in made if one["status"] == LEFT] if len(made) < MOST else []
    return Parcels(
        all=tuple(
            Parcel(
                state=one.get("displayStatus") or "",
                units=one.get("totalQuantity") or 0,
                was_delivered=one.get("deliveredAt") is not None,
            )
            for one in left
        ),
        waits=fulfilment(order) is not Fulfilment.ALL,
        return_status=order.get("returnStatus"),
        returned=received,
    )
