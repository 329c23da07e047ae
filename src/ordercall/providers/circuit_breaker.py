"""A circuit breaker: while a provider does not answer, a queue full of jobs leaves it alone.

Closed, requests go. A few failures in a row open it, and none goes. When its pause is over it is half-open: one request
goes ahead as the probe, whose outcome closes it or opens it for longer.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

FAILURES_TO_OPEN = 3
"""One lost answer is an accident, and so may two be; a provider that is down fails every request."""

FIRST_PAUSE = 1.0
"""Seconds that it stays open at first: most outages are a restart or a network that blinks."""

LONGEST_PAUSE = 30.0
"""Seconds that it stays open at most, so that a provider that is back after a night is noticed within half a minute."""


class CircuitBreaker:
    """Counts failures in a row; the pause doubles with every probe that fails. Safe for many threads.

    Args:
        clock: seconds that only ever grow.

    Attributes:
        on_change: called when it has opened, for whatever time, and when it has closed. It takes no time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = 0.0  # our own pause, over with the first answer
        self._quiet_until = 0.0  # what the provider asked for, whoever answers meanwhile
        self._probing = False
        self.on_change: Callable[[], object] = lambda: None

    @property
    def is_silent(self) -> bool:
        """Whether it has opened, and no answer has closed it since."""
        with self._lock:
            return self._failures >= FAILURES_TO_OPEN

    def suspect(self) -> None:
        """Become half-open where it is closed: another process had no answer, and one request shows how it is."""
        with self._lock:
            self._failures = max(self._failures, FAILURES_TO_OPEN)

    def seconds_open(self) -> float:
        """Return how long it stays open; 0 when it is closed or half-open. Nobody becomes the probe by asking."""
        with self._lock:
            return self._remaining()

    def admits(self) -> float:
        """Return how many requests it would let through: any number, the probe alone, or none. Nobody becomes it."""
        with self._lock:
            if self._remaining() > 0:
                return 0
            return math.inf if self._failures < FAILURES_TO_OPEN else int(not self._probing)

    def admit(self) -> float:
        """Return 0 and let the caller send, or return how many seconds not to.

        Whoever is let through must report :meth:`succeeded` or :meth:`failed`: it may be the probe.
        """
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
            was_open = self._failures >= FAILURES_TO_OPEN
            self._failures = 0
            self._probing = False
            self._open_until = 0.0
        if was_open:
            self.on_change()

    def failed(self, retry_after: float | None = None) -> None:
        """The provider did not answer, or asked for quiet for *retry_after* seconds.

        Requests that were under way when it opened, and fail while it is open, do not make the pause longer.
        """
        with self._lock:
            self._probing = False
            now = self._clock()
            self._quiet_until = max(self._quiet_until, now + (retry_after or 0.0))
            if now < self._open_until:
                return
            self._failures += 1
            beyond = self._failures - FAILURES_TO_OPEN
            if beyond >= 0:
                self._open_until = now + min(FIRST_PAUSE * 2.0 ** min(beyond, 30), LONGEST_PAUSE)
            is_open = self._remaining() > 0
        if is_open:
            self.on_change()

    def _remaining(self) -> float:
        return max(max(self._open_until, self._quiet_until) - self._clock(), 0.0)
