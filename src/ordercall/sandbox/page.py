"""The sandbox's page for people, and the same in JSON for tests in other processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.sandbox.control import control, modes_of
from ordercall.sandbox.customers import Customers
from ordercall.sandbox.delivery_plan import FAMILIES
from ordercall.sandbox.dialer import Dialer
from ordercall.sandbox.fulfilment_orders import FulfilmentOrders, Refused
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.order_book import is_cancelled, is_shipped
from ordercall.sandbox.orders import INDIA, PEOPLE
from ordercall.sandbox.provider import FakeProvider, Mode
from ordercall.sandbox.recorded_answers import RecordedAnswers
from ordercall.sandbox.shop import PlacedOrder, Shop
from ordercall.sandbox.shopify import FakeShopify
from ordercall.sandbox.talks import CUSTOMERS, NUMBERS, Answer

MOST_AT_ONCE = 200
"""Orders that one click places: a rush, and the page still answers within a second or two."""
SHOWN_ORDERS = 50  # the latest: a page to click on, no archive
SHOWN_CALLS = 8  # as many as fit beside the switches
STATES = {"": "Anywhere in India", "Gujarat": "Gujarat (Hindi agent)", "other": "Another state (English agent)"}
ODDITIES = {"": "Nothing", "no phone": "No phone number", "test": "A test order", "same": "Same customer again"}
ACTIONS: dict[str, tuple[str, Callable[[Shop, int], object]]] = {
    "cancel": ("Cancel in Shopify", lambda shop, order_id: shop.book.cancel(order_id)),
    "ship": ("Ship", lambda shop, order_id: shop.book.ship(order_id)),
    "pay": ("Take the money", lambda shop, order_id: shop.book.pay(order_id)),
    "correct": ("Correct phone and address", Shop.correct),
    "edit": ("Add a piece", lambda shop, order_id: shop.book.edit(order_id)),
    "empty": ("Take all pieces out", lambda shop, order_id: shop.book.empty(order_id)),
    "take_back": ("Cancel the fulfilment", lambda shop, order_id: shop.book.take_back(order_id)),
    "attempted": ("Nobody was at the door", lambda shop, order_id: shop.parcels.tell(order_id, "attempted_delivery")),
    "delivered": ("Deliver", lambda shop, order_id: shop.parcels.tell(order_id, "delivered")),
    "failure": ("Fail to deliver it", lambda shop, order_id: shop.parcels.tell(order_id, "failure")),
    "returned": ("Return all of it", lambda shop, order_id: shop.parcels.take_back(order_id)),
    "hold": ("Hold by somebody else", lambda shop, order_id: shop.part(order_id, FulfilmentOrders.hold_by_another)),
    "unhold": ("Release all holds", lambda shop, order_id: shop.part(order_id, FulfilmentOrders.release_all)),
    "split": ("Split off a piece", lambda shop, order_id: shop.part(order_id, FulfilmentOrders.split)),
    "ship_part": ("Ship the first part", lambda shop, order_id: shop.part(order_id, FulfilmentOrders.ship)),
    "archive": ("Archive or unarchive", lambda shop, order_id: shop.book.archive(order_id)),
    "void": ("Void the payment", lambda shop, order_id: shop.book.void(order_id)),
    "delete": ("Delete", lambda shop, order_id: shop.book.delete(order_id)),
    "refund": ("Refund", lambda shop, order_id: shop.book.refund(order_id)),
    "data_request": ("Ask for the data", lambda shop, order_id: shop.ask("customers/data_request", order_id)),
    "redact": ("Have the data erased", lambda shop, order_id: shop.ask("customers/redact", order_id)),
}
"""What can be done with an order: its label on the page, and the function."""
OTHER_STATES = [person.state for person in PEOPLE if person.state != "Gujarat"]
SAID: Mapping[str, tuple[str, str]] = {
    Answer.CONFIRMS: ("Confirmed", "good"),
    Answer.REFUSES: ("Refused", "bad"),
    Answer.SILENT: ("Did not answer", "idle"),
}


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The parts of one sandbox."""

    kalimera: FakeKalimera
    shopify: FakeShopify
    shop: Shop
    customers: Customers | None
    dialer: Dialer | None
    product_url: str

    def provider(self, name: object) -> FakeProvider:
        """Return the provider called *name*. ValueError: there is no such one."""
        providers: dict[object, FakeProvider] = {"kalimera": self.kalimera, "shopify": self.shopify}
        if not isinstance(name, str) or name not in providers:
            raise ValueError("provider must be kalimera or shopify.")
        return providers[name]

    def forget_orders(self) -> None:
        """Forget all orders, and ring nobody for them any more."""
        self.shop.forget()
        if self.dialer:
            self.dialer.forget()

    def stop(self) -> None:
        """End what runs in the background."""
        if self.customers:
            self.customers.stop()
        self.shop.stop()


