"""The hours of a day in which customers may be rung, as a text says them."""

from __future__ import annotations

from datetime import time

import pytest

from ordercall.domain.calls.calling import CallingHours

DAY = CallingHours(time(9), time(21))
ALWAYS = CallingHours(time(0), None)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("09:00-21:00", DAY),
        (" 9:00 - 21:00 ", DAY),
        ("00:00-24:00", ALWAYS),
        ("10:30-24:00", CallingHours(time(10, 30), None)),
        ("00:00-00:05", CallingHours(time(0), time(0, 5))),
    ],
)
def test_calling_hours_are_two_times_of_a_day(text: str, hours: CallingHours) -> None:
    assert CallingHours.parse(text) == hours


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "9-21",
        "9:00",
        "21:00-9:00",
        "9:00-9:00",
        "9:00-9:04",
        "25:00-26:00",
        "9:60-21:00",
        "24:00-24:00",
        "9:00-24:30",
    ],
)
def test_calling_hours_that_cannot_be_kept_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hour|minute|form|before"):
        CallingHours.parse(text)
