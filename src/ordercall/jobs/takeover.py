"""When a worker counts as dead, and how one that was out of touch knows that it may.

Where nothing tells at once that a process died (on one machine a lock of the file does), a heart that no longer beats
does. The times are parts of one setting, so that they keep their order, and are measured by clocks that nobody sets:

    heartbeat, look  <  lease  <  silence  <  within

A worker whose heart has not reached the database for the *lease* sends no provider anything more. What it had sent
by then is answered or given up before its *silence* is over, and only after that its jobs are taken over. So two
never act for the same order or campaign, whether one of them was cut off, stopped or merely slow: the answer to a
commit that comes a minute late finds that its time is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ordercall.errors import LeaseLost


@dataclass(frozen=True, slots=True)
class Takeover:
    """The times, in seconds, that follow from *within*: how soon a dead worker's jobs go on elsewhere."""

    within: float = 60.0

    @property
    def heartbeat(self) -> float:
        return self.within / 12

    @property
    def look(self) -> float:
        """Between two looks for workers that died."""
        return self.within / 12

    @property
    def lease(self) -> float:
        return self.within * 5 / 12

    @property
    def silence(self) -> float:
        """A worker that was silent for so long is dead."""
        return self.within * 3 / 4

    @property
    def believed(self) -> float:
        """How long a worker may have been silent that is first seen: one that lives beats twice before it is dead."""
        return self.silence - 2 * self.heartbeat

    @property
    def longest_answer(self) -> float:
        """How long a request may stay unanswered that was sent at the end of the lease."""
        return self.silence - self.lease


class Lease:
    """Whether the worker of this process may still count on the locks of its jobs."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._renewed: float | None = None

    def now(self) -> float:
        return self._clock()

    def renew(self, since: float) -> None:
        """The worker's heart reached the database; *since* is when it set out."""
        self._renewed = since

    def check(self) -> None:
        """Pass while others cannot have taken this worker for dead.

        Raises:
            LeaseLost: they may have; what it holds may be somebody else's by now.
        """
        if self._renewed is not None and self._clock() - self._renewed > self._seconds:
            raise LeaseLost("This worker was out of touch with the database; another one may do its work by now.")
