"""The customers: when a call reaches them they say yes or no, and the agent reports it to the product."""

from __future__ import annotations

import json
import random
import threading
from datetime import UTC, datetime

from ordercall.providers.connections import Connections, NoAnswer
from ordercall.sandbox.kalimera import FakeKalimera, Listing
from ordercall.sandbox.provider import Clock
from ordercall.sandbox.schedule import Schedule
from ordercall.sandbox.shop import Answer, PlacedOrder, Shop

SURPRISES = {Answer.CONFIRMS: 7, Answer.REFUSES: 2, Answer.SILENT: 1}
STATUSES = {Answer.CONFIRMS: "Success", Answer.REFUSES: "Failed"}
PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds between the tries to report: long enough for a restart of the product."""

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
        clock: Clock | None = None,
        seed: int | None = None,
    ) -> None:
        """Let customers live.

        Args:
            shop: knows who ordered what and what they will say.
            product_url: where the agent reports to, without a path.
            token: the product's ``SYNC_API_TOKEN``.
            answer_after: the least seconds until the phone is picked up.
            spread: up to this many seconds more, at random.
            clock: the present, aware; it is compared with the call window.
            seed: makes the chances the same every time.
        """
        self.answer_after = answer_after
        self.spread = spread
        self._shop = shop
        self._clock = clock or (lambda: datetime.now(UTC))
        self._random = random.Random(seed)  # noqa: S311 - plays people, guards nothing
        self._speaking = threading.Lock()
        self._schedule = Schedule("sandbox-customers", threads=8)
        self._product_url = product_url
        headers = {"Content-Type": "application/json"}
        self._http = Connections(TIMEOUT, headers | ({"X-App-Token": token} if token else {}))

    def live_at(self, kalimera: FakeKalimera) -> None:
        """Answer the calls of this Kalimera."""
        kalimera.on_listed.append(self.listed)

    def listed(self, listing: Listing) -> None:
        """Note that somebody will be rung. A window that is over, or was never set, rings nobody."""
        now = self._clock()
        if listing.start is None or listing.end is None or now > listing.end:
            return
        wait = max((listing.start - now).total_seconds(), 0.0)
        seconds = wait + self.answer_after + self._random.uniform(0, self.spread)
        self._schedule.after(seconds, lambda: self._ring(listing.phone))

    def stop(self) -> None:
        self._schedule.stop()
        self._http.close()

    def _ring(self, phone: str) -> None:
        for order in self._answered(phone):
            self._report(order)

    def _answered(self, phone: str) -> list[PlacedOrder]:
        """Let the customer speak, and return the orders that they had not spoken about before."""
        with self._speaking:
            orders = [order for order in self._shop.orders_of(phone) if not order.said and not order.body["test"]]
            orders = [order for order in orders if not self._shop.is_cancelled(order.order_id)]
            for order in orders:
                order.said = self._answer(order)
            return orders

    def _answer(self, order: PlacedOrder) -> Answer:
        if order.answer is not Answer.SURPRISE:
            return order.answer
        return self._random.choices(list(SURPRISES), weights=list(SURPRISES.values()))[0]

    def _report(self, order: PlacedOrder, attempt: int = 0) -> None:
        """Tell the product what was said, and again after a pause while it cannot take it."""
        status = STATUSES.get(Answer(order.said))
        if status is None:
            return
        answer = self._tell(order.order_id, status)
        order.report = f"{status}: {answer if answer is not None else 'no answer'}"
        if (answer is None or answer >= 500) and attempt < len(PAUSES):
            self._schedule.after(PAUSES[attempt], lambda: self._report(order, attempt + 1))

    def _tell(self, order_id: int, status: str) -> int | None:
        url, body = f"{self._product_url}/api/orders/{order_id}/status", json.dumps({"status": status}).encode()
        try:
            return self._http.ask_and_wait("POST", url, body=body).status
        except NoAnswer:
            return None
