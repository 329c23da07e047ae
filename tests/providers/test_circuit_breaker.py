"""The pause for a provider that does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ordercall.providers.circuit_breaker import Breaker


class Clock:
    """Seconds that only a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.failed()


def pauses(breaker: Breaker, clock: Clock) -> Iterator[float]:
    """Look again as soon as it is allowed, fail, and tell how long the next look must wait."""
    while True:
        wait = breaker.seconds_to_wait()
        yield wait
        clock.now += wait
        assert breaker.seconds_to_wait() == 0
        breaker.failed()


def test_calls_are_welcome_at_first(breaker: Breaker) -> None:
    assert (breaker.seconds_to_wait(), breaker.seconds_of_rest()) == (0, 0)


def test_two_failures_are_no_reason_to_stay_away(breaker: Breaker) -> None:
    fail(breaker, 2)

    assert (breaker.seconds_to_wait(), breaker.seconds_of_rest()) == (0, 0)


def test_after_three_failures_in_a_row_nobody_calls_for_a_second(breaker: Breaker) -> None:
    fail(breaker, 3)

    assert (breaker.seconds_to_wait(), breaker.seconds_of_rest()) == (1, 1)


def test_an_answer_between_failures_starts_the_count_again(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.succeeded()
    fail(breaker, 2)

    assert breaker.seconds_to_wait() == 0


def test_the_pause_gets_shorter_as_time_goes_by(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 0.75

    assert breaker.seconds_to_wait() == 0.25


def test_after_the_pause_one_call_goes_ahead_and_the_others_stay_away(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 1

    assert [breaker.seconds_to_wait() for _ in range(4)] == [0, 1, 1, 1]


def test_looking_at_the_rest_takes_nobodys_turn(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 1

    assert [breaker.seconds_of_rest() for _ in range(3)] == [0, 0, 0]
    assert breaker.seconds_to_wait() == 0


def test_of_many_threads_one_goes_ahead(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 1

    with ThreadPoolExecutor(16) as threads:
        waits = list(threads.map(lambda _: breaker.seconds_to_wait(), range(200)))

    assert waits.count(0) == 1


def test_the_pause_doubles_up_to_half_a_minute(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)

    looks = pauses(breaker, clock)

    assert [next(looks) for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]


def test_an_answer_to_the_look_opens_the_way_for_all(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 1
    breaker.seconds_to_wait()

    breaker.succeeded()

    assert [breaker.seconds_to_wait() for _ in range(3)] == [0, 0, 0]


def test_after_an_answer_the_pauses_begin_short_again(breaker: Breaker) -> None:
    fail(breaker, 6)
    breaker.succeeded()

    fail(breaker, 3)

    assert breaker.seconds_to_wait() == 1


def test_the_quiet_that_a_provider_asks_for_is_kept_from_its_first_word(breaker: Breaker) -> None:
    breaker.failed(retry_after=7)

    assert (breaker.seconds_to_wait(), breaker.seconds_of_rest()) == (7, 7)


def test_after_the_quiet_that_a_provider_asked_for_calls_are_welcome(breaker: Breaker, clock: Clock) -> None:
    breaker.failed(retry_after=7)
    clock.now += 7

    assert [breaker.seconds_to_wait() for _ in range(3)] == [0, 0, 0]


def test_of_two_pauses_the_longer_holds(breaker: Breaker) -> None:
    breaker.failed(retry_after=60)
    breaker.failed(retry_after=1)
    breaker.failed()

    assert breaker.seconds_to_wait() == 60


@pytest.mark.parametrize("asked", [None, 0.0])
def test_a_provider_that_asks_for_nothing_is_paused_as_always(breaker: Breaker, asked: float | None) -> None:
    fail(breaker, 2)

    breaker.failed(retry_after=asked)

    assert breaker.seconds_to_wait() == 1


def test_a_very_long_row_of_failures_is_still_half_a_minute(breaker: Breaker, clock: Clock) -> None:
    for _ in range(5_000):
        breaker.failed()
        clock.now += 30

    breaker.failed()

    assert breaker.seconds_to_wait() == 30


def test_calls_that_fail_together_are_one_reason_to_stay_away(breaker: Breaker) -> None:
    fail(breaker, 16)  # as many as a worker has under way when a provider goes down

    assert breaker.seconds_to_wait() == 1


def test_a_late_answer_does_not_shorten_the_quiet_that_was_asked_for(breaker: Breaker, clock: Clock) -> None:
    breaker.failed(retry_after=60)
    clock.now += 1

    breaker.succeeded()  # of a call that was under way before

    assert breaker.seconds_to_wait() == 59
