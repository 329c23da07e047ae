"""The data of the charts: orders by hour and by day, the funnel, what is most frequent."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from ordercall.domain.calls.calling import Reason
from ordercall.domain.orders.order import Status
from ordercall.storage.reads import reports
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.reads.reports import Counts
from ordercall.web.view.filters import OFF_CAMPAIGN, ListQuery
from ordercall.web.view.format import local, month_name, short_day, short_month
from ordercall.web.view.periods import period_bounds

WEEK = timedelta(days=7)
MOST_DAYS, MOST_MONTHS = 62, 36
"""As many bars as a chart has room for."""

HALF_HOUR = 1_800
"""Seconds; time zones differ, and clocks are changed, by whole multiples of it (Nepal's differs by half of it)."""

ByStatus = dict[Status, int]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its label, its counts, and the number to compare them with.

    ``to_come``: its time has not begun, so there is only the number to compare with.
    """

    label: str
    short: str
    counts: ByStatus
    compared: int
    href: str | None = None
    to_come: bool = False

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def hours(tx: Connection, query: ListQuery, now: datetime) -> list[Bar]:
    """Return the hours of a day, each with the same hour a week before."""
    start, end = period_bounds(query.range, now)
    if start is None or end is None:
        return []
    here, before = _by_hour(tx, start, end), _by_hour(tx, start - WEEK, end - WEEK)
    return [
        Bar(
            label=f"{hour:02d}:00",
            short=f"{hour:02d}" if hour % 3 == 0 else "",
            counts=here[hour],
            compared=sum(before[hour].values()),
            href=query.link(hour=hour),
            to_come=start + timedelta(hours=hour) > now,
        )
        for hour in range(24)
    ]


def days(tx: Connection, query: ListQuery, now: datetime) -> list[Bar]:
    """Return the days of a period, or its months where it has more than two of them; nothing of one without an end."""
    start, end = period_bounds(query.range, now)
    return _spans(tx, OrderFilter(), start, end) if start and end else []


def of_report(tx: Connection, wanted: OrderFilter, now: datetime) -> list[Bar]:
    """Return the days, or months, of a report. By the day of the status only decided orders count."""
    start, end = local(wanted.start or reports.first_placed(tx)), local(wanted.end)
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    same = OrderFilter(by_change=wanted.by_change, facets=wanted.facets)
    return _spans(tx, same, start, min(end or tomorrow, tomorrow)) if start else []


def _spans(tx: Connection, wanted: OrderFilter, start: datetime, end: datetime) -> list[Bar]:
    first = start.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if (end - first).days <= MOST_DAYS:
        borders = [first + timedelta(days=day) for day in range((end - first).days + 1)]
        names = [(short_day(border), str(border.day)) for border in borders]
    else:
        borders = _months(first, end)
        names = [(month_name(border), short_month(border)) for border in borders]
    counted = reports.by_interval(tx, [border.timestamp() for border in borders], wanted)
    return [
        Bar(label=label, short=short, counts=counts, compared=sum(counts.values()))
        for (label, short), counts in zip(names, counted, strict=False)
    ]


def _months(first: datetime, end: datetime) -> list[datetime]:
    """Return the beginnings of the latest months of a time, and of the one behind it."""
    number = (end.year - first.year) * 12 + end.month - first.month + 1
    begun = [divmod(first.year * 12 + first.month - 1 + month, 12) for month in range(number + 1)]
    return [first.replace(year=year, month=month + 1, day=1) for year, month in begun][-MOST_MONTHS - 1 :]


def bars(tx: Connection, query: ListQuery, now: datetime) -> list[Bar]:
    """Return the hours of a day, or the days of a longer period."""
    if query.range in ("today", "yesterday"):
        return hours(tx, query, now)
    return [replace(bar, compared=0) for bar in named(days(tx, query, now), at_most=7)]


def named(bars: list[Bar], *, at_most: int) -> list[Bar]:
    """Return the bars with as many labels as there is room for, at equal distances."""
    step = -(-len(bars) // at_most)
    return [replace(bar, short=bar.short if n % step == 0 else "") for n, bar in enumerate(bars)]


def funnel(here: Counts) -> list[dict[str, Any]]:
    """Return the number of orders that reached each step."""
    steps = [
        ("Received from Shopify", here.all, "f-in"),
        ("On the calling campaign", here.on_campaign, "f-on"),
        ("Decided", here.decided, "f-dec"),
        ("Success", here.of[Status.SUCCESS], "f-Success"),
    ]
    return [{"label": label, "n": n, "percent": percent(n, here.all), "css": css} for label, n, css in steps]


def reasons(why: list[tuple[Reason, int]], period: ListQuery) -> list[dict[str, Any]]:
    """Return why orders are not called, the commonest reason first, each with the list of those orders."""
    of = sum(number for _, number in why)
    most = max((number for _, number in why), default=1)
    return [
        {
            "label": reason.short,
            "n": number,
            "percent": percent(number, of),
            "width": percent(number, most),
            "href": period.link(status=OFF_CAMPAIGN, reason=reason.value),
        }
        for reason, number in why
    ]


def ranked(named: list[tuple[str, int]], of: int) -> list[dict[str, Any]]:
    """Return what is most frequent, each with its share of *of* orders."""
    most = max((count for _, count in named), default=1)
    return [
        {"label": name, "n": count, "percent": percent(count, of), "width": percent(count, most)}
        for name, count in named
    ]


def percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def _by_hour(tx: Connection, start: datetime, end: datetime) -> defaultdict[int, ByStatus]:
    """Count a day's orders by status and hour, in the zone of the pages.

    The database counts half hours, of which every hour consists, also on a day on which the clocks are changed.
    """
    counted: defaultdict[int, ByStatus] = defaultdict(lambda: dict.fromkeys(Status, 0))
    borders = range(int(start.timestamp()), int(end.timestamp()) + 1, HALF_HOUR)
    for border, by_status in zip(borders, reports.by_interval(tx, borders, OrderFilter()), strict=False):
        moment = local(border)
        if moment is None:
            continue
        for status, number in by_status.items():
            counted[moment.hour][status] += number
    return counted
