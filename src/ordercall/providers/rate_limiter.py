"""How often a provider may be asked, and who goes first."""

from __future__ import annotations

import asyncio
import math
from heapq import heappop, heappush
from itertools import count

BURST_SECONDS = 1.0
"""The bucket holds what may be asked in this time, in seconds: providers count by the second and refuse more."""


class RateLimiter:
    """A token bucket, shared by all that ask one provider from this process. It belongs to one event loop.

    Args:
        per_second: the requests that it lets through; 0: any number.
    """

    def __init__(self, per_second: float) -> None:
        self._seconds_each = 1.0 / per_second if per_second else 0.0
        self._spent_until = -math.inf
        self._line: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._numbers = count()

    async def acquire(self, *, urgent: bool = False) -> None:
        """Wait for a token. The urgent pass by all others; among equals, whoever came first goes first."""
        if not self._seconds_each:
            return
        passed = asyncio.get_running_loop().create_future()
        heappush(self._line, (not urgent, next(self._numbers), passed))
        if len(self._line) == 1:  # else the timer for the first of them is set
            self._let_through()
        await passed

    def _let_through(self) -> None:
        loop = asyncio.get_running_loop()
        while self._line:
            now = loop.time()
            spent = max(self._spent_until, now - BURST_SECONDS) + self._seconds_each
            if spent > now:
                loop.call_later(spent - now, self._let_through)
                return
            passed = heappop(self._line)[-1]
            if not passed.done():  # who is cancelled takes none
                self._spent_until = spent
                passed.set_result(None)
