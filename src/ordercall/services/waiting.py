"""Waiting for a moment for what the worker does, so that an answer can say how it went."""

from __future__ import annotations

import time
from collections.abc import Callable

PAUSE_SECONDS = 0.05
"""Between two looks at what the worker does; nobody sees the difference to none."""


def look_until[Seen](look: Callable[[], Seen], done: Callable[[Seen], bool], *, seconds: float) -> Seen:
    """Return what is seen as soon as it is *done*, or what is seen after these seconds."""
    deadline = time.monotonic() + seconds
    while not done(seen := look()) and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
    return seen
