"""When a job that failed is tried again."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from ordercall.errors import DatabaseBusy, OutcomeUnknown, ProviderBusy

FIRST_DELAY = 1.0
"""Seconds, at most, before the second try; it doubles with each."""

LONGEST_DELAY = 60.0
"""Seconds: how much later than the provider itself an order may come back from an outage."""

TRIES_AFTER_A_FAULT = 5
"""A fault of ours may be gone after a minute; if it is not, it will not be after a hundred either."""

MOST_CRASHES = 3
"""A job that was running when its worker died this often is set aside: it may be what kills it."""

Jitter = Callable[[float, float], float]


def delay_before(attempt: int, retry_after: float | None = None, jitter: Jitter = random.uniform) -> timedelta:
    """Return how long to wait before trying again.

    Exponential backoff with full jitter, on top of what the provider asked for, so that jobs that failed
    together do not come back together.

    Args:
        attempt: how often it was tried before this time, from 0.
        retry_after: seconds the provider asked for, or None.
        jitter: draws a number between its two arguments.
    """
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(attempt + 1, 30))
    return timedelta(seconds=(retry_after or 0.0) + jitter(0.0, longest))


class ProviderBackoff(BaseRetryStrategy):
    """Busy providers are asked again for as long as it takes; a fault of ours only a few times."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, (ProviderBusy, OutcomeUnknown)):
            wait = delay_before(job.attempts, exception.retry_after)
        elif isinstance(exception, DatabaseBusy) or job.attempts < TRIES_AFTER_A_FAULT:
            wait = delay_before(job.attempts)
        else:
            return None
        return RetryDecision(retry_in={"milliseconds": int(wait.total_seconds() * 1000)})


def last_try(attempts: int) -> bool:
    """Return whether a fault of ours now would be the last one tried."""
    return attempts >= TRIES_AFTER_A_FAULT
