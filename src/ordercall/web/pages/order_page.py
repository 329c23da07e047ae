"""The page of one order, and its forms."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from ordercall.domain.calls.call import CallState
from ordercall.domain.calls.calling import CallingState, Reason
from ordercall.domain.calls.decision_words import Answer
from ordercall.domain.do_not_call import Source
from ordercall.domain.orders.order import CancelChoices, CancelReason, Status
from ordercall.domain.parcels.holds import seconds_open
from ordercall.domain.parcels.parcel import grams_of, lines_of, parcel_lines
from ordercall.domain.people import Permission
from ordercall.domain.phones.choosing import kind_of
from ordercall.domain.policy.rules import language_rule, window_rule
from ordercall.errors import InvalidRequest, StatusConflict, UnknownOrder
from ordercall.services.call_again import ASKS_FIRST
from ordercall.services.demo import is_foreign
from ordercall.services.order_rules import who_changed
from ordercall.services.status_changes import StatusChange
from ordercall.storage.reads import order_lists, reports, search
from ordercall.storage.records import activity, belt, calls, further_calls, holds, joint_calls, orders
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.choices import read_choice
from ordercall.web.context import context
from ordercall.web.idempotency import idempotency_key
from ordercall.web.ids import order_id, read_id
from ordercall.web.view import addresses, page_numbers, reading, spoken
from ordercall.web.view.around import is_known
from ordercall.web.view.filters import LONGEST_ORIGIN, ListQuery
from ordercall.web.view.reading import one_reading
from ordercall.web.view.timeline import history

CANCEL_REASONS = {
    CancelReason.CUSTOMER: "The customer does not want it",
    CancelReason.DECLINED: "Payment declined",
    CancelReason.FRAUD: "Fraud",
    CancelReason.INVENTORY: "Out of stock",
    CancelReason.OTHER: "Another reason",
}

bp = Blueprint("order", __name__, url_prefix="/orders")


@bp.get("/<shopify_id>")
@needs(Permission.SEE)
def page(shopify_id: str) -> ResponseReturnValue:
    """One order with its timeline; a script asks for older entries alone."""
    query = ListQuery.of_origin(request.args.get("from", ""))
    shown = read_choice(request.args.get("show"), ["problems"]) or "all"
    before = read_id(request.args.get("before"))
    with context().db.read() as tx:
        found = _find(tx, shopify_id)
        happened = history(tx, found.shopify_id, before=before, problems=shown == "problems")
        if request.headers.get("HX-Target", "").endswith("#older"):
            return render_template("_entries.html", order=found, history=happened, shown=shown, query=query)
        around = _around(tx, found, query) | _calling(tx, found) | {"since": reports.newest_log(tx)}
    return render_template(
        "order-detail.html",
        order=found,
        history=happened,
        shown=shown,
        confirm=read_choice(request.args.get("confirm"), [Status.FAILED]) is not None,
        ask_first=read_choice(request.args.get("confirm"), ["call"]) is not None,
        cancel_reasons=CANCEL_REASONS,
        query=query,
        version=found.version,
        phone_kind=kind_of(found.customer_phone) if found.customer_phone else None,
        shop_url=page_numbers.shop_url(found),
        too_late=page_numbers.too_late_to_cancel(found),
        lines=lines_of(found),
        weight=grams_of(parcel_lines(found) or []),
        **around,
    )


@bp.get("/<shopify_id>/live")
@needs(Permission.SEE)
def live(shopify_id: str) -> ResponseReturnValue:
    """Poll for what happened to an order since its page was loaded: 204, or a pill with it in a few words."""
    since = read_id(request.args.get("since")) or 0
    with one_reading() as tx:
        if is_known(tx):
            return "", 204
        newest = reports.newest_log(tx)
        found = _find(tx, shopify_id)
        entries = activity.count_since(tx, found.shopify_id, since)
    version, query = request.args.get("version", ""), ListQuery.of_origin(request.args.get("from", ""))
    news = f"{entries} new {'entry' if entries == 1 else 'entries'}" if entries else ""
    if version != found.version:
        by = found.status_changed_by or "somebody"
        news = f"{by[:1].upper()}{by[1:]} set it to {found.status_word}"
    return render_template(
        "_order-live.html", order=found, since=since, seen=newest, version=version, news=news, query=query
    )


def _callable_again(tx: Connection, found: StoredOrder) -> str | None:
    """Return by which button a call of the order may be asked for: ``call`` again, or ``sync``; None: by none."""
    if is_foreign(found, context().settings):
        return None
    if further_calls.that_rang(tx, [found.shopify_id]):
        return "call" if context().again.decide(tx, found).answer is Answer.CALL else None
    return "sync" if _may_be_synced(tx, found) else None


def _may_be_synced(tx: Connection, found: StoredOrder) -> bool:
    """Return whether a sync may bring the order to its campaign."""
    listed = found.calling_state is CallingState.ON_CAMPAIGN or found.calling_reason is Reason.PHONE_CHANGED
    return not listed and context().decisions.alone(tx, found).reason is None


def _around(tx: Connection, found: StoredOrder, query: ListQuery) -> dict[str, Any]:
    """Return the order's place in the list it was opened from, and the other orders of its phone."""
    wanted = search.look_up(tx, query.filter(reading.now()))
    hold = holds.find(tx, found.shopify_id)
    newer, older = order_lists.neighbours(tx, found.shopify_id, wanted)
    return {
        "newer": newer,
        "older": older,
        "position": order_lists.position(tx, found.shopify_id, wanted),
        "past": order_lists.earlier_of_phone(tx, found),
        "hold": hold,
        "address": addresses.card(tx, found),
        "held_after": seconds_open(found.placed_at, hold.held_at) if hold and hold.held_at else None,
        "asked": belt.find(tx, found.shopify_id) if found.cancel_waits else None,
    }


