"""The fulfilment orders of the fake shop: Shopify makes them some seconds after their order, and holds hang on them.

What Shopify offers and refuses is as recorded from a shop on 2026-04 (its words too); where that is not known it is the
likely: a fulfilment order that a fulfilment service has accepted offers no hold, and to release what is released is no
error.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from ordercall.sandbox.order_book import Order, OrderBook, is_cancelled, left_of, moment, parcel_of, units_of
from ordercall.sandbox.provider import Clock

MOST_HOLDS = 10  # of one app on one fulfilment order
FIRST_ID, FIRST_HOLD = 9_652_000_000_001, 262_000_000_001  # about where Shopify's were in 2026
THIS_APP, ANOTHER_APP = "this app", "another app"
OWN, THIRD_PARTY = "merchant_managed", "third_party"
NOTHING_LEFT = ("CLOSED", "CANCELLED")
NAMED = {
    "split": ("fulfillment_order", "remaining_fulfillment_order"),
    "moved": ("original_fulfillment_order", "moved_fulfillment_order"),
    "cancelled": ("fulfillment_order", "replacement_fulfillment_order"),
}
"""How webhooks call the fulfilment order to which something happened, and the one that it left behind."""
OFFERED = {
    "OPEN": ("CREATE_FULFILLMENT", "REPORT_PROGRESS", "MOVE", "HOLD"),
    "ON_HOLD": ("RELEASE_HOLD", "HOLD", "MOVE"),
    "IN_PROGRESS": ("CREATE_FULFILLMENT", "REPORT_PROGRESS", "HOLD", "MARK_AS_OPEN"),
    "SCHEDULED": ("MARK_AS_OPEN",),
}


class Refused(Exception):
    """What Shopify has against something: the field, a sentence, and a code or None."""

    def __init__(self, field_name: str, message: str, code: str | None) -> None:
        super().__init__(message)
        self.field = field_name.split(".")
        self.code = code


NOT_FOUND = "Fulfillment order does not exist."
DUPLICATE = (
    "The handle provided for the fulfillment hold is already in use by this app for another hold on this fulfillment "
    "order."
)
TOO_MANY = (
    "The maximum number of fulfillment holds for this fulfillment order has been reached for this app. An app can only "
    "have up to 10 holds on a single fulfillment order at any one time."
)


@dataclass(frozen=True, slots=True)
class FulfilmentHold:
    """A hold. ``app``: whose it is."""

    id: int
    app: str
    handle: str
    notes: str


@dataclass(slots=True)
class FulfilmentOrder:
    """So many units of an order at one location.

    Attributes:
        status: without its holds, which make it ON_HOLD.
        location: a location of the shop's own, or one of another fulfilment service.
        accepted: that service has accepted it.
        updated_at: when it was made or changed.
    """

    id: int
    order_id: int
    units: int
    updated_at: datetime
    status: str = "OPEN"
    method: str = "SHIPPING"
    location: str = OWN
    accepted: bool = False
    holds: list[FulfilmentHold] = field(default_factory=list)

    @property
    def shown_status(self) -> str:
        return "ON_HOLD" if self.holds and self.waits else self.status

    @property
    def waits(self) -> bool:
        return self.status not in NOTHING_LEFT

    @property
    def actions(self) -> list[str]:
        """What is offered to this app."""
        offered = list(OFFERED.get(self.shown_status, ()))
        full = self.holds_of(THIS_APP) >= MOST_HOLDS
        if (full or self.accepted) and "HOLD" in offered:
            offered.remove("HOLD")
        return [*offered, "SPLIT"] if self.shown_status == "OPEN" and self.units > 1 else offered

    def holds_of(self, app: str) -> int:
        return sum(hold.app == app for hold in self.holds)


class FulfilmentOrders:
    """The fulfilment orders by their orders. Safe to use from any thread; all that it hands out are copies.

    Attributes:
        after: how long after its order a fulfilment order appears.
        method: how the orders to come are delivered.
        lags: whether what is shown is as it was before any hold.
    """

    def __init__(self, book: OrderBook, clock: Clock) -> None:
        self.after = timedelta(seconds=2)
        self.method = "SHIPPING"
        self.lags = False
        self._book = book
        self._clock = clock
        self._by_order: dict[int, list[FulfilmentOrder]] = {}
        self._by_id: dict[int, FulfilmentOrder] = {}
        self._ids, self._hold_ids = count(FIRST_ID), count(FIRST_HOLD)
        self._lock = threading.RLock()

    def forget(self) -> None:
        with self._lock:
            self._by_order.clear()
            self._by_id.clear()

    def of_order(self, order_id: int) -> list[FulfilmentOrder]:
        """Return the fulfilment orders of an order as they are now."""
        order = self._book.order(order_id)
        with self._lock:
            found = self._follow(order) if order else []
            return [replace(one, holds=[] if self.lags else list(one.holds)) for one in found]

    def find(self, number: int) -> FulfilmentOrder:
        """Return a fulfilment order as it is now. KeyError: there is none."""
        return next(one for one in self.of_order(self._by_id[number].order_id) if one.id == number)

    def in_state(self, status: str, since: datetime | None = None) -> list[FulfilmentOrder]:
        """Return what is in this state and was made or changed since a time, in the order of its making."""
        with self._lock:
            of_orders = [one for order_id in list(self._by_order) for one in self.of_order(order_id)]
        found = (one for one in of_orders if one.shown_status == status and (since is None or one.updated_at >= since))
        return sorted(found, key=lambda one: one.id)

    # -- what an app asks for

    def hold(
        self, number: int, *, handle: str = "", notes: str = "", app: str = THIS_APP, seen: Collection[str] = (OWN,)
    ) -> FulfilmentHold:
        """Hold a fulfilment order.

        Args:
            seen: the locations whose fulfilment orders the app may change.

        Raises:
            Refused: with Shopify's words.
        """
        with self._lock:
            one = self._find(number, seen)
            if any(hold.app == app and hold.handle == handle for hold in one.holds):
                raise Refused("fulfillmentHold.handle", DUPLICATE, "DUPLICATE_FULFILLMENT_HOLD_HANDLE")
            if one.holds_of(app) >= MOST_HOLDS:
                raise Refused("id", TOO_MANY, "FULFILLMENT_ORDER_HOLD_LIMIT_REACHED")
            if "HOLD" not in one.actions:
                raise Refused("id", f"Fulfillment order cannot be held while it is {one.shown_status.lower()}.", None)
            made = FulfilmentHold(next(self._hold_ids), app, handle, notes)
            one.holds.append(made)
            one.updated_at = self._clock()
        self._tell_of(made, one, "added")
        return made

    def release(self, number: int, holds: Collection[int] | None, *, seen: Collection[str] = (OWN,)) -> None:
        """Release holds of a fulfilment order; None: everybody's.

        Raises:
            Refused: with Shopify's words.
        """
        with self._lock:
            one = self._find(number, seen)
            before = one.holds
            one.holds = [] if holds is None else [hold for hold in one.holds if hold.id not in holds]
            one.updated_at = self._clock()
        for hold in before:
            if hold not in one.holds:
                self._tell_of(hold, one, "released")

    # -- what happens in the shop

    def waiting(self, order_id: int) -> int:
        """Return the first fulfilment order of an order that waits. KeyError: there is none, or none yet."""
        found = [one.id for one in self.of_order(order_id) if one.waits]
        if not found:
            raise KeyError(order_id)
        return found[0]

    def ship(self, number: int) -> None:
        """Ship one fulfilment order; its order is shipped in part, or wholly with the last."""

        def shipped(one: FulfilmentOrder) -> None:
            one.status, one.holds = "CLOSED", []

        one = self._change(number, shipped)
        left = any(each.waits for each in self._by_order[one.order_id])
        status = {"fulfillment_status": "partial" if left else "fulfilled"}
        topic = "orders/partially_fulfilled" if left else "orders/fulfilled"
        self._book.change(one.order_id, lambda order: status | parcel_of(order, one.units), topic)

    def take_back(self, order_id: int, place: int = 0) -> None:
        """Cancel one of the fulfilments of an order: what was in it waits again, in a new fulfilment order."""

        def taken_back(order: Order) -> dict[str, object]:
            made = order["fulfillments"]
            cancelled = [*made[:place], made[place] | {"status": "cancelled"}, *made[place + 1 :]]
            some = any(each["status"] == "success" for each in cancelled)
            return {"fulfillment_status": "partial" if some else None, "fulfillments": cancelled}

        self._book.change(order_id, taken_back)

    def hold_by_another(self, number: int) -> None:
        """Have another app hold a fulfilment order. Refused: it does so already."""
        self.hold(number, handle="another", notes="Another app waits for something.", app=ANOTHER_APP)

    def release_all(self, number: int) -> None:
        """Have a person release everybody's holds of a fulfilment order."""
        self.release(number, None)

    def split(self, number: int) -> int:
        """Move one unit to a fulfilment order of its own, which has no hold; return its id. Refused: it has but one."""

        def less(one: FulfilmentOrder) -> None:
            if one.units == 1:
                raise Refused("id", "The fulfillment order has nothing to split.", None)
            one.units -= 1

        return self._beside("split", self._change(number, less), units=1)

    def move(self, number: int, location: str = THIRD_PARTY) -> int:
        """Move all to another location: a new fulfilment order without a hold stands for the old one."""
        units = self._change(number, lambda _: None).units
        return self._beside("moved", self._change(number, _closed), units=units, location=location)

    def cancel(self, number: int) -> int:
        """Cancel a fulfilment order: an open one without a hold takes its place."""
        units = self._change(number, lambda _: None).units
        return self._beside("cancelled", self._change(number, _cancelled), units=units)

    def accept(self, number: int) -> None:
        """Have the fulfilment service begin to pack."""

        def accepted(one: FulfilmentOrder) -> None:
            one.status, one.accepted = "IN_PROGRESS", True

        self._change(number, accepted)

    # -- inside

    def _follow(self, order: Order) -> list[FulfilmentOrder]:
        """Bring what there is of an order up to date with it: routed by now, edited, shipped or cancelled."""
        order_id = int(order["id"])
        found = self._by_order.get(order_id, [])
        if is_cancelled(order) or order.get("fulfillment_status") == "fulfilled":
            for one in found:
                _closed(one)
        elif found or self._clock() - moment(order["created_at"]) >= self.after:
            new = units_of(order) - left_of(order) - sum(one.units for one in found if one.waits)
            if new > 0:
                self._add(order_id, new, method=self.method)
        return self._by_order.get(order_id, [])

    def _add(self, order_id: int, units: int, *, method: str, location: str = OWN) -> FulfilmentOrder:
        made = FulfilmentOrder(next(self._ids), order_id, units, self._clock(), method=method, location=location)
        self._by_order.setdefault(order_id, []).append(made)
        self._by_id[made.id] = made
        return made

    def _find(self, number: int, seen: Collection[str]) -> FulfilmentOrder:
        one = self._by_id.get(number)
        if one is not None:
            self.of_order(one.order_id)
        if one is None or one.location not in seen:
            raise Refused("id", NOT_FOUND, "FULFILLMENT_ORDER_NOT_FOUND")
        return one

    def _change(self, number: int, change: Callable[[FulfilmentOrder], None]) -> FulfilmentOrder:
        with self._lock:
            one = self._find(number, (OWN, THIRD_PARTY))
            change(one)
            one.updated_at = self._clock()
            return one

    def _beside(self, happened: str, one: FulfilmentOrder, *, units: int, location: str | None = None) -> int:
        """Make a fulfilment order beside another, and tell what happened: its webhook does not name the order."""
        with self._lock:
            made = self._add(one.order_id, units, method=one.method, location=location or one.location)
        first, second = NAMED[happened]
        self._send(f"fulfillment_orders/{happened}", {first: _named(one), second: _named(made)})
        return made.id

    def _tell_of(self, hold: FulfilmentHold, one: FulfilmentOrder, happened: str) -> None:
        """Send the webhook of a hold that comes or goes, and orders/updated, as Shopify does."""
        about = {"id": f"gid://shopify/FulfillmentHold/{hold.id}", "handle": hold.handle, "reason": "other"}
        self._send(f"fulfillment_holds/{happened}", {"fulfillment_order": _named(one), "fulfillment_hold": about})
        self._book.change(one.order_id, lambda _: {})

    def _send(self, topic: str, body: dict[str, object]) -> None:
        for listener in self._book.on_event:
            listener(topic, body)


def _named(one: FulfilmentOrder) -> dict[str, str]:
    return {"id": f"gid://shopify/FulfillmentOrder/{one.id}", "status": one.shown_status.lower()}


def _closed(one: FulfilmentOrder) -> None:
    one.status, one.holds = "CLOSED", []


def _cancelled(one: FulfilmentOrder) -> None:
    one.status, one.holds = "CANCELLED", []
