"""The shop of the sandbox: it places orders, cancels and ships them, and keeps an eye on each."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from ordercall.sandbox.order_book import Change, moment
from ordercall.sandbox.orders import FIRST_ID, OWN_PHONE, Person, buyer, fictional_phone, make_order, somebody
from ordercall.sandbox.shopify import FakeShopify
from ordercall.sandbox.webhooks import Delivery, Webhooks

CORRECTED = 5_000_000
"""What a corrected phone is away from the one before it."""


class Answer(StrEnum):
    """What a customer will say when the phone rings."""

    CONFIRMS = "confirms"
    REFUSES = "refuses"
    SILENT = "does not answer"
    SURPRISE = "surprise me"


@dataclass(slots=True)
class PlacedOrder:
    """One order of the shop, and what became of it.

    ``said`` is what the customer answered, once the phone has rung; ``report`` is how the product took the
    agent's report of it. ``delivery`` is the webhook of the placing, None in a shop without a product.
    """

    number: int
    body: dict[str, Any]
    person: Person
    phone: str | None
    answer: Answer
    placed_at: datetime
    delivery: Delivery | None = None
    said: str = ""
    report: str = ""

    @property
    def order_id(self) -> int:
        return int(self.body["id"])


class Shop:
    """The orders that were placed in this sandbox. Safe to use from any thread."""

    def __init__(self, shopify: FakeShopify, webhooks: Webhooks | None = None, *, offset: int = 0) -> None:
        """Open a shop.

        Args:
            shopify: gets to know every order.
            webhooks: tell the product; without them nobody is told.
            offset: moves ids and phones, so that two starts beside one database do not place the same orders.
        """
        self.next_number = 1001
        self._shopify = shopify
        self.webhooks = webhooks
        self._offset = offset
        self._orders: dict[int, PlacedOrder] = {}
        self._lock = threading.RLock()
        shopify.book.on_change.append(self._announce)

    @property
    def orders(self) -> list[PlacedOrder]:
        """All orders, oldest first."""
        with self._lock:
            return list(self._orders.values())

    def orders_of(self, phone: str) -> list[PlacedOrder]:
        """Return the orders of one customer, oldest first."""
        return [order for order in self.orders if order.phone == phone]

    def place_order(
        self,
        answer: Answer | str = Answer.CONFIRMS,
        *,
        state: str | None = None,
        phone: str | None = OWN_PHONE,
        same_customer: bool = False,
        **changes: Any,
    ) -> PlacedOrder:
        """Place an order and send its webhook in the background.

        Args:
            answer: what the customer will say.
            state: where the parcel goes: see :func:`ordercall.sandbox.orders.make_order`.
            phone: default: a fictional one that no other order has; None for an order without a phone.
            same_customer: the person and phone of the last order that has a phone.
            changes: fields of the order, such as ``test=True``.
        """
        with self._lock:
            number = self.next_number
            self.next_number += 1
            last = next((order for order in reversed(self.orders) if order.phone), None) if same_customer else None
            person = last.person if last else somebody(number, state)
            rung = last.phone if last else fictional_phone(self._offset + number) if phone == OWN_PHONE else phone
            unique = {"id": FIRST_ID + self._offset + number}
            body = make_order(number, person=person, state=state, phone=rung, **(unique | changes))
            placed = PlacedOrder(number, body, person, rung, Answer(answer), datetime.now(UTC))
            self._orders[placed.order_id] = placed
        self._shopify.add(body)
        if self.webhooks:
            placed.delivery = self.webhooks.send("orders/create", body)
        return placed

    def recall(self, body: dict[str, Any], said: Answer | None) -> None:
        """Know an order again that was placed before this start; nobody is told.

        Args:
            body: the order as its last webhook told it.
            said: what its customer answered; None: nothing yet, and what it will be is anybody's guess.
        """
        placed_at = moment(body["created_at"])
        placed = PlacedOrder(
            int(body["order_number"]),
            body,
            buyer(body),
            body["phone"],
            said or Answer.SURPRISE,
            placed_at,
            said=said or "",
        )
        with self._lock:
            self._orders[placed.order_id] = placed
            self.next_number = max(self.next_number, placed.number + 1)
        self._shopify.add(body)

    def forget(self) -> None:
        """Know no order any more, and have the app installed; the numbers go on."""
        with self._lock:
            self._orders.clear()
        if self.webhooks:
            self.webhooks.forget()
        self._shopify.jobs.forget()
        self._shopify.book.forget()
        self.install()

    def cancel(self, order_id: int) -> None:
        """Cancel an order as the merchant does in Shopify's admin. KeyError: there is no such order."""
        self._shopify.cancel(order_id, "customer")

    def ship(self, order_id: int) -> None:
        """Send the parcel on its way. KeyError: there is no such order."""
        self._shopify.ship(order_id)

    def pay(self, order_id: int) -> None:
        """Take the money before the parcel leaves. KeyError: there is no such order."""
        self._shopify.book.pay(order_id)

    def edit(self, order_id: int) -> None:
        """Add a piece to the order. KeyError: there is no such order."""
        self._shopify.book.edit(order_id)

    def refund(self, order_id: int) -> None:
        """Give the money back. KeyError: there is no such order."""
        self._shopify.book.refund(order_id)

    def correct(self, order_id: int, phone: str = "", address: str = "7 Corrected Street") -> None:
        """Correct phone and address; default: a phone that nobody has. KeyError: there is no such order."""
        placed = self._orders[order_id]
        placed.phone = phone or fictional_phone(self._offset + placed.number + CORRECTED)
        self._shopify.book.correct(order_id, phone=placed.phone, address=address)

    def uninstall(self) -> None:
        """Take the app out of the shop: its tokens die and the shop is told of."""
        self._shopify.tokens.uninstall()
        self.tell("app/uninstalled", {"id": 1, "name": "Sandbox shop", "shop_owner": "Asha Iyer"} | self._named())

    def install(self) -> None:
        """Install the app again; nobody is told of that."""
        self._shopify.tokens.app_installed = True

    @property
    def app_installed(self) -> bool:
        return self._shopify.tokens.app_installed

    def ask(self, topic: str, order_id: int) -> None:
        """Pass on what a customer asks about their data. KeyError: there is no such order."""
        body = self._orders[order_id].body
        customer = {name: body["customer"].get(name) for name in ("id", "email", "phone")}
        named = "orders_requested" if topic == "customers/data_request" else "orders_to_redact"
        self.tell(
            topic, {"shop_id": 1, "shop_domain": self._shopify.shop_domain, "customer": customer, named: [order_id]}
        )

    def tell(self, topic: str, body: dict[str, Any]) -> None:
        if self.webhooks:
            self.webhooks.send(topic, body)

    def _named(self) -> dict[str, str]:
        return {"myshopify_domain": self._shopify.shop_domain}

    def is_cancelled(self, order_id: int) -> bool:
        order = self._shopify.order(order_id)
        return bool(order and order.get("cancelled_at"))

    def is_shipped(self, order_id: int) -> bool:
        order = self._shopify.order(order_id)
        return bool(order and order.get("fulfillment_status") == "fulfilled")

    def stop(self) -> None:
        if self.webhooks:
            self.webhooks.stop()

    def _announce(self, change: Change) -> None:
        """Shopify tells of every change, also to whoever asked for it."""
        if self.webhooks:
            for topic, body in change.told:
                self.webhooks.send(topic, body)
