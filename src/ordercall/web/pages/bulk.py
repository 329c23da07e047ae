"""One action for many orders: starting a run, the confirmation of Failed, and the progress."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.domain.orders.bulk import BulkAction, ItemState
from ordercall.domain.people import Permission
from ordercall.errors import InvalidRequest, UnknownRun
from ordercall.storage.reads import reports, search
from ordercall.storage.reads.order_filter import conditions
from ordercall.storage.records import bulk as stored
from ordercall.storage.records import orders
from ordercall.storage.records.bulk import Run, Selection
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.choices import read_choice
from ordercall.web.context import context
from ordercall.web.idempotency import idempotency_key
from ordercall.web.ids import read_id
from ordercall.web.pages.export import described, part_of_run, ticked
from ordercall.web.pages.needs_you import RETRIES
from ordercall.web.pages.order_page import CANCEL_REASONS, cancel_choices
from ordercall.web.view import page_numbers, reading
from ordercall.web.view.filters import LONGEST_ORIGIN, ListQuery

DOINGS = {
    BulkAction.SYNC: "Re-sync",
    BulkAction.CALL: "Call again",
    BulkAction.PLACED: "Mark Placed",
    BulkAction.SUCCESS: "Mark Success",
    BulkAction.RETURNED: "Mark Returned",
    BulkAction.FAILED: "Mark Failed and cancel in Shopify",
    BulkAction.UNDO: "Undo",
}
STATES = {
    ItemState.FAILED: "Not done",
    ItemState.SKIPPED: "Skipped",
    ItemState.DONE: "Done",
    ItemState.UNDER_WAY: "Under way",
    ItemState.WAITING: "Waiting",
}

DONE_WORDS = {
    BulkAction.SYNC: "re-synced",
    BulkAction.CALL: "called again",
    BulkAction.PLACED: "marked Placed",
    BulkAction.SUCCESS: "marked Success",
    BulkAction.RETURNED: "marked Returned",
    BulkAction.FAILED: "marked Failed and cancelled in Shopify",
    BulkAction.UNDO: "taken back",
}
FROM_NEEDS = "needs"
PLACES = {FROM_NEEDS: ("needs.page", "Needs you"), "history": ("history.page", "History")}
"""Where orders are chosen that is no list, each with its page and what the way back there is called."""

bp = Blueprint("bulk", __name__, url_prefix="/bulk")


@bp.post("")
@needs(Permission.DECIDE)
def make() -> ResponseReturnValue:
    """Do one thing to the orders that were ticked, or to all of a list.

    Failed is to be confirmed on the page of the run, whose orders are stored by then. A cancellation that is retried
    from *Needs you* was confirmed when the order became Failed.
    """
    action = request.form.get("action")
    if action not in DOINGS or action == BulkAction.UNDO:
        raise InvalidRequest("Choose what to do with the orders.", code="InvalidAction")
    wanted = BulkAction(action)
    run_id = context().bulk.prepare(wanted, _selection(), by=current_actor(), key=idempotency_key())
    if wanted is not BulkAction.FAILED or "need" in request.form:
        context().bulk.start(run_id, by=current_actor())
    return _to(run_id)


@bp.get("/<run_id>/live", endpoint="live")
@bp.get("/<run_id>")
@needs(Permission.SEE)
def page(run_id: str) -> ResponseReturnValue:
    """The progress of a run, or what it would do; the part alone for an open page that polls."""
    with context().db.read() as tx:
        run = stored.find(tx, _number(run_id))
        if run is None:
            raise UnknownRun(run_id[:40])
        numbers = stored.numbers(tx, run.id)
        shown = _shown(numbers)
        items = stored.items(tx, run.id, shown, before=read_id(request.args.get("before")))
        sums = stored.sums(tx, run.id) if _is_draft(run) else []
        found = {order.shopify_id: order for order in orders.find_all(tx, [item.shopify_id for item in items])}
        repeatable = context().bulk.repeatable(tx, run)
        since = reports.newest_log(tx)
    view: dict[str, Any] = {
        "run": run,
        "doing": DOINGS[run.action],
        "done_words": DONE_WORDS[run.action],
        "total": sum(numbers.values()),
        "orders": found,
        "origin": _origin(),
        "back": _back(),
        "back_words": PLACES[_origin()][1] if _origin() in PLACES else "Back to the list",
    }
    if _is_draft(run):
        return render_template("bulk-confirm.html", sums=sums, items=items, cancel_reasons=CANCEL_REASONS, **view)
    return render_template(
        "_part-live.html" if request.endpoint == "bulk.live" else "bulk-run.html",
        part="_bulk-run.html",
        asks=None if run.finished_at else _live_address(run),
        numbers={state: numbers[state] for state in STATES},
        states=STATES,
        shown=shown,
        items=items[: stored.SHOWN],
        older=items[stored.SHOWN - 1].shopify_id if len(items) > stored.SHOWN else None,
        settled=sum(numbers[state] for state in (ItemState.DONE, ItemState.FAILED, ItemState.SKIPPED)),
        undoable=run.action.undoable and run.finished_at and numbers[ItemState.DONE],
        repeatable=repeatable,
        since=since,
        **view,
    )


def _live_address(run: Run) -> str:
    asked: dict[str, Any] = {"run_id": run.id, "show": request.args.get("show"), "from": _origin() or None}
    return url_for("bulk.live", **asked)


@bp.post("/<run_id>/start")
@needs(Permission.DECIDE)
def start(run_id: str) -> ResponseReturnValue:
    """Start a run that was to be confirmed."""
    context().bulk.start(_number(run_id), by=current_actor(), choices=cancel_choices())
    return _to(_number(run_id))


@bp.post("/<run_id>/stop")
@needs(Permission.DECIDE)
def stop(run_id: str) -> ResponseReturnValue:
    """Stop a run before its next order. One that had not begun has nothing to show."""
    if context().bulk.stop(_number(run_id), by=current_actor()):
        return _to(_number(run_id))
    flash("Nothing was changed.")
    return redirect(_back(), 303)


@bp.post("/<run_id>/again")
@needs(Permission.DECIDE)
def again(run_id: str) -> ResponseReturnValue:
    """Retry the orders that failed, as a new run."""
    return _to(context().bulk.again(_number(run_id), by=current_actor(), key=idempotency_key()))


@bp.post("/<run_id>/undo")
@needs(Permission.DECIDE)
def undo(run_id: str) -> ResponseReturnValue:
    """Undo what a run changed, as a new run."""
    return _to(context().bulk.undo(_number(run_id), by=current_actor(), key=idempotency_key()))


def _selection() -> Selection:
    """Return the orders of the form: those that wait, those ticked, or all of its list or run."""
    need = request.form.get("need")
    query, ids = ListQuery.read(request.form), ticked()
    if need in RETRIES:
        with context().db.read() as tx:
            waiting = Selection(RETRIES[need].orders(tx), RETRIES[need].described)
        return waiting.narrowed(conditions(query.filter(reading.as_seen()))) if "range" in request.form else waiting
    if (part := part_of_run()) is not None:
        return stored.left_in(part.run_id, part.state, part.described)
    if ids is None and "all" not in request.form:
        raise InvalidRequest("Tick at least one order.", code="NothingChosen")
    seen = reading.as_seen()
    words = described(query, ids, seen)
    if ids is not None:
        return stored.chosen(ids, words)
    with context().db.read() as tx:
        return stored.listed(tx, search.look_up_all(tx, query.filter(seen)), words)


def _shown(numbers: dict[ItemState, int]) -> ItemState:
    """Return the state whose orders the page lists: the requested one, else the first with any."""
    asked = read_choice(request.args.get("show"), STATES)
    return asked or next((state for state in STATES if numbers[state]), ItemState.DONE)


def _is_draft(run: Run) -> bool:
    return not run.started_at and not run.stopped_at


def _number(text: str) -> int:
    found = read_id(text)
    if found is None:
        raise UnknownRun(text[:40])
    return found


def _origin() -> str:
    """Return where the orders were chosen: on *Needs you*, or the query string of a list.

    For the orders of another run it is where those were chosen.
    """
    if request.endpoint != "bulk.make":
        return request.args.get("from", "")[:LONGEST_ORIGIN]
    if "run" in request.form:
        return request.form.get("from", "")[:LONGEST_ORIGIN]
    return (
        FROM_NEEDS
        if "need" in request.form and "range" not in request.form
        else ListQuery.read(request.form).origin.removeprefix("?")
    )


def _back() -> str:
    """Return the way back there."""
    if _origin() in PLACES:
        return url_for(PLACES[_origin()][0])
    return page_numbers.list_address(ListQuery.of_origin(_origin()))


def _to(run_id: int) -> ResponseReturnValue:
    onward = f"?{urlencode({'from': _origin()})}" if _origin() else ""
    return redirect(url_for("bulk.page", run_id=run_id) + onward, 303)
