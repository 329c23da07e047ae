"""Cancelling an order as Shopify wants it today (GraphQL), and looking at it before and after.

``orderCancel`` only begins to cancel; a job of Shopify's goes on with it and may fail. Until 2026-07 that job says
no more than whether it is done, from 2026-10 on also how it ended.

Source: Shopify's GraphQL reference for orderCancel and OrderCancelJobResult.
"""

from __future__ import annotations

from typing import Any

from ordercall.domain.orders import CancelChoices, CancelReason
from ordercall.errors import OutcomeUnknown, ProviderRefused
from ordercall.providers.shopify.admin import ShopifyAdmin
from ordercall.providers.shopify.cancelling import Accepted, JobSeen, OrderInShopify
from ordercall.providers.shopify.order_shape import fulfilment

JOB_SAYS_HOW_IT_ENDED = "2026-10"
REASONS = {
    CancelReason.CUSTOMER: "CUSTOMER",
    CancelReason.DECLINED: "DECLINED",
    CancelReason.FRAUD: "FRAUD",
    CancelReason.INVENTORY: "INVENTORY",
    CancelReason.OTHER: "OTHER",
}
NO_WORDS = "Shopify's job ended without cancelling the order"
STAFF_NOTE = "Cancelled by Ordercall: the order was not confirmed."

READ = "query Order($id: ID!) { order(id: $id) { cancelledAt displayFulfillmentStatus } }"
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


class GraphQLCancellation:
    """Cancels orders and follows what becomes of that. Every method may raise the three provider errors.

    Args:
        version: the API version that is asked for.
    """

    def __init__(self, admin: ShopifyAdmin, version: str) -> None:
        self._admin = admin
        self._cancel = CANCEL.replace("JOB", "jobResult { id }" if version >= JOB_SAYS_HOW_IT_ENDED else "job { id }")

    def read_order(self, shopify_id: int) -> OrderInShopify | None:
        """Return the order as it stands in Shopify, or None if Shopify shows no such order."""
        order = _part(self._admin.graphql("read the order", READ, {"id": gid(shopify_id)}).data, "order")
        if not order:
            return None
        return OrderInShopify(order.get("cancelledAt"), fulfilment(order.get("displayFulfillmentStatus")).has_left)

    def cancel_order(self, shopify_id: int, choices: CancelChoices) -> Accepted:
        """Let Shopify begin to cancel the order. It cannot be undone.

        Raises:
            ProviderRefused: also when Shopify says in its answer why it will not.
            OutcomeUnknown: also when the answer names no job to follow.
        """
        asked = {
            "id": gid(shopify_id),
            "reason": REASONS[choices.reason],
            "restock": choices.restock,
            "notify": choices.email,
            "note": STAFF_NOTE,
        }
        answer = self._admin.graphql("cancel the order", self._cancel, asked)
        if refusal := answer.objections("orderCancel", "orderCancelUserErrors"):
            raise ProviderRefused("Shopify", "cancel the order", refusal, call=answer.call)
        result = _part(answer.data, "orderCancel")
        job = _part(result, "jobResult").get("id") or _part(result, "job").get("id")
        if not job:
            raise OutcomeUnknown("Shopify", "cancel the order", "its answer names no job", call=answer.call)
        return Accepted(str(job), answer.call)

    def look_at_job(self, job: str) -> JobSeen | None:
        """Return how far the job got, or None if Shopify knows no such job any more."""
        query, field = (JOB_RESULT, "node") if "/OrderCancelJobResult/" in job else (JOB, "job")
        answer = self._admin.graphql("follow the cancellation", query, {"id": job})
        seen = _part(answer.data, field)
        if not seen:
            return None
        fault = (answer.objections(field, "errors") or NO_WORDS) if seen.get("status") == "FAILED" else None
        return JobSeen(seen.get("done") is True or fault is not None, fault, answer.call)


def gid(shopify_id: int) -> str:
    """Return the global id of an order."""
    return f"gid://shopify/Order/{shopify_id}"


def _part(data: dict[str, Any], field: str) -> dict[str, Any]:
    """Return the object that stands in a field, an empty one where none does."""
    found = data.get(field)
    return found if isinstance(found, dict) else {}
