"""The sandbox's page for people, and the same in JSON for tests in other processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.sandbox.control import control, modes_of
from ordercall.sandbox.customers import Customers
from ordercall.sandbox.delivery_plan import FAMILIES
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.orders import INDIA, PEOPLE
from ordercall.sandbox.provider import FakeProvider, Mode
from ordercall.sandbox.shop import Answer, PlacedOrder, Shop
from ordercall.sandbox.shopify import FakeShopify

MOST_AT_ONCE = 200
"""Orders that one click places: a rush, and the page still answers within a second or two."""
SHOWN_ORDERS = 50  # the latest: a page to click on, no archive
SHOWN_CALLS = 8  # so many fit beside the switches
STATES = {"": "Anywhere in India", "Gujarat": "Gujarat (Hindi agent)", "other": "Another state (English agent)"}
ODDITIES = {"": "Nothing", "no phone": "No phone number", "test": "A test order", "same": "Same customer again"}
ACTIONS: dict[str, tuple[str, Callable[[Shop, int], None]]] = {
    "cancel": ("Cancel in Shopify", Shop.cancel),
    "ship": ("Ship", Shop.ship),
    "pay": ("Take the money", Shop.pay),
    "correct": ("Correct phone and address", Shop.correct),
    "edit": ("Add a piece", Shop.edit),
    "refund": ("Refund", Shop.refund),
    "data_request": ("Ask for the data", lambda shop, order_id: shop.ask("customers/data_request", order_id)),
    "redact": ("Have the data erased", lambda shop, order_id: shop.ask("customers/redact", order_id)),
}
"""What can be done with an order: the word on the page, and the deed."""
OTHER_STATES = [person.state for person in PEOPLE if person.state != "Gujarat"]
SAID = {
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
    product_url: str

    def provider(self, name: object) -> FakeProvider:
        """Return the provider called *name*. ValueError: there is no such one."""
        providers: dict[object, FakeProvider] = {"kalimera": self.kalimera, "shopify": self.shopify}
        if not isinstance(name, str) or name not in providers:
            raise ValueError("provider must be kalimera or shopify.")
        return providers[name]

    def stop(self) -> None:
        """End what runs in the background."""
        if self.customers:
            self.customers.stop()
        self.shop.stop()


class Row(NamedTuple):
    """One order as the page shows it. A state is a word and a colour."""

    order: PlacedOrder
    calling: str
    colour: str
    in_shopify: str
    webhook: str
    webhook_colour: str


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
        return jsonify(provider.to_json()) if request.is_json else _back(provider.name)

    _add_order_routes(bp, sandbox)
    _add_webhook_routes(bp, sandbox)
    return bp


def _add_order_routes(bp: Blueprint, sandbox: Sandbox) -> None:
    """Add what happens to orders in the shop."""

    @bp.post("/orders")
    def place() -> ResponseReturnValue:
        orders = _place(sandbox.shop, _sent())
        if request.is_json:
            return jsonify(orders=[_order_json(order, sandbox) for order in orders]), 201
        return _back("orders")

    @bp.post("/orders/forget")
    def forget() -> ResponseReturnValue:
        sandbox.shop.forget()
        return jsonify(success=True) if request.is_json else _back("orders")

    @bp.post("/orders/<int:order_id>/<action>")
    def change(order_id: int, action: str) -> ResponseReturnValue:
        wanted = str(_sent().get("action", "")) if action == "change" else action
        try:
            ACTIONS[wanted][1](sandbox.shop, order_id)
        except KeyError:
            abort(404, "There is no such order in the sandbox, or nothing of that kind can be done with it.")
        return jsonify(success=True) if request.is_json else _back("orders")


def _add_webhook_routes(bp: Blueprint, sandbox: Sandbox) -> None:
    """Add what a person decides about the webhooks, and about the app that they are sent to."""

    @bp.post("/deliveries")
    def change_deliveries() -> ResponseReturnValue:
        webhooks = sandbox.shop.webhooks
        if webhooks is None:
            abort(404, "This sandbox sends no webhooks.")
        try:
            webhooks.plan.change(_sent())
        except ValueError as error:
            abort(400, str(error))
        return jsonify(webhooks.plan.to_json()) if request.is_json else _back("deliveries")

    @bp.post("/app/<action>")
    def change_app(action: str) -> ResponseReturnValue:
        deeds = {"uninstall": sandbox.shop.uninstall, "install": sandbox.shop.install}
        if action not in deeds:
            abort(404, "An app is installed or uninstalled.")
        deeds[action]()
        return jsonify(success=True) if request.is_json else _back("deliveries")


def _sent() -> Mapping[str, Any]:
    """Return what a form or a JSON object sent."""
    if not request.is_json:
        return request.form
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _back(anchor: str) -> ResponseReturnValue:
    return redirect(url_for("page.index", _anchor=anchor), 303)


def _place(shop: Shop, sent: Mapping[str, Any]) -> list[PlacedOrder]:
    """Place what was asked for: ``count`` orders with their ``answer``, ``state`` and ``odd``."""
    try:
        answer, count = Answer(sent.get("answer") or Answer.CONFIRMS), int(sent.get("count", 1))
    except (TypeError, ValueError):
        abort(400, f"answer must be one of {', '.join(Answer)}, and count a number.")
    state, odd = (str(sent.get(name) or "") for name in ("state", "odd"))
    if not 1 <= count <= MOST_AT_ONCE or odd not in ODDITIES:
        abort(400, f"count must lie between 1 and {MOST_AT_ONCE}, and odd be one of {', '.join(ODDITIES)}.")
    return [_place_one(shop, answer, state, odd) for _ in range(count)]


def _place_one(shop: Shop, answer: Answer, state: str, odd: str) -> PlacedOrder:
    where = OTHER_STATES[shop.next_number % len(OTHER_STATES)] if state == "other" else state or None
    if odd == "no phone":
        return shop.place_order(answer, state=where, phone=None)
    if odd == "test":
        return shop.place_order(answer, state=where, test=True, payment_gateway_names=["bogus"])
    return shop.place_order(answer, state=where, same_customer=odd == "same")


def _page(sandbox: Sandbox) -> dict[str, Any]:
    newest = list(reversed(sandbox.shop.orders))
    return {
        "answers": [answer.value for answer in Answer],
        "states": STATES,
        "oddities": ODDITIES,
        "modes": {provider.name: modes_of(provider) for provider in (sandbox.kalimera, sandbox.shopify)},
        "common": list(Mode),
        "actions": {name: words for name, (words, _) in ACTIONS.items()},
        "families": FAMILIES,
        "webhooks": sandbox.shop.webhooks,
        "shop": sandbox.shop,
        "kalimera": sandbox.kalimera,
        "shopify": sandbox.shopify,
        "kalimera_calls": _lately(sandbox.kalimera),
        "shopify_calls": _lately(sandbox.shopify),
        "rows": [_row(order, sandbox) for order in newest[:SHOWN_ORDERS]],
        "order_count": len(newest),
        "customers": sandbox.customers,
        "product_url": sandbox.product_url,
    }


def _lately(provider: FakeProvider) -> list[dict[str, Any]]:
    return [
        {
            "time": f"{datetime.fromtimestamp(call.at, UTC).astimezone(INDIA):%H:%M:%S}",
            "what": f"{call.method} {call.path}",
            "answer": call.status if call.status is not None else "no answer",
            "colour": "good" if call.status is not None and call.status < 400 else "bad",
        }
        for call in reversed(provider.calls[-SHOWN_CALLS:])
    ]


def _row(order: PlacedOrder, sandbox: Sandbox) -> Row:
    calling, colour = _calling(order, sandbox.kalimera)
    webhook, webhook_colour = _webhook(order)
    return Row(order, calling, colour, _in_shopify(order, sandbox.shop), webhook, webhook_colour)


def _calling(order: PlacedOrder, kalimera: FakeKalimera) -> tuple[str, str]:
    if order.said:
        return SAID[Answer(order.said)]
    may_ring = order.phone and not order.body["test"]
    listed = kalimera.listed_since(order.phone or "", order.placed_at.timestamp()) if may_ring else None
    if listed:
        return f"On the list, {kalimera.agents.get(listed.agent_id or '', 'unknown')} agent", "listed"
    return "Placed", "placed"


def _in_shopify(order: PlacedOrder, shop: Shop) -> str:
    if shop.is_cancelled(order.order_id):
        return "cancelled"
    return "shipped" if shop.is_shipped(order.order_id) else ""


def _webhook(order: PlacedOrder) -> tuple[str, str]:
    delivery = order.delivery
    if delivery is None:
        return "none since the start", "idle"
    if delivery.status is None:
        return (f"no answer ({delivery.problem})" if delivery.problem else "on its way"), "idle"
    return f"{delivery.status}", "good" if delivery.accepted else "bad"


def _state(sandbox: Sandbox) -> dict[str, Any]:
    return {
        "kalimera": sandbox.kalimera.to_json(),
        "shopify": sandbox.shopify.to_json(),
        "webhooks": sandbox.shop.webhooks.plan.to_json() if sandbox.shop.webhooks else None,
        "orders": [_order_json(order, sandbox) for order in sandbox.shop.orders],
    }


def _order_json(order: PlacedOrder, sandbox: Sandbox) -> dict[str, Any]:
    delivery = order.delivery
    return {
        "id": order.order_id,
        "name": order.body["name"],
        "phone": order.phone,
        "state": order.body["shipping_address"]["province"],
        "answer": order.answer,
        "said": order.said,
        "report": order.report,
        "calling": _calling(order, sandbox.kalimera)[0],
        "cancelled": sandbox.shop.is_cancelled(order.order_id),
        "shipped": sandbox.shop.is_shipped(order.order_id),
        "webhook": {"status": delivery.status, "attempts": delivery.attempts} if delivery else None,
    }
