"""Being connected to the shop again, and answering what is asked about customers' data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from ordercall.domain.activity import SHOPIFY, Event
from ordercall.domain.audit import Act
from ordercall.domain.calls.calling import Reason
from ordercall.domain.orders.traces import Traces
from ordercall.domain.shop_notices import PrivacyRequest
from ordercall.domain.topics import Topic
from ordercall.errors import InvalidRequest
from ordercall.jobs.engine import JobEngine
from ordercall.services.decision_service import DecisionService
from ordercall.services.erasing import AT_THEIR_REQUEST, SLICE, Erased, Erasing, lock
from ordercall.services.order_rules import queue_call
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.records import activity, audit, deliveries, erasure, orders, reports, shop_notices
from ordercall.storage.records.shop_notices import StoredRequest

ALL_CONTACTS = "contacts at Kalimera, all of them this shop's"
"""In the place of a million ids, which the report would be read and written with at each slice."""
REWRITE = "copies in free space, gone after: ordercall db rewrite"
"""What the page says of a file that is too large to be rewritten by the way."""


class ShopService:
    """What becomes of a shop's notices."""

    def __init__(
        self, db: Database, jobs: JobEngine, decisions: DecisionService, clock: Callable[[], datetime]
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._clock = clock
        self._decisions = decisions
        self._erasing = Erasing(db, clock)

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

    def ask_to_erase(self, shopify_ids: Iterable[int], *, shop: str) -> int:
        """Write down that a person wants these orders' customer erased, and return the request's number."""
        ids = tuple(shopify_ids)
        request = PrivacyRequest(Topic.CUSTOMER_REDACT, shop, None, ids)
        with self._db.begin() as tx:
            number = shop_notices.add_request(tx, request, now=self._clock())
            audit.write(tx, Act.CUSTOMER_ERASED, f"privacy request {number}", orders=len(ids))
        return number

    def answer_privacy_request(self, request_id: int, also: Traces = Traces()) -> None:  # noqa: B008 - it never changes
        """Do what a privacy request asks for. A repetition finds done what is done and does the rest.

        It counts as done only when nothing is left to do: what comes after that nobody would do again.

        Args:
            also: by what the customer is known beside their orders.
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
            self._erase_orders(stored, also)
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

    def _erase_orders(self, stored: StoredRequest, also: Traces) -> None:
        """Erase the customer of the named orders. Those that have not come yet are awaited."""
        ids, erased = list(stored.request.order_ids), Erased(also)
        for start in range(0, len(ids), SLICE):
            some = ids[start : start + SLICE]
            with self._db.begin() as tx:
                lock(tx, some)
                waits = erasure.await_orders(tx, some, now=self._clock())
                here = erasure.not_erased(tx, some)
                erased.written |= erasure.spellings(tx, here, erasure.traces_of(tx, here))
                erased.traces |= self._erase(tx, stored, here)
                self._add_to_report(tx, stored, {"orders that have not come yet": waits} if waits else {})
        elsewhere = self._erasing.search_the_rest(erased.traces)
        # Of what was erased before this attempt was cut off, nobody knows any more how it was written.
        self._take_off_the_disk(stored, None if stored.report else erased.spellings, {"elsewhere": elsewhere})

    def _erase_shop(self, stored: StoredRequest) -> None:
        """Erase all customers. The raw bodies go first: each slice searches those that are about no order."""
        self._empty_deliveries(stored)
        last = 0
        while True:
            with self._db.begin() as tx:
                some = erasure.next_not_erased(tx, SLICE, after=last)
                lock(tx, some)
                here = erasure.not_erased(tx, some)
                found, _ = self._erasing.erase(tx, here, message=AT_THEIR_REQUEST, actor=SHOPIFY)
                self._add_to_report(tx, stored, found | {"contacts": [], ALL_CONTACTS: len(found["contacts"])})
            if not some:
                break
            last = some[-1]
        self._empty_deliveries(stored)  # what came meanwhile
        self._take_off_the_disk(stored, None, {})

    def _take_off_the_disk(self, stored: StoredRequest, spellings: set[str] | None, found: dict[str, Any]) -> None:
        self._erasing.forget_words()
        is_clean = self._db.forget_for_good(spellings)
        with self._db.begin() as tx:
            self._add_to_report(tx, stored, found | ({} if is_clean else {REWRITE: 1}))

    def _empty_deliveries(self, stored: StoredRequest) -> None:
        """Empty the raw deliveries and reports, also those that are about no order."""
        emptied = 1
        while emptied:
            with self._db.begin() as tx:
                dialect(tx).zero_freed_space(tx)
                bodies = deliveries.forget_bodies(tx, now=self._clock(), after=timedelta(0))
                heard = reports.forget_bodies(tx, now=self._clock(), after=timedelta(0))
                emptied, found = bodies + heard, {"webhook bodies": bodies, "reports": heard}
                self._add_to_report(tx, stored, found)

    def _erase(self, tx: Connection, stored: StoredRequest, shopify_ids: list[int]) -> Traces:
        """Erase the customers of these orders, and return by what they are found elsewhere."""
        found, traces = self._erasing.erase(tx, shopify_ids, message=AT_THEIR_REQUEST, actor=SHOPIFY)
        self._add_to_report(tx, stored, found)
        return traces

    def _add_to_report(self, tx: Connection, stored: StoredRequest, found: dict[str, Any]) -> None:
        shop_notices.report(tx, stored.id, _sum(shop_notices.reported(tx, stored.id), found))


def _sum(before: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Add numbers to numbers and lists to lists."""
    return before | {name: before[name] + value if name in before else value for name, value in more.items()}
