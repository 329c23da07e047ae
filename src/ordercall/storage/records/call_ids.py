"""The ids of calls: nobody guesses one, and they sort by the time they were made."""

from __future__ import annotations

import secrets
import time
from datetime import datetime


def new_call_id() -> str:
    """Return an id that nobody guesses and that sorts by the time it was made: a UUID of version 7, without dashes.

    Source: RFC 9562, section 5.7, with a part of the millisecond in its first random bits (6.2, method 3).
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    number = milliseconds << 80 | 7 << 76 | (rest * 4_096 // 1_000_000) << 64 | 0b10 << 62 | secrets.randbits(62)
    return f"{number:032x}"


def first_id_at(moment: datetime) -> str:
    """Return what no id of a call that was made from this time on sorts before."""
    return f"{int(moment.timestamp() * 1_000) << 80:032x}"
