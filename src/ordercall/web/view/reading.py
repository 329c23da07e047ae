"""One reading: all numbers of a page are of one moment, so that no two of them contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, g, request
from sqlalchemy import Connection
from werkzeug.local import LocalProxy

from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.web.context import context
from ordercall.web.ids import read_id
from ordercall.web.view.format import clock, local

type Wanted = OrderFilter | datetime


class Reading:
    """A view of the database in which nothing changes, and the moment that it is of."""

    def __init__(self, tx: Connection, at: datetime) -> None:
        self.at = at
        self._tx = tx
        self._counted: dict[object, Any] = {}

    def ask(self, count: Callable[..., Any], *wanted: Wanted) -> Any:
        """Return what was counted, once however many parts of the page show it."""
        key = (count, wanted)
        if key not in self._counted:
            self._counted[key] = count(self._tx, *wanted)
        return self._counted[key]


@contextmanager
def one_reading() -> Iterator[Connection]:
    """Open the view that all of an answer is read from, also what its templates ask for while it is open."""
    with context().db.read() as tx:
        g.reading = Reading(tx, _present())
        g.as_of = g.reading.at
        try:
            yield tx
        finally:
            del g.reading


def register(app: Flask) -> None:
    """Let answers to an open page say as of when they are, also those that say nothing else."""
    app.after_request(_say_as_of)


def _say_as_of(answer: Response) -> Response:
    """A header cannot hold the words of the pages as they are, such as the narrow space before "pm"."""
    if "HX-Request" in request.headers:
        answer.headers["As-Of"] = quote(clock(g.get("as_of") or _present()))
    return answer


def when_asked(count: Callable[..., Any], *wanted: Wanted) -> Any:
    """Return a proxy of numbers that are counted when a template first uses them: a part has no sidebar."""

    @cache
    def counted() -> Any:
        if open_one := _open():
            return open_one.ask(count, *wanted)
        with context().db.read() as tx:
            return count(tx, *wanted)

    return LocalProxy(counted)


def now() -> datetime:
    """Return the present in the zone of the pages; within a reading the moment that it is of."""
    open_one = _open()
    return open_one.at if open_one else _present()


def as_seen() -> datetime:
    """Return the present as it was for the page that sends this request.

    A page that is open at midnight continues to show its day, so its requests are about that day.
    """
    present = now()
    seen = local(read_id(request.values.get("at")))
    return min(seen, present) if seen else present


def _open() -> Reading | None:
    found: Reading | None = g.get("reading")
    return found


def _present() -> datetime:
    return context().clock().astimezone(context().settings.display_timezone)
