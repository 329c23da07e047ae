"""Noticing what other processes committed, and when the next job falls due."""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from procrastinate.exceptions import ConnectorException

from ordercall.errors import DatabaseBusy
from ordercall.jobs.sqlite.queries import News, Queries, procrastinate_errors
from ordercall.jobs.sqlite.writer import connect
from ordercall.storage.engine.database_file import DatabaseFile, Identity

SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.02, 0.08
"""Between two looks for commits of others: short after a commit, then longer and longer."""

REMIND_SECONDS = 0.5
"""Between two announcements of the same job. A worker forgets the one that arrives while it is fetching."""


class CommitWatch:
    """Waits, in a thread of its own, for what a listening worker should hear.

    The thread is for the idle hours: to wake an event loop costs about twice as much as to wake a thread.
    """

    def __init__(self, file: DatabaseFile) -> None:
        self.thread = ThreadPoolExecutor(1, "sqlite-watch")
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._opened: Identity | None = None
        self._seen: int | None = None
        self._look_again = time.monotonic()
        self._pause = SHORTEST_PAUSE_SECONDS
        self._closing = threading.Event()

    def next_news(self) -> News:
        """Block until a commit changed the file, a scheduled job fell due or a waiting job is worth a reminder.

        A file that is lost or cannot be read is looked at again: whoever writes to it tells of that, and puts it back.
        """
        while True:
            try:
                return self._wait_for_news()
            except (sqlite3.OperationalError, ConnectorException, DatabaseBusy):
                if self._closing.wait(LONGEST_PAUSE_SECONDS):
                    raise

    def _wait_for_news(self) -> News:
        connection = self._connected()
        while not self._closing.wait(min(self._pause, max(0.0, self._look_again - time.monotonic()))):
            connection = self._connected()
            if self._has_changed(connection) or time.monotonic() >= self._look_again:
                break
            self._pause = min(self._pause * 1.1, LONGEST_PAUSE_SECONDS)
        with procrastinate_errors():
            news = Queries(connection).news()
        self._look_again = time.monotonic() + _seconds_to_next_look(news)
        self._pause = SHORTEST_PAUSE_SECONDS
        return news

    def _connected(self) -> sqlite3.Connection:
        """Return a connection to the file that is open: one that was lost may be followed by another."""
        if self._connection is None or self._file.opened not in (None, self._opened):
            lost, self._connection = self._connection, connect(self._file)
            self._opened = self._file.opened
            if lost:
                lost.close()
        return self._connection

    def close(self) -> None:
        self._closing.set()
        self.thread.shutdown()
        if self._connection:
            self._connection.close()

    def _has_changed(self, connection: sqlite3.Connection) -> bool:
        """Compare a number that SQLite changes whenever another connection has committed."""
        version: int = connection.execute("PRAGMA data_version").fetchone()[0]
        changed, self._seen = version != self._seen, version
        return changed


def _seconds_to_next_look(news: News) -> float:
    if news.startable is not None or news.syncs:
        return REMIND_SECONDS
    if news.next_due is None:
        return math.inf
    return (news.next_due - datetime.now(UTC)).total_seconds()
