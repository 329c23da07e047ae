"""How many requests a key may make: a bound that keeps one program that has gone wild from holding up all others.

Each process counts for itself, in memory: nothing is stored for a request. Reports are never held up, because their
sender may not send one again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from flask import Flask, Response, current_app, g

from ordercall.errors import TooManyRequests

AT_ONCE = 3_000
"""Requests in PERIOD, fifty a second for as long as anybody likes. A shop of 100,000 orders a day, half of them in
three hours, decides five a second, and a list is read a hundred orders at a time. Fifty take a quarter of a core."""

PERIOD = 60.0
"""Seconds in which the whole of them comes back: as long as most clients wait before they ask again."""

NAME = "key"
"""What the headers call the bound."""


@dataclass(frozen=True, slots=True)
class Left:
    """How many requests are left, and after how many seconds there are all of them again."""

    number: int
    seconds: int


class RateLimits:
    """The requests of each key, by its name. Only who was let in is counted, so there are as many as keys.

    One number for each is enough (GCRA): the time at which it will have all its requests again.
    """

    def __init__(self, at_once: int = AT_ONCE, clock: Callable[[], float] = monotonic) -> None:
        self.at_once = at_once
        self._clock = clock
        self._full_at: dict[str, float] = {}
        self._one_at_a_time = Lock()

    def take(self, name: str) -> Left:
        """Count a request.

        Raises:
            TooManyRequests: it is one too many; it was not counted.
        """
        each = PERIOD / self.at_once
        with self._one_at_a_time:
            now = self._clock()
            full_at = max(self._full_at.get(name, now), now) + each
            missing = full_at - now
            if missing > PERIOD + each / 2:
                raise TooManyRequests(math.ceil(missing - PERIOD), self.at_once)
            self._full_at[name] = full_at
        return Left(math.floor((PERIOD - missing) / each + 0.5), math.ceil(missing))


def register(app: Flask) -> None:
    """Count the requests of programs in this application, and have their answers say what is left."""
    app.extensions[__name__] = RateLimits()
    app.after_request(_say_what_is_left)


def limits_of(app: Flask) -> RateLimits:
    """Return what counts the requests of an application."""
    found: RateLimits = app.extensions[__name__]
    return found


def count(name: str) -> None:
    """Count a request of the program with this name.

    Raises:
        TooManyRequests: it is one too many.
    """
    try:
        g.requests_left = limits_of(current_app).take(name)
    except TooManyRequests as refused:
        g.requests_left = Left(0, refused.retry_after)
        raise


def _say_what_is_left(answer: Response) -> Response:
    left: Left | None = g.get("requests_left")
    if left is not None:
        answer.headers["RateLimit-Policy"] = f'"{NAME}";q={limits_of(current_app).at_once};w={PERIOD:.0f}'
        answer.headers["RateLimit"] = f'"{NAME}";r={left.number};t={left.seconds}'
        if answer.status_code == 429:
            answer.headers["Retry-After"] = str(left.seconds)
    return answer
