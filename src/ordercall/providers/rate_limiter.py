"""How often a provider may be asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

BURST_SECONDS = 1.0
"""The bucket holds what may be asked in so many seconds: providers count by the second, so more would be refused."""


class RateLimiter:
    """A token bucket, shared by all that ask one provider from this process.

    Args:
        per_second: the requests that it lets through; 0: any number.
        clock: seconds that only ever grow.
    """

    def __init__(self, per_second: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds_each = 1.0 / per_second if per_second else 0.0
        self._clock = clock
        self._lock = threading.Lock()
        self._spent_until = 0.0

    def take(self) -> float:
        """Take one token, and return the seconds to wait until it is there. Whoever came first goes first."""
        if not self._seconds_each:
            return 0.0
        with self._lock:
            now = self._clock()
            self._spent_until = max(self._spent_until, now - BURST_SECONDS) + self._seconds_each
            return max(self._spent_until - now, 0.0)
