"""When a pause is out of the ordinary."""

from __future__ import annotations

import pytest

from ordercall.domain.quiet_webhooks import BUSY, is_out_of_rhythm, same_hours_before, silent_since

HOUR, WEEK = 3_600, 604_800


@pytest.mark.parametrize(
    ("times", "now", "silent"),
    [
        ([number * HOUR for number in range(BUSY)], (BUSY + 0.4) * HOUR, False),
        ([number * HOUR for number in range(BUSY)], (BUSY + 0.6) * HOUR, True),
        ([number * HOUR for number in range(BUSY - 1)], 1_000 * HOUR, False),
        ([number * 60.0 for number in range(BUSY)], BUSY * 60.0 + 50 * 60, False),
        ([*(number * 60.0 for number in range(BUSY)), 10 * HOUR], 20 * HOUR, False),
    ],
    ids=["an ordinary pause", "a long pause", "a quiet topic", "less than an hour", "a night"],
)
def test_a_topic_is_silent_when_it_pauses_longer_than_it_ever_did(times: list[float], now: float, silent: bool) -> None:
    assert silent_since(times, now) == (times[-1] if silent else None)


def test_the_same_hours_are_those_of_the_same_day_of_the_week() -> None:
    noon, half_past_two = 10 * WEEK + 12 * HOUR, 10 * WEEK + 14.5 * HOUR

    assert same_hours_before(noon, half_past_two) == [(noon - n * WEEK, half_past_two - n * WEEK) for n in (1, 2, 3, 4)]


def test_after_more_than_a_week_it_is_compared_with_the_weeks_before_it_began() -> None:
    assert same_hours_before(10 * WEEK, 12.5 * WEEK)[0] == (8.5 * WEEK, 9.5 * WEEK)


def test_a_pause_of_less_than_an_hour_is_compared_with_nothing() -> None:
    assert same_hours_before(10 * WEEK, 10 * WEEK + HOUR) == []
    assert not is_out_of_rhythm([])


@pytest.mark.parametrize(
    ("weeks", "unusual"),
    [
        ([12, 12, 12, 12], True),
        ([40, 0, 40, 40], True),  # one of them was a holiday
        ([40, 0, 11, 40], False),
        ([0, 0, 0, 900], False),  # a shop that is a week old
        ([3, 2, 4, 3], False),
    ],
)
def test_a_pause_is_unusual_where_many_orders_came_in_its_hours_in_most_weeks(weeks: list[int], unusual: bool) -> None:
    assert is_out_of_rhythm(weeks) is unusual
