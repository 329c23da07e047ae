"""The pages: the list of orders, one order, the reports, and the deliveries that were odd."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, Flask, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from ordercall.domain.calling import CallingState
from ordercall.domain.orders import Status
from ordercall.errors import InvalidRequest, UnknownOrder
from ordercall.services.order_service import reason_against
from ordercall.storage import activity, order_lists, orders, reports
from ordercall.storage.orders import OrderRow
from ordercall.web import format as words
from ordercall.web import pages
from ordercall.web.context import context
from ordercall.web.doors import csrf, current_actor, open_to_all, session_required
from ordercall.web.filters import PERIODS, ListQuery
from ordercall.web.ids import order_id, read_id
from ordercall.web.timeline import entries

YEAR = 365 * 24 * 3_600
DAYS_OF_REPORT = {"today": 1, "yesterday": 1, "7d": 7, "14d": 14, "30d": 30}

bp = Blueprint("dashboard", __name__)


@bp.record_once
def _prepare_templates(state: object) -> None:
    app: Flask = state.app  # type: ignore[attr-defined]
    words.register(app)
    app.context_processor(pages.common)


@bp.get("/")
@session_required
def index() -> ResponseReturnValue:
    """The list of orders, with what the day looks like above it."""
    query, now = ListQuery.read(request.args), _now()
    wanted = query.filter(now)
    with context().db.read() as tx:
        listed = order_lists.page(tx, wanted, query.sort, before=query.before, after=query.after)
        view = pages.dashboard(tx, query, now) | {
            "page": listed,
            "counts": reports.counts(tx, wanted),
            "empty": not reports.any_order(tx),
            "since": reports.newest_log(tx),
        }
    return render_template("dashboard.html", query=query, periods=PERIODS, now=now, **view)


@bp.get("/live")
@session_required
def live() -> ResponseReturnValue:
    """Say whether anything is new since a log entry: 204, or the pill that offers the new orders."""
    since = read_id(request.args.get("since")) or 0
    with context().db.read() as tx:
        arrived, changed = reports.changes_since(tx, since)
    if not arrived and not changed:
        return "", 204
    return render_template("_fresh.html", since=since, arrived=arrived, changed=changed)


@bp.get("/reports/<status_slug>")
@session_required
def report(status_slug: str) -> ResponseReturnValue:
    """One status over some days."""
    status = next((status for status in Status if status.lower() == status_slug), None)
    if status is None:
        abort(404)
    query, now = ListQuery.read(request.args, default_range="14d"), _now()
    query = replace(query, status=status)
    wanted = query.filter(now)
    with context().db.read() as tx:
        view = pages.report(tx, query, status, now) | {
            "page": order_lists.page(tx, wanted, query.sort, before=query.before, after=query.after),
            "counts": reports.counts(tx, wanted),
        }
    periods = {key: name for key, name in PERIODS.items() if key in DAYS_OF_REPORT}
    return render_template("status-report.html", query=query, status=status, periods=periods, **view)


@bp.get("/orders/<shopify_id>")
@session_required
def order(shopify_id: str) -> ResponseReturnValue:
    """One order with everything that happened to it."""
    query = ListQuery.read(pages.came_from(request.args.get("from", "")))
    with context().db.read() as tx:
        found = _find(tx, shopify_id)
        log = activity.of_order(tx, found.shopify_id)
        newer, older = order_lists.neighbours(tx, found, query.filter(_now()))
        past = order_lists.earlier_of_phone(tx, found)
    problems_only = request.args.get("show") == "problems"
    return render_template(
        "order-detail.html",
        order=found,
        entries=entries(log, problems_only=problems_only),
        problems_only=problems_only,
        confirm=request.args.get("confirm") == Status.FAILED,
        newer=newer,
        older=older,
        past=past,
        query=query,
        shop_url=pages.shop_url(found.shopify_id),
        callable_again=found.calling_state != CallingState.ON_CAMPAIGN and reason_against(found) is None,
    )


@bp.post("/orders/<shopify_id>/status")
@session_required
def change_status(shopify_id: str) -> ResponseReturnValue:
    """Set an order's status from its page."""
    with context().db.read() as tx:
        found = _find(tx, shopify_id)
    wanted, seen = request.form.get("status"), request.form.get("seen")
    if wanted not in set(Status):
        raise InvalidRequest("Choose Placed, Success, Returned or Failed.", code="InvalidStatus")
    change = context().orders.change_status(
        found.shopify_id, Status(wanted), by=current_actor(), expected=Status(seen) if seen in set(Status) else None
    )
    flash(pages.told_change(found, change))
    return redirect(_back(found.shopify_id), 303)


@bp.post("/orders/<shopify_id>/sync")
@session_required
def sync(shopify_id: str) -> ResponseReturnValue:
    """Send an order to Kalimera again."""
    with context().db.read() as tx:
        found = _find(tx, shopify_id)
    answer = context().orders.request_sync(found.shopify_id, by=current_actor())
    flash(f"{found.order_name or found.shopify_id}: {answer.message}")
    return redirect(_back(found.shopify_id), 303)


@bp.post("/orders/<shopify_id>/cancel")
@session_required
def cancel(shopify_id: str) -> ResponseReturnValue:
    """Ask Shopify again to cancel a failed order."""
    with context().db.read() as tx:
        found = _find(tx, shopify_id)
    change = context().orders.retry_cancel(found.shopify_id, by=current_actor())
    flash(pages.told_change(found, change))
    return redirect(_back(found.shopify_id), 303)


@bp.get("/deliveries")
@session_required
def deliveries() -> ResponseReturnValue:
    """Signed webhooks from which no order came, and why."""
    with context().db.read() as tx:
        return render_template("deliveries.html", deliveries=reports.odd_deliveries(tx))


@bp.post("/theme")
@open_to_all
def theme() -> ResponseReturnValue:
    """Remember light or dark; without a choice the system decides."""
    csrf.protect()
    chosen = request.form.get("theme", "")
    answer = make_response(redirect(pages.local_referrer(), 303))
    answer.set_cookie("theme", chosen if chosen in ("light", "dark") else "", max_age=YEAR, samesite="Lax")
    return answer


def _now() -> datetime:
    return context().clock().astimezone(context().settings.display_timezone)


def _find(tx: Connection, text: str) -> OrderRow:
    """Return the order whose id stands in the address, whatever else may stand there."""
    found = orders.find(tx, order_id(text))
    if found is None:
        raise UnknownOrder(text[:40])
    return found


def _back(shopify_id: int) -> str:
    if request.form.get("back") == "list":
        return url_for("dashboard.index") + ListQuery.read(pages.came_from(request.form.get("from", ""))).link()
    origin = request.form.get("from")
    return url_for("dashboard.order", shopify_id=shopify_id) + (f"?{urlencode({'from': origin})}" if origin else "")
