"""What the templates show: the numbers of a page, in the form and order in which they stand there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import request, session, url_for
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict
from werkzeug.local import LocalProxy

from ordercall.domain.api_versions import version_warning
from ordercall.domain.calling import CallingState, Reason
from ordercall.domain.orders import CancelState, Status
from ordercall.services.order_service import StatusChange
from ordercall.storage import attention, order_lists, reconciliations, reports, shop_notices
from ordercall.storage.order_lists import OrderFilter
from ordercall.storage.orders import OrderRow
from ordercall.storage.reports import Counts
from ordercall.web.context import context
from ordercall.web.filters import ListQuery, period_bounds
from ordercall.web.format import money, number, short_day
from ordercall.web.repeats import fresh_request_id

WEEK = timedelta(days=7)
HOUR, DAY = 3_600, 86_400
CALLING_WORDS = {
    CallingState.QUEUED: "Queued",
    CallingState.WAITING_FOR_HOURS: "Waits for hours",
    CallingState.ON_CAMPAIGN: "On campaign",
    CallingState.NOT_CALLED: "Not called",
    CallingState.FAILED: "Not on campaign",
}
CANCEL_WORDS = {
    CancelState.QUEUED: "Cancelling in Shopify",
    CancelState.SENDING: "Cancelling in Shopify",
    CancelState.UNKNOWN: "Cancelling in Shopify",
    CancelState.DONE: "Cancelled in Shopify",
    CancelState.REFUSED: "Not cancelled in Shopify",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One number at the top of a page. ``change`` compares it with a week ago; ``href`` filters the list."""

    label: str
    value: str
    note: str
    status: Status | None = None
    href: str | None = None
    change: str = ""
    rising: bool | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its label, the counts in it, and what to compare them with.

    ``to_come`` tells that its time has not begun, so that there is only something to compare with.
    """

    label: str
    short: str
    counts: dict[Status, int]
    compared: int
    href: str | None = None
    to_come: bool = False

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def common() -> dict[str, Any]:
    """What every page shows around its content. A page for strangers gets no numbers."""
    settings = context().settings
    around: dict[str, Any] = {
        "settings": settings,
        "statuses": list(Status),
        "theme": request.cookies.get("theme", ""),
        "keys": "off" if request.cookies.get("keys") == "off" else "",
        "calling_words": CALLING_WORDS,
        "cancel_words": CANCEL_WORDS,
        "reason_sentence": lambda reason: Reason(reason).sentence if reason in set(Reason) else "",
        "user": session.get("user"),
        "fresh_request_id": fresh_request_id,
        "take_undo": lambda: session.pop("undo", None),
        "version_warning": None if settings.sandboxed else version_warning(settings.shopify_api_version, now()),
    }
    if "user" in session:
        today = ListQuery().filter(now())
        around |= {
            "side": _when_asked(reports.counts, today),
            "health": _when_asked(reports.health),
            "waiting": _when_asked(attention.count),
            "check": _when_asked(reconciliations.latest),
            "standing": _when_asked(shop_notices.standing),
        }
    return around


def order_list(tx: Connection, query: ListQuery, now: datetime) -> dict[str, Any]:
    """The orders of a list, the numbers on its tabs, and how new it is."""
    wanted = query.filter(now)
    return {
        "page": order_lists.page(tx, wanted, query.sort, before=query.before, after=query.after),
        "counts": reports.counts(tx, wanted),
        "empty": not reports.any_order(tx),
        "since": reports.newest_log(tx),
    }


def news(tx: Connection, query: ListQuery, now: datetime, since: int) -> dict[str, Any]:
    """What arrived and changed in a list since a log entry, and the numbers around it as they are now."""
    wanted, period = query.filter(now), query.of_period().filter(now)
    arrived, changed = reports.changes_since(tx, since, wanted)
    return {
        "arrived": arrived,
        "changed": changed,
        "counts": reports.counts(tx, wanted),
        "tiles": _tiles(tx, query.of_period(), now, reports.counts(tx, period), reports.revenue(tx, period)),
    }


def overview(tx: Connection, query: ListQuery, now: datetime) -> dict[str, Any]:
    """The numbers above the list: tiles, hours, the way from order to outcome, revenue."""
    query = query.of_period()
    period = query.filter(now)
    here, sums = reports.counts(tx, period), reports.revenue(tx, period)
    return {
        "tiles": _tiles(tx, query, now, here, sums),
        "hours": _hours(tx, query, now) if query.range in ("today", "yesterday") else [],
        "funnel": _funnel(here),
        "revenue": sums,
        "period_counts": here,
    }


def report(tx: Connection, query: ListQuery, status: Status, now: datetime) -> dict[str, Any]:
    """The numbers of one status: tiles, days, where it ships, what was bought."""
    wanted = query.filter(now)
    here, sums = reports.counts(tx, wanted), reports.revenue(tx, wanted)
    mine = here.of[status]
    minutes = reports.minutes_to_decision(tx, wanted)
    amounts = [money(by_status[status].amount, currency) for currency, by_status in sums.items() if status in by_status]
    tiles = [
        Tile("Orders", number(mine), f"of {number(here.all)} in this period"),
        Tile("Share of all orders", f"{_percent(mine, here.all)} %", f"{number(here.decided)} decided"),
        Tile("Revenue", amounts[0] if amounts else "–", f"plus {' and '.join(amounts[1:])}" if amounts[1:] else ""),
        Tile("Time to decision", _duration(minutes), "median, from order to status"),
    ]
    return {
        "tiles": tiles,
        "days": _days(tx, query, now),
        "tops": [
            ("Where they ship", _ranked(reports.most_frequent(tx, wanted, "state"), mine)),
            ("What they bought", _ranked(reports.most_frequent(tx, wanted, "product_title"), mine)),
        ],
    }


def now() -> datetime:
    """Return the present in the zone of the pages."""
    return context().clock().astimezone(context().settings.display_timezone)


def came_from(query_string: str) -> MultiDict[str, str]:
    """Read the query string of a list that was carried along to an order's page."""
    return MultiDict(parse_qsl(query_string.lstrip("?")[:500]))


