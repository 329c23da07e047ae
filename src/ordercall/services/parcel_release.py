"""What a person does about the hold of an order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ordercall.domain.activity import Event
from ordercall.domain.parcels.holds import Why
from ordercall.errors import InvalidRequest, UnknownOrder
from ordercall.jobs.engine import JobEngine
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, holds, orders


class ParcelRelease:
    """Lets parcels go that wait for an answer."""

    def __init__(self, db: Database, jobs: JobEngine, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._jobs = jobs
        self._clock = clock

    def let_go(self, shopify_id: int, *, by: str) -> None:
        """Have the hold of an order released before all that nobody waits for, and never made again by itself.

        Raises:
            UnknownOrder: there is no such order.
            InvalidRequest: it is not held by us; somebody may have been quicker.
        """
        with self._db.begin() as tx:
            known = orders.find_to_change(tx, shopify_id)
            if known is None:
                raise UnknownOrder(shopify_id)
            if not holds.live_among(tx, [shopify_id]):
                message = f"Order {known.name} is not held by Ordercall, so there is nothing to release."
                raise InvalidRequest(message, code="NotHeld", status=409)
            holds.let_go(tx, shopify_id, Why.PERSON)
            message = f"{by} lets the parcel go, whatever the customer answers."
            activity.record(tx, shopify_id, Event.HOLD_RELEASED, message, now=self._clock(), actor=by)
            self._jobs.align_hold(tx, shopify_id, urgent=True)