def page_blueprint(sandbox: Sandbox) -> Blueprint:
    """Return the page's routes. Forms are answered with 303 to the page, JSON with JSON."""
    bp = Blueprint("page", __name__)

    @bp.get("/")
    def index() -> str:
        return render_template("sandbox.html", **_page(sandbox))

    @bp.get("/state")
    def state() -> ResponseReturnValue:
        return jsonify(_state(sandbox))

    @bp.post("/control")
    def switch() -> ResponseReturnValue:
        sent = _sent()
        try:
            provider = sandbox.provider(sent.get("provider"))
            control(provider, sent)
        except ValueError as error:
            abort(400, str(error))
        return _done(provider.name, provider.to_json())

    @bp.post("/answers")
    def take_answers() -> ResponseReturnValue:
        try:
            sandbox.kalimera.recorded = RecordedAnswers.read(_sent())
        except ValueError as error:
            abort(400, str(error))
        return _done(sandbox.kalimera.name, {"success": True, "not_played": sandbox.kalimera.recorded.not_played})

    _add_order_routes(bp, sandbox)
    _add_webhook_routes(bp, sandbox)
    return bp


def _add_order_routes(bp: Blueprint, sandbox: Sandbox) -> None:
    """Add what happens to orders in the shop."""

    @bp.post("/orders")
    def place() -> ResponseReturnValue:
        orders = _place(sandbox.shop, _sent())
        return _done("orders", {"orders": [_order_json(order, sandbox) for order in orders]}, status=201)

    @bp.post("/orders/forget")
    def forget() -> ResponseReturnValue:
        sandbox.forget_orders()
        return _done("orders")

    @bp.post("/orders/<int:order_id>/<action>")
    def change(order_id: int, action: str) -> ResponseReturnValue:
        wanted = str(_sent().get("action", "")) if action == "change" else action
        try:
            ACTIONS[wanted][1](sandbox.shop, order_id)
        except (KeyError, Refused):
            abort(404, "There is no such order in the sandbox, or nothing of that kind can be done with it.")
        return _done("orders")


def _add_webhook_routes(bp: Blueprint, sandbox: Sandbox) -> None:
    """Add what a person decides about the webhooks, and about the app that receives them."""

    @bp.post("/deliveries")
    def change_deliveries() -> ResponseReturnValue:
        webhooks = sandbox.shop.webhooks
        if webhooks is None:
            abort(404, "This sandbox sends no webhooks.")
        try:
            webhooks.plan.change(_sent())
        except ValueError as error:
            abort(400, str(error))
        return _done("deliveries", webhooks.plan.to_json())

    @bp.post("/app/<action>")
    def change_app(action: str) -> ResponseReturnValue:
        actions = {"uninstall": sandbox.shop.uninstall, "install": sandbox.shop.install}
        if action not in actions:
            abort(404, "An app is installed or uninstalled.")
        actions[action]()
        return _done("deliveries")


def _sent() -> Mapping[str, Any]:
    """Return the fields of a form or of a JSON object."""
    if not request.is_json:
        return request.form
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _done(anchor: str, body: Mapping[str, Any] | None = None, *, status: int = 200) -> ResponseReturnValue:
    """Answer JSON with *body*, and a form with this part of the page."""
    if request.is_json:
        return jsonify(body or {"success": True}), status
    return redirect(url_for("page.index", _anchor=anchor), 303)


def _place(shop: Shop, sent: Mapping[str, Any]) -> list[PlacedOrder]:
    """Place ``count`` orders with their ``answer``, ``state`` and ``odd``."""
    state, odd, answer = (str(sent.get(name) or "") for name in ("state", "odd", "answer"))
    try:
        count = int(sent.get("count", 1))
    except (TypeError, ValueError):
        abort(400, "count must be a number.")
    if answer and answer not in [*Answer, *NUMBERS]:
        abort(400, f"answer must be one of {', '.join([*Answer, *NUMBERS])}.")
    if not 1 <= count <= MOST_AT_ONCE or odd not in ODDITIES:
        abort(400, f"count must lie between 1 and {MOST_AT_ONCE}, and odd be one of {', '.join(ODDITIES)}.")
    return [_place_one(shop, answer or Answer.CONFIRMS, state, odd) for _ in range(count)]


