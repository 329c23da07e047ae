"""What a person does with the do-not-call list by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing

from ordercall.bootstrap.parts import do_not_call_service, open_database, utc_now
from ordercall.config import Settings
from ordercall.domain.do_not_call import Source
from ordercall.domain.wishes import Wish
from ordercall.storage.records import do_not_call
from ordercall.storage.records.do_not_call import Entry

BY = "the command line"


def add(settings: Settings, wishes: Iterable[Wish]) -> Iterator[bool]:
    """List numbers, and tell of each wish whether it is news."""
    with closing(open_database(settings)) as db:
        yield from do_not_call_service(db, settings, utc_now).add_all(wishes, Source.COMMAND, by=BY)


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
