"""Being connected to the shop again, and answering what is asked about customers' data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calls.calling import Reason
from ordercall.domain.topics import Topic
from ordercall.errors import InvalidRequest
from ordercall.jobs.engine import JobEngine
from ordercall.services.decision_service import DecisionService
from ordercall.services.order_rules import queue_call, stop_calling
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.reads import search
from ordercall.storage.records import activity, deliveries, erasure, orders, reports, shop_notices, write_backs
from ordercall.storage.records.shop_notices import StoredRequest

SLICE = 200
"""So many orders are erased in one transaction, so that no webhook waits long."""


class ShopService:
    """What becomes of a shop's notices."""

    def __init__(
        self, db: Database, jobs: JobEngine, decisions: DecisionService, clock: Callable[[], datetime]
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._clock = clock
        self._decisions = decisions

    def reconnect(self, *, by: str) -> int:
        """Note that the app is in the shop again; the orders that waited for it go on. Return how many those are."""
        with self._db.begin() as tx:
            now = self._clock()
            if not shop_notices.connect(tx, by=by, now=now):
                return 0
            oldest = now - self._decisions.policy(tx).who.max_age
            waited = orders.kept_back(tx, Reason.DISCONNECTED, placed_since=oldest)
            going_on = [order for order in waited if not self._decisions.alone(tx, order, came_at=now).reason]
            ids = queue_call(tx, [order.shopify_id for order in going_on], now=now)
            message = "The app is in the shop again; the order goes on its way."
            activity.record_for_all(tx, ids, Event.SYNC_REQUESTED, message, now=now, actor=by)
            self._jobs.sync_orders(tx, [(order.shopify_id, order.phone_to_ring) for order in going_on])
        return len(ids)

    def answer_privacy_request(self, request_id: int) -> None:
        """Do what a privacy request asks for. A repetition finds done what is done and does the rest.

        It counts as done only when nothing is left to do: what comes after that nobody would do again.
        """
        with self._db.read() as tx:
            stored = shop_notices.find_request(tx, request_id)
        if stored is None or stored.done_at is not None:
            return
        if stored.request.topic is Topic.DATA_REQUEST:
            self._look_for_data(stored)
            return
        if stored.request.topic is Topic.SHOP_REDACT:
            self._erase_shop(stored)
        else:
            self._erase_orders(stored)
        self._forget_words()
        self._db.forget_for_good()
        with self._db.begin() as tx:
            shop_notices.finish(tx, request_id, by="Ordercall", now=self._clock())

    def take_up_again(self) -> None:
        """Queue what was asked to be erased and is not done: a job that failed again and again has ended without it."""
        with self._db.begin() as tx:
            for request_id in shop_notices.open_erasures(tx):
                self._jobs.answer_privacy_request(tx, request_id)

    def finish_request(self, request_id: int, *, by: str) -> StoredRequest:
        """Note that a person handed the customer's data over, and return how the request stood before that.

        An erasure is finished by what erases: one that was ticked off would never be carried out.

        Raises:
            InvalidRequest: no customer asked for their data under this number.
        """
        with self._db.begin() as tx:
            before = shop_notices.find_request(tx, request_id)
            if before is None or before.request.topic is not Topic.DATA_REQUEST:
                message = f"No customer asked for their data under the number {request_id}."
                raise InvalidRequest(message, code="NoSuchRequest", status=404)
            shop_notices.finish(tx, request_id, by=by, now=self._clock())
        return before

    def _look_for_data(self, stored: StoredRequest) -> None:
        with self._db.begin() as tx:
            held = erasure.not_erased(tx, stored.request.order_ids)
            shop_notices.report(tx, stored.id, {"orders": len(held), "ids": held})

    def _erase_orders(self, stored: StoredRequest) -> None:
        ids = list(stored.request.order_ids)
        for start in range(0, len(ids), SLICE):
            with self._db.begin() as tx:
                self._erase(tx, stored, erasure.not_erased(tx, ids[start : start + SLICE]))

    def _erase_shop(self, stored: StoredRequest) -> None:
        more = True
        while more:
            with self._db.begin() as tx:
                some = erasure.next_not_erased(tx, SLICE)
                self._erase(tx, stored, some)
                more = bool(some)
        self._empty_deliveries(stored)

    def _forget_words(self) -> None:
        """Have the search forget what was erased, a part of its index at a time."""
        more, begin = True, True
        while more:
            with self._db.begin() as tx:
                dialect(tx).zero_freed_space(tx)
                more, begin = search.drop_old_words(tx, begin=begin), False

    def _empty_deliveries(self, stored: StoredRequest) -> None:
        """Empty also the raw deliveries that no order came of, and the reports that no order was found for."""
        emptied = 1
        while emptied:
            with self._db.begin() as tx:
                dialect(tx).zero_freed_space(tx)
                bodies = deliveries.forget_bodies(tx, now=self._clock(), after=timedelta(0))
                heard = reports.forget_bodies(tx, now=self._clock(), after=timedelta(0))
                emptied, found = bodies + heard, {"webhook bodies": bodies, "reports": heard}
                shop_notices.report(tx, stored.id, _sum(shop_notices.reported(tx, stored.id), found))

    def _erase(self, tx: Connection, stored: StoredRequest, shopify_ids: list[int]) -> None:
        now = self._clock()
        # Whoever stores a body of theirs commits it first.
        dialect(tx).take_advisory_locks(tx, map(orders.lock_name, shopify_ids))
        for order in orders.find_all_to_change(tx, shopify_ids):
            stop_calling(tx, [order], Reason.ERASED, now=now)
            if order.address_waits:
                write_backs.status_changed(tx, [order.shopify_id], now=now)
        found = erasure.erase(tx, shopify_ids, now=now)
        message = "The customer's name, phone, e-mail, address, notes and raw webhooks were erased at their request."
        activity.record_for_all(tx, shopify_ids, Event.CUSTOMER_ERASED, message, now=now, actor="Shopify")
        shop_notices.report(tx, stored.id, _sum(shop_notices.reported(tx, stored.id), found))


def _sum(before: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Add numbers to numbers and lists to lists."""
    return before | {name: before[name] + value if name in before else value for name, value in more.items()}
