"""What Shopify's webhooks may be about, as far as this program acts on it."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache


class Topic(StrEnum):
    """A topic, in Shopify's spelling."""

    CREATED = "orders/create"
    UPDATED = "orders/updated"
    CANCELLED = "orders/cancelled"
    PAID = "orders/paid"
    FULFILLED = "orders/fulfilled"
    PARTLY_FULFILLED = "orders/partially_fulfilled"
    EDITED = "orders/edited"
    DELETED = "orders/delete"
    REFUNDED = "refunds/create"
    DELIVERY = "fulfillment_events/create"
    RETURN_CLOSED = "returns/close"
    RETURN_REOPENED = "returns/reopen"
    HOLD_ADDED = "fulfillment_holds/added"
    HOLD_RELEASED = "fulfillment_holds/released"
    PART_SPLIT = "fulfillment_orders/split"
    PART_MOVED = "fulfillment_orders/moved"
    PART_MERGED = "fulfillment_orders/merged"
    PART_CANCELLED = "fulfillment_orders/cancelled"
    UNINSTALLED = "app/uninstalled"
    DATA_REQUEST = "customers/data_request"
    CUSTOMER_REDACT = "customers/redact"
    SHOP_REDACT = "shop/redact"
    # Ours, and never accepted from outside: the body was read from Shopify and not sent by it.
    FOUND = "ordercall/reconciled"
    READ_AGAIN = "ordercall/read_again"


CARRY_THE_ORDER = frozenset(
    {Topic.CREATED, Topic.UPDATED, Topic.CANCELLED, Topic.PAID, Topic.FULFILLED, Topic.PARTLY_FULFILLED}
)
"""The body is the order as it stood when it was written."""

POINT_AT_THE_ORDER = frozenset({Topic.EDITED, Topic.REFUNDED})
"""The body holds the order's id and what was done to it; the order itself must be read again."""

POINT_AT_PARCELS = frozenset({Topic.DELIVERY, Topic.RETURN_CLOSED, Topic.RETURN_REOPENED})
"""The body holds the order's id; what became of its parcels must be looked at."""

NAME_FULFILMENT_ORDERS = frozenset(
    {
        Topic.HOLD_ADDED,
        Topic.HOLD_RELEASED,
        Topic.PART_SPLIT,
        Topic.PART_MOVED,
        Topic.PART_MERGED,
        Topic.PART_CANCELLED,
    }
)
"""The body holds ids of fulfilment orders, and none of their order; the holds of that must be looked at."""

PRIVACY = frozenset({Topic.DATA_REQUEST, Topic.CUSTOMER_REDACT, Topic.SHOP_REDACT})
"""What a customer or a shop may ask by law. Shopify wants a wrong signature answered with 401 here."""

_IN_ANY_SPELLING = {spelling: topic for topic in Topic for spelling in (topic, topic.replace("/", "_"))}


@lru_cache(maxsize=256)
def usual_topic(written: str) -> str:
    """Return a topic of ours in Shopify's spelling, also for ``Orders/Create`` and GraphQL's ``ORDERS_CREATE``."""
    return _IN_ANY_SPELLING.get(written.casefold(), written)
