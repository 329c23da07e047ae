"""Fields that mark an order by holding something: when it was cancelled or archived, and whether it is a test.

Shopify writes null and false where there is nothing to tell. Programs that forward its webhooks write nothing in ways
of their own, and a mark that nobody can read is neither there nor not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import UNSET

from ordercall.providers.shopify.order_body import OrderBody

NOTHING = frozenset({"null", "none", "nil", "undefined", "nan", "n/a", "[]", "{}", "false", "no", "off", "f", "n"})
TRUE = "true"
YES = frozenset({TRUE, "yes", "on", "t", "y", "1", "1.0"})

ZEROS = "0-:/. tz+"
"""What an empty text, a zero and a time of which nothing is told are made of, as "0000-00-00T00:00:00Z"."""

UNIX_TIME = re.compile(r"\d{9,13}(?:\.\d+)?")
"""Of 1973 or later, in seconds or milliseconds."""


class UnreadableMark(ValueError):
    """It holds something that is neither a mark nor none."""


class Marks(NamedTuple):
    """The marks of an order. ``unreadable``: the facts of which nobody can tell."""

    cancelled_at: str | None = None
    closed_at: str | None = None
    is_test: bool = False
    unreadable: frozenset[str] = frozenset()


UNMARKED = Marks()


def read_marks(raw: OrderBody, *, final: bool) -> Marks:
    """Return how an order is marked.

    Args:
        final: nothing more is to be had of it, so what nobody can read counts as a mark: then nobody is rung.
    """
    if raw.cancelled_at is None and raw.closed_at is None and raw.test is False:
        return UNMARKED  # as nearly all are
    unreadable = set[str]()

    def read(fact: str, reader: Callable[[Any], Any], value: Any, doubtful: Any) -> Any:
        try:
            return reader(None if value is UNSET else value)
        except UnreadableMark:
            unreadable.add(fact)
            return doubtful if final else reader(None)

    marks = Marks(
        read("shopify_cancelled_at", read_moment, raw.cancelled_at, TRUE),
        read("closed_at", read_moment, raw.closed_at, TRUE),
        read("is_test", read_flag, raw.test, True),
    )
    return marks if final else marks._replace(unreadable=frozenset(unreadable))


def read_flag(value: Any) -> bool:
    """Return whether a mark is set.

    Raises:
        UnreadableMark: nobody can tell.
    """
    if value is None or isinstance(value, bool):
        return bool(value)  # as in nearly all bodies
    word = str(value).strip().casefold()
    if word in YES:
        return True
    if _tells_nothing(word):
        return False
    raise UnreadableMark


def read_moment(value: Any) -> str | None:
    """Return when something happened, as it is written, or None where it did not; TRUE where no more is told.

    Raises:
        UnreadableMark: nobody can tell whether it did.
    """
    if value is None:
        return None  # as in nearly all bodies
    word = str(value).strip().casefold()
    if _tells_nothing(word):
        return None
    if word in YES:
        return TRUE
    if UNIX_TIME.fullmatch(word):
        return word
    try:
        moment = datetime.fromisoformat(word.upper())
    except ValueError as error:
        raise UnreadableMark from error
    return str(value).strip() if moment.year > 1970 else None  # how programs write that it never was


def _tells_nothing(word: str) -> bool:
    return word in NOTHING or not word.strip(ZEROS)
