"""Notices that the clock of this machine is put, ahead or back.

Procrastinate queues what comes every minute by the last time at which it did so. After a clock that was ahead is put
right it queues nothing until that time is there again, and after a leap ahead once for each minute that was left out.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime

logger = logging.getLogger(__name__)

LEAP = 60.0
"""Seconds: what comes every minute is then late by no more than that. Clocks that go a little wrong are put by less."""

LOOK_SECONDS = 5.0
"""Between two looks."""


async def clock_is_put(clock: Callable[[], datetime], *, look: float = LOOK_SECONDS) -> None:
    """Return once the clock has leapt; a worker that begins anew then plans by it as it is."""
    before = _distance(clock)
    while abs(leap := _distance(clock) - before) < LEAP:
        await asyncio.sleep(look)
    direction = "ahead" if leap > 0 else "back"
    logger.warning("the clock was put %s by %d s; the worker begins anew", direction, abs(leap))


def _distance(clock: Callable[[], datetime]) -> float:
    """Return how far the clock is from one that nobody can put."""
    return clock().timestamp() - time.monotonic()
