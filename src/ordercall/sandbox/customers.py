"""The customers pick up when they are rung, and the agent reports what they say to the product."""

from __future__ import annotations

import random
import threading
import uuid
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from ordercall.sandbox.agent import Agent
from ordercall.sandbox.dialer import Dialer, Ring
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.order_book import is_cancelled
from ordercall.sandbox.schedule import Schedule
from ordercall.sandbox.shop import PlacedOrder, Shop
from ordercall.sandbox.talks import CUSTOMERS, TALKS, Answer, Customer, Door, Post, Talk

SURPRISES = {Answer.CONFIRMS: 7, Answer.REFUSES: 2, Answer.SILENT: 1}


class Spoken(NamedTuple):
    """What was said about an order, and the ids by which the agent reports it. None: no order is known."""

    order_id: int | None
    talk: Talk
    ids: dict[str, Any]


class Customers:
    """Everybody who is put on a campaign's list is rung a few seconds later, within the call window.

    Who has a number of the table says what stands there. One contact of anybody else may stand for several orders: the
    customer answers for all of them in one call.
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
        """Prepare the customers of a shop; :meth:`answer` has them called.

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
        self._rings: Counter[int | None] = Counter()
        self._schedule = Schedule("sandbox-customers", threads=8)
        self._agent = Agent(product_url, token, self._schedule)

    def answer(self, kalimera: FakeKalimera) -> Dialer:
        """Pick up whenever this Kalimera rings, and return what rings there."""
        return Dialer(kalimera, self._schedule, pick_up=lambda ring: self._pick_up(ring, kalimera), delay=self._delay)

    def stop(self) -> None:
        self._schedule.stop()
        self._agent.close()

    def _delay(self) -> timedelta:
        return timedelta(seconds=self.answer_after + self._random.uniform(0, self.spread))

    def _pick_up(self, ring: Ring, kalimera: FakeKalimera) -> bool:
        """Play a call: what is said, and what is posted of it. Return whether somebody was reached."""
        customer = CUSTOMERS.get(ring.phone)
        spoken = self._say(customer, ring, kalimera) if customer else self._say_about_all(ring.phone)
        for one in spoken:
            order = self._shop.find(one.order_id)
            if order:
                order.said = one.talk.said
            for post in one.talk.posts:
                self._schedule.after(post.after, partial(self._post, post, one, ring, order))
        return any(one.talk.reached for one in spoken)

    def _say_about_all(self, phone: str) -> list[Spoken]:
        """Have anybody answer for all of their orders for which they have not."""
        with self._answering:
            orders = [order for order in self._shop.orders_of(phone) if not order.said and not order.body["test"]]
            orders = [order for order in orders if not is_cancelled(self._shop.book.order(order.order_id) or {})]
            for order in orders:
                order.said = self._answer(order)
        return [Spoken(order.order_id, TALKS[order.said], {}) for order in orders]

    def _answer(self, order: PlacedOrder) -> str:
        if order.answer in TALKS:
            return order.answer
        return self._random.choices(list(SURPRISES), weights=list(SURPRISES.values()))[0]

    def _say(self, customer: Customer, ring: Ring, kalimera: FakeKalimera) -> list[Spoken]:
        """Have a customer of the table say what stands there about each order that the agent knows to be open."""
        contact = {"contact_id": kalimera.recorded.told(ring.contact_id)}
        card, orders = kalimera.card(ring.contact_id), self._shop.orders_of(ring.phone)
        on_card = card.get("shopify_id") or (orders[0].order_id if orders else None)
        rung = orders[-1].order_id if orders else on_card
        talk = self._talk(customer, ring.phone, rung)
        open_ones = self._agent.look_up(ring.phone) if customer.looks_up and talk.reached else []
        talks = {order_id: self._talk(customer, ring.phone, order_id) for order_id in open_ones}
        for told in open_ones or (rung,):
            self._rings[told] += 1
        by_card = contact | {key: card[key] for key in ("call_id", "shopify_id") if card.get(key)}
        return [Spoken(order_id, talk, contact | {"shopify_id": order_id}) for order_id, talk in talks.items()] or [
            Spoken(on_card, talk, by_card)
        ]

    def _talk(self, customer: Customer, phone: str, order_id: int | None) -> Talk:
        """Return what is said at the next ring about an order: the first of its number, or a further one."""
        first = [order.order_id for order in self._shop.orders_of(phone)][:1]
        talks = (order_id not in first and first and customer.next_talks) or customer.talks
        return talks[min(self._rings[order_id], len(talks) - 1)]

    def _post(self, post: Post, spoken: Spoken, ring: Ring, order: PlacedOrder | None) -> None:
        """Send a report, and note at its order how the product took it."""
        report = post.about(ring)
        if post.door is Door.OUTCOMES:
            report = spoken.ids | report | {"report_id": str(uuid.uuid4())}
        word = report.get("status") or report.get("answer") or report.get("connection")

        def note(taken: str) -> None:
            if order:
                order.report = f"{word}: {taken}"

        for _ in range(post.copies):
            self._agent.report(post.door.format(order_id=spoken.order_id), report, note)
