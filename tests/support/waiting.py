"""Waiting in the tests: no longer than it takes, and long enough for a machine that is slow or does much else."""

from __future__ import annotations

import time
from collections.abc import Callable

LONG = 120.0
"""Seconds after which what has not come will not come any more. Only a test that fails waits for so long."""


def until[T](look: Callable[[], T], what: str, *, seconds: float = LONG) -> T:
    """Return what *look* finds as soon as it finds something; fail with *what* if it never does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"after {seconds:g} s still not: {what}")
