"""The circuit breaker of a provider that does not answer: closed, open, half-open."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ordercall.providers.circuit_breaker import CircuitBreaker


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
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(clock)


def fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        breaker.failed()


def pauses(breaker: CircuitBreaker, clock: Clock) -> Iterator[float]:
    """Yield how long it stays open, then let the probe fail as soon as it is admitted, again and again."""
    while True:
        wait = breaker.admit()
        yield wait
        clock.now += wait
        assert breaker.admit() == 0
        breaker.failed()


def test_it_is_closed_at_first(breaker: CircuitBreaker) -> None:
    assert (breaker.admit(), breaker.seconds_open()) == (0, 0)


def test_two_failures_leave_it_closed(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)

    assert (breaker.admit(), breaker.seconds_open()) == (0, 0)


def test_three_failures_in_a_row_open_it_for_a_second(breaker: CircuitBreaker) -> None:
    fail(breaker, 3)

    assert (breaker.admit(), breaker.seconds_open()) == (1, 1)


def test_an_answer_between_failures_starts_the_count_again(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    breaker.succeeded()
    fail(breaker, 2)

    assert breaker.admit() == 0


def test_the_pause_gets_shorter_as_time_goes_by(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 0.75

    assert breaker.admit() == 0.25


def test_half_open_it_admits_one_probe_and_nobody_else(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 1

    assert [breaker.admit() for _ in range(4)] == [0, 1, 1, 1]


def test_asking_how_long_it_stays_open_makes_nobody_the_probe(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 1

    assert [breaker.seconds_open() for _ in range(3)] == [0, 0, 0]
    assert breaker.admit() == 0


def test_of_many_threads_one_is_the_probe(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 1

    with ThreadPoolExecutor(16) as threads:
        waits = list(threads.map(lambda _: breaker.admit(), range(200)))

    assert waits.count(0) == 1


def test_the_pause_doubles_up_to_half_a_minute(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)

    paused = pauses(breaker, clock)

    assert [next(paused) for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_probe_that_is_answered_closes_it(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 1
    breaker.admit()

    breaker.succeeded()

    assert [breaker.admit() for _ in range(3)] == [0, 0, 0]


def test_after_an_answer_the_pauses_begin_short_again(breaker: CircuitBreaker) -> None:
    fail(breaker, 6)
    breaker.succeeded()

    fail(breaker, 3)

    assert breaker.admit() == 1


def test_the_quiet_that_a_provider_asks_for_is_kept_from_its_first_word(breaker: CircuitBreaker) -> None:
    breaker.failed(retry_after=7)

    assert (breaker.admit(), breaker.seconds_open()) == (7, 7)


def test_after_the_quiet_that_a_provider_asked_for_it_is_closed(breaker: CircuitBreaker, clock: Clock) -> None:
    breaker.failed(retry_after=7)
    clock.now += 7

    assert [breaker.admit() for _ in range(3)] == [0, 0, 0]


def test_of_two_pauses_the_longer_holds(breaker: CircuitBreaker) -> None:
    breaker.failed(retry_after=60)
    breaker.failed(retry_after=1)
    breaker.failed()

    assert breaker.admit() == 60


@pytest.mark.parametrize("asked", [None, 0.0])
def test_a_provider_that_asks_for_nothing_is_paused_as_always(breaker: CircuitBreaker, asked: float | None) -> None:
    fail(breaker, 2)

    breaker.failed(retry_after=asked)

    assert breaker.admit() == 1


def test_a_very_long_row_of_failures_is_still_half_a_minute(breaker: CircuitBreaker, clock: Clock) -> None:
    for _ in range(5_000):
        breaker.failed()
        clock.now += 30

    breaker.failed()

    assert breaker.admit() == 30


def test_requests_that_fail_together_open_it_once(breaker: CircuitBreaker) -> None:
    fail(breaker, 16)  # as many as a worker has under way when a provider goes down

    assert breaker.admit() == 1


def test_a_late_answer_does_not_shorten_the_quiet_that_was_asked_for(breaker: CircuitBreaker, clock: Clock) -> None:
    breaker.failed(retry_after=60)
    clock.now += 1

    breaker.succeeded()  # of a call that was under way before

    assert breaker.admit() == 59


def test_it_is_silent_from_its_opening_to_the_next_answer(breaker: CircuitBreaker, clock: Clock) -> None:
    seen = [breaker.is_silent]
    fail(breaker, 3)
    seen.append(breaker.is_silent)
    clock.now += 10
    seen.append(breaker.is_silent)
    breaker.succeeded()

    assert [*seen, breaker.is_silent] == [False, True, True, False]


def test_a_provider_that_asks_for_quiet_is_not_silent(breaker: CircuitBreaker) -> None:
    breaker.failed(30)

    assert (breaker.is_silent, breaker.seconds_open()) == (False, 30)


def test_a_suspect_lets_one_request_go_ahead(breaker: CircuitBreaker) -> None:
    breaker.suspect()

    assert (breaker.admits(), breaker.admit(), breaker.admits()) == (1, 0, 0)
    breaker.succeeded()
    assert breaker.admits() == float("inf")


def test_to_suspect_an_open_one_makes_its_pause_no_longer(breaker: CircuitBreaker) -> None:
    fail(breaker, 3)
    pause = breaker.seconds_open()
    breaker.suspect()

    assert breaker.seconds_open() == pause