def shop_url(shopify_id: int) -> str | None:
    """Return the order's page in Shopify's admin, or None while no shop is set."""
    store = context().settings.shopify_store_domain
    sandboxed = context().settings.sandboxed
    return f"https://admin.shopify.com/store/{store}/orders/{shopify_id}" if store and not sandboxed else None


def local_referrer() -> str:
    """Return the path of the page that a form was sent from, on this site."""
    parts = urlsplit(request.referrer or "")
    path = parts.path if parts.netloc == request.host and parts.path.startswith("/") else url_for("dashboard.index")
    return f"/{path.lstrip('/')}" + (f"?{parts.query}" if parts.query else "")


def told_change(order: OrderRow, change: StatusChange) -> str:
    """Return what a change of status did, as a sentence for the person who made it."""
    name = order.order_name or str(change.shopify_id)
    if change.current is not change.new:
        return f"{name} was marked {change.new} by this form before, and is {change.current} now. Nothing was changed."
    if change.new is not Status.FAILED:
        kept = " Shopify keeps it cancelled." if order.shopify_cancelled_at else ""
        return f"{name} marked {change.new}.{kept}"
    if change.shopify_cancelled:
        return f"{name} marked Failed and cancelled in Shopify."
    words = CANCEL_WORDS[change.cancel_state] if change.cancel_state else "Not cancelled in Shopify"
    return f"{name} marked Failed. {words}. {change.cancel_detail or ''}".strip()


