"""*Needs you*, the page of what waits for a person: each order with its reason and the one button that helps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calls.calling import Reason
from ordercall.domain.orders.bulk import BulkAction
from ordercall.domain.orders.order import CancelState, Status
from ordercall.domain.people import Permission
from ordercall.errors import InvalidRequest
from ordercall.storage.reads import needs_you, past_calls, reports
from ordercall.storage.records import activity, orders
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.addresses import local_referrer
from ordercall.web.context import context
from ordercall.web.ids import read_id
from ordercall.web.view import around, page_numbers, reading
from ordercall.web.view.format import ago, counted
from ordercall.web.view.reading import one_reading


class Retry(NamedTuple):
    """What can be retried in one run for all orders that wait for it. ``words``: the button's, with their number."""

    action: BulkAction
    words: str
    orders: Callable[[Connection], list[Any]]
    described: str


def _to_sync(tx: Connection) -> list[Any]:
    return needs_you.to_sync(missing=bool(context().decisions.missing(tx)))


RETRIES = {
    "sync": Retry(BulkAction.SYNC, "Re-sync all %s", _to_sync, "orders that wait for a person"),
    "cancel": Retry(
        BulkAction.FAILED,
        "Try all %s cancels again",
        lambda _tx: needs_you.to_cancel(),
        "cancellations that Shopify did not carry out",
    ),
}

BUTTONS = {
    Reason.NO_PHONE: "phone",
    Reason.PARTLY_KNOWN: "open",
    Reason.PHONE_CHANGED: "open",
    Reason.ALREADY_LISTED: "open",
    Reason.NOT_REACHED: "open",
    Reason.PASSED_OVER: "open",
    Reason.NOT_HEARD: "open",
    Reason.DO_NOT_CALL: "open",
    Reason.CANCEL_UNDONE: "open",
}
"""What helps an order that is not called for this reason, where that is no sync."""

SILENT_SHOWN = 50
"""More than a person rings in a morning."""

bp = Blueprint("needs", __name__)


@dataclass(frozen=True, slots=True)
class Need:
    """Why one order waits. ``help`` names the button: cancel, sync, phone, or open where a person decides."""

    order: StoredOrder
    title: str
    why: str
    detail: str
    help: str


@dataclass(frozen=True, slots=True)
class RetryButton:
    """A retry of all that wait for the same. It shows the age of the oldest: it may not be worth a call any more."""

    need: str
    action: BulkAction
    words: str
    number: int
    oldest: float | None


@bp.get("/needs-you")
@needs(Permission.SEE)
def page() -> ResponseReturnValue:
    """The orders and webhooks that only a person can move on."""
    with one_reading() as tx:
        silent = past_calls.silent(tx, reading.now())
        latest = list(silent)[:SILENT_SHOWN]
        found = {order.shopify_id: order for order in orders.find_all(tx, latest)}
        listed = needs_you.page(
            tx, before=read_id(request.args.get("before")), after=read_id(request.args.get("after"))
        )
        view: dict[str, Any] = {
            "unread": needs_you.unhandled(tx),
            "held": needs_you.held(tx),
            "not_written": needs_you.not_written(tx),
            "addresses": needs_you.with_addresses(tx, reading.now()),
            "waiting": needs_you.count(tx, reading.now()),
            "since": reports.newest_log(tx),
            "silent": [(found[one], silent[one]) for one in latest],
            "number_silent": len(silent),
            "retries": [_retry_button(tx, need, retry) for need, retry in RETRIES.items()],
        }
        needs = [need_of(order) for order in listed.rows]
        return render_template(
            "needs-you.html", needs=needs, listed=listed, shop_url=page_numbers.shop_url, query=None, **view
        )


def _retry_button(tx: Connection, need: str, retry: Retry) -> RetryButton:
    number, oldest = needs_you.count_of(tx, retry.orders(tx))
    return RetryButton(need, retry.action, retry.words % counted(number), number, oldest)


@bp.get("/needs-you/next")
@needs(Permission.SEE)
def next_order() -> ResponseReturnValue:
    """Lead to the next order that waits: behind the one that somebody looks at, or the first."""
    with context().db.read() as tx:
        found = needs_you.next_after(tx, read_id(request.args.get("after")))
    return redirect(url_for("order.page", shopify_id=found) if found else url_for("needs.page"), 303)


@bp.get("/needs-you/live")
@needs(Permission.SEE)
def live() -> ResponseReturnValue:
    """Poll for changes: 204, or the numbers as they are now and an offer to show them."""
    since = read_id(request.args.get("since")) or 0
    with one_reading() as tx:
        if around.is_known(tx):
            return "", 204
        waiting, touched = needs_you.count(tx, reading.now()), needs_you.touched_since(tx, since)
        view = {"since": since, "seen": reports.newest_log(tx), "shown": read_id(request.args.get("shown")) or 0}
        return render_template("_needs-live.html", waiting=waiting, touched=touched, **view)


@bp.post("/deliveries/<delivery_id>/handled")
@needs(Permission.HANDLE)
def handled(delivery_id: str) -> ResponseReturnValue:
    """Mark an unreadable webhook handled, unless somebody did so before."""
    number, now, by = read_id(delivery_id) or 0, reading.now(), current_actor()
    with context().db.begin() as tx:
        if needs_you.mark_handled(tx, number, by=by, now=now):
            message = f"Unreadable delivery {number} marked handled by {by}."
            activity.record(tx, None, Event.DELIVERY_HANDLED, message, now=now, actor=by)
            shown = "Delivery marked handled. It stays on the list of webhooks without an order."
        elif before := needs_you.find_unreadable(tx, number):
            shown = f"{before.handled_by} marked this delivery handled {ago(before.handled_at)}."
        else:
            message = f"There is no unreadable delivery {delivery_id[:40]}."
            raise InvalidRequest(message, code="UnknownDelivery", status=404)
    flash(shown)
    return redirect(url_for("needs.page"), 303)


@bp.post("/cancels/go-on")
@needs(Permission.RULE)
def go_on() -> ResponseReturnValue:
    """Let the cancels leave that were held back because so many had left within an hour."""
    gone = context().belt.go_on(by=current_actor())
    flash(f"Cancellations that go on: {counted(gone)}.")
    return redirect(local_referrer(), 303)


@bp.post("/needs-you/write-again")
@needs(Permission.HANDLE)
def write_again() -> ResponseReturnValue:
    """Have Shopify asked again for what it did not let be written to orders."""
    number = context().write_again.all_refused()
    flash(f"Orders that are written to again: {counted(number)}.")
    return redirect(url_for("needs.page"), 303)


def need_of(order: StoredOrder) -> Need:
    """Return why this order waits, in plain words."""
    if order.confirmation_status is Status.FAILED:
        return _cancel_ended(order)
    reason = order.calling_reason or Reason.KALIMERA_REFUSED
    button = BUTTONS.get(reason, "sync")
    return Need(
        order,
        reason.short,
        f"{reason.sentence} {reason.remedy}",
        order.calling_detail or order.phone_fault or "",
        button,
    )


def _cancel_ended(order: StoredOrder) -> Need:
    """A parcel that has left can never be cancelled; any other cause may be removed in Shopify."""
    state, detail = order.cancel_state or CancelState.UNCLEAR, order.cancel_detail or ""
    if too_late := page_numbers.too_late_to_cancel(order):
        return Need(order, state.short, too_late, detail, "open")
    return Need(order, state.short, f"The order is Failed here. {state.sentence}", detail, "cancel")
