"""The orders of the fake shop: one place where they are kept and changed, and where each change becomes webhooks."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ordercall.sandbox.orders import INDIA, in_rupees
from ordercall.sandbox.provider import Clock

Order = dict[str, Any]
Edit = Callable[[Order], dict[str, Any] | None]

Condition = Callable[[Order], bool]

UPDATED = "orders/updated"
SEEN_WITHOUT_READ_ALL = timedelta(days=60)  # Shopify's
UNPAID = (None, "pending", "authorized")
NOTHING_LEFT = {
    "current_total_price": "0.00",
    "current_total_price_set": in_rupees("0.00"),
    "current_subtotal_price": "0.00",
    "total_outstanding": "0.00",
}


class OrderBook:
    """The orders by id, as REST bodies. Safe to use from any thread; all that it hands out are copies.

    Attributes:
        accept_any_order: whether an order that was never added is taken for one of the shop's. Such orders are
            found by their id only, and have no webhooks: nobody knows what was in them.
        kept_tags: tags that Shopify refuses to take away.
        on_event: called with the topic and the body of each webhook that a change has, outside of the book's lock.
    """

    def __init__(self, clock: Clock) -> None:
        self.accept_any_order = False
        self.kept_tags: set[str] = set()
        self.on_event: list[Callable[[str, dict[str, Any]], object]] = []
        self._clock = clock
        self._orders: dict[int, Order] = {}
        self._assumed: dict[int, Order] = {}
        self._lock = threading.RLock()

    def add(self, order: Order) -> None:
        """Make *order* (a REST order with ``id``) known to the shop, without a webhook."""
        with self._lock:
            self._orders[int(order["id"])] = copy.deepcopy(order)

    def forget(self) -> None:
        """Forget all orders, without a webhook."""
        with self._lock:
            self._orders.clear()
            self._assumed.clear()

    def order(self, order_id: int) -> Order | None:
        """Return the order as it stands now, or None."""
        with self._lock:
            return copy.deepcopy(self._find(order_id))

    def order_for(self, scopes: frozenset[str], order_id: int) -> Order | None:
        """Return the order if there is one that an app with these scopes sees."""
        order = self.order(order_id)
        return order if order and self.visible_to(scopes)(order) else None

    def visible_to(self, scopes: frozenset[str]) -> Condition:
        """Return whether an app with these scopes sees an order: one of the last 60 days, unless it may read all."""
        oldest = self._clock() - SEEN_WITHOUT_READ_ALL
        return lambda order: "read_all_orders" in scopes or moment(order["created_at"]) >= oldest

    def orders(self) -> list[Order]:
        """Return all orders that were added, in the order of their adding."""
        with self._lock:
            return copy.deepcopy(list(self._orders.values()))

    def change(
        self, order_id: int, edit: Edit, *topics: str, bodies: tuple[tuple[str, dict[str, Any]], ...] = ()
    ) -> Order:
        """Change an order, send the webhooks of it, and return it as it stands then.

        Args:
            edit: is given a copy of the order and returns the fields that take new values, or None to leave it
                alone, without a webhook. ``updated_at`` follows by itself.
            topics: webhooks that carry the order. Shopify sends ``orders/updated`` beside each.
            bodies: webhooks that carry something of their own.

        Raises:
            KeyError: there is no such order.
        """
        with self._lock:
            order = self._find(order_id)
            if order is None:
                raise KeyError(order_id)
            fields = edit(copy.deepcopy(order))
            order.update(fields | {"updated_at": self.now()} if fields is not None else {})
            changed = copy.deepcopy(order)
            sends = fields is not None and order_id in self._orders
        if sends:
            for topic, body in (*((topic, changed) for topic in topics), *bodies, (UPDATED, changed)):
                for listener in self.on_event:
                    listener(topic, body)
        return changed

    def cancel(self, order_id: int, reason: str = "customer") -> Order:
        """Cancel an order. One that is cancelled already stays as it is, without another webhook."""

        def cancelled(order: Order) -> dict[str, Any] | None:
            return None if is_cancelled(order) else _cancelled(order, reason, self.now())

        return self.change(order_id, cancelled, "orders/cancelled")

    def ship(self, order_id: int) -> Order:
        """Fulfil all of an order, paid; from now on Shopify does not cancel it."""
        shipped = {"fulfillment_status": "fulfilled", "financial_status": "paid", "total_outstanding": "0.00"}
        return self.change(order_id, lambda order: shipped | parcel_of(order), "orders/fulfilled", "orders/paid")

    def pay(self, order_id: int) -> Order:
        """Mark an order paid that was to be paid on delivery."""
        return self.change(order_id, lambda _: {"financial_status": "paid", "total_outstanding": "0.00"}, "orders/paid")

    def correct(self, order_id: int, *, phone: str, address: str) -> Order:
        """Give an order another phone and another first line of its addresses."""
        new = {"phone": phone, "address1": address}

        def corrected(order: Order) -> dict[str, Any]:
            customer = order["customer"] | {
                "phone": phone,
                "default_address": order["customer"]["default_address"] | new,
            }
            places = {name: order[name] | new for name in ("shipping_address", "billing_address")}
            return {"phone": phone, "customer": customer} | places

        return self.change(order_id, corrected)

    def readdress(self, order_id: int, address: dict[str, Any]) -> Order:
        """Give an order another address to ship to, whole. The same again is no change, and has no webhook."""

        def readdressed(order: Order) -> dict[str, Any] | None:
            return None if order.get("shipping_address") == address else {"shipping_address": address}

        return self.change(order_id, readdressed)

    def edit(self, order_id: int) -> Order:
        """Add one piece to the first line, as the merchant does with Edit order. Its own webhook carries no order."""
        order = self.order(order_id) or {}
        line = order.get("line_items", [{}])[0]
        order_edit = {"order_edit": _edit_of(order_id, line, self.now())}
        more = line | {"current_quantity": line.get("current_quantity", 0) + 1}
        fields = {"line_items": [more, *order.get("line_items", [])[1:]]} | _dearer(order, line.get("price", "0.00"))
        if order.get("fulfillment_status") == "fulfilled":
            fields["fulfillment_status"] = "partial"
        return self.change(order_id, lambda _: fields, bodies=(("orders/edited", order_edit),))

    def empty(self, order_id: int) -> Order:
        """Take every piece out of an order with Edit order."""
        order = self.order(order_id) or {}
        order_edit = {"order_edit": _edit_of(order_id, order.get("line_items", [{}])[0], self.now())}
        lines = [line | {"current_quantity": 0} for line in order.get("line_items", [])]
        fields = NOTHING_LEFT | {"line_items": lines}
        return self.change(order_id, lambda _: fields, bodies=(("orders/edited", order_edit),))

    def archive(self, order_id: int) -> Order:
        """Archive an order, or take it out of the archive."""
        return self.change(order_id, lambda order: {"closed_at": None if order.get("closed_at") else self.now()})

    def void(self, order_id: int) -> Order:
        """Void the payment of an order."""
        return self.change(order_id, lambda _: {"financial_status": "voided", "total_outstanding": "0.00"})

    def take_back(self, order_id: int) -> Order:
        """Cancel the fulfilments of an order."""

        def taken_back(order: Order) -> dict[str, Any]:
            cancelled = [made | {"status": "cancelled"} for made in order.get("fulfillments", [])]
            return {"fulfillment_status": None, "fulfillments": cancelled}

        return self.change(order_id, taken_back)

    def delete(self, order_id: int) -> None:
        """Delete an order. Its webhook holds the id and nothing else.

        Raises:
            KeyError: there is no such order.
        """
        with self._lock:
            del self._orders[order_id]
        for listener in self.on_event:
            listener("orders/delete", {"id": order_id})

    def refund(self, order_id: int) -> Order:
        """Give all the money back. Its own webhook carries no order either."""
        refund = {"id": order_id + 1, "order_id": order_id, "created_at": self.now(), "refund_line_items": []}
        fields = {"financial_status": "refunded"}
        return self.change(order_id, lambda _: fields, bodies=(("refunds/create", refund),))

    def tag(self, order_id: int, tags: Sequence[str]) -> Order:
        """Add tags; the others stay. Where nothing changes there is no webhook."""

        def tagged(order: Order) -> dict[str, Any] | None:
            had = {tag.casefold(): tag for tag in tags_of(order)}
            all_tags = {tag.casefold(): tag for tag in tags} | had
            return {"tags": ", ".join(sorted(all_tags.values()))} if len(all_tags) > len(had) else None

        return self.change(order_id, tagged)

    def untag(self, order_id: int, tags: Sequence[str]) -> Order:
        """Take tags away; the others stay. Where nothing changes there is no webhook."""
        gone = {tag.casefold() for tag in tags}

        def untagged(order: Order) -> dict[str, Any] | None:
            had = tags_of(order)
            left = [tag for tag in had if tag.casefold() not in gone]
            return {"tags": ", ".join(left)} if len(left) < len(had) else None

        return self.change(order_id, untagged)

    def now(self) -> str:
        """Return the present as Shopify writes it: whole seconds, in the shop's zone."""
        return self._clock().astimezone(INDIA).isoformat(timespec="seconds")

    def _find(self, order_id: int) -> Order | None:
        if order_id in self._orders or not self.accept_any_order:
            return self._orders.get(order_id)
        return self._assumed.setdefault(order_id, _assumed(order_id, self.now()))


