"""The numbers that must not be called. Each is kept as a keyed hash: an erasure keeps the wish and no number."""

from __future__ import annotations

import hmac
from datetime import date, datetime, time, timedelta

from ordercall.domain.calls.calling import INDIA
from ordercall.domain.derived_keys import DerivedKeys
from ordercall.domain.phones.choosing import numbers_in
from ordercall.domain.words import Word

IN_DEVELOPMENT = "the numbers of a development machine"
"""In place of a secret where there is none to keep: one made at each start would forget the list."""

LATEST_YEAR = 2200
"""In which a wish ends: nobody lives as long, and the last year of the calendar has no day after its last."""


class Source(Word):
    """By which way a number came onto the list, and that in words."""

    short: str

    REPORT = "report", "a report of a call"
    PERSON = "person", "somebody on a page"
    FILE = "file", "a file that somebody brought"
    API = "api", "a program"
    COMMAND = "command", "the command line"


class Why(Word):
    """Why a number must not be called, and that in words.

    There are no words of one's own: they might name somebody, and the list outlives what is erased.
    """

    short: str

    ASKED = "asked", "asked not to be called"
    WRONG_NUMBER = "wrong_number", "belongs to somebody else"
    OWN = "own", "is the shop's own, or of somebody who works with it"
    COMPLAINT = "complaint", "a complaint or a dispute"
    OTHER = "other", "another reason"


class NumberKeys(DerivedKeys):
    """The keys under which numbers are kept."""

    __slots__ = ()
    PURPOSE = b"ordercall numbers that must not be called"

    def hashes(self, phone: str) -> list[str]:
        """Return what an E.164 number is kept as, under each of the keys."""
        return [hmac.digest(key, phone.encode(), "sha256").hex() for key in self.keys]


def the_number(text: str) -> str | None:
    """Return the one number that stands in a text, as E.164; None for none, and for more than one."""
    found = numbers_in(text, None)
    return found[0] if len(found) == 1 else None


def read_end(text: str) -> datetime:
    """Return until when a wish holds: a time, or a day, which then counts to its end; without a zone it is India's.

    Raises:
        ValueError: it is neither, or beyond every life.
    """
    try:
        day: date | None = date.fromisoformat(text)
    except ValueError:
        day = None
    moment = datetime.combine(day, time(), INDIA) if day else datetime.fromisoformat(text)
    if moment.year > LATEST_YEAR:
        raise ValueError(f"a wish holds until the year {LATEST_YEAR} at the latest, or for good")
    if day:
        return moment + timedelta(days=1)
    return moment if moment.tzinfo else moment.replace(tzinfo=INDIA)
