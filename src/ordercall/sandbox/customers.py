"""The customers: they confirm or refuse when they are called, and the agent reports it to the product."""

from __future__ import annotations

import json
import random
import threading
from datetime import UTC, datetime

from ordercall.providers.connections import Connections, NoAnswer
from ordercall.sandbox.kalimera import Listing
from ordercall.sandbox.order_book import is_cancelled
from ordercall.sandbox.schedule import Schedule
from ordercall.sandbox.shop import Answer, PlacedOrder, Shop

SURPRISES = {Answer.CONFIRMS: 7, Answer.REFUSES: 2, Answer.SILENT: 1}
STATUSES = {Answer.CONFIRMS: "Success", Answer.REFUSES: "Failed"}
PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds between the attempts to report: long enough for a restart of the product."""

TIMEOUT = 15.0
"""Seconds; the product answers a change of status after five at most."""


class Customers:
    """Everybody who is put on a campaign's list answers a few seconds later, within the call window.

    One contact may stand for several orders: the customer answers for all of them in one call.
    """

    def __init__(
        self,
        shop: Shop,
        product_url: str,
        token: str,
        *,
        answer_after: float = 4.0,
        spread: float = 3.0,
        seed: int | None = None,
    ) -> None:
        """Prepare the customers of a shop; :meth:`listed` has them called.

        Args:
            shop: has the orders and what their customers will say.
            product_url: where the agent reports to, without a path.
            token: the product's ``SYNC_API_TOKEN``.
            answer_after: the least seconds until the phone is picked up.
            spread: up to this many seconds more, at random.
            seed: of the random numbers.
        """
        self.answer_after = answer_after
        self.spread = spread
        self._shop = shop
        self._random = random.Random(seed)  # noqa: S311 - plays people, guards nothing
        self._answering = threading.Lock()
        self._schedule = Schedule("sandbox-customers", threads=8)
        self._product_url = product_url
        headers = {"Content-Type": "application/json"}
        self._http = Connections(TIMEOUT, headers | ({"X-App-Token": token} if token else {}))

    def listed(self, listing: Listing) -> None:
        """Schedule the call of a listed contact. A window that is over, or was never set, rings nobody."""
        now = datetime.now(UTC)
        if listing.start is None or listing.end is None or now > listing.end:
            return
        wait = max((listing.start - now).total_seconds(), 0.0)
        seconds = wait + self.answer_after + self._random.uniform(0, self.spread)
        self._schedule.after(seconds, lambda: self._ring(listing.phone))

    def stop(self) -> None:
        self._schedule.stop()
        self._http.close()

    def _ring(self, phone: str) -> None:
        """Have the customer answer for all of their orders for which they have not, and report each."""
        with self._answering:
            orders = [order for order in self._shop.orders_of(phone) if not order.said and not order.body["test"]]
            orders = [order for order in orders if not is_cancelled(self._shop.book.order(order.order_id) or {})]
            for order in orders:
                order.said = self._answer(order)
        for order in orders:
            self._report(order)

    def _answer(self, order: PlacedOrder) -> Answer:
        if order.answer is not Answer.SURPRISE:
            return order.answer
        return self._random.choices(list(SURPRISES), weights=list(SURPRISES.values()))[0]

    def _report(self, order: PlacedOrder, attempt: int = 0) -> None:
        """Report the answer to the product, and again after a pause while it cannot take it."""
        status = STATUSES.get(Answer(order.said))
        if status is None:
            return
        code = self._post_status(order.order_id, status)
        order.report = f"{status}: {code or 'no answer'}"
        if (code is None or code >= 500) and attempt < len(PAUSES):
            self._schedule.after(PAUSES[attempt], lambda: self._report(order, attempt + 1))

    def _post_status(self, order_id: int, status: str) -> int | None:
        url, body = f"{self._product_url}/api/orders/{order_id}/status", json.dumps({"status": status}).encode()
        try:
            return self._http.ask_and_wait("POST", url, body=body).status
        except NoAnswer:
            return None
