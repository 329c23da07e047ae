"""Whether somebody answers at an address, and what time it is there."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ordercall.providers.connections import Connections, NoAnswer


@dataclass(frozen=True, slots=True)
class Reached:
    """An answer of any kind. ``seconds_ahead`` is how far our clock is ahead of theirs; None if they do not say."""

    milliseconds: int
    seconds_ahead: float | None


def reach(url: str, timeout: float, now: datetime) -> Reached | None:
    """Ask for the head of an address, without any key; None when nobody answers.

    Args:
        timeout: seconds until there must be an answer.
        now: the present by our clock, aware.
    """
    started = time.monotonic()
    with closing(Connections(timeout)) as http:
        try:
            answer = http.ask_and_wait("HEAD", url)
        except NoAnswer:
            return None
    return Reached(round((time.monotonic() - started) * 1000), _seconds_ahead(answer.headers.get("Date"), now))


def _seconds_ahead(date: str | None, now: datetime) -> float | None:
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        return None
    return (now - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))).total_seconds()
