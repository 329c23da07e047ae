"""The JSON API: for the voice agent, for other programs, and for a person with curl."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from ordercall.domain.orders import Status
from ordercall.domain.outside_json import read_json
from ordercall.errors import InvalidRequest
from ordercall.services.order_service import StatusChange, SyncAnswer
from ordercall.storage.records import calls
from ordercall.storage.records.calls import Call
from ordercall.web.access.doors import current_actor, this_machine_or_token, token_or_session
from ordercall.web.context import context
from ordercall.web.ids import order_id

LARGEST_REQUEST = 64 * 1024
"""Bytes; a status takes thirty."""

STATUSES = ", ".join(Status)

bp = Blueprint("api", __name__, url_prefix="/api")


@bp.post("/orders/<shopify_id>/sync")
@token_or_session
def sync(shopify_id: str) -> ResponseReturnValue:
    """Sync one order to Kalimera now."""
    number = order_id(shopify_id)
    return _synced(number, context().orders.request_sync(number, by=current_actor()))


@bp.post("/orders/sync-latest")
@this_machine_or_token
def sync_latest() -> ResponseReturnValue:
    """Sync the Placed order that was received last."""
    number: int = _latest()["shopify_id"]
    return _synced(number, context().orders.request_sync(number, by=current_actor()))


@bp.get("/orders/latest")
@this_machine_or_token
def latest() -> ResponseReturnValue:
    """Show the Placed order that was received last, with every column of its row, and its last call beside it."""
    order = _latest()
    with context().db.read() as tx:
        last = calls.latest_of(tx, [order["shopify_id"]]).get(order["shopify_id"])
    return jsonify(success=True, order=order, call=_call_to_json(last) if last else None)


@bp.post("/orders/<shopify_id>/status")
@this_machine_or_token
def set_status(shopify_id: str) -> ResponseReturnValue:
    """Set the confirmation status. Failed also cancels the order in Shopify."""
    wanted = _status(_json_object())
    change = context().orders.change_status(order_id(shopify_id), wanted, by=current_actor(), reported=True)
    return jsonify(_change_to_json(change))


def _json_object() -> dict[str, Any]:
    if not request.is_json:
        message = "Send JSON with the header Content-Type: application/json."
        raise InvalidRequest(message, code="UnsupportedMediaType", status=415)
    request.max_content_length = LARGEST_REQUEST
    try:
        body = read_json(request.get_data())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise InvalidRequest('The body must be a JSON object such as {"status": "Success"}.', code="InvalidJson")
    return body


def _status(body: dict[str, Any]) -> Status:
    value = body.get("status")
    wanted = Status.of(value)
    if wanted is None:
        shown = f"'{value[:40]}'" if isinstance(value, str) else "That"
        raise InvalidRequest(f"{shown} is not a status; use {STATUSES}.", code="InvalidStatus")
    return wanted


def _latest() -> dict[str, Any]:
    order = context().orders.latest_placed()
    if order is None:
        raise InvalidRequest("No order is Placed at the moment.", code="NoPlacedOrder", status=404)
    return order


def _call_to_json(call: Call) -> dict[str, Any]:
    """Return a call as programs read it: times in ISO, in UTC."""
    times = {name: getattr(call, name) for name in ("not_before", "window_start", "window_end", "may_ring_until")}
    return {
        "call_id": call.call_id,
        "state": call.state,
        "attempt": call.attempt,
        "asked_by": call.asked_by,
        "answer": call.answer,
        "language": call.language,
    } | {name: time.isoformat() if time else None for name, time in times.items()}


def _synced(shopify_id: int, answer: SyncAnswer) -> ResponseReturnValue:
    body = {
        "success": answer.synced,
        "message": answer.message,
        "shopify_id": shopify_id,
        "contact_id": answer.contact_id,
    }
    if answer.synced:
        return jsonify(body)
    body["state"] = answer.state
    if answer.state and answer.state.on_its_way:
        return jsonify(body), 202
    body["error"] = {"code": "NotSynced", "message": answer.message}
    return jsonify(body), 502


def _change_to_json(change: StatusChange) -> dict[str, Any]:
    body: dict[str, Any] = {
        "success": True,
        "shopify_id": change.shopify_id,
        "previous_status": change.previous,
        "new_status": change.new,
        "shopify_cancelled": change.shopify_cancelled,
    }
    if change.cancel_state and not change.shopify_cancelled:
        body["shopify_cancel_state"] = change.cancel_state
        body["shopify_cancel_message"] = f"{change.cancel_state.sentence} {change.cancel_detail or ''}".strip()
    return body
