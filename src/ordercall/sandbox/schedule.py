"""Delayed actions, on a few threads of the sandbox's own."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

Action = Callable[[], None]

logger = logging.getLogger(__name__)


class Schedule:
    """Runs actions when they are due. The threads are daemons and start with the first action."""

    def __init__(self, name: str, *, threads: int = 4) -> None:
        """Args: name: of the threads. threads: how many actions run at once; each may wait for an HTTP answer."""
        self._name = name
        self._size = threads
        self._threads: list[threading.Thread] = []
        self._due: list[tuple[float, int, Action]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False

    def after(self, seconds: float, action: Action) -> None:
        """Run *action* in *seconds* from now; after :meth:`stop` nothing runs any more."""
        with self._changed:
            if self._stopped:
                return
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), action))
            self._start()
            self._changed.notify()

    def stop(self) -> None:
        """Drop what is not due yet, and wait a moment for what is under way."""
        with self._changed:
            self._stopped = True
            self._due.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=2.0)

    def _start(self) -> None:
        if self._threads:
            return
        for number in range(self._size):
            thread = threading.Thread(target=self._run, name=f"{self._name}-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _run(self) -> None:
        while action := self._next():
            try:
                action()
            except Exception:
                logger.exception("a scheduled action of the sandbox failed")

    def _next(self) -> Action | None:
        """Wait for the next action that is due; None when the schedule has stopped."""
        with self._changed:
            while not self._stopped:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
        return None
