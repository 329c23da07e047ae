"""Which orders wait for their parcel, and when the courier fetches it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ordercall.domain.orders import CancelState, Fulfilment, OrderFacts, Status
from ordercall.domain.payment import NOT_PAID_FOR

STILL_HERE = frozenset({Fulfilment.NOTHING, Fulfilment.PART})
"""What is left of an order that went in part must still be shipped; what was restocked need not."""

HARMLESS_CANCELS = frozenset({CancelState.REFUSED})
"""Shopify said that the order stands. Any other cancel was done, or may yet be."""


def is_to_ship(order: OrderFacts, status: Status | None, cancel: CancelState | None) -> bool:
    """Return whether a confirmed order waits for its parcel, as the tab *Ready to ship* lists it.

    As in Shopify's own list of what to fulfil, an archived order is none. The same in SQL: ``predicates.to_ship`` and
    ``predicates.paid_for``.
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
    is_there = all(when is None for when in gone) and not may_be_cancelled(cancel)
    return is_there and order.financial_status not in NOT_PAID_FOR


def may_be_cancelled(cancel: CancelState | None) -> bool:
    """Return whether Shopify has cancelled the order for us, or may yet."""
    return cancel is not None and cancel not in HARMLESS_CANCELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """When parcels leave. ``pickup``: the time at which the courier comes each day; None: nobody said."""

    pickup: time | None = None

    def pickups_around(self, moment: datetime, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """Return the last pickup up to a moment and the next one after it, in UTC; None where there are none.

        Where clocks are put on and skip it, the courier comes by the clock of before.
        """
        if self.pickup is None:
            return None
        today = moment.astimezone(zone).date()
        days = (today + timedelta(days=days) for days in (-2, -1, 0, 1))  # yesterday's may come after midnight then
        times = [datetime.combine(day, self.pickup, zone).astimezone(UTC) for day in days]
        return max(each for each in times if each <= moment), min(each for each in times if each > moment)