def _calling(tx: Connection, found: StoredOrder) -> dict[str, Any]:
    """Return the rules by which the order is called, and when that is tried next."""
    policy = context().decisions.policy(tx)
    return {
        "agent_rule": language_rule(found, policy),
        "window_rule": window_rule(policy.when),
        "now": reading.now(),
        "outlook": context().orders.outlook(tx, found),
        "calls": calls.of_order(tx, found.shopify_id),
        "together": joint_calls.others_of(tx, found.shopify_id),
        "spoken": spoken.by_call(tx, found),
        "callable_again": _callable_again(tx, found),
        "question": context().again.question(tx, found),
        "taken": context().decisions.of_order(tx, found),
        "no_calls": context().numbers.find(tx, found.customer_phone) if found.customer_phone else None,
    }


@bp.errorhandler(StatusConflict)
def on_conflict(_conflict: StatusConflict) -> ResponseReturnValue:
    """Show the order as it is now, beside what the person wanted to do; the next step is theirs."""
    with context().db.read() as tx:
        found = _find(tx, (request.view_args or {})["shopify_id"])
        last, hold = calls.of_order(tx, found.shopify_id), holds.find(tx, found.shopify_id)
    wanted = Status.of(request.form.get("status")) or Status.FAILED  # the form that cancels again names none
    query = ListQuery.of_origin(request.form.get("from", ""))
    by_whom = who_changed(found, reading.now())
    return render_template(
        "order-conflict.html",
        order=found,
        calls=last,
        hold=hold,
        version=found.version,
        wanted=wanted,
        query=query,
        by_whom=by_whom,
        chosen={name: request.form[name] for name in ("reason", "restock", "email", "back") if name in request.form},
    ), 409


@bp.post("/<shopify_id>/status")
@needs(Permission.DECIDE)
def change_status(shopify_id: str) -> ResponseReturnValue:
    """Set an order's status from its page."""
    found = _found(shopify_id)
    wanted = Status.of(request.form.get("status"))
    if wanted is None:
        raise InvalidRequest("Choose Placed, Success, Returned or Failed.", code="InvalidStatus")
    change = context().orders.change_status(
        found.shopify_id,
        wanted,
        by=current_actor(),
        expected=request.form.get("seen"),
        choices=cancel_choices(),
        key=idempotency_key(),
    )
    _flash_change(found, change)
    if change.undoable:
        session["undo"] = _undo(change)
    return redirect(_back(found.shopify_id), 303)


@bp.post("/<shopify_id>/notes")
@needs(Permission.HANDLE)
def add_note(shopify_id: str) -> ResponseReturnValue:
    """Keep a note in the order's timeline."""
    found = _found(shopify_id)
    note = request.form.get("note", "")
    context().orders.add_note(found.shopify_id, note, by=current_actor(), key=idempotency_key())
    flash(f"Note added to {found.name}.")
    return redirect(_back(found.shopify_id), 303)


@bp.post("/<shopify_id>/sync")
@needs(Permission.CALL)
def sync(shopify_id: str) -> ResponseReturnValue:
    """Send an order to Kalimera again."""
    found = _found(shopify_id)
    answer = context().orders.request_sync(found.shopify_id, by=current_actor(), key=idempotency_key())
    stuck = answer.state is not None and answer.state.off_campaign
    flash(f"{found.name}: {answer.message}", "fault" if stuck else "message")
    return redirect(_back(found.shopify_id), 303)


