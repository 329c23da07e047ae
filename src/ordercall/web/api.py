"""The JSON API: for the voice agent, for other programs, and for a person with curl."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from msgspec import Meta

from ordercall.domain.calls.call import CallState
from ordercall.domain.calls.calling import CallingState
from ordercall.domain.orders.order import CancelState, Status
from ordercall.domain.outside_json import read_json
from ordercall.domain.people import Permission
from ordercall.domain.reports.fates import Fate, Why
from ordercall.errors import InvalidRequest, UnknownOrder
from ordercall.intake.report_reception import received_to_json
from ordercall.services.order_service import SyncAnswer
from ordercall.services.report_effects import tells_more_than_a_status
from ordercall.services.report_service import ReceivedReport
from ordercall.services.status_changes import StatusChange
from ordercall.storage.records import calls, orders
from ordercall.storage.records.reports import Door, Incoming
from ordercall.web import outcomes
from ordercall.web.access.doors import PROGRAMS, THIS_MACHINE, current_actor, is_program, may_force, needs
from ordercall.web.context import context
from ordercall.web.declared import Id, Told, tells
from ordercall.web.idempotency import header_key
from ordercall.web.ids import order_id, read_id
from ordercall.web.view.contacts import row_seen
from ordercall.web.view.decisions import DecisionJson, in_json
from ordercall.web.view.order_json import CallJson, call_to_json

LARGEST_REQUEST = 64 * 1024
"""Bytes; a status takes thirty."""

STATUSES = ", ".join(Status)

NO_ORDER = 0
"""What stands for a text that can be no order's id: no order has it."""

bp = Blueprint("api", __name__, url_prefix="/api")


class ErrorJson(TypedDict):
    """What went wrong: a code that stays, and a sentence."""

    code: str
    message: str


class Synced(TypedDict):
    """The order is on its campaign."""

    success: Literal[True]
    message: str
    shopify_id: Id
    contact_id: str | None


class NotSynced(TypedDict):
    """The order is not on its campaign; ``state`` tells whether it is on its way, or why not."""

    success: Literal[False]
    message: str
    shopify_id: Id
    contact_id: str | None
    state: CallingState | None
    error: NotRequired[ErrorJson]


class Called(TypedDict):
    """The call that was asked for. With 202 its time is to come."""

    success: bool
    message: str
    shopify_id: Id
    call: CallJson
    error: NotRequired[ErrorJson]


class Confirmed(TypedDict, total=False):
    """Whether to call although the order is decided, or a call may still ring."""

    confirm: bool


class Latest(TypedDict):
    """Every column of the order's row, and its last call."""

    success: Literal[True]
    order: dict[str, Any]
    call: CallJson | None


class Explained(TypedDict):
    """The last decision about an order's call, and those before it, the newest first."""

    success: Literal[True]
    shopify_id: Id
    order_name: str | None
    decision: DecisionJson | None
    earlier: list[DecisionJson]


class StatusSent(TypedDict):
    """The status to set. What a report may say besides may stand beside it."""

    status: Status
    force: NotRequired[Annotated[Any, Meta(description="true: also where the order is decided.")]]


class Changed(TypedDict):
    """What became of the status. The last six stand there where a report was sent beside it."""

    success: Literal[True]
    shopify_id: Id
    previous_status: str | None
    new_status: str | None
    shopify_cancelled: bool
    shopify_cancel_state: NotRequired[CancelState]
    shopify_cancel_message: NotRequired[str]
    report: NotRequired[int]
    fate: NotRequired[Fate]
    why: NotRequired[Why]
    message: NotRequired[str]
    shopify_ids: NotRequired[list[Id]]
    repeated: NotRequired[bool]


SYNC = Told(gives={200: Synced, 202: NotSynced, 502: NotSynced}, refuses=(404, 409))


@bp.after_request
def note_what_is_refused(response: Response) -> Response:
    """Remember that a status was not let in, as a report is."""
    kept = response.status_code == 404  # an order that is not there is no closed door
    return response if request.endpoint != "api.set_status" or kept else outcomes.note_what_is_refused(response)


@bp.post("/orders/<shopify_id>/sync")
@needs(Permission.CALL, PROGRAMS)
@tells(SYNC)
def sync(shopify_id: str) -> ResponseReturnValue:
    """Sync one order to Kalimera now."""
    number = order_id(shopify_id)
    return _synced(number, context().orders.request_sync(number, by=current_actor()))


@bp.post("/orders/<shopify_id>/call")
@needs(Permission.CALL, PROGRAMS)
@tells(
    Told(
        takes=Confirmed, may_be_left_out=True, gives={200: Called, 202: Called, 502: Called}, example={"confirm": True}
    )
)
def call_again(shopify_id: str) -> ResponseReturnValue:
    """Call one order again."""
    number = order_id(shopify_id)
    called = context().again.request(number, by=current_actor(), key=header_key(), confirmed=_confirmed())
    state = called.call.state
    placed = not state.live or state is CallState.PLACED
    body = {"message": called.message, "shopify_id": number, "call": call_to_json(called.call)}
    if state is CallState.REJECTED:
        return jsonify(success=False, error={"code": "NotCalled", "message": called.message}, **body), 502
    return jsonify(success=True, **body), 200 if placed else 202


def _confirmed() -> bool:
    """Return whether the body, which may be left out, confirms what the API would ask first.

    Raises:
        InvalidRequest: it is no JSON object.
    """
    request.max_content_length = LARGEST_REQUEST
    if not request.get_data():
        return False
    _require_json()
    try:
        body = read_json(request.get_data())
    except ValueError:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("confirm", False), bool):
        message = 'The body may be left out, or be a JSON object such as {"confirm": true}.'
        raise InvalidRequest(message, code="InvalidJson")
    return bool(body.get("confirm", False))


