"""The parcels of the fake shop once they have left: what couriers tell of them, and what is returned.

An order has one parcel. Shopify's words are those of its reference; that ``orders/updated`` comes with none of it is
the worst that is likely.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from itertools import count

from ordercall.sandbox.order_book import Order, OrderBook, is_shipped, units_of

FIRST_EVENT, FIRST_RETURN = 46_000_000_001, 18_000_000_001  # about where Shopify's were in 2026


@dataclass(slots=True)
class Return:
    """So many pieces that are to come back.

    Attributes:
        status: OPEN or CLOSED.
        disposed: what became of how many of them.
    """

    id: int
    units: int
    disposed: dict[str, int]
    status: str = "CLOSED"


@dataclass(slots=True)
class Parcel:
    """What is known of an order's parcel, in Shopify's words."""

    state: str = "FULFILLED"
    delivered_at: str | None = None
    returns: list[Return] = field(default_factory=list)

    @property
    def return_status(self) -> str:
        if not self.returns:
            return "NO_RETURN"
        return "RETURNED" if all(one.status == "CLOSED" for one in self.returns) else "IN_PROGRESS"


class Parcels:
    """The parcels by their orders. Safe to use from any thread; all that it hands out are copies."""

    def __init__(self, book: OrderBook) -> None:
        self._book = book
        self._of: dict[int, Parcel] = {}
        self._events, self._returns = count(FIRST_EVENT), count(FIRST_RETURN)
        self._lock = threading.RLock()

    def forget(self) -> None:
        with self._lock:
            self._of.clear()

    def of_order(self, order_id: int) -> Parcel:
        with self._lock:
            found = self._of.get(order_id, Parcel())
            return replace(found, returns=[replace(one) for one in found.returns])

    def tell(self, order_id: int, status: str) -> None:
        """Have a courier tell how the delivery stands: ``attempted_delivery``, ``delivered``, ``failure`` …"""
        order = self._left(order_id)
        with self._lock:
            parcel = self._of.setdefault(order_id, Parcel())
            parcel.state = status.upper()
            if status == "delivered":
                parcel.delivered_at = self._book.now()
        event = {"id": next(self._events), "order_id": order_id, "fulfillment_id": order_id + 1, "status": status}
        place = order.get("shipping_address") or {}
        self._send("fulfillment_events/create", event | {"happened_at": self._book.now(), "city": place.get("city")})

    def take_back(self, order_id: int, units: int | None = None, *, missing: int = 0) -> int:
        """Return so many pieces of an order, by default all, and close that return; return its id.

        Args:
            missing: so many of them never came.
        """
        pieces = units or units_of(self._left(order_id))
        return self._close(order_id, pieces, {"RESTOCKED": pieces - missing, "MISSING": missing})

    def close_unreceived(self, order_id: int) -> int:
        """Close a return of all of an order of which nothing came, and of which nobody wrote down anything."""
        return self._close(order_id, units_of(self._left(order_id)), {})

    def _close(self, order_id: int, units: int, disposed: dict[str, int]) -> int:
        with self._lock:
            made = Return(next(self._returns), units, disposed)
            self._of.setdefault(order_id, Parcel()).returns.append(made)
        self._send("returns/close", {"id": made.id, "order_id": order_id, "status": "closed"})
        return made.id

    def find(self, return_id: int) -> Return | None:
        with self._lock:
            found = (one for parcel in self._of.values() for one in parcel.returns if one.id == return_id)
            return next((replace(one) for one in found), None)

    def reopen(self, order_id: int) -> None:
        """Reopen the last return of an order."""
        with self._lock:
            last = self._of[order_id].returns[-1]
            last.status = "OPEN"
        self._send("returns/reopen", {"id": last.id, "order_id": order_id, "status": "open"})

    def _left(self, order_id: int) -> Order:
        """Return an order that has left. KeyError: there is none, or nothing of it has."""
        order = self._book.order(order_id)
        if order is None or not is_shipped(order):
            raise KeyError(order_id)
        return order

    def _send(self, topic: str, body: dict[str, object]) -> None:
        for listener in self._book.on_event:
            listener(topic, body)
