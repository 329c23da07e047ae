"""A shop's orders by GraphQL: reading and cancelling them, and all that changed since a time, page by page.

``orderCancel`` only begins to cancel; a job of Shopify's goes on with it and may fail. Until 2026-07 that job says
no more than whether it is done, from 2026-10 on also how it ended.

Source: Shopify's GraphQL reference for orderCancel, OrderCancelJobResult and the query ``orders``, and its pages on
search syntax and access scopes. Without ``status:any`` closed and cancelled orders are missing, which the reference
does not say; a term that is misspelled is ignored. Without the scope read_all_orders, orders older than 60 days are
never shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ordercall.domain.orders.order import CancelChoices
from ordercall.errors import OutcomeUnknown
from ordercall.providers.json_values import part
from ordercall.providers.shopify.admin import ShopifyAdmin
from ordercall.providers.shopify.cancelling import Accepted, JobSeen, OrderInShopify
from ordercall.providers.shopify.order_shape import FULFILMENT, LINE, ORDER, fulfilment, order_body
from ordercall.providers.shopify.query_budget import Budget

JOB_SAYS_HOW_IT_ENDED = "2026-10"
NO_WORDS = "Shopify's job ended without cancelling the order"
STAFF_NOTE = "Cancelled by Ordercall: the order was not confirmed."

PAGE = 250
"""The most orders that Shopify shows at a time."""

CHAIN = 20_000
"""Shopify follows cursors for 25,000 things; before that the list is asked for anew, from where reading got to."""

LINES = 5
"""Most orders have no more; the others are asked for the rest, since each line costs four points."""

READ = f"query Order($id: ID!) {{ order(id: $id) {{ cancelledAt {FULFILMENT} }} }}"
CANCEL = """
mutation Cancel($id: ID!, $reason: OrderCancelReason!, $restock: Boolean!, $notify: Boolean!, $note: String!) {
  orderCancel(
    orderId: $id, reason: $reason, restock: $restock, notifyCustomer: $notify, staffNote: $note,
    refundMethod: {originalPaymentMethodsRefund: false}
  ) {
    JOB
    orderCancelUserErrors { message }
  }
}
"""
"""Nothing is paid back: the description's own request, in REST, does not either, and on delivery nobody has paid."""

JOB_RESULT = """
query CancelJob($id: ID!) {
  node(id: $id) { ... on OrderCancelJobResult { done status errors { message } } }
}
"""
JOB = "query Job($id: ID!) { job(id: $id) { done } }"
LIST = """
query orders($query: String!, $first: Int!, $after: String, $lines: Int!) {
  shop { ianaTimezone }
  orders(query: $query, sortKey: UPDATED_AT, first: $first, after: $after) {
    nodes { ...order }
    pageInfo { hasNextPage endCursor }
  }
}
"""
ONE = "query order($id: ID!, $lines: Int!) { shop { ianaTimezone } order(id: $id) { ...order } }"
REST_OF_LINES = """
query lines($id: ID!, $after: String) {
  order(id: $id) { lineItems(first: 100, after: $after) { nodes { LINE } pageInfo { hasNextPage endCursor } } }
}
""".replace("LINE", LINE)


class GraphQLOrders:
    """:class:`ShopOrders` by GraphQL.

    Args:
        largest_page: the number of orders that are read at a time at most.
        chain: the number of orders after which the list is asked for anew.
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

    def read_order(self, shopify_id: int) -> OrderInShopify | None:
        """Return the order as it stands in Shopify."""
        order = part(self._admin.graphql("read the order", READ, {"id": _gid(shopify_id)}).data, "order")
        if not order:
            return None
        return OrderInShopify(order.get("cancelledAt"), fulfilment(order).has_left)

    def cancel_order(self, shopify_id: int, choices: CancelChoices) -> Accepted:
        """Let Shopify begin to cancel the order."""
        asked = {
            "id": _gid(shopify_id),
            "reason": choices.reason.upper(),
            "restock": choices.restock,
            "notify": choices.email,
            "note": STAFF_NOTE,
        }
        job = "jobResult { id }" if self._admin.api_version >= JOB_SAYS_HOW_IT_ENDED else "job { id }"
        answer = self._admin.mutate(
            "cancel the order", CANCEL.replace("JOB", job), asked, errors="orderCancelUserErrors"
        )
        job_id = part(answer.data, "jobResult").get("id") or part(answer.data, "job").get("id")
        if not job_id:
            raise OutcomeUnknown("Shopify", "cancel the order", "its answer names no job", call=answer.call)
        return Accepted(str(job_id), answer.call)

    def look_at_job(self, job: str) -> JobSeen | None:
        """Return how far the job got, by what the version in which it was begun tells of it."""
        query, field = (JOB_RESULT, "node") if "/OrderCancelJobResult/" in job else (JOB, "job")
        answer = self._admin.graphql("follow the cancellation", query, {"id": job})
        seen = part(answer.data, field)
        if not seen:
            return None
        fault = (answer.objections(field, "errors") or NO_WORDS) if seen.get("status") == "FAILED" else None
        return JobSeen(seen.get("done") is True or fault is not None, fault, answer.call)

    def orders_updated_since(self, since: datetime) -> Iterator[list[dict[str, Any]]]:
        """Yield what changed since then, in pages as large as the points allow."""
        budget, cursor, chained = Budget.first(self._largest_page), None, 0
        more = True
        while more:
            self._sleep(budget.wait)
            answer = self._admin.graphql(
                "list the orders", LIST + ORDER, _page(since, budget.size, cursor), in_part=True
            )
            nodes, info = answer.data["orders"]["nodes"], answer.data["orders"]["pageInfo"]
            yield [self._body(node, answer.data) for node in nodes]
            budget = budget.after(answer.cost)
            more, cursor, chained = info["hasNextPage"], info["endCursor"], chained + len(nodes)
            if more and chained >= self._chain:
                since, cursor, chained = datetime.fromisoformat(nodes[-1]["updated_at"]), None, 0

    def read_order_body(self, shopify_id: int) -> dict[str, Any] | None:
        """Return the order as a webhook would carry it now."""
        asked = {"id": _gid(shopify_id), "lines": LINES}
        data = self._admin.graphql("read the order", ONE + ORDER, asked, in_part=True).data
        return self._body(data["order"], data) if data["order"] else None

    def _body(self, node: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
        return order_body(node, self._lines(node), ZoneInfo(data["shop"]["ianaTimezone"]))

    def _lines(self, order: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Return all lines of an order, also those that did not come with it."""
        lines = order["line_items"]
        found = list(lines["nodes"])
        while lines["pageInfo"]["hasNextPage"]:
            asked = {"id": order["admin_graphql_api_id"], "after": lines["pageInfo"]["endCursor"]}
            rest = self._admin.graphql("read the order's lines", REST_OF_LINES, asked).data["order"]
            if rest is None:
                break  # deleted a moment ago
            lines = rest["lineItems"]
            found += lines["nodes"]
        return found


def _gid(shopify_id: int) -> str:
    return f"gid://shopify/Order/{shopify_id}"


def _page(since: datetime, first: int, after: str | None) -> dict[str, Any]:
    wanted = f"status:any AND updated_at:>='{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"
    return {"query": wanted, "first": first, "after": after, "lines": LINES}
