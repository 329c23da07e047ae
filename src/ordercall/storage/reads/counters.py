"""The counters: numbers and sums of orders, without reading the orders.

Triggers add each order to three of them in the transaction that stores it: one for the quarter of an hour in which it
was placed, one for the three hours, one for all time (there also when its time is not known). A day in any zone is some
quarters, some three hours and again some quarters, so a sum over it reads a few dozen rows and is exact. What a period
has beyond whole quarters is counted from the orders themselves.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Select, func, select, text

from ordercall.storage.engine.dialects import dialect
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.reads import predicates
from ordercall.storage.reads.order_filter import OrderFilter, conditions, index_of
from ordercall.storage.reads.predicates import EVER, MEASURES, QUARTER, THREE_HOURS
from ordercall.storage.tables import orders

Interval = tuple[float | None, float | None]
"""[start, end), unix seconds; None leaves a side open."""

MOST_TO_SHIP = 10_000
"""Where more wait for their parcel the exact number helps nobody; this one is counted within milliseconds."""

_LONG_AGO, _FAR_AHEAD = -(2**62), 2**62
"""Slots before and after all others, in 64 bits with room to spare."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The number and sum of the orders of one status and currency in an interval.

    Attributes:
        interval: its index among the intervals that were asked for.
        status, currency: as they are in the orders; "" for none.
        paid_orders: those that bring money; ``thousandths`` is the sum of their amounts.
    """

    interval: int
    status: str
    currency: str
    orders: int
    on_campaign: int
    off_campaign: int
    paid_orders: int
    thousandths: int


@dataclass(frozen=True, slots=True)
class _Slots:
    """The slots of one span from *first* to before *end*, as a part of an interval."""

    interval: int
    span: int
    first: int
    end: int


def tallies(tx: Connection, wanted: OrderFilter, intervals: Sequence[Interval] | None = None) -> list[Tally]:
    """Count the orders that pass the filter, by interval, status and currency.

    Args:
        intervals: counted in these instead of in the period of the filter.
    """
    counted = list(enumerate([(wanted.start, wanted.end)] if intervals is None else intervals))
    beside_time = wanted.facets or wanted.off_campaign or wanted.to_ship or wanted.by_change
    if wanted.found is not None or wanted.text or beside_time:
        rows = [row for place, interval in counted for row in _count_orders(tx, wanted, place, interval)]
    else:
        slots = [part for place, interval in counted for part in _whole_slots(place, interval)]
        rows = _read_counters(tx, wanted, slots) if slots else []
        rests = [(place, rest) for place, interval in counted for rest in _rests(interval)]
        rows += [row for place, rest in rests for row in _count_orders(tx, wanted, place, rest)]
    return _merged(rows)


def number(tx: Connection, wanted: OrderFilter) -> int:
    """Return how many orders pass the filter; of those to ship, 10,001 where there are more than 10,000."""
    if wanted.to_ship:
        waiting = by_index(select(orders.c.shopify_id), orders, "orders_to_ship").where(*conditions(wanted))
        by_answer = waiting.order_by(orders.c.status_changed_at)  # or Postgres, where they are many, reads the table
        return number_up_to(tx, by_answer, MOST_TO_SHIP + 1)
    is_counted = wanted.found is None and not (wanted.text or wanted.by_change or wanted.facets)
    if wanted.off_campaign and is_counted:
        return sum(tally.off_campaign for tally in tallies(tx, wanted.everywhere()))
    return sum(tally.orders for tally in tallies(tx, wanted))


def number_up_to(tx: Connection, rows: Select[Any], most: int) -> int:
    """Count the rows of a query without the help of the counters, and stop at *most*."""
    number: int = tx.execute(select(func.count()).select_from(rows.limit(most).subquery())).scalar_one()
    return number


def _read_counters(tx: Connection, wanted: OrderFilter, slots: list[_Slots]) -> list[Any]:
    rows = ", ".join(f"({part.interval}, {part.span}, {part.first}, {part.end})" for part in slots)
    of_status = " AND status = :status" if wanted.status else ""
    summed = text(dialect(tx).sum_counters(rows, of_status))
    return list(tx.execute(summed, {"status": wanted.status} if wanted.status else {}))


def _count_orders(tx: Connection, wanted: OrderFilter, place: int, interval: Interval) -> list[Any]:
    key = [text(part) for part in predicates.key_of(EVER)[2:]]
    sums = [text(f"sum({measure})") for measure in predicates.measures()]
    start, end = interval
    counted = select(text(str(place)), *key, *sums).select_from(orders)
    if wanted.facets and wanted.found is None:
        counted = by_index(counted, orders, index_of(wanted))
    return list(tx.execute(counted.where(*conditions(replace(wanted, start=start, end=end))).group_by(*key)))


def _merged(rows: Iterable[Any]) -> list[Tally]:
    sums: defaultdict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0] * len(MEASURES))
    for place, status, currency, *amounts in rows:
        so_far = sums[place, status, currency]
        so_far[:] = [before + int(more) for before, more in zip(so_far, amounts, strict=True)]
    return [Tally(*key, *amounts) for key, amounts in sums.items() if amounts[0]]


def _whole_slots(place: int, interval: Interval) -> Iterator[_Slots]:
    """Yield the fewest slots that make up the interval but for its rests: quarters, three hours, quarters."""
    start, end = interval
    if start is None and end is None:
        yield _Slots(place, EVER, 0, 1)
        return
    first, last = _within(start, end, QUARTER)
    middle, middle_end = _within(first, last, THREE_HOURS)
    if middle >= middle_end:
        middle = middle_end = last
    for span, begins, ends in (
        (QUARTER, first, middle),
        (THREE_HOURS, middle, middle_end),
        (QUARTER, middle_end, last),
    ):
        if begins < ends:
            yield _Slots(place, span, begins, ends)


def _rests(interval: Interval) -> Iterator[Interval]:
    """Yield what the interval has beyond whole quarters of an hour."""
    start, end = interval
    first, last = _within(start, end, QUARTER)
    if first > last and start is not None and end is not None:
        yield start, end
        return
    if start is not None and start < first:
        yield start, first
    if end is not None and last < end:
        yield last, end


def _within(start: float | None, end: float | None, span: int) -> tuple[int, int]:
    """Return the first and the last border between slots inside of an interval."""
    first = _LONG_AGO if start is None else math.ceil(start / span) * span
    return first, _FAR_AHEAD if end is None else math.floor(end / span) * span
