"""Every minute of 2024 to 2030 in three zones, with the hours that clocks skip and repeat, against a clock on the wall.

What a policy says is the same between two of the minutes that are looked at: those at which the hours begin and end,
and at which a whole window and the shortest one still fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from ordercall.domain.calls.calling import CallingHours
from ordercall.domain.policy.rules import When

FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ZONES = ["Asia/Kolkata", "Europe/Berlin", "America/New_York"]
HOLIDAYS = frozenset(date(year, month, day) for year in range(2024, 2031) for month, day in ((1, 26), (8, 15), (10, 2)))


def hours(*days: str | None) -> tuple[CallingHours | None, ...]:
    return tuple(day and CallingHours.parse(day) for day in days)


SHOPS = {
    "with its Sundays and holidays": When(
        week=hours(*("10:00-20:30",) * 5, "11:00-19:00", None), holidays=HOLIDAYS, shortest=timedelta(minutes=30)
    ),
    "by night": When(week=hours(*("22:00-24:00", "00:00-24:00", "00:00-02:30") * 2, "01:30-02:30"), holidays=HOLIDAYS),
}
"""The last one opens and closes at half hours that on a Sunday in March are skipped, and in autumn come twice."""


class Stretch(NamedTuple):
    """Open time without a break, from one minute to another, both counted from the first one."""

    start: int
    end: int


def wall(when: When) -> bytes:
    """Return for each minute on a clock on the wall, from a day before the first on, whether the shop is open."""
    days = (FIRST.date() + DAY * n for n in range(-1, (LAST - FIRST).days + 1))
    return b"".join(_day(None if day in when.holidays else when.week[day.weekday()]) for day in days)


def _day(open_hours: CallingHours | None) -> bytes:
    opens, closes = (_minute(open_hours.opens), _minute(open_hours.closes)) if open_hours else (0, 0)
    return b"0" * opens + b"1" * (closes - opens) + b"0" * (1440 - closes)


def _minute(at: time | None) -> int:
    return 60 * at.hour + at.minute if at else 1440


def open_stretches(when: When) -> tuple[list[Stretch], set[Stretch]]:
    """Return when the shop is open by the clock on the wall; and of these what touches a day on which it is put."""
    shown, passed, put = wall(when), [], set()
    for n in range((LAST - FIRST).days):
        midnight = FIRST + DAY * n
        at = 1440 * (n + 1)
        if (ahead := _ahead(midnight, when.zone)) == _ahead(midnight + DAY, when.zone):
            passed.append(shown[at + ahead : at + ahead + 1440])
        else:
            minutes = ((m, _ahead(midnight + MINUTE * m, when.zone)) for m in range(1440))
            passed.append(bytes(shown[at + m + ahead] for m, ahead in minutes))
            put.add(n)
    found = [Stretch(*run.span()) for run in re.finditer(b"1+", b"".join(passed))]
    return found, {each for each in found if put & set(range(each.start // 1440 - 1, each.end // 1440 + 2))}


def _ahead(moment: datetime, zone: ZoneInfo) -> int:
    ahead = moment.astimezone(zone).utcoffset()
    assert ahead is not None
    return ahead // MINUTE


def edges(stretch: Stretch, when: When) -> Iterator[int]:
    """Return the minutes between which nothing changes."""
    last = stretch.end - when.shortest // MINUTE
    yield from (stretch.start - 1, stretch.start, stretch.end - when.window // MINUTE, last, last + 1, stretch.end - 1)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("shop", SHOPS)
def test_an_order_goes_at_the_next_minute_with_a_window_that_ends_at_closing(shop: str, zone: str) -> None:
    when = replace(SHOPS[shop], zone=ZoneInfo(zone))
    stretches, by_a_put_clock = open_stretches(when)
    long_enough = [each for each in stretches if each.end - each.start >= when.shortest // MINUTE]

    wrong = [
        (moment(minute), said, expected)
        for before, stretch, following in zip(long_enough, long_enough[1:], long_enough[2:], strict=False)
        if by_a_put_clock.isdisjoint((before, stretch, following))
        for minute in edges(stretch, when)
        if (said := window_at(when, minute)) != (expected := window_among((before, stretch, following), when, minute))
    ]

    assert len(stretches) > 1_000
    assert wrong == []


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("shop", SHOPS)
def test_nobody_is_rung_while_a_clock_that_is_put_says_closed(shop: str, zone: str) -> None:
    when = replace(SHOPS[shop], zone=ZoneInfo(zone))
    stretches, by_a_put_clock = open_stretches(when)

    outside = [
        (moment(minute), window)
        for stretch in sorted(by_a_put_clock)
        for minute in edges(stretch, when)
        if (window := window_at(when, minute))
        and not any(each.start <= window.start < window.end <= each.end for each in stretches)
    ]

    assert len(by_a_put_clock) >= 14
    assert outside == []


def window_at(when: When, minute: int) -> Stretch:
    """Return the window that an order gets which comes at this minute."""
    opening = when.next_opening(moment(minute))
    assert opening is not None
    window = when.window_from(opening)
    return Stretch((window.start - FIRST) // MINUTE, (window.end - FIRST) // MINUTE)


def window_among(stretches: Iterable[Stretch], when: When, minute: int) -> Stretch:
    """Return the window of the first stretch in which the shortest one fits."""
    starts = ((max(minute, stretch.start), stretch.end) for stretch in stretches)
    start, end = next((start, end) for start, end in starts if end - start >= when.shortest // MINUTE)
    return Stretch(start, min(start + when.window // MINUTE, end))


def moment(minute: int) -> datetime:
    return FIRST + MINUTE * minute
