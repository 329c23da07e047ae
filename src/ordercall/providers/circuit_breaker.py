"""A pause for a provider that does not answer, so that a queue full of jobs does not hammer it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FAILURES_TO_OPEN = 3
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0


class Breaker:
    """Counts failures in a row; after a few of them nobody calls for a while, then one call goes ahead to look.

    The pause doubles with every look that fails, up to half a minute. Safe for many threads.

    Args:
        clock: seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._rest_until = 0.0  # our own pause, over with the first answer
        self._quiet_until = 0.0  # what the provider asked for, whoever answers meanwhile
        self._probing = False

    def seconds_of_rest(self) -> float:
        """Return how long nobody should call, without taking a turn; 0 when calls are welcome."""
        with self._lock:
            return self._remaining()

    def seconds_to_wait(self) -> float:
        """Return 0 if the caller may go ahead, else how long to stay away. Whoever gets 0 must report back."""
        with self._lock:
            remaining = self._remaining()
            if remaining > 0:
                return remaining
            if self._failures < FAILURES_TO_OPEN:
                return 0.0
            if self._probing:
                return FIRST_PAUSE
            self._probing = True
            return 0.0

    def succeeded(self) -> None:
        """The provider answered, whatever it said."""
        with self._lock:
            self._failures = 0
            self._probing = False
            self._rest_until = 0.0

    def failed(self, retry_after: float | None = None) -> None:
        """The provider did not answer, or asked for quiet for *retry_after* seconds.

        Calls that were under way when the pause began, and fail during it, do not make it longer.
        """
        with self._lock:
            self._probing = False
            now = self._clock()
            self._quiet_until = max(self._quiet_until, now + (retry_after or 0.0))
            if now < self._rest_until:
                return
            self._failures += 1
            beyond = self._failures - FAILURES_TO_OPEN
            if beyond >= 0:
                self._rest_until = now + min(FIRST_PAUSE * 2.0 ** min(beyond, 30), LONGEST_PAUSE)

    def _remaining(self) -> float:
        return max(self._rest_until, self._quiet_until, self._clock()) - self._clock()
