"""A reading that is made at most once in a while, whoever and however many ask for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class CachedReading[T]:
    """Makes a reading when the last one is older than *seconds*.

    While one thread makes it the others get the last one: a database that is stuck holds one thread, not all of them.
    """

    def __init__(self, make: Callable[[], T], seconds: float) -> None:
        self._make = make
        self._seconds = seconds
        self._making = threading.Lock()
        self._last: tuple[float, T] | None = None

    def get(self) -> T:
        if (last := self._last) and time.monotonic() - last[0] < self._seconds:
            return last[1]
        if last and self._making.locked():
            return last[1]
        with self._making:
            if self._last is last:  # nobody made it while this thread waited
                self._last = (time.monotonic(), self._make())
            assert self._last is not None  # noqa: S101 - it was just made, or before
            return self._last[1]

    def forget(self) -> None:
        """Have the next one made anew."""
        self._last = None
