"""How often a provider may be asked, on a clock that only the limiter moves."""

from __future__ import annotations

import pytest

from ordercall.providers.rate_limiter import RateLimiter


class Clock:
    """Seconds that pass only while somebody waits."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def seconds_for(requests: int, limiter: RateLimiter, clock: Clock) -> float:
    started = clock.now
    for _ in range(requests):
        clock.now += limiter.take()
    return clock.now - started


def test_what_fits_into_one_second_goes_at_once(clock: Clock) -> None:
    assert seconds_for(8, RateLimiter(8, clock=clock), clock) == 0


def test_what_comes_on_top_goes_at_the_rate(clock: Clock) -> None:
    assert seconds_for(28, RateLimiter(8, clock=clock), clock) == 2.5


def test_a_quiet_hour_saves_no_more_than_one_second(clock: Clock) -> None:
    limiter = RateLimiter(8, clock=clock)
    limiter.take()
    clock.now += 3_600

    assert seconds_for(16, limiter, clock) == 1.0


def test_without_a_rate_nobody_waits(clock: Clock) -> None:
    assert seconds_for(10_000, RateLimiter(0, clock=clock), clock) == 0
