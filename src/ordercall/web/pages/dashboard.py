"""The list of orders and what is new in it, the reports, the webhooks without an order, and the display settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from ordercall.domain.people import Permission
from ordercall.storage.reads import reports
from ordercall.storage.records import saved_views
from ordercall.web.access.doors import csrf, needs, open_to_all
from ordercall.web.addresses import local_referrer
from ordercall.web.choices import read_choice
from ordercall.web.ids import read_id
from ordercall.web.view import around, chips, page_numbers, reading
from ordercall.web.view.filters import FACETS, ListQuery, status_of
from ordercall.web.view.periods import PERIODS
from ordercall.web.view.reading import one_reading

YEAR = 365 * 24 * 3_600
DATES, VIEW = "dates", "view"
"""What can be chosen for a list beside the values of its filters: from when to when, and a name to keep it under."""

# The template of each part of a page that htmx may ask for by its id, and of the page, which everybody else gets.
DASHBOARD = {"list": "_list-live.html", "orders": "_orders.html", "page": "dashboard.html"}
REPORT = {"list": "_report-list.html", "orders": "_report.html", "page": "status-report.html"}

bp = Blueprint("dashboard", __name__)


@bp.get("/")
@needs(Permission.SEE)
def index() -> ResponseReturnValue:
    """The list of orders, with what the day looks like above it."""
    query, template = ListQuery.read(request.args), _template_of(DASHBOARD)
    with one_reading() as tx:
        now = reading.now()
        view = page_numbers.order_list(tx, query, now)
        view |= _filters(tx, query, now)
        if template == DASHBOARD["list"]:
            view |= _numbers_around(tx, query, now, view["since"])
        else:
            view |= page_numbers.overview(tx, query, now) | {"charts_of": view["since"]}
        return _listed(template, query, periods=PERIODS, now=now, **view)


@bp.get("/live")
@needs(Permission.SEE)
def live() -> ResponseReturnValue:
    """Poll for what is new in a list: 204, or the pill that offers it, with the numbers as they are now.

    ``since`` is the newest log entry of the list, ``seen`` that of the last answer: what a person does not open is not
    sent again every five seconds. A standstill of calls writes no entry, so ``around`` is a mark of what the page
    shows. Nor does midnight: ``at`` is when the page was made, ``over`` whether it shows that its day is over.
    ``charts`` is the newest entry that the charts know of, which are not counted anew while they are folded.
    """
    query = ListQuery.read(request.args)
    since = read_id(request.args.get("since")) or 0
    with one_reading() as tx:
        seen, now = reading.as_seen(), reading.now()
        over = query.ends_with_the_day and seen.date() != now.date()
        newest = reports.newest_log(tx)
        if over == ("over" in request.args) and around.is_known(tx) and not _charts_wanted(query, newest):
            return "", 204
        moment = seen if over else now
        view = page_numbers.news(tx, query, moment, since) | _numbers_around(tx, query, moment, newest)
        view |= {"since": since, "seen": newest, "over": over, "at": int(seen.timestamp())}
        return render_template("_live.html", query=query, now=now, **view)


@bp.get("/live/around", endpoint="around")
@needs(Permission.SEE)
def all_around() -> ResponseReturnValue:
    """Poll for what is new around a page that shows no list of orders."""
    with one_reading() as tx:
        if around.is_known(tx):
            return "", 204
        return render_template("_around-live.html", seen=reports.newest_log(tx))


@bp.get("/reports/<status_slug>")
@needs(Permission.SEE)
def report(status_slug: str) -> ResponseReturnValue:
    """One status over some days."""
    status = status_of(status_slug)
    if status is None:
        abort(404)
    template, query = _template_of(REPORT), ListQuery.read(request.args, report=status)
    with one_reading() as tx:
        now = reading.now()
        view = page_numbers.order_list(tx, query, now)
        view |= _filters(tx, query, now)
        if template != REPORT["list"]:
            view |= page_numbers.report(tx, query, status, now)
        return _listed(template, query, periods=PERIODS, status=status, now=now, **view)


@bp.get("/deliveries")
@needs(Permission.SEE)
def deliveries() -> ResponseReturnValue:
    """Signed webhooks from which no order came, and why."""
    with one_reading() as tx:
        return render_template("deliveries.html", deliveries=reports.odd_deliveries(tx))


@bp.post("/theme")
@open_to_all
def theme() -> ResponseReturnValue:
    """Remember light or dark; without a choice the system decides."""
    csrf.protect()
    chosen = request.form.get("theme", "")
    return _remember("theme", chosen if chosen in ("light", "dark") else "")


@bp.post("/keys")
@open_to_all
def keys() -> ResponseReturnValue:
    """Switch the single keys on or off. A person who dictates sends letters without meaning them (WCAG 2.1.4)."""
    csrf.protect()
    return _remember("keys", "off" if request.form.get("keys") == "off" else "")


def _filters(tx: Connection, query: ListQuery, now: datetime) -> dict[str, Any]:
    """Return the filters of a list, and the values of the one that a person is choosing."""
    choosing = read_choice(request.args.get("choose"), (*FACETS, DATES, VIEW)) or ""
    return {
        "chips": chips.chips(query),
        "choosing": choosing,
        "label": chips.LABELS.get(choosing, ""),
        "choices": chips.choices(tx, query, choosing, now) if choosing in FACETS else [],
        "is_written": choosing in chips.WRITTEN,
        "views": saved_views.all_of(tx) if choosing == VIEW else [],
        "longest_name": saved_views.LONGEST_NAME,
    }


def _remember(name: str, value: str) -> ResponseReturnValue:
    answer = redirect(local_referrer(), 303)
    answer.set_cookie(name, value, max_age=YEAR, samesite="Lax")
    return answer


def _numbers_around(tx: Connection, query: ListQuery, now: datetime, newest: int) -> dict[str, Any]:
    """Return the numbers that stand around the list of an answer without a head, so that none contradicts it.

    The orders of a report stand alone. Of charts that are folded, ``charts_of`` is returned
    as it was: the newest log entry that they know of.
    """
    if query.report:
        return {"charts_of": _charts_of()}
    if _charts_wanted(query, newest):
        return page_numbers.overview(tx, query, now) | {"charts_of": newest}
    return page_numbers.low_row(tx, query, now) | {"charts_of": _charts_of()}


def _charts_wanted(query: ListQuery, newest: int) -> bool:
    """Return whether the page shows its charts, and they are older than the newest log entry."""
    shown = request.cookies.get("charts") == "open" and not query.report and not query.q and not query.facets
    return shown and _charts_of() != newest


def _charts_of() -> int:
    """Return the newest log entry that the page's charts know of, 0 where it does not say."""
    return read_id(request.args.get("charts")) or 0


def _template_of(parts: dict[str, str]) -> str:
    """Return the template of the part that htmx wants to replace, such as ``section#list``, or of the whole page.

    On the way back in its history it picks the part out of the whole page by itself.
    """
    if "HX-Request" not in request.headers or "HX-History-Restore-Request" in request.headers:
        return parts["page"]
    return parts.get(request.headers.get("HX-Target", "").partition("#")[2], parts["page"])


def _listed(template: str, query: ListQuery, **view: Any) -> ResponseReturnValue:
    """Answer with a list or a part of it, and name the address that goes with it.

    While somebody types, the address changes in its place: otherwise Back would go through every letter.
    """
    answer = make_response(render_template(template, query=query, **view))
    answer.vary.update(("HX-Request", "HX-Target", "HX-History-Restore-Request"))
    if "HX-Request" in request.headers:
        typed = request.headers.get("HX-Source") == "form#search"
        address = request.path + query.link(**query.here).removesuffix("?")
        answer.headers["HX-Replace-Url" if typed else "HX-Push-Url"] = address
    return answer
