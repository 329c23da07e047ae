"""Whether something that used to come often has stopped coming."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

LOOKED_BACK = timedelta(days=7)
"""A week holds the shop's nights and its Sundays, so their pauses are known ones."""

BUSY = 50
"""What comes less often than this in a week may well pause for days."""

PATIENCE = 1.5
"""Times the longest pause of the week: a slow day is not an alarm."""
SHORTEST = timedelta(hours=1)
"""A shop that never rests still pauses for minutes, and Shopify delivers late for some, too."""

WEEK = timedelta(days=7)
WEEKS = 4
"""Enough to know an hour of the week by; before them the season was another."""
ENOUGH = 12
"""Orders. In a shop of 600 a day, a pause in which so many were to be expected comes about once in nine months by
itself; one of a few orders a day never has so many to expect within a week, and nothing is said of it."""


def same_hours_before(last: float, now: float) -> list[tuple[float, float]]:
    """Return from when until when the pause since the *last* webhook would have been in each of the weeks before it.

    A pause that is too short to be told of, or the first day of a clock that goes wrong, has none.
    """
    if now - last <= SHORTEST.total_seconds():
        return []
    week = WEEK.total_seconds()
    start = max(last, now - week)
    first = int((now - last) // week) + 1
    return [(start - n * week, now - n * week) for n in range(first, first + WEEKS)]


def is_out_of_rhythm(orders: Sequence[int]) -> bool:
    """Return whether a pause is one that the shop does not know.

    It is when in these hours, by the clock and the day of the week, many orders came in each of the last weeks, one of
    which may have been a holiday. Where fewer came, or the weeks are not known, nobody can tell.

    Args:
        orders: how many came in those hours, in each of :data:`WEEKS` weeks.
    """
    return len(orders) == WEEKS and sorted(orders)[1] >= ENOUGH


def silent_since(times: Sequence[float], now: float) -> float | None:
    """Return the last of the *times* (unix seconds, rising, of a week) if the pause since then is out of the ordinary.

    It is when it lasts half as long again as the longest pause of that week, and at least an hour.
    """
    if len(times) < BUSY:
        return None
    longest = max(later - earlier for earlier, later in pairwise(times))
    return times[-1] if now - times[-1] > max(PATIENCE * longest, SHORTEST.total_seconds()) else None
