"""How often a provider may be asked, and who goes first."""

from __future__ import annotations

import asyncio
import math
from heapq import heappop, heappush
from itertools import count

LATE_SECONDS = 0.05
"""How late a busy loop may wake up and still make up for it, in seconds: less than the network shifts requests by."""


class RateLimiter:
    """Spaces the requests of all that ask one provider from this process. It belongs to one event loop.

    A quiet time saves nothing: providers count by the second, and a burst beside the pace is twice the pace.

    Args:
        per_second: the requests that it lets through; 0: any number.
    """

    def __init__(self, per_second: float) -> None:
        self._seconds_each = 1.0 / per_second if per_second else 0.0
        self._next = -math.inf
        self._line: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._numbers = count()

    async def acquire(self, *, urgent: bool = False) -> None:
        """Wait for one's turn. The urgent pass by all others; among equals, whoever came first goes first."""
        if not self._seconds_each:
            return
        loop = asyncio.get_running_loop()
        passed, is_first = loop.create_future(), not self._line
        heappush(self._line, (not urgent, next(self._numbers), passed))
        if is_first:  # else the timer for the first of them is set
            self._next = max(self._next, loop.time())
            self._let_through()
        await passed

    def _let_through(self) -> None:
        loop = asyncio.get_running_loop()
        while self._line:
            now = loop.time()
            if self._next > now:
                loop.call_later(self._next - now, self._let_through)
                return
            passed = heappop(self._line)[-1]
            if not passed.done():  # who is cancelled takes no turn
                self._next = max(self._next, now - LATE_SECONDS) + self._seconds_each
                passed.set_result(None)
