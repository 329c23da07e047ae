"""Whether something that used to come often has stopped coming."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

LOOKED_BACK = timedelta(days=7)
"""A week holds the shop's nights and its Sundays, so their pauses are known ones."""

BUSY = 50
"""What comes less often than this in a week may well pause for days."""

PATIENCE = 1.5
"""Times the longest pause of the week: a slow day is not an alarm."""
SHORTEST = timedelta(hours=1)
"""A shop that never rests still pauses for minutes, and Shopify delivers late for some, too."""


def silent_since(times: Sequence[float], now: float) -> float | None:
    """Return the last of the *times* (unix seconds, rising, of a week) if the pause since then is out of the ordinary.

    It is when it lasts half as long again as the longest pause of that week, and at least an hour.
    """
    if len(times) < BUSY:
        return None
    longest = max(later - earlier for earlier, later in pairwise(times))
    return times[-1] if now - times[-1] > max(PATIENCE * longest, SHORTEST.total_seconds()) else None
