"""The numbers of each page, as the templates show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from flask import request, session, url_for
from sqlalchemy import Connection
from werkzeug.local import LocalProxy

from ordercall.domain.orders.order import CancelState, Fulfilment, Status
from ordercall.intake.signature import Cause
from ordercall.providers.shopify.versions import version_warning
from ordercall.services.standstill_service import Cause as StandstillCause
from ordercall.services.status_changes import StatusChange
from ordercall.storage.reads import counters, hidden_customers, needs_you, order_lists, reports, search
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.reads.reports import Counts
from ordercall.storage.records import (
    calls,
    holds,
    paused_campaigns,
    pauses,
    reconciliations,
    refusals,
    refused_credentials,
    shop_notices,
    silent_providers,
)
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.web.access import callers, sessions
from ordercall.web.context import context
from ordercall.web.idempotency import fresh_request_id
from ordercall.web.ids import read_id
from ordercall.web.view import charts, shipping
from ordercall.web.view.charts import percent
from ordercall.web.view.filters import ListQuery, period_bounds
from ordercall.web.view.format import counted, local, money, number, short_day, weekday
from ordercall.web.view.news import pause_mark

WEEK = timedelta(days=7)
STANDSTILL_WORDS = {
    StandstillCause.WORKER: ("No worker is running.", "Start “ordercall worker”: it goes on where it ended."),
    StandstillCause.KALIMERA: ("Kalimera does not answer.", "They are tried again by themselves, and nothing is lost."),
    StandstillCause.REFUSED: ("Kalimera does not accept our token.", "They go on by themselves once it is put right."),
    StandstillCause.BACKLOG: ("Calls are late.", "They are on their way, and it takes longer than usual."),
    StandstillCause.HANGING: ("The worker hangs.", "Its log names the job. Start the worker anew: it goes on there."),
}
LENGTHS = {"30": "in 30 minutes", "60": "in an hour", "120": "in 2 hours", "1440": "tomorrow at this time"}
"""For how many minutes a person may pause all calls beforehand."""

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
        "take_undo": lambda: session.pop("undo", None),
        "version_warning": None if settings.sandboxed else version_warning(settings.shopify_api_version, now()),
    }
    return around | (_of_the_shop() if who else {})


def _of_the_shop() -> dict[str, Any]:
    """Return what whoever is logged in is shown around each page."""
    pause, effect = _when_asked(pauses.current, now()), _when_asked(pauses.effect, now())
    return {
        "nav": _when_asked(_nav_numbers, ListQuery().filter(now())),
        "missing_for_calls": _when_asked(context().decisions.missing),
        "health": _when_asked(reports.health),
        "standstill": _when_asked(context().orders.standstill),
        "standstill_words": STANDSTILL_WORDS,
        "newest_log": _when_asked(reports.newest_log),
        "unheard": _when_asked(needs_you.count_unheard),
        "check": _when_asked(reconciliations.latest),
        "reading": _when_asked(reconciliations.without_an_end, now()),
        "standing": _when_asked(shop_notices.standing),
        "pause": pause,
        "pause_effect": effect,
        "pause_mark": partial(pause_mark, pause, effect),
        "pause_lengths": LENGTHS,
        "paused_campaigns": _when_asked(paused_campaigns.all_of),
        "hidden": _when_asked(hidden_customers.hidden_now),
        "frozen_cancels": _when_asked(context().belt.frozen),
        "silent_providers": _when_asked(silent_providers.all_of),
        "refused_credentials": _when_asked(refused_credentials.all_of),
        "demo_orders": _when_asked(context().demo.number),
    }


def _nav_numbers(tx: Connection, today: OrderFilter) -> dict[str, str]:
    """Return the numbers in the navigation: the orders of today, and all that wait for a person."""
    orders, waiting, reported = reports.counts(tx, today), needs_you.count(tx, now()), needs_you.count_reports(tx)
    more = "+" if needs_you.MOST_COUNTED in (waiting.orders, waiting.deliveries) else ""
    marked = {
        "needs": number(waiting.all) + more if waiting.all else "",
        "reported": counted(reported) if reported else "",
    }
    return {"orders": number(orders.all)} | marked | {status: number(orders.of[status]) for status in Status}


def _trouble(tx: Connection, query: ListQuery, period: OrderFilter, here: Counts) -> dict[str, Any]:
    """Return the number of orders of the period that are off the campaign, and why, in words and as a chart."""
    reasons = needs_you.why_off_campaign(tx, period) if here.off_campaign else []
    why = ", ".join(f"{reason.short} ({number(many)})" for reason, many in reasons)
    return {
        "off_campaign": here.off_campaign,
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
        "counts": shipping.on_tabs(tx, query, wanted, now),
        "pickup": shipping.pickup(tx, query, wanted),
        "holds": holds.of_orders(tx, [order.shopify_id for order in page.rows]),
        "of_reason": counters.number(tx, wanted) if query.reason else None,
        "empty": empty,
        "refusals": _refusals(tx, now) if empty else [],
        "since": reports.newest_log(tx),
        "at": int(now.timestamp()),
    }


def news(tx: Connection, query: ListQuery, now: datetime, since: int) -> dict[str, Any]:
    """What arrived and changed in a list since a log entry, and the numbers around it as they are now.

    Args:
        now: the present as it was for the page with the list.
    """
    wanted, period = search.look_up(tx, query.filter(now)), query.of_period().filter(now)
    arrived, changed = reports.changes_since(tx, since, wanted)
    view: dict[str, Any] = {"arrived": arrived, "changed": changed, "at": int(now.timestamp())}
    if query.report:
        return view
    here, sums = reports.counts_and_revenue(tx, period)
    return (
        view
        | {"counts": shipping.on_tabs(tx, query, wanted, now), "pickup": shipping.pickup(tx, query, wanted)}
        | {"tiles": _tiles(tx, query.of_period(), now, here, sums)}
        | _trouble(tx, query.of_period(), period, here)
    )


def overview(tx: Connection, query: ListQuery, now: datetime) -> dict[str, Any]:
    """The numbers above the list: tiles, hours, the way from order to outcome, revenue."""
    query = query.of_period()
    period = query.filter(now)
    here, sums = reports.counts_and_revenue(tx, period)
    return {
        "tiles": _tiles(tx, query, now, here, sums),
        "bars": charts.bars(tx, query, now),
        "funnel": charts.funnel(here),
        "revenue": sums,
    } | _trouble(tx, query, period, here)


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
        "days": charts.named(charts.days(tx, query, now), at_most=15),
        "tops": [
            ("Where they ship", charts.ranked(reports.most_frequent(tx, wanted, "state"), looked_at)),
            ("What they bought", charts.ranked(reports.most_frequent(tx, wanted, "product_title"), looked_at)),
        ],
        "looked_at": looked_at if looked_at < mine else None,
    }


def _share_that_came_back(placed: Counts) -> Tile:
    """Return how many came back of the orders that were placed in the period and that customers confirmed."""
    mine = placed.of[Status.RETURNED]
    confirmed = mine + placed.of[Status.SUCCESS]
    note = f"{number(mine)} of {number(confirmed)} confirmed, by the day of the order"
    return Tile("Share that came back", f"{percent(mine, confirmed)} %", note)


def now() -> datetime:
    """Return the present in the zone of the pages."""
    return context().clock().astimezone(context().settings.display_timezone)


def as_seen() -> datetime:
    """Return the present as it was for the page that sends this request.

    A page that is open at midnight continues to show its day, so its requests are about that day.
    """
    sent, present = read_id(request.values.get("at")), now()
    seen = local(sent)
    return min(seen, present) if seen else present


def shop_url(order: StoredOrder) -> str | None:
    """Return the order's page in Shopify's admin, or None while no shop is set, and for the sandbox's orders."""
    settings = context().settings
    if order.is_demo or settings.sandboxed or not settings.shopify_store_domain:
        return None
    return f"https://admin.shopify.com/store/{settings.shopify_store_domain}/orders/{order.shopify_id}"


def period_name(key: str, name: str, seen: datetime | None = None) -> str:
    """Return the name of a period as of a time, by default the present; that of a single day with its date."""
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
    ever = query.range == "all"
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


def _when_asked(count: Callable[..., Any], *wanted: OrderFilter | datetime) -> Any:
    """Return a proxy of numbers that are counted when a template first uses them: a part has no sidebar."""

    @cache
    def counted() -> Any:
        with context().db.read() as tx:
            return count(tx, *wanted)

    return LocalProxy(counted)
