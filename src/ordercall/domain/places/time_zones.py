"""Time zones by their names, the same for the environment and the policy."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NO_PLACES = frozenset({"Factory", "localtime", "posixrules"})
"""They stand beside the zones and are none: what they mean is each machine's own matter, and Kalimera knows none."""

_NAME = re.compile(r"(?!posix/|right/)[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")
"""Of a zone, and of no path; the two folders hold every zone once more, in the second with leap seconds."""


def time_zone(name: object) -> ZoneInfo | None:
    """Return the zone of this name, such as Asia/Kolkata, or None."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the last one: the name of a folder
        return None


def is_a_place(zone: ZoneInfo) -> bool:
    """Return whether a zone's name means the same on each machine."""
    return zone.key not in NO_PLACES
