"""The numbers of each page, as the templates show them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import request, session, url_for
from sqlalchemy import Connection

from ordercall.domain.orders.order import CancelState, Fulfilment, Status
from ordercall.intake.signature import Cause
from ordercall.providers.shopify.versions import version_warning
from ordercall.services.status_changes import StatusChange
from ordercall.storage.reads import needs_you, order_lists, reports, search
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.reads.reports import Counts
from ordercall.storage.records import (
    calls,
    holds,
    refusals,
)
from ordercall.storage.records import reports as reported
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.web.access import callers, sessions
from ordercall.web.context import context
from ordercall.web.idempotency import fresh_request_id
from ordercall.web.view import charts, shipping
from ordercall.web.view.around import of_the_shop
from ordercall.web.view.charts import percent
from ordercall.web.view.filters import ListQuery
from ordercall.web.view.format import money, number, short_day, weekday
from ordercall.web.view.periods import days_in_words, days_of, period_bounds
from ordercall.web.view.reading import now

WEEK = timedelta(days=7)
TOO_LATE = {
    Fulfilment.ALL: "Its parcel has left, so Shopify cannot cancel it. Set it to Returned when it is back.",
    Fulfilment.PART: (
        "A part of it has left, so Shopify cannot cancel it. Take the rest out of the order in Shopify, and set it to "
        "Returned when the part is back."
    ),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One number at the top of a page.

    Attributes:
        note: what it means, in a few words; ``accent`` precedes it: the change, or a share.
        good: whether the accent is good news; None where it is neither.
        href: the list of what was counted.
    """

    label: str
    value: str
    note: str
    status: Status | None = None
    href: str | None = None
    accent: str = ""
    good: bool | None = None


def common() -> dict[str, Any]:
    """What every page shows around its content. Without a login there are no numbers."""
    settings, who = context().settings, sessions.person()
    around: dict[str, Any] = dict.fromkeys(("query", "page", "status")) | {
        "settings": settings,
        "statuses": list(Status),
        "theme": request.cookies.get("theme", ""),
        "keys": "off" if request.cookies.get("keys") == "off" else "",
        "user": who.name if who else None,
        "role": who.role if who else "",
        "may": callers.granted(),
        "fresh_request_id": fresh_request_id,
        "list_address": list_address,
        "couriers": context().couriers,
        "period_name": period_name,
        "as_of": now,
        "take_undo": lambda: session.pop("undo", None),
        "version_warning": None if settings.sandboxed else version_warning(settings.shopify_api_version, now()),
    }
    return around | (of_the_shop() if who else {})


def _trouble(tx: Connection, query: ListQuery, period: OrderFilter, here: Counts) -> dict[str, Any]:
    """Return the number of orders of the period that are off the campaign, and why, in words and as a chart."""
    reasons = needs_you.why_off_campaign(tx, period) if here.off_campaign else []
    why = ", ".join(f"{reason.short} ({number(many)})" for reason, many in reasons)
    return {
        "off_campaign": here.off_campaign,
        "to_sync": needs_you.count_to_sync(tx, period, missing=bool(context().decisions.missing(tx))) if reasons else 0,
        "why_off": f"{why}." if why else "",
        "reasons": charts.reasons(reasons, query),
    }


def _refusals(tx: Connection, now: datetime) -> list[dict[str, Any]]:
    """Return the number of webhooks refused in the last day, by cause, the latest first."""
    refused = refusals.by_cause(tx, since=now - timedelta(days=1))
    return [
        {"number": many, "last_at": last_at, "why": Cause(cause).sentence} for cause, (many, last_at) in refused.items()
    ]


def order_list(tx: Connection, query: ListQuery, now: datetime) -> dict[str, Any]:
    """The orders of a list, the numbers on its tabs, and its newest log entry; without any order, what was refused."""
    wanted, empty = search.look_up(tx, query.filter(now)), not reports.any_order(tx)
    page = order_lists.page(tx, wanted, query.sort, before=query.before, after=query.after)
    return {
        "page": page,
        "calls": calls.latest_of(tx, [order.shopify_id for order in page.rows]),
        "reported": reported.waiting_for_a_person(tx, [order.shopify_id for order in page.rows]),
        "attempts": context().decisions.policy(tx).attempts.number,
        "counts": shipping.on_tabs(tx, query, wanted, now),
        "pickup": shipping.pickup(tx, query, wanted),
        "holds": holds.of_orders(tx, [order.shopify_id for order in page.rows]),
        "searched_from": wanted.start if wanted.cut else None,
        "empty": empty,
        "refusals": _refusals(tx, now) if empty else [],
        "since": reports.newest_log(tx),
        "at": int(now.timestamp()),
    }


