"""The periods that a list, a report or an export can be of: some by name, and from any day to any day."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from werkzeug.datastructures import MultiDict

from ordercall.web.choices import read_choice
from ordercall.web.view.format import whole_date

PERIODS = {
    "today": "Today",
    "yesterday": "Yesterday",
    "7d": "Last 7 days",
    "14d": "Last 14 days",
    "30d": "Last 30 days",
    "all": "All dates",
}
DAYS = re.compile(r"(\d{4}-\d\d-\d\d)?\.\.(\d{4}-\d\d-\d\d)?", re.ASCII)
"""A period from one day to another, both of them in it, as ``2026-11-01..2026-11-14``; either may be left out."""

FIRST_YEAR, LAST_YEAR = 2000, 2199
"""No shop is older than that, and no day of them is beyond what a zone of time can count."""


def read_period(args: MultiDict[str, str]) -> str | None:
    """Return the period that a query string names, by ``range`` or by ``from`` and ``to``; None where it names none."""
    first, last = _day(args.get("from", "")), _day(args.get("to", ""))
    if first is None and last is None:
        days = DAYS.fullmatch(args.get("range", "").strip())
        if days is None:
            return read_choice(args.get("range"), PERIODS)
        first, last = _day(days[1]), _day(days[2])
    if first is None and last is None:
        return None
    if first and last:
        first, last = min(first, last), max(first, last)
    return f"{first or ''}..{last or ''}"


def days_of(period: str) -> tuple[date | None, date | None] | None:
    """Return the first and the last day of a period of days, None for a side that is open; None for a named one."""
    days = DAYS.fullmatch(period)
    return (_day(days[1]), _day(days[2])) if days else None


def days_in_words(first: date | None, last: date | None) -> str:
    """Return "1 Nov 2026 to 14 Nov 2026", one of them where both are the same, or which side is open."""
    if first and last:
        return whole_date(first) if first == last else f"{whole_date(first)} to {whole_date(last)}"
    return f"since {whole_date(first)}" if first else f"up to {whole_date(last)}" if last else ""


def period_bounds(period: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return the [start, end) of a period, in the zone of *now*; None leaves that side open."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if period == "all":
        return None, None
    if (days := days_of(period)) is not None:
        start, last = (datetime.combine(day, time.min, now.tzinfo) if day else None for day in days)
        return start, last + timedelta(days=1) if last else None
    if period == "yesterday":
        return midnight - timedelta(days=1), midnight
    number = int(period.removesuffix("d")) if period.endswith("d") else 1
    return midnight - timedelta(days=number - 1), midnight + timedelta(days=1)


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
