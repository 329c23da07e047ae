"""Reading whole orders from Shopify (GraphQL): one by its id, and all that changed since a time, page by page.

Source: Shopify's reference for the query ``orders`` and its pages on search syntax and access scopes. Without
``status:any`` closed and cancelled orders are missing, which the reference does not say; a term that is misspelled is
ignored. Without the scope read_all_orders, orders older than 60 days are never shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ordercall.providers.shopify.admin import ShopifyAdmin
from ordercall.providers.shopify.order_shape import ORDER, order_body
from ordercall.providers.shopify.query_budget import Budget

PAGE = 250
CHAIN = 20_000
"""Shopify follows cursors for 25,000 things; before that the question is asked anew, from where reading got to."""

LINES = 5
"""Most orders have no more; the others are asked for the rest, since each line costs a point."""

LIST = (
    """
query orders($query: String!, $first: Int!, $after: String, $lines: Int!) {
  shop { ianaTimezone }
  orders(query: $query, sortKey: UPDATED_AT, first: $first, after: $after) {
    nodes { ...order }
    pageInfo { hasNextPage endCursor }
  }
}
"""
    + ORDER
)
ONE = "query order($id: ID!, $lines: Int!) { shop { ianaTimezone } order(id: $id) { ...order } }" + ORDER
REST_OF_LINES = """
query lines($id: ID!, $after: String) {
  order(id: $id) { lineItems(first: 250, after: $after) { nodes { title } pageInfo { hasNextPage endCursor } } }
}
"""


class GraphQLOrders:
    """Reads one shop's orders. Every method may raise the three provider errors.

    Args:
        largest_page: so many orders are read at a time at most.
        chain: after so many orders the list is asked for anew.
        sleep: waits, between two pages, for the points that the next one needs.
    """

    def __init__(
        self,
        admin: ShopifyAdmin,
        *,
        largest_page: int = PAGE,
        chain: int = CHAIN,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._admin = admin
        self._largest_page = largest_page
        self._chain = chain
        self._sleep = sleep

    def orders_updated_since(self, since: datetime) -> Iterator[list[dict[str, Any]]]:
        """Yield the orders that changed since then, in pages, the longest unchanged first; bodies as in a webhook.

        An order that changes while the pages are read moves to the end and is read again there; none is skipped.
        """
        budget, cursor, chained = Budget.first(self._largest_page), None, 0
        more = True
        while more:
            self._sleep(budget.wait)
            answer = self._admin.graphql("list the orders", LIST, _question(since, budget.size, cursor))
            nodes, info = answer.data["orders"]["nodes"], answer.data["orders"]["pageInfo"]
            yield [self._body(node, _zone(answer.data)) for node in nodes]
            budget = budget.after(answer.extensions.get("cost") or {})
            more, cursor, chained = info["hasNextPage"], info["endCursor"], chained + len(nodes)
            if more and chained >= self._chain:
                since, cursor, chained = datetime.fromisoformat(nodes[-1]["updatedAt"]), None, 0

    def read_order_body(self, shopify_id: int) -> dict[str, Any] | None:
        """Return the order as a webhook would carry it now, or None if Shopify shows no such order."""
        asked = {"id": f"gid://shopify/Order/{shopify_id}", "lines": LINES}
        data = self._admin.graphql("read the order", ONE, asked).data
        return self._body(data["order"], _zone(data)) if data["order"] else None

    def _body(self, node: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
        return order_body(node, self._lines(node), zone)

    def _lines(self, order: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Return all lines of an order, also those that did not come with it."""
        lines = order["lineItems"]
        found = list(lines["nodes"])
        while lines["pageInfo"]["hasNextPage"]:
            asked = {"id": order["id"], "after": lines["pageInfo"]["endCursor"]}
            rest = self._admin.graphql("read the order's lines", REST_OF_LINES, asked).data["order"]
            if rest is None:
                break  # deleted a moment ago
            lines = rest["lineItems"]
            found += lines["nodes"]
        return found


def _question(since: datetime, first: int, after: str | None) -> dict[str, Any]:
    wanted = f"status:any AND updated_at:>='{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"
    return {"query": wanted, "first": first, "after": after, "lines": LINES}


def _zone(data: Mapping[str, Any]) -> ZoneInfo:
    return ZoneInfo(data["shop"]["ianaTimezone"])