def is_cancelled(order: Order) -> bool:
    return bool(order.get("cancelled_at"))


def is_shipped(order: Order) -> bool:
    """Whether at least a part of it has left; Shopify does not cancel it any more then."""
    return order.get("fulfillment_status") in ("fulfilled", "partial")


def left_of(order: Order) -> int:
    """Return how many pieces of it have left."""
    gone = (made for made in order.get("fulfillments", []) if made["status"] == "success")
    return sum(line["quantity"] for made in gone for line in made.get("line_items", []))


def units_of(order: Order) -> int:
    """Return how many pieces an order has by now."""
    lines = order.get("line_items") or [{}]
    return sum(int(line.get("current_quantity", line.get("quantity", 1))) for line in lines)


def parcel_of(order: Order, units: int | None = None) -> dict[str, Any]:
    """Return the fulfilments of an order with one more: of so many pieces, by default of all that have not left."""
    made = order.get("fulfillments", [])
    quantity = units_of(order) - left_of(order) if units is None else units
    parcel = {"id": int(order["id"]) + 1 + len(made), "status": "success", "line_items": [{"quantity": quantity}]}
    return {"fulfillments": [*made, parcel]}


def tags_of(order: Order) -> list[str]:
    """Return the tags, which are one text with commas."""
    return [tag for part in str(order.get("tags") or "").split(",") if (tag := part.strip())]


