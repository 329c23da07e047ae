"""How often a provider may be asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

BURST_SECONDS = 1.0
"""The bucket holds what may be asked in so many seconds: providers count by the second, so more would be refused."""


class RateLimiter:
    """A token bucket that all threads of a process share.

    Args:
        per_second: the requests that it lets through; 0: any number.
        clock: seconds that only ever grow.
        sleep: waits for so many of them.
    """

    def __init__(
        self,
        per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._seconds_each = 1.0 / per_second if per_second else 0.0
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._spent_until = 0.0

    def acquire(self) -> None:
        """Take one token, waiting for it as long as it takes. Whoever came first goes first."""
        if not self._seconds_each:
            return
        with self._lock:
            now = self._clock()
            spent = max(self._spent_until, now - BURST_SECONDS) + self._seconds_each
            self._spent_until = spent
        if spent > now:
            self._sleep(spent - now)
