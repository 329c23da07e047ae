"""When a job that failed is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from procrastinate import RetryDecision
from procrastinate.jobs import Job

from ordercall.errors import DatabaseBusy, OutcomeUnknown, ProviderBusy
from ordercall.jobs.retries import ProviderBackoff, delay_before, last_try

BUSY = ProviderBusy("Kalimera", "create the contact", "503")
UNKNOWN = OutcomeUnknown("Kalimera", "create the contact", "500")
LOCKED = DatabaseBusy("The database was busy.")
FAULT = KeyError("a fault of ours")


def most(low: float, high: float) -> float:
    return high


def least(low: float, high: float) -> float:
    return low


def decide(error: BaseException, attempts: int) -> RetryDecision | None:
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="sync_order", attempts=attempts)
    return ProviderBackoff().get_retry_decision(exception=error, job=job)


def wait(error: BaseException, attempts: int) -> timedelta:
    """Return how far in the future a job is put."""
    before = datetime.now(UTC)
    decision = decide(error, attempts)
    assert decision is not None
    assert decision.retry_at is not None
    return decision.retry_at - before


def test_the_longest_delay_doubles_up_to_a_minute() -> None:
    delays = [delay_before(attempt, jitter=most).total_seconds() for attempt in range(8)]

    assert delays == [2, 4, 8, 16, 32, 60, 60, 60]


def test_the_shortest_delay_is_none_so_that_jobs_do_not_come_back_together() -> None:
    assert [delay_before(attempt, jitter=least).total_seconds() for attempt in (0, 5, 50)] == [0, 0, 0]


@pytest.mark.parametrize(("jitter", "seconds"), [(least, 7.5), (most, 9.5)])
def test_what_a_provider_asks_for_comes_before_the_jitter(jitter: object, seconds: float) -> None:
    assert delay_before(0, 7.5, jitter).total_seconds() == seconds  # type: ignore[arg-type]


def test_by_itself_the_delay_is_drawn_anew_each_time() -> None:
    delays = {delay_before(3) for _ in range(50)}

    assert len(delays) > 40
    assert all(timedelta(0) <= delay <= timedelta(seconds=16) for delay in delays)


def test_a_job_that_was_tried_thousands_of_times_still_has_a_delay() -> None:
    assert delay_before(100_000, jitter=most) == timedelta(seconds=60)


@pytest.mark.parametrize("error", [BUSY, UNKNOWN, LOCKED], ids=["busy", "unknown", "database"])
@pytest.mark.parametrize("attempts", [0, 4, 5, 10_000])
def test_what_may_get_better_is_tried_for_as_long_as_it_takes(error: Exception, attempts: int) -> None:
    assert decide(error, attempts) is not None


@pytest.mark.parametrize(("attempts", "again"), [(0, True), (4, True), (5, False), (6, False)])
def test_a_fault_of_ours_is_tried_a_few_times_only(attempts: int, again: bool) -> None:
    assert (decide(FAULT, attempts) is not None) is again


@pytest.mark.parametrize("attempts", range(8))
def test_the_last_try_is_known_before_it_is_over(attempts: int) -> None:
    assert last_try(attempts) is (decide(FAULT, attempts) is None)


@pytest.mark.parametrize("error_class", [ProviderBusy, OutcomeUnknown])
def test_a_job_waits_at_least_as_long_as_its_provider_asks(error_class: type[ProviderBusy | OutcomeUnknown]) -> None:
    error = error_class("Shopify", "cancel the order", "429", retry_after=30)

    assert timedelta(seconds=29.9) <= wait(error, 0) <= timedelta(seconds=33)


def test_a_job_of_a_busy_provider_never_waits_much_longer_than_a_minute() -> None:
    assert max(wait(BUSY, 1_000) for _ in range(50)) <= timedelta(seconds=61)