def _place_one(shop: Shop, answer: str, state: str, odd: str) -> PlacedOrder:
    where = OTHER_STATES[shop.next_number % len(OTHER_STATES)] if state == "other" else state or None
    if odd == "no phone":
        return shop.place_order(answer, state=where, phone=None)
    if odd == "test":
        return shop.place_order(answer, state=where, test=True, payment_gateway_names=["bogus"])
    return shop.place_order(answer, state=where, same_customer=odd == "same")


def _page(sandbox: Sandbox) -> dict[str, Any]:
    newest = sandbox.shop.orders[::-1]
    return {
        "answers": list(Answer),
        "callees": CUSTOMERS,
        "states": STATES,
        "oddities": ODDITIES,
        "modes": {provider.name: modes_of(provider) for provider in (sandbox.kalimera, sandbox.shopify)},
        "common": list(Mode),
        "actions": {name: words for name, (words, _) in ACTIONS.items()},
        "families": FAMILIES,
        "sandbox": sandbox,
        "latest_calls": _latest_calls,
        "orders": newest[:SHOWN_ORDERS],
        "order_count": len(newest),
        "calling_of": partial(_calling, kalimera=sandbox.kalimera),
        "in_shopify": partial(_in_shopify, shop=sandbox.shop),
        "webhook_of": _webhook,
    }


def _latest_calls(provider: FakeProvider) -> list[dict[str, Any]]:
    return [
        {
            "time": f"{datetime.fromtimestamp(call.at, INDIA):%H:%M:%S}",
            "what": f"{call.method} {call.path}",
            "answer": call.status or "no answer",
            "colour": "good" if call.status and call.status < 400 else "bad",
        }
        for call in reversed(provider.calls[-SHOWN_CALLS:])
    ]


def _calling(order: PlacedOrder, kalimera: FakeKalimera) -> tuple[str, str]:
    """Return how far the call is: a word and a colour."""
    if order.said:
        return SAID.get(order.said, (order.said, "warn"))
    may_ring = order.phone and not order.body["test"]
    listed = kalimera.listed_since(order.phone or "", order.placed_at.timestamp()) if may_ring else None
    if listed:
        return f"On the list, {kalimera.agents.get(listed.agent_id or '', 'unknown')} agent", "listed"
    return "Placed", "placed"


def _in_shopify(order: PlacedOrder, shop: Shop) -> str:
    now = shop.book.order(order.order_id) or {}
    return "cancelled" if is_cancelled(now) else "shipped" if is_shipped(now) else ""


def _webhook(order: PlacedOrder) -> tuple[str, str]:
    """Return what became of the webhook of the placing: a word and a colour."""
    delivery = order.delivery
    if delivery is None:
        return "none since the start", "idle"
    if delivery.status is None:
        return (f"no answer ({delivery.problem})" if delivery.problem else "on its way"), "idle"
    return f"{delivery.status}", "good" if delivery.accepted else "bad"


def _state(sandbox: Sandbox) -> dict[str, Any]:
    return {
        "kalimera": sandbox.kalimera.to_json(),
        "rings": [asdict(ring) for ring in sandbox.dialer.rings] if sandbox.dialer else [],
        "shopify": sandbox.shopify.to_json(),
        "webhooks": sandbox.shop.webhooks.plan.to_json() if sandbox.shop.webhooks else None,
        "orders": [_order_json(order, sandbox) for order in sandbox.shop.orders],
    }


def _order_json(order: PlacedOrder, sandbox: Sandbox) -> dict[str, Any]:
    delivery, now = order.delivery, sandbox.shop.book.order(order.order_id) or {}
    return {
        "id": order.order_id,
        "name": order.body["name"],
        "phone": order.phone,
        "state": order.body["shipping_address"]["province"],
        "answer": order.answer,
        "said": order.said,
        "report": order.report,
        "calling": _calling(order, sandbox.kalimera)[0],
        "cancelled": is_cancelled(now),
        "shipped": is_shipped(now),
        "parts": [
            {"status": one.shown_status, "holds": [hold.handle for hold in one.holds]}
            for one in sandbox.shopify.fulfilment.of_order(order.order_id)
        ],
        "webhook": {"status": delivery.status, "attempts": delivery.attempts} if delivery else None,
    }