def moment(text: Any) -> datetime:
    """Return the time that an order's field names.

    Raises:
        ValueError: it is no ISO 8601 time with a zone.
    """
    read = datetime.fromisoformat(str(text))
    if read.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return read


def _cancelled(order: Order, reason: str, at: str) -> dict[str, Any]:
    """Prices and quantities keep what was ordered; the current ones become zero. Nothing is refunded."""
    lines = [line | {"current_quantity": 0} for line in order.get("line_items", [])]
    payment = order.get("financial_status")
    paid = "voided" if payment in UNPAID else payment
    fields = {"cancelled_at": at, "closed_at": at, "cancel_reason": reason, "financial_status": paid}
    return fields | NOTHING_LEFT | {"line_items": lines}


def _dearer(order: Order, price: str) -> dict[str, Any]:
    """Return the money of an order that costs more by this; all of what is added is due."""
    total, due = (
        str(Decimal(order.get(name) or 0) + Decimal(price)) for name in ("current_total_price", "total_outstanding")
    )
    return {"current_total_price": total, "current_total_price_set": in_rupees(total), "total_outstanding": due}


def _edit_of(order_id: int, line: dict[str, Any], at: str) -> dict[str, Any]:
    nothing: dict[str, list[Any]] = {"additions": [], "removals": []}
    return {
        "id": order_id + 1,
        "app_id": None,
        "created_at": at,
        "notify_customer": False,
        "order_id": order_id,
        "reason": "",
        "staff_note": "",
        "user_id": None,
        "line_items": nothing | {"additions": [{"id": line.get("id"), "delta": 1}]},
        "discounts": {"line_item": nothing},
        "shipping_lines": nothing,
    }


def _assumed(order_id: int, at: str) -> Order:
    return {
        "id": order_id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order_id}",
        "name": f"#{order_id}",
        "created_at": at,
        "updated_at": at,
        "cancelled_at": None,
        "fulfillment_status": None,
    }