def _require_json() -> None:
    if not request.is_json:
        message = "Send JSON with the header Content-Type: application/json."
        raise InvalidRequest(message, code="UnsupportedMediaType", status=415)


@bp.post("/orders/sync-latest")
@needs(Permission.CALL, THIS_MACHINE)
@tells(SYNC)
def sync_latest() -> ResponseReturnValue:
    """Sync the Placed order that was received last."""
    number: int = _latest()["shopify_id"]
    return _synced(number, context().orders.request_sync(number, by=current_actor()))


@bp.get("/orders/latest")
@needs(Permission.SEE, THIS_MACHINE)
@tells(Told(gives={200: Latest}, refuses=(404,)))
def latest() -> ResponseReturnValue:
    """Show the Placed order that was received last, with every column of its row, and its last call beside it."""
    order = _latest()
    with context().db.read() as tx:
        last = calls.latest_of(tx, [order["shopify_id"]]).get(order["shopify_id"])
    return jsonify(success=True, order=row_seen(order), call=call_to_json(last) if last else None)


@bp.get("/orders/<shopify_id>/explain")
@needs(Permission.SEE, PROGRAMS)
@tells(Told(gives={200: Explained}))
def explain(shopify_id: str) -> ResponseReturnValue:
    """Tell what was decided about one order's call, and why: the last decision, and those before it."""
    number = order_id(shopify_id)
    with context().db.read() as tx:
        found = orders.find(tx, number)
        if found is None:
            raise UnknownOrder(number)
        decisions = [in_json(each) for each in context().decisions.of_order(tx, found)]
    decision, earlier = (decisions[0], decisions[1:]) if decisions else (None, [])
    return jsonify(success=True, shopify_id=number, order_name=found.order_name, decision=decision, earlier=earlier)


@bp.post("/orders/<shopify_id>/status")
@needs(Permission.DECIDE, THIS_MACHINE)
@tells(Told(takes=StatusSent, gives={200: Changed}, example={"status": "Success"}))
def set_status(shopify_id: str) -> ResponseReturnValue:
    """Set the confirmation status, and take in what is reported beside it. Failed also cancels it in Shopify."""
    request.max_content_length = LARGEST_REQUEST
    _require_json()
    if not is_program():
        wanted = _status(request.get_data())
        change = context().orders.change_status(order_id(shopify_id), wanted, by=current_actor(), reported=True)
        return jsonify(_change_to_json(change))
    number = read_id(shopify_id) or NO_ORDER
    received = context().reports.receive(
        Incoming(
            door=Door.STATUS,
            sender=current_actor(),
            body=request.get_data(),
            received_at=context().clock(),
            shopify_id=number,
            may_force=may_force(),
        )
    )
    _refuse_what_was_only_kept(received, number, shopify_id)
    return jsonify(_taken(received, number))


@bp.post("/orders/<shopify_id>/undo-cancel")
@needs(Permission.DECIDE, PROGRAMS)
@tells(Told(gives={200: Changed}))
def undo_cancel(shopify_id: str) -> ResponseReturnValue:
    """Take back a cancel that no person asked for, before Shopify is asked."""
    return jsonify(_change_to_json(context().orders.undo_cancel(order_id(shopify_id), by=current_actor())))


def _status(raw: bytes) -> Status:
    try:
        body = read_json(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise _no_object()
    wanted = Status.of(body.get("status"))
    if wanted is None:
        raise _no_status(body.get("status"))
    return wanted


def _no_object() -> InvalidRequest:
    return InvalidRequest('The body must be a JSON object such as {"status": "Success"}.', code="InvalidJson")


def _no_status(value: object) -> InvalidRequest:
    shown = f"'{value[:40]}'" if isinstance(value, str) else "That"
    return InvalidRequest(f"{shown} is not a status; use {STATUSES}.", code="InvalidStatus")


def _refuse_what_was_only_kept(received: ReceivedReport, number: int, text: str) -> None:
    """Tell a program that its report is kept and changed nothing, where it wanted something changed.

    Raises:
        InvalidRequest: in the form that the route has always had.
    """
    unknown = {each.path: each.word for each in received.report.unread}
    if received.why is Why.UNREADABLE:
        raise _no_object()
    if "status" in unknown or not (received.report.status or tells_more_than_a_status(received.report)):
        raise _no_status(unknown.get("status"))
    if received.why is Why.UNKNOWN_WORD:
        path, word = next(iter(unknown.items()))
        raise InvalidRequest(f"'{word[:40]}' is no word for {path[:40]}; it is kept for a person.", code="UnknownWord")
    if number not in received.previous:
        raise UnknownOrder(text[:40])
    if received.report.wanted and received.fate is Fate.NEEDS_A_PERSON and not received.changes:
        message = f"{received.why.sentence} Nothing was changed; it is kept for a person."
        raise InvalidRequest(message, code="NeedsAPerson", status=409)


def _taken(received: ReceivedReport, number: int) -> dict[str, Any]:
    previous = received.previous[number]
    wanted = received.changes.get(number) or (received.report.status if received.why is Why.SAME else None)
    if wanted:
        body = _change_to_json(context().orders.outcome_of(number, previous, wanted))
    else:
        unchanged = {"previous_status": previous, "new_status": previous, "shopify_cancelled": False}
        body = {"success": True, "shopify_id": number} | unchanged
    return body | (received_to_json(received) if tells_more_than_a_status(received.report) else {})


def _latest() -> dict[str, Any]:
    order = context().orders.latest_placed()
    if order is None:
        raise InvalidRequest("No order is Placed at the moment.", code="NoPlacedOrder", status=404)
    return order


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
