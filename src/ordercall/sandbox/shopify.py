"""A Shopify Admin API to try against: reading an order and cancelling it."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable
from datetime import UTC
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from ordercall.sandbox.provider import Clock, FakeProvider

OLDEST_VERSION = "2026-01"
"""Shopify answers a question for an older version with this one, and says so in a header only."""
SHOWN = ("id", "name", "cancelled_at", "cancel_reason", "fulfillment_status", "financial_status", "updated_at")


class FakeShopify(FakeProvider):
    """The orders of one shop.

    Where Shopify does not document its words, these are likely ones: the text for an order that is cancelled
    already, for example.

    Attributes:
        accept_any_order: whether an order that was never added is taken for one of the shop's.
        cancellations: the ids of the orders that were cancelled through the API, oldest first.
        on_cancelled: called with the order after a cancellation through the API.
    """

    name = "shopify"

    def __init__(
        self,
        *,
        token: str = "sandbox-access-token",  # noqa: S107 - opens nothing but this fake
        accept_any_order: bool = False,
        clock: Clock | None = None,
        keep_calls: int | None = None,
    ) -> None:
        super().__init__(clock=clock, keep_calls=keep_calls)
        self.token = token
        self.accept_any_order = accept_any_order
        self.cancellations: list[int] = []
        self.on_cancelled: list[Callable[[dict[str, Any]], None]] = []
        self._orders: dict[int, dict[str, Any]] = {}

    def add(self, order: dict[str, Any]) -> None:
        """Make *order* (a REST order with ``id``) known to the shop."""
        with self._lock:
            self._orders[int(order["id"])] = copy.deepcopy(order)

    def order(self, order_id: int) -> dict[str, Any] | None:
        """Return a copy of the order as it stands now, or None."""
        with self._lock:
            return copy.deepcopy(self._find(order_id))

    def ship(self, order_id: int) -> None:
        """Mark an order as paid and sent on its way; from now on Shopify does not cancel it."""
        self._change(order_id, fulfillment_status="fulfilled", financial_status="paid")

    def cancel(self, order_id: int, reason: str = "other") -> dict[str, Any]:
        """Cancel an order, as Shopify does it inside, and return it. Nobody is told."""
        at = self._now()
        return self._change(order_id, cancelled_at=at, closed_at=at, cancel_reason=reason, financial_status="voided")

    def add_routes(self, bp: Blueprint) -> None:
        bp.add_url_rule(
            "/admin/api/<version>/orders/<int:order_id>/cancel.json", view_func=self._cancel_order, methods=["POST"]
        )
        bp.add_url_rule("/admin/api/<version>/orders/<int:order_id>.json", view_func=self._read_order, methods=["GET"])
        bp.after_request(_add_headers)

    def refusal(self) -> ResponseReturnValue | None:
        if request.headers.get("X-Shopify-Access-Token") == self.token:
            return None
        message = "[API] Invalid API key or access token (unrecognized login or wrong password)"
        return jsonify(errors=message), 401

    def to_json(self) -> dict[str, Any]:
        with self._lock:
            orders = [{key: order.get(key) for key in SHOWN} for order in self._orders.values()]
            return super().to_json() | {
                "accept_any_order": self.accept_any_order,
                "orders": orders,
                "cancellations": list(self.cancellations),
            }

    def _read_order(self, version: str, order_id: int) -> ResponseReturnValue:
        del version  # only the header of the answer depends on it
        order = self.order(order_id)
        return jsonify(order=order) if order else _not_found()

    def _cancel_order(self, version: str, order_id: int) -> ResponseReturnValue:
        del version
        payload = request.get_json(silent=True) or {}
        reason = payload.get("reason", "other") if isinstance(payload, dict) else "other"
        with self._lock:
            order = self._find(order_id)
            if order is None:
                return _not_found()
            if order.get("fulfillment_status") == "fulfilled":
                return jsonify(errors="Cannot cancel a paid and fulfilled order"), 422
            if order.get("cancelled_at"):
                return jsonify(errors="Order has already been canceled"), 422
            cancelled = self.cancel(order_id, reason)
            self.cancellations.append(order_id)
        for tell in self.on_cancelled:
            tell(cancelled)
        return jsonify(order=cancelled, notice="Order has been canceled")

    def _find(self, order_id: int) -> dict[str, Any] | None:
        if order_id not in self._orders and self.accept_any_order:
            self._orders[order_id] = {"id": order_id, "cancelled_at": None, "fulfillment_status": None}
        return self._orders.get(order_id)

    def _change(self, order_id: int, **fields: Any) -> dict[str, Any]:
        with self._lock:
            order = self._find(order_id)
            if order is None:
                raise KeyError(order_id)
            order.update(fields, updated_at=self._now())
            return copy.deepcopy(order)

    def _now(self) -> str:
        return self._clock().astimezone(UTC).isoformat(timespec="seconds")


def served_version(asked: str) -> str:
    """Return the API version that answers a question for version *asked*."""
    return max(asked, OLDEST_VERSION)


def _not_found() -> ResponseReturnValue:
    return jsonify(errors="Not Found"), 404


def _add_headers(response: Response) -> Response:
    asked = (request.view_args or {}).get("version", OLDEST_VERSION)
    response.headers["X-Shopify-API-Version"] = served_version(asked)
    response.headers["X-Request-Id"] = str(uuid.uuid4())
    return response
