"""The shop of the sandbox: it places orders, and sends a webhook of each change to one of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ordercall.sandbox.fulfilment_orders import FulfilmentOrders
from ordercall.sandbox.order_book import moment
from ordercall.sandbox.orders import FIRST_ID, OWN_PHONE, buyer, fictional_phone, make_order
from ordercall.sandbox.shopify import FakeShopify
from ordercall.sandbox.talks import CUSTOMERS, NUMBERS, Answer
from ordercall.sandbox.webhooks import Delivery, Webhooks

CORRECTED = 5_000_000
"""The distance of a corrected phone from the one before it."""


@dataclass(slots=True)
class PlacedOrder:
    """One order of the shop, and what became of it.

    Attributes:
        body: the REST order as it was placed, or corrected since.
        answer: what the customer will say: an :class:`Answer`, or the name of somebody with a number of their own.
        delivery: the webhook of the placing, None in a shop without a product.
        said: what the customer answered, once the phone has rung.
        report: how the product took the agent's report of it.
    """

    body: dict[str, Any]
    answer: str
    delivery: Delivery | None = None
    said: str = ""
    report: str = ""

    @property
    def order_id(self) -> int:
        return int(self.body["id"])

    @property
    def number(self) -> int:
        return int(self.body["order_number"])

    @property
    def phone(self) -> str | None:
        phone: str | None = self.body["phone"]
        return phone

    @property
    def placed_at(self) -> datetime:
        return moment(self.body["created_at"])


class Shop:
    """The orders that were placed in this sandbox. Safe to use from any thread."""

    def __init__(self, shopify: FakeShopify, webhooks: Webhooks | None = None, *, offset: int = 0) -> None:
        """Open a shop.

        Args:
            shopify: gets to know every order.
            webhooks: carry every change to the product; without them it hears of none.
            offset: moves ids and phones, so that two starts beside one database do not place the same orders.
        """
        self.next_number = 1001
        self.book = shopify.book
        self.webhooks = webhooks
        self._shopify = shopify
        self._offset = offset
        self._orders: dict[int, PlacedOrder] = {}
        self._lock = threading.RLock()
        self.book.on_event.append(self.send)
        self.parcels = shopify.parcels
        self._fulfilment = shopify.fulfilment

    @property
    def orders(self) -> list[PlacedOrder]:
        """All orders, oldest first."""
        with self._lock:
            return list(self._orders.values())

    def orders_of(self, phone: str | None) -> list[PlacedOrder]:
        """Return the orders of one customer, oldest first; without a phone nobody is the same."""
        return [order for order in self.orders if order.phone == phone and phone]

    def find(self, order_id: int | None) -> PlacedOrder | None:
        """Return the order that was placed here under this id."""
        return self._orders.get(order_id or 0)

    def place_order(
        self,
        answer: str = Answer.CONFIRMS,
        *,
        state: str | None = None,
        phone: str | None = OWN_PHONE,
        same_customer: bool = False,
        **changes: Any,
    ) -> PlacedOrder:
        """Place an order and send its webhook in the background.

        Args:
            answer: what the customer will say. Who does so by a number of their own has that number.
            state: where the parcel goes: see :func:`ordercall.sandbox.orders.make_order`.
            phone: default: a fictional one that no other order has; None for an order without a phone. One of the
                table says by itself what its customer does.
            same_customer: the person and phone of the last order that has a phone.
            changes: fields of the order, such as ``test=True``.
        """
        with self._lock:
            number = self.next_number
            self.next_number += 1
            rung = self._phone_for(number, answer, phone, same_customer=same_customer)
            person = next((buyer(order.body) for order in reversed(self.orders_of(rung))), None)
            unique = {"id": FIRST_ID + self._offset + number}
            body = make_order(number, person=person, state=state, phone=rung, **(unique | changes))
            placed = PlacedOrder(body, _will_say(rung, answer))
            self._orders[placed.order_id] = placed
        self.book.add(body)
        if self.webhooks:
            placed.delivery = self.webhooks.send("orders/create", self._shopify.shown(body))
        return placed

    def recall(self, body: dict[str, Any], said: Answer | None) -> None:
        """Add an order that was placed before this start, without a webhook.

        Args:
            body: the order as its last webhook had it.
            said: what its customer answered; None: nothing yet, and what it will be is anybody's guess.
        """
        placed = PlacedOrder(body, _will_say(body["phone"], said or Answer.SURPRISE), said=said or "")
        with self._lock:
            self._orders[placed.order_id] = placed
            self.next_number = max(self.next_number, placed.number + 1)
        self.book.add(body)

    def forget(self) -> None:
        """Forget all orders, and have the app installed; the numbers go on."""
        with self._lock:
            self._orders.clear()
        if self.webhooks:
            self.webhooks.forget()
        self._shopify.jobs.forget()
        self._shopify.fulfilment.forget()
        self.parcels.forget()
        self.book.forget()
        self.install()

    def correct(self, order_id: int, phone: str = "", address: str = "7 Corrected Street") -> None:
        """Correct phone and address; default: a phone that nobody has. KeyError: there is no such order."""
        placed = self._orders[order_id]
        new = phone or fictional_phone(self._offset + placed.number + CORRECTED)
        placed.body = self.book.correct(order_id, phone=new, address=address)
        placed.answer = _will_say(new, placed.answer)

    def part(self, order_id: int, act: Callable[[FulfilmentOrders, int], object]) -> None:
        """Do something to the first part of an order that waits.

        Raises:
            KeyError: nothing of it waits, or not yet.
            Refused: Shopify does not do it.
        """
        act(self._fulfilment, self._fulfilment.waiting(order_id))

    def uninstall(self) -> None:
        """Take the app out of the shop: its tokens end, and a webhook says so."""
        self._shopify.tokens.uninstall()
        shop = {"id": 1, "name": "Sandbox shop", "shop_owner": "Asha Iyer"}
        self.send("app/uninstalled", shop | {"myshopify_domain": self._shopify.shop_domain})

    def install(self) -> None:
        """Install the app again, without a webhook."""
        self._shopify.tokens.app_installed = True

    def ask(self, topic: str, order_id: int) -> None:
        """Pass on what a customer asks about their data. KeyError: there is no such order."""
        body = self._orders[order_id].body
        customer = {name: body["customer"].get(name) for name in ("id", "email", "phone")}
        orders = {"orders_requested" if topic == "customers/data_request" else "orders_to_redact": [order_id]}
        self.send(topic, {"shop_id": 1, "shop_domain": self._shopify.shop_domain, "customer": customer} | orders)

    def send(self, topic: str, body: dict[str, Any]) -> None:
        """Send a webhook. Shopify sends one of every change, also to the app that asked for the change."""
        if self.webhooks:
            self.webhooks.send(topic, self._shopify.shown(body))

    def stop(self) -> None:
        if self.webhooks:
            self.webhooks.stop()

    def _phone_for(self, number: int, answer: str, phone: str | None, *, same_customer: bool) -> str | None:
        last = next((order.phone for order in reversed(self.orders) if order.phone), None) if same_customer else None
        own = NUMBERS.get(answer) or fictional_phone(self._offset + number)
        return last or (own if phone == OWN_PHONE else phone)


def _will_say(phone: str | None, answer: str) -> str:
    """Return what the customer of a phone will say: with a number of the table what stands there, else *answer*."""
    if customer := CUSTOMERS.get(phone or ""):
        return customer.name
    return Answer.SURPRISE if answer in NUMBERS else Answer(answer)
