"""Times, numbers and money on the pages: in English words, written as ``DISPLAY_LOCALE`` writes them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from copy import copy
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import wraps

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal, get_currency_precision
from flask import Flask

from ordercall.domain.contact_ids import shown
from ordercall.domain.orders.order import OrderFacts
from ordercall.storage.reads.needs_you import MOST_COUNTED
from ordercall.web.context import context

MINUTE, HOUR, DAY = 60, 3_600, 86_400
NAMES_OF_DAYS = {0: "Today", 1: "Yesterday"}
WAYS_OF_PAYMENT = {True: "COD", False: "Prepaid", None: ""}

type Moment = float | str | datetime | None


def register(app: Flask) -> None:
    """Give the templates their filters."""
    times = (local, ago, until, full, clock, short_clock, brief, day, named_day)
    for show in (money, number, counted, way_of_payment, odd_due, shown, *times):
        app.jinja_env.filters[show.__name__] = show


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
    """Return "37", or "1,000+" where counting ends at that."""
    return number(value) + ("+" if value == MOST_COUNTED else "")


def local(moment: Moment) -> datetime | None:
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


def ago(moment: Moment) -> str:
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


def until(moment: datetime) -> str:
    """Return "in 12 min" or "in 1 h 12 min", in minutes that have begun; what is over as :func:`ago` does."""
    minutes = math.ceil((moment - context().clock()).total_seconds() / MINUTE)
    if minutes <= 0:
        return ago(moment)
    hours, rest = divmod(minutes, 60)
    return f"in {hours} h {rest} min" if hours else f"in {rest} min"


def of_any_time(show: Callable[[datetime], str]) -> Callable[[Moment], str]:
    """Let *show*, for times in the zone of the pages, take what :func:`local` takes; "unknown" for what is no time."""

    @wraps(show)
    def shown(moment: Moment) -> str:
        here = local(moment)
        return show(here) if here else "unknown"

    return shown


@of_any_time
def full(here: datetime) -> str:
    """Return "23 Nov 2026, 2:21:38 pm IST"."""
    return f"{format_date(here, 'medium', _locale())}, {clock(here)} {here.tzname()}"


@of_any_time
def clock(here: datetime) -> str:
    """Return "2:21:38 pm"."""
    return format_time(here, "medium", here.tzinfo, _locale())


@of_any_time
def short_clock(here: datetime) -> str:
    """Return "2:21 pm"."""
    return format_time(here, "short", here.tzinfo, _locale())


@of_any_time
def brief(here: datetime) -> str:
    """Return "2:21 pm" for a time of today, "23 Nov, 2:21 pm" for one of another day."""
    return short_clock(here) if _days_ago(here) == 0 else f"{short_day(here)}, {short_clock(here)}"


@of_any_time
def day(here: datetime) -> str:
    """Return "23 November 2026"."""
    return format_date(here, "long", _locale())


@of_any_time
def named_day(here: datetime) -> str:
    """Return "Today, 23 November 2026", "Yesterday, …" or the day alone."""
    name = NAMES_OF_DAYS.get(_days_ago(here))
    return f"{name}, {day(here)}" if name else day(here)


def short_day(here: date) -> str:
    """Return "23 Nov"."""
    return format_skeleton("MMMd", datetime.combine(here, time.min), locale=_locale())


def whole_date(here: date) -> str:
    """Return "23 Nov 2026"."""
    return format_date(here, "medium", _locale())


def month_name(here: date) -> str:
    """Return "November 2026"."""
    return format_skeleton("yMMMM", datetime.combine(here, time.min), locale=_locale())


def short_month(here: date) -> str:
    """Return "Nov"."""
    return format_skeleton("MMM", datetime.combine(here, time.min), locale=_locale())


def weekday(here: date) -> str:
    """Return "Monday"."""
    return format_date(here, "EEEE", _locale())


def way_of_payment(order: OrderFacts) -> str:
    """Return "COD" or "Prepaid", or nothing where it is not known."""
    return WAYS_OF_PAYMENT[order.is_cod]


def odd_due(order: OrderFacts) -> str:
    """Return "₹500 due" or "nothing due" where the way of payment lets one expect another amount, else nothing.

    Nobody expects anything of an order that is cancelled.
    """
    expected = order.total_price if order.is_cod else Decimal(0)
    if order.shopify_cancelled_at or order.is_cod is None or order.due is None or order.due == expected:
        return ""
    return f"{money(order.due, order.currency)} due" if order.due else "nothing due"


def _days_ago(here: datetime) -> int:
    return (context().clock().astimezone(here.tzinfo).date() - here.date()).days


def _locale() -> Locale:
    return context().settings.display_locale