def news(tx: Connection, query: ListQuery, now: datetime, since: int) -> dict[str, Any]:
    """What arrived and changed in a list since a log entry, and the numbers on its tabs as they are now."""
    wanted = search.look_up(tx, query.filter(now))
    arrived, changed = reports.changes_since(tx, since, wanted)
    view: dict[str, Any] = {"arrived": arrived, "changed": changed}
    if query.report:
        return view
    return view | {"counts": shipping.on_tabs(tx, query, wanted, now), "pickup": shipping.pickup(tx, query, wanted)}


def low_row(tx: Connection, query: ListQuery, now: datetime) -> dict[str, Any]:
    """The numbers of the period in a low row, and how many of its orders nobody is called for."""
    return _low_row(tx, query.of_period(), now, *reports.counts_and_revenue(tx, query.of_period().filter(now)))


def overview(tx: Connection, query: ListQuery, now: datetime) -> dict[str, Any]:
    """The numbers above the list: that row, hours, the way from order to outcome, revenue."""
    query = query.of_period()
    here, sums = reports.counts_and_revenue(tx, query.filter(now))
    unfolded = {"bars": charts.bars(tx, query, now), "funnel": charts.funnel(here), "revenue": sums}
    return unfolded | _low_row(tx, query, now, here, sums)


def _low_row(tx: Connection, query: ListQuery, now: datetime, here: Counts, sums: dict[str, Any]) -> dict[str, Any]:
    return {"tiles": _tiles(tx, query, now, here, sums)} | _trouble(tx, query, query.filter(now), here)


def report(tx: Connection, query: ListQuery, status: Status, now: datetime) -> dict[str, Any]:
    """The numbers of one status: tiles, days, where it ships, what was bought."""
    wanted = search.look_up(tx, query.filter(now))
    here, sums = reports.counts(tx, wanted), reports.revenue(tx, wanted)
    mine = here.of[status]
    looked_at = min(mine, reports.LOOKED_AT)
    minutes = reports.minutes_to_decision(tx, wanted)
    amounts = [money(by_status[status].amount, currency) for currency, by_status in sums.items() if status in by_status]
    plus = f"plus {' and '.join(amounts[1:])}" if amounts[1:] else ""
    tiles = [
        Tile("Orders", number(mine), f"of {number(here.all)} in this period"),
        Tile("Share of all orders", f"{percent(mine, here.all)} %", f"{number(here.decided)} decided"),
        Tile("Revenue", amounts[0] if amounts else "–", plus),
        Tile("Time to decision", _duration(minutes), "median, from order to status"),
    ]
    if query.by_change:
        tiles[0] = Tile("Came back", number(mine), "whenever they were placed")
        tiles[1] = _share_that_came_back(reports.counts(tx, replace(wanted, by_change=False)))
    return {
        "tiles": tiles,
        "days": charts.named(charts.of_report(tx, wanted, now), at_most=15),
        "tops": [
            ("Where they ship", charts.ranked(reports.most_frequent(tx, wanted, "state"), looked_at)),
            ("What they bought", charts.ranked(reports.most_frequent(tx, wanted, "product"), looked_at)),
        ],
        "looked_at": looked_at if looked_at < mine else None,
    }


def _share_that_came_back(placed: Counts) -> Tile:
    """Return how many came back of the orders that were placed in the period and that were confirmed or came back.

    Who reports a return may do so of an order that nobody confirmed, as of one that is not called.
    """
    mine = placed.of[Status.RETURNED]
    left = mine + placed.of[Status.SUCCESS]
    note = f"{number(mine)} of {number(left)} confirmed or returned, by the day of the order"
    return Tile("Share that came back", f"{percent(mine, left)} %", note)


def shop_url(order: StoredOrder) -> str | None:
    """Return the order's page in Shopify's admin, or None while no shop is set, and for the sandbox's orders."""
    settings = context().settings
    if order.is_demo or settings.sandboxed or not settings.shopify_store_domain:
        return None
    return f"https://admin.shopify.com/store/{settings.shopify_store_domain}/orders/{order.shopify_id}"


