"""How times, numbers and money read on the pages: in English words, written as ``DISPLAY_LOCALE`` writes them."""

from __future__ import annotations

import re
from copy import copy
from datetime import UTC, date, datetime, time
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal, get_currency_precision
from flask import Flask

from ordercall.domain.contact_ids import shown
from ordercall.storage.reads.needs_you import MOST_COUNTED
from ordercall.web.context import context

MINUTE, HOUR, DAY = 60, 3_600, 86_400
NAMES_OF_DAYS = {0: "Today", 1: "Yesterday"}


def register(app: Flask) -> None:
    """Give the templates their filters."""
    for word in (money, number, counted, local, ago, full, clock, short_clock, brief, day, named_day, shown):
        app.jinja_env.filters[word.__name__] = word


def money(amount: float | Decimal | None, currency: str | None) -> str:
    """Return "₹1,43,570" or "₹99.50"; whole amounts lose their zeros. Unknown amounts say so."""
    if amount is None:
        return "unknown"
    exact = Decimal(str(amount))
    whole = exact == exact.to_integral_value()
    pattern = copy(_locale().currency_formats["standard"])
    digits = 0 if whole else max(get_currency_precision(currency or ""), 2)
    pattern.frac_prec = (digits, digits)
    text: str = pattern.apply(exact, _locale(), currency=currency or "", currency_digits=False)
    return re.sub(r"(?<=[^\W\d_])(?=\d)", "\u00a0", text, count=1)  # AED 550; as CLDR spaces letters from digits


def number(value: float) -> str:
    """Return "1,43,570"."""
    return format_decimal(value, locale=_locale())


def counted(value: int) -> str:
    """Return "37", or "1,000+" for what is counted no further than that."""
    return number(value) + ("+" if value == MOST_COUNTED else "")


def local(moment: float | str | datetime | None) -> datetime | None:
    """Return a time, unix seconds or ISO text, in the zone of the pages; None for what is no time."""
    try:
        if isinstance(moment, (int, float)):
            moment = datetime.fromtimestamp(moment, UTC)
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        if moment is None:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(context().settings.display_timezone)
    except (ValueError, OverflowError, OSError):
        return None


def ago(moment: float | str | datetime | None) -> str:
    """Return "just now", "5 min ago", "3 h ago" or "2 d ago"."""
    here = local(moment)
    if here is None:
        return "never"
    seconds = (context().clock() - here).total_seconds()
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)} min ago"
    return f"{int(seconds // HOUR)} h ago" if seconds < DAY else f"{int(seconds // DAY)} d ago"


def full(moment: float | str | datetime | None) -> str:
    """Return "23 Nov 2026, 2:21:38 pm IST"."""
    here = local(moment)
    return f"{format_date(here, 'medium', _locale())}, {clock(here)} {here.tzname()}" if here else "unknown"


def clock(moment: float | str | datetime | None) -> str:
    """Return "2:21:38 pm"."""
    here = local(moment)
    return format_time(here, "medium", here.tzinfo, _locale()) if here else "unknown"


def short_clock(moment: float | str | datetime | None) -> str:
    """Return "2:21 pm"."""
    here = local(moment)
    return format_time(here, "short", here.tzinfo, _locale()) if here else "unknown"


def brief(moment: float | str | datetime | None) -> str:
    """Return "2:21 pm" for a time of today, "23 Nov, 2:21 pm" for one of another day."""
    here = local(moment)
    if here is None:
        return "unknown"
    today = context().clock().astimezone(here.tzinfo).date()
    return short_clock(here) if here.date() == today else f"{short_day(here.date())}, {short_clock(here)}"


def day(moment: float | str | datetime | None) -> str:
    """Return "23 November 2026"."""
    here = local(moment)
    return format_date(here, "long", _locale()) if here else "unknown"


def named_day(moment: float | str | datetime | None) -> str:
    """Return "Today, 23 November 2026", "Yesterday, …" or the day alone."""
    here = local(moment)
    if here is None:
        return "unknown"
    ago = (context().clock().astimezone(here.tzinfo).date() - here.date()).days
    return f"{NAMES_OF_DAYS[ago]}, {day(here)}" if ago in NAMES_OF_DAYS else day(here)


def short_day(here: date) -> str:
    """Return "23 Nov"."""
    return format_skeleton("MMMd", datetime.combine(here, time.min), locale=_locale())


def weekday(here: date) -> str:
    """Return "Monday"."""
    return format_date(here, "EEEE", _locale())


def _locale() -> Locale:
    return context().settings.display_locale