def _tiles(tx: Connection, query: ListQuery, now: datetime, here: Counts, sums: dict[str, Any]) -> list[Tile]:
    before = reports.counts(tx, _week_earlier(query.filter(now), now))
    open_sums = [money(part[Status.PLACED].amount, name) for name, part in sums.items() if Status.PLACED in part]
    gained = here.all - before.all
    ever = query.range == "all"
    tiles = [
        Tile(
            "Orders",
            number(here.all),
            "since the first day" if ever else "on the same time last week",
            href=query.link(),
            change="" if ever else ("+" if gained >= 0 else "−") + number(abs(gained)),
            rising=gained >= 0,
        ),
        Tile(
            "Placed",
            number(here.of[Status.PLACED]),
            f"{', '.join(open_sums)} still to confirm" if open_sums else "nothing to confirm",
            status=Status.PLACED,
            href=query.link(status=Status.PLACED),
        ),
    ]
    for status in (Status.SUCCESS, Status.RETURNED, Status.FAILED):
        share = _percent(here.of[status], here.decided)
        moved = share - _percent(before.of[status], before.decided)
        compared = "" if not before.decided else f", {moved:+d} pts" if moved else ", same as last week"
        tiles.append(
            Tile(
                status,
                number(here.of[status]),
                f"{share} % of decided{compared}",
                status=status,
                href=query.link(status=status),
            )
        )
    return tiles


def _hours(tx: Connection, query: ListQuery, now: datetime) -> list[Bar]:
    start, end = period_bounds(query.range, now)
    if start is None or end is None:
        return []
    here = reports.by_slot(tx, OrderFilter(start=start.timestamp(), end=end.timestamp()), seconds=HOUR)
    week = OrderFilter(start=(start - WEEK).timestamp(), end=(end - WEEK).timestamp())
    before = reports.by_slot(tx, week, seconds=HOUR)
    return [
        Bar(
            label=f"{hour:02d}:00",
            short=f"{hour:02d}" if hour % 3 == 0 else "",
            counts=here.get(hour, dict.fromkeys(Status, 0)),
            compared=sum(before[hour].values()) if hour in before else 0,
            href=query.link(hour=hour),
            to_come=start + timedelta(hours=hour) > now,
        )
        for hour in range(24)
    ]


def _days(tx: Connection, query: ListQuery, now: datetime) -> list[Bar]:
    start, end = period_bounds(query.range, now)
    if start is None or end is None:
        return []
    slots = reports.by_slot(tx, OrderFilter(start=start.timestamp(), end=end.timestamp()), seconds=DAY)
    days = [start + timedelta(days=day) for day in range((end - start).days)]
    return [
        Bar(
            label=short_day(moment),
            short=f"{moment:%-d}",
            counts=slots.get(day, dict.fromkeys(Status, 0)),
            compared=sum(slots[day].values()) if day in slots else 0,
        )
        for day, moment in enumerate(days)
    ]


def _funnel(here: Counts) -> list[dict[str, Any]]:
    steps = [
        ("Received from Shopify", here.all, "f-in"),
        ("On the calling campaign", here.on_campaign, "f-on"),
        ("Decided", here.decided, "f-dec"),
        ("Success", here.of[Status.SUCCESS], "f-Success"),
    ]
    return [{"label": label, "n": n, "percent": _percent(n, here.all), "css": css} for label, n, css in steps]


def _ranked(named: list[tuple[str, int]], of: int) -> list[dict[str, Any]]:
    most = max((count for _, count in named), default=1)
    return [
        {"label": name, "n": count, "percent": _percent(count, of), "width": _percent(count, most)}
        for name, count in named
    ]


def _week_earlier(period: OrderFilter, now: datetime) -> OrderFilter:
    """Return the same period a week earlier; a period that is not over ends at the same time of that day."""
    if period.start is None or period.end is None:
        return OrderFilter(start=0, end=0)
    end = min(period.end, now.timestamp())
    return OrderFilter(start=period.start - WEEK.total_seconds(), end=end - WEEK.total_seconds())


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def _duration(minutes: float | None) -> str:
    if minutes is None:
        return "–"
    return (
        f"{minutes:.0f} min"
        if minutes < 120
        else f"{minutes / 60:.0f} h"
        if minutes < 2_880
        else f"{minutes / 1_440:.0f} d"
    )


def _when_asked(count: Callable[..., Any], *wanted: OrderFilter) -> Any:
    """Return a stand-in for numbers that are counted when a template first looks at them: a part has no sidebar."""

    @cache
    def counted() -> Any:
        with context().db.read() as tx:
            return count(tx, *wanted)

    return LocalProxy(counted)
