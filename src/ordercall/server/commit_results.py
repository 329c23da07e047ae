"""What came of commits, on its way from the threads that make them into the event loop."""

from __future__ import annotations

import asyncio
from collections import deque


class CommitResults[Result]:
    """Results of commits on their way into the loop: those of a whole batch are one call from thread to thread."""

    def __init__(self) -> None:
        self._results: deque[tuple[asyncio.Future[Result], Result | BaseException]] = deque()
        self._is_called = False

    def put(self, future: asyncio.Future[Result], end: Result | BaseException) -> None:
        self._results.append((future, end))
        if not self._is_called:
            self._is_called = True
            future.get_loop().call_soon_threadsafe(self._hear)

    def _hear(self) -> None:
        self._is_called = False  # before the look: what is put after it calls again
        while self._results:
            future, end = self._results.popleft()
            if future.done():
                continue
            if isinstance(end, BaseException):
                future.set_exception(end)
            else:
                future.set_result(end)


class Waiter[Result]:
    """Waits for a commit in the event loop that makes it."""

    __slots__ = ("_results", "future")

    def __init__(self, results: CommitResults[Result]) -> None:
        self._results = results
        self.future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

    def set_running_or_notify_cancel(self) -> bool:
        """Have it stored in any case: whoever gave up is sent it again, and then it is a repeat."""
        return True

    def set_result(self, result: Result) -> None:
        self._results.put(self.future, result)

    def set_exception(self, exception: BaseException) -> None:
        self._results.put(self.future, exception)
