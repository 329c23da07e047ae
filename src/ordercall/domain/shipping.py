"""Which orders wait for their parcel, and when the courier fetches it."""

from __future__ import annotations

from ordercall.domain.orders import CancelState, Fulfilment, OrderFacts, Status

STILL_HERE = frozenset({Fulfilment.NOTHING, Fulfilment.PART})
"""What is left of an order that went in part must still be shipped; what was restocked need not."""

HARMLESS_CANCELS = frozenset({CancelState.REFUSED})
"""Shopify said that the order stands. Any other cancel was done, or may yet be."""


def is_to_ship(order: OrderFacts, status: Status | None, cancel: CancelState | None) -> bool:
    """Return whether a confirmed order waits for its parcel, as the tab *Ready to ship* lists it.

    As in Shopify's own list of what to fulfil, an archived order is none. The same in SQL: ``predicates.to_ship``.
    """
    return (
        status is Status.SUCCESS
        and order.fulfillment_status in STILL_HERE
        and order.units_left != 0
        and not order.is_test
        and _stands_in_shopify(order, cancel)
    )


def _stands_in_shopify(order: OrderFacts, cancel: CancelState | None) -> bool:
    gone = (order.shopify_cancelled_at, order.shopify_deleted_at, order.closed_at)
    return all(when is None for when in gone) and (cancel is None or cancel in HARMLESS_CANCELS)
