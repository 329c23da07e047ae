"""Which orders wait for their parcel, and when the courier fetches it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ordercall.domain.orders.order import CancelState, Fulfilment, OrderFacts, Status
from ordercall.domain.orders.payment import NOT_PAID_FOR

STILL_HERE = frozenset({Fulfilment.NOTHING, Fulfilment.PART})
"""What is left of an order that went in part must still be shipped; what was restocked need not."""

HARMLESS_CANCELS = frozenset({CancelState.REFUSED})
"""Shopify said that the order stands. Any other cancel was done, or may yet be."""


def is_to_ship(
    order: OrderFacts, status: Status | None, cancel: CancelState | None, *, address_waits: bool = False
) -> bool:
    """Return whether a confirmed order waits for its parcel, as the tab *Ready to ship* lists it.

    As in Shopify's own list of what to fulfil, an archived order is none. The same in SQL: ``predicates.to_ship`` and
    ``predicates.paid_for``.

    Args:
        address_waits: its customer gave another address in a call, which is not dealt with.
    """
    return (
        status is Status.SUCCESS
        and order.fulfillment_status in STILL_HERE
        and order.units_left != 0
        and not order.is_test
        and not address_waits
        and _stands_in_shopify(order, cancel)
    )


def _stands_in_shopify(order: OrderFacts, cancel: CancelState | None) -> bool:
    gone = (order.shopify_cancelled_at, order.shopify_deleted_at, order.closed_at)
    is_there = all(when is None for when in gone) and not may_be_cancelled(cancel)
    return is_there and order.financial_status not in NOT_PAID_FOR


def may_be_cancelled(cancel: CancelState | None) -> bool:
    """Return whether Shopify has cancelled the order for us, or may yet."""
    return cancel is not None and cancel not in HARMLESS_CANCELS


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EVERY_DAY = (0, 6)  # from Monday to Sunday

AROUND = 14
"""Days before and after the present in which a pickup is looked for: no holidays keep a courier away for longer."""

_WRITTEN = re.compile(rf"(?:({'|'.join(DAYS)})(?:-({'|'.join(DAYS)}))? )?([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """When parcels leave.

    Attributes:
        pickup: the time at which the courier comes; None: nobody said.
        days: the first and the last day of the week on which that is, Monday 0.
    """

    pickup: time | None = None
    days: tuple[int, int] = EVERY_DAY

    @classmethod
    def parse(cls, text: str) -> Shipping:
        """Read "17:00", "Mon-Sat 17:00", "Mon 17:00", or nothing. ValueError: it is none of them."""
        if text == "":
            return cls()
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError(text)
        first, last, hour, minute = found.groups()
        days = (DAYS.index(first), DAYS.index(last or first)) if first else EVERY_DAY
        return cls(pickup=time(int(hour), int(minute)), days=days)

    def __str__(self) -> str:
        if self.pickup is None:
            return ""
        first, last = (DAYS[day] for day in self.days)
        days = "" if self.days == EVERY_DAY else f"{first} " if first == last else f"{first}-{last} "
        return f"{days}{self.pickup:%H:%M}"

    def pickups_around(
        self, moment: datetime, zone: ZoneInfo, holidays: Collection[date] = ()
    ) -> tuple[datetime, datetime] | None:
        """Return the last pickup up to a moment and the next one after it, in UTC; None where there are none.

        On a holiday nobody comes. Where clocks are put on and skip the time, the courier comes by the clock of before.
        """
        if self.pickup is None:
            return None
        today = moment.astimezone(zone).date()
        days = (today + timedelta(days=days) for days in range(-AROUND, AROUND + 1))
        on = [day for day in days if self._comes_on(day) and day not in holidays]
        times = [datetime.combine(day, self.pickup, zone).astimezone(UTC) for day in on]
        before, after = [each for each in times if each <= moment], [each for each in times if each > moment]
        return (max(before), min(after)) if before and after else None

    def _comes_on(self, day: date) -> bool:
        first, last = self.days
        return (day.weekday() - first) % 7 <= (last - first) % 7