@bp.post("/<shopify_id>/do-not-call")
@needs(Permission.HANDLE)
def do_not_call(shopify_id: str) -> ResponseReturnValue:
    """Put the order's number on the do-not-call list, or take it off."""
    found, numbers, by = _found(shopify_id), context().numbers, current_actor()
    if not found.customer_phone:
        message = f"Order {found.name} has no number that could be called."
        raise InvalidRequest(message, code="NoPhone", status=409)
    if request.form.get("wish") == "call":
        numbers.remove(found.customer_phone, by=by)
        flash(f"{found.name}: its number may be called again. Press Sync now to have it called.")
    else:
        numbers.add([found.customer_phone], Source.PERSON, by=by)
        flash(f"{found.name}: its number is not called any more.")
    return redirect(_back(found.shopify_id), 303)


@bp.post("/<shopify_id>/call")
@needs(Permission.CALL)
def call_again(shopify_id: str) -> ResponseReturnValue:
    """Call an order again, or ask on its page first whether that is meant."""
    found = _found(shopify_id)
    confirmed = "confirm" in request.form
    try:
        called = context().again.request(
            found.shopify_id, by=current_actor(), key=idempotency_key(), confirmed=confirmed
        )
    except InvalidRequest as refusal:
        if refusal.code != ASKS_FIRST:
            raise
        asked = urlencode({"from": request.form.get("from", ""), "confirm": "call"})
        return redirect(f"{url_for('order.page', shopify_id=found.shopify_id)}?{asked}#ask-first", 303)
    flash(f"{found.name}: {called.message}", "fault" if called.call.state is CallState.REJECTED else "message")
    return redirect(_back(found.shopify_id), 303)


@bp.post("/<shopify_id>/cancel")
@needs(Permission.DECIDE)
def cancel(shopify_id: str) -> ResponseReturnValue:
    """Ask Shopify again to cancel a failed order."""
    found = _found(shopify_id)
    change = context().orders.retry_cancel(
        found.shopify_id, by=current_actor(), expected=request.form.get("seen"), key=idempotency_key()
    )
    _flash_change(found, change)
    return redirect(_back(found.shopify_id), 303)


@bp.post("/<shopify_id>/undo-cancel")
@needs(Permission.DECIDE)
def undo_cancel(shopify_id: str) -> ResponseReturnValue:
    """Take back a cancel that no person asked for."""
    found = _found(shopify_id)
    context().orders.undo_cancel(found.shopify_id, by=current_actor(), key=idempotency_key())
    flash(f"{found.name} is not cancelled.")
    return redirect(_back(found.shopify_id), 303)


@bp.post("/<shopify_id>/let-go")
@needs(Permission.HANDLE)
def let_go(shopify_id: str) -> ResponseReturnValue:
    """Let the parcel of an order go that waits for its customer's answer."""
    found = _found(shopify_id)
    context().parcels.let_go(found.shopify_id, by=current_actor())
    flash(f"{found.name} is released in Shopify.")
    return redirect(_back(found.shopify_id), 303)


def _found(text: str) -> StoredOrder:
    with context().db.read() as tx:
        return _find(tx, text)


def _find(tx: Connection, text: str) -> StoredOrder:
    """Return the order whose id is in the URL."""
    found = orders.find(tx, order_id(text))
    if found is None:
        raise UnknownOrder(text[:40])
    return found


def cancel_choices() -> CancelChoices | None:
    """Return the choices of a cancellation's form, None for another form; a box not ticked is not sent."""
    reason = request.form.get("reason")
    if reason is None:
        return None
    if reason not in set(CancelReason):
        names = ", ".join(CancelReason)
        raise InvalidRequest(f"Choose one of these reasons for Shopify: {names}.", code="InvalidReason")
    return CancelChoices(reason=CancelReason(reason), restock="restock" in request.form, email="email" in request.form)


def _flash_change(found: StoredOrder, change: StatusChange) -> None:
    left = change.cancel_state is not None and change.cancel_state.left_to_a_person
    flash(page_numbers.change_sentence(found, change), "fault" if left else "message")


def _undo(change: StatusChange) -> dict[str, str]:
    """Return the form that undoes a change, unless somebody else changes the order first."""
    return {
        "shopify_id": str(change.shopify_id),
        "status": change.previous,
        "seen": change.version,
        "from": request.form.get("from", "")[:LONGEST_ORIGIN],
        "back": request.form.get("back", "")[:20],
    }


def _back(shopify_id: int) -> str:
    if request.form.get("back") == "needs":
        return url_for("needs.page")
    if request.form.get("back") == "history":
        return url_for("history.page")
    if request.form.get("back") == "list":
        return page_numbers.list_address(ListQuery.of_origin(request.form.get("from", "")))
    origin = request.form.get("from")
    return url_for("order.page", shopify_id=shopify_id) + (f"?{urlencode({'from': origin})}" if origin else "")
