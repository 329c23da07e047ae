"""What a person does with the do-not-call list by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from itertools import batched

from ordercall.bootstrap.parts import do_not_call_service, open_database, utc_now
from ordercall.config import Settings
from ordercall.domain.do_not_call import Source
from ordercall.storage.records import do_not_call
from ordercall.storage.records.do_not_call import Entry

BY = "the command line"
SLICE = 500
"""Numbers that are listed in one transaction, so that no webhook waits for it."""


def add(settings: Settings, wishes: Iterable[tuple[str, datetime | None]]) -> Iterator[bool]:
    """List numbers, each with the end of its wish, and tell of each whether that is news."""
    with closing(open_database(settings)) as db:
        numbers = do_not_call_service(db, settings, utc_now)
        for some in batched(wishes, SLICE):
            news: set[str] = set()
            for ends_at in dict.fromkeys(end for _, end in some):
                phones = list(dict.fromkeys(phone for phone, end in some if end == ends_at))
                news.update(numbers.add(phones, Source.COMMAND, by=BY, ends_at=ends_at))
            for phone, _ in some:
                yield phone in news
                news.discard(phone)  # the second line with a number is none


def remove(settings: Settings, phone: str) -> bool:
    """Take a number off the list, and return whether it was there."""
    with closing(open_database(settings)) as db:
        return do_not_call_service(db, settings, utc_now).remove(phone, by=BY)


def entries(settings: Settings) -> Iterator[Entry]:
    """Yield the list, the newest entry first."""
    with closing(open_database(settings)) as db:
        before, more = None, True
        while more:
            with db.read() as tx:
                page = do_not_call.newest(tx, before=before)
            yield from page
            more, before = bool(page), page[-1].id if page else None
