"""The pages: the list of orders, one order, the reports, and the deliveries that were odd."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Flask, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ordercall.domain.orders import Status
from ordercall.storage import order_lists, reports
from ordercall.web import format as words
from ordercall.web import pages
from ordercall.web.context import context
from ordercall.web.doors import csrf, open_to_all, session_required
from ordercall.web.filters import PERIODS, ListQuery
from ordercall.web.ids import read_id

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
    query, now = ListQuery.read(request.args), pages.now()
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
    query, now = ListQuery.read(request.args, default_range="14d"), pages.now()
    query = replace(query, status=status)
    wanted = query.filter(now)
    with context().db.read() as tx:
        view = pages.report(tx, query, status, now) | {
            "page": order_lists.page(tx, wanted, query.sort, before=query.before, after=query.after),
            "counts": reports.counts(tx, wanted),
        }
    periods = {key: name for key, name in PERIODS.items() if key in DAYS_OF_REPORT}
    return render_template("status-report.html", query=query, status=status, periods=periods, **view)


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
