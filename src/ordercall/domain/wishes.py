"""What people wish of numbers that must not be called, one by one or as the lines of a file."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ordercall.domain.do_not_call import Why, read_end, the_number

NO_NUMBER = "no phone number, or more than one"
NO_END = "until is no day or time to come; write 2030-01-31, or nothing for good"
NO_REASON = f"the reason is none of {', '.join(Why)}"
NO_TABLE = "this is no line of a CSV file"

SEPARATORS = ",;\t"
"""What parts the fields of a line: spreadsheets write another one in other countries."""


class Wish(NamedTuple):
    """That a number, E.164, is not called. ``ends_at``: until when; None: for good."""

    phone: str
    ends_at: datetime | None
    why: Why


def read_wish(phone: str, until: str, why: str, now: datetime) -> Wish | str:
    """Return what somebody wishes, or why it cannot be used."""
    number, reason, ends_at = the_number(phone), Why.of(why.lower() or Why.ASKED), None
    if number is None:
        return NO_NUMBER
    if reason is None:
        return NO_REASON
    try:
        ends_at = read_end(until) if until else None
    except ValueError:
        return NO_END
    return NO_END if ends_at is not None and ends_at <= now else Wish(number, ends_at, reason)


def read_lines(written: bytes, now: datetime) -> Iterator[tuple[int, Wish | str]]:
    """Yield the number of each line of a CSV file and what it wishes, or why it cannot be used.

    A line is a number, until when, and why; all but the number may be left out. A first line of titles is none.
    """
    lines = _decoded(written).splitlines()
    first = lines[0] if lines else ""
    separator = max(SEPARATORS, key=first.count)
    for number, line in enumerate(lines, 1):
        try:  # each line for itself: a quote that is not closed would swallow all that follow
            fields = [field.strip() for field in next(csv.reader([line], delimiter=separator), [])]
        except csv.Error:
            yield number, NO_TABLE
            continue
        title = number == 1 and not any(character.isdigit() for character in "".join(fields))
        if any(fields) and not title:
            phone, until, why = (*fields, "", "")[:3]
            yield number, read_wish(phone, until, why, now)


def _decoded(written: bytes) -> str:
    """Return the text of a file. What counts in it are digits, which nearly all encodings write alike."""
    if written.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return written.decode("utf-16", "replace")
    return written.decode("utf-8-sig", "replace")