def period_name(key: str, name: str, seen: datetime | None = None) -> str:
    """Return the name of a period as of a time, by default the present; that of a single day with its date.

    Args:
        name: what it is called where it has a name of its own.
    """
    if (days := days_of(key)) is not None:
        return days_in_words(*days)
    start, end = period_bounds(key, seen or now())
    one_day = start is not None and end is not None and end - start == timedelta(days=1)
    return f"{name}, {short_day(start)}" if start and one_day else name


def list_address(query: ListQuery) -> str:
    """Return the URL of this page of the list: of the dashboard, or of the report of its status."""
    if query.report:
        return url_for("dashboard.report", status_slug=query.status.lower()) + query.link(**query.here)
    return url_for("dashboard.index") + query.link(**query.here)


def too_late_to_cancel(order: StoredOrder) -> str:
    """Return why Shopify will never cancel this order, and what to do instead; nothing where a retry may help."""
    return TOO_LATE.get(order.fulfillment_status, "")


def change_sentence(order: StoredOrder, change: StatusChange) -> str:
    """Return the effect of a change of status, as a sentence for the person who made it."""
    if change.current != change.new:
        marked = f"{order.name} was marked {change.new} by this form before"
        return f"{marked}, and is {change.current} now. Nothing was changed."
    if change.new is not Status.FAILED:
        kept = " Shopify keeps it cancelled." if order.shopify_cancelled_at else ""
        return f"{order.name} marked {change.new}.{kept}"
    if change.shopify_cancelled:
        return f"{order.name} marked Failed and cancelled in Shopify."
    words = (change.cancel_state or CancelState.REFUSED).short
    return f"{order.name} marked Failed. {words}. {change.cancel_detail or ''}".strip()


def _tiles(tx: Connection, query: ListQuery, now: datetime, here: Counts, sums: dict[str, Any]) -> list[Tile]:
    before = reports.counts(tx, _compared(query, now))
    open_sums = [money(part[Status.PLACED].amount, name) for name, part in sums.items() if Status.PLACED in part]
    gained = here.all - before.all
    ever = None in period_bounds(query.range, now)
    tiles = [
        Tile(
            "Orders",
            number(here.all),
            _compared_with(query, now),
            href=query.link(),
            accent="" if ever else _signed(gained),
            good=gained >= 0,
        ),
        Tile(
            "Placed",
            number(here.of[Status.PLACED]),
            f"{', '.join(open_sums)} to confirm" if open_sums else "nothing to confirm",
            status=Status.PLACED,
            href=query.link(status=Status.PLACED),
        ),
    ]
    for status, good in ((Status.SUCCESS, True), (Status.RETURNED, None), (Status.FAILED, False)):
        share = percent(here.of[status], here.decided)
        moved = share - percent(before.of[status], before.decided)
        compared = "" if not before.decided else f", {_signed(moved)} pts" if moved else ", same as before"
        tiles.append(
            Tile(
                status,
                number(here.of[status]),
                f"of decided{compared}",
                status=status,
                href=query.link(status=status),
                accent=f"{share} %",
                good=good if here.of[status] else None,
            )
        )
    return [*tiles, _confirmed(query, sums)]


def _confirmed(query: ListQuery, sums: dict[str, Any]) -> Tile:
    """Return what the confirmed orders of the period are worth, the shop's own currency first."""
    amounts = [money(part[Status.SUCCESS].amount, name) for name, part in sums.items() if Status.SUCCESS in part]
    others = f"plus {' and '.join(amounts[1:])}" if amounts[1:] else ""
    return Tile("Confirmed", amounts[0] if amounts else "–", others, href=query.link(status=Status.SUCCESS))


def _compared(query: ListQuery, now: datetime) -> OrderFilter:
    """Return the period before, for a day the one a week before; where it is not over, up to the same time of day."""
    start, end = period_bounds(query.range, now)
    if start is None or end is None:
        return OrderFilter(start=0, end=0)
    back = max((end - start), WEEK)
    return OrderFilter(start=(start - back).timestamp(), end=(min(end, now) - back).timestamp())


def _compared_with(query: ListQuery, now: datetime) -> str:
    start, end = period_bounds(query.range, now)
    if start is None or end is None:
        return "since the first day"
    if query.range == "today":
        return f"on last {weekday(now)} at this hour"
    before = weekday(start) if query.range == "yesterday" else f"{(end - start).days} days"
    return f"on the {before} before"


def _signed(change: int) -> str:
    return ("+" if change >= 0 else "\N{MINUS SIGN}") + number(abs(change))


def _duration(minutes: float | None) -> str:
    if minutes is None:
        return "–"
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 2_880 else f"{minutes / 1_440:.0f} d"
