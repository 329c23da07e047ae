"""Fulfilment orders and their holds, by GraphQL, whichever API the shop's orders are asked for by: REST knows no holds.

Of whom a hold is that is not ours, Shopify tells only apps with the scope read_apps; so its notes are all that is read.
Without a scope for a location its fulfilment orders are missing from the list, without a word.

Source: Shopify's GraphQL reference for fulfillmentOrderHold and fulfillmentOrderReleaseHold. That a handle which is in
use is refused with DUPLICATE_FULFILLMENT_HOLD_HANDLE, and an id that cannot be one with a top-level
RESOURCE_NOT_FOUND, was recorded from a shop on 2026-04.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ordercall.domain.parcels.holds import HANDLE, LEAVES, FulfilmentOrder, HeldInShop, Hold, Release
from ordercall.providers.json_values import part
from ordercall.providers.shopify.admin import GraphQLResponse, ShopifyAdmin

NOTES = "Ordercall: the customer has not answered yet. It is released by itself."
"""What staff read at a hold; its reason reads "Other" to them."""

PAGE = 10
"""Most orders have one or two fulfilment orders. What a page may cost must be free before it is asked for."""

HELD_AT_ONCE = 100
"""A page of what is on hold in the whole shop: some 500 points of the 1,000 that a question may cost."""

FULFILMENT_ORDER = """
fragment fulfilmentOrder on FulfillmentOrder {
  id
  status
  supportedActions { action }
  deliveryMethod { methodType }
  fulfillmentHolds { id handle reasonNotes heldByRequestingApp }
}
"""
OF_ORDER = """
query fulfilmentOrders($id: ID!, $first: Int!, $after: String) {
  order(id: $id) {
    fulfillmentOrders(first: $first, after: $after) {
      nodes { ...fulfilmentOrder }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
OPEN = """
query open($first: Int!, $after: String, $query: String!) {
  fulfillmentOrders(first: $first, after: $after, query: $query) {
    nodes { orderId deliveryMethod { methodType } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
HELD = """
query held($first: Int!, $after: String) {
  fulfillmentOrders(first: $first, after: $after, query: "status:ON_HOLD") {
    nodes { orderId fulfillmentHolds { handle heldByRequestingApp } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
HOLD = """
mutation hold($id: ID!, $notes: String!, $handle: String!) {
  fulfillmentOrderHold(id: $id, fulfillmentHold: {reason: OTHER, reasonNotes: $notes, handle: $handle}) {
    fulfillmentOrder { ...fulfilmentOrder }
    userErrors { message code }
  }
}
"""
RELEASE = """
mutation release($id: ID!, $holds: [ID!]!) {
  fulfillmentOrderReleaseHold(id: $id, holdIds: $holds) {
    fulfillmentOrder { ...fulfilmentOrder }
    userErrors { message code }
  }
}
"""


class ShopHolds:
    """Speaks to one shop about holds. Every method may raise the three provider errors."""

    def __init__(self, admin: ShopifyAdmin) -> None:
        self._admin = admin

    def of_order(self, shopify_id: int) -> list[FulfilmentOrder]:
        """Return the fulfilment orders of an order as they are now, as far as this app is shown them."""
        asked: dict[str, Any] = {"id": f"gid://shopify/Order/{shopify_id}", "first": PAGE}
        pages = self._pages("read the fulfilment orders", OF_ORDER + FULFILMENT_ORDER, asked, under=("order",))
        return [_fulfilment_order(node) for node in pages]

    def hold(self, fulfilment_order: str) -> FulfilmentOrder | None:
        """Hold a fulfilment order and return it as it is then; None: our hold is there already, and nothing changes.

        Raises:
            ProviderRefused: also when Shopify says in its answer why it will not.
        """
        asked = {"id": fulfilment_order, "notes": NOTES, "handle": HANDLE}
        settled = {"DUPLICATE_FULFILLMENT_HOLD_HANDLE"}
        return _changed(self._admin.mutate("hold the parcel", HOLD + FULFILMENT_ORDER, asked, settled=settled))

    def release(self, wanted: Release) -> FulfilmentOrder | None:
        """Release holds of ours and return what is left; those of others stay, and what is released is no error.

        Raises:
            ValueError: no hold is named; Shopify would release everybody's.
            ProviderRefused: also when Shopify says in its answer why it will not.
        """
        if not wanted.holds:
            raise ValueError("a release that names no hold would release everybody's")
        asked = {"id": wanted.fulfilment_order, "holds": list(wanted.holds)}
        return _changed(self._admin.mutate("release the parcel", RELEASE + FULFILMENT_ORDER, asked))

    def orders_held(self) -> HeldInShop:
        """Return the orders of which something is on hold in the whole shop, by us and by others."""
        ours, others = set[int](), set[int]()
        for node in self._pages("list what is on hold", HELD, {"first": HELD_AT_ONCE}):
            for hold in node["fulfillmentHolds"]:
                (ours if _is_ours(hold) else others).add(_number(node["orderId"]))
        return HeldInShop(frozenset(ours), frozenset(others))

    def orders_open(self, since: datetime) -> set[int]:
        """Return the orders of which a parcel may be packed that was made or changed since a time."""
        query = f"status:OPEN updated_at:>='{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"
        pages = self._pages("list what may be packed", OPEN, {"first": HELD_AT_ONCE, "query": query})
        return {_number(node["orderId"]) for node in pages if _method(node) in LEAVES}

    def _pages(
        self, operation: str, query: str, asked: Mapping[str, Any], under: tuple[str, ...] = ()
    ) -> Iterator[dict[str, Any]]:
        """Yield the nodes of each page; none where the thing is unknown under which they stand."""
        after, more = None, True
        while more:
            answer = self._admin.graphql(operation, query, {**asked, "after": after})
            found = part(answer.data, *under, "fulfillmentOrders")
            yield from found.get("nodes") or ()
            info = part(found, "pageInfo")
            after, more = info.get("endCursor"), info.get("hasNextPage") is True


def _changed(answer: GraphQLResponse) -> FulfilmentOrder | None:
    """Return the fulfilment order that a mutation shows, if it does."""
    node = answer.data.get("fulfillmentOrder")
    return _fulfilment_order(node) if node else None


def _fulfilment_order(node: Mapping[str, Any]) -> FulfilmentOrder:
    return FulfilmentOrder(
        id=node["id"],
        status=node["status"],
        actions=frozenset(each["action"] for each in node["supportedActions"]),
        method=_method(node),
        holds=tuple(
            Hold(id=hold["id"], is_ours=_is_ours(hold), notes=hold.get("reasonNotes"))
            for hold in node["fulfillmentHolds"]
        ),
    )


def _method(node: Mapping[str, Any]) -> Any:
    return part(node, "deliveryMethod").get("methodType")


def _is_ours(hold: Mapping[str, Any]) -> bool:
    return hold.get("heldByRequestingApp") is True and hold.get("handle") == HANDLE


def _number(gid: str) -> int:
    return int(gid.rpartition("/")[2])
