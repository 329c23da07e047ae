"""A worker notices that its machine's clock is put."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from ordercall.jobs.clock_watch import clock_is_put

SOON = 0.001


def clock_that_leaps(by: timedelta) -> Callable[[], datetime]:
    """Return a clock that is put after the first look at it."""
    looks = iter([timedelta(0)])
    return lambda: datetime.now(UTC) + next(looks, by)


@pytest.mark.parametrize(
    ("leap", "words"),
    [
        (timedelta(hours=-6), "back"),
        (timedelta(minutes=-2), "back"),
        (timedelta(minutes=2), "ahead"),
        (timedelta(days=400), "ahead"),
        (timedelta(days=-4_000), "back"),
    ],
    ids=str,
)
def test_it_ends_once_the_clock_has_leapt(caplog: pytest.LogCaptureFixture, leap: timedelta, words: str) -> None:
    asyncio.run(asyncio.wait_for(clock_is_put(clock_that_leaps(leap), look=SOON), 30))

    assert f"the clock was put {words} by" in caplog.text


@pytest.mark.parametrize("leap", [timedelta(0), timedelta(seconds=-30), timedelta(seconds=30)], ids=str)
def test_a_clock_that_is_put_by_a_little_disturbs_nobody(leap: timedelta) -> None:
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(clock_is_put(clock_that_leaps(leap), look=SOON), 0.1))
