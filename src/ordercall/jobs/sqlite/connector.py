"""Procrastinate on one SQLite file, for any number of processes of one machine.

What it promises:

- A job is in the file when the call that deferred it returns, and in the caller's own transaction if the caller
  brought a connection (``configure_task(name, connection=...)``): committed or rolled back with the caller's rows.
- The worker's writes share commits. They queue for one thread, which carries out all that gathered while its last
  commit ran, and commits once; sixteen jobs that end together cost one fsync, not sixteen.
- Every commit is on the disk before it is answered (``synchronous=FULL``), but for commits that only fetch or end
  jobs or beat the heart: a power cut that undoes one lets the job wait or run again, as a crash just before would have.
- Jobs of a dead worker are known at once, and those of a living one never taken for lost (``WorkerLocks``).

What to know:

- One machine and a local disk: neither WAL nor file locks hold across a network, so such a file is refused.
- The worker waits for the write lock as long as it takes, and says so in the log, because an error would leave a
  finished job running for ever. Callers outside the worker get an error after ``busy_timeout``.
- Commits of other processes are noticed by asking for ``PRAGMA data_version``, 12 times a second when all is quiet.
  Measured: an idle worker takes 0.25 % of a core and starts what another process deferred after 40 ms (median),
  20 ms when jobs come every moment.
- A forked child may defer jobs (it opens connections of its own), but cannot go on with its parent's worker.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from procrastinate import connector, exceptions
from sqlalchemy import Connection

from ordercall.jobs.fetching import FetchAhead
from ordercall.jobs.group_writer import GroupWriter
from ordercall.jobs.sqlite.queries import DELETE_SLICE, READS, Queries, name_of
from ordercall.jobs.sqlite.rows import Row
from ordercall.jobs.sqlite.running import News
from ordercall.jobs.sqlite.schema import SCHEMA_STATEMENTS, create_schema
from ordercall.jobs.sqlite.worker_locks import WorkerLocks
from ordercall.jobs.sqlite.writer import (
    PATIENCE_SECONDS,
    SQLiteWrites,
    begin,
    procrastinate_errors,
    savepoint,
    transaction,
)
from ordercall.storage.engine.local_disk import refuse_network_file_system

__all__ = ["SCHEMA_STATEMENTS", "SQLiteConnector", "SyncSQLiteConnector", "create_schema"]

SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.02, 0.08
"""Between two looks for commits of others: short after a commit, then longer and longer."""

REMIND_SECONDS = 0.5
"""Between two announcements of the same job. A worker forgets the one that arrives while it is fetching."""


class SyncSQLiteConnector(connector.BaseConnector):
    """The connector for callers outside the worker's event loop: web requests, the command line, sync tasks.

    Args:
        path: the database file; its folder must exist.
        busy_timeout: seconds that a write waits for the write lock. Shopify gives a webhook five in all.
    """

    def __init__(self, path: str | Path, *, busy_timeout: float = 4.0) -> None:
        self.path = Path(path).absolute()
        self.locks = WorkerLocks(self.path)
        self._busy_timeout = busy_timeout
        self._idle: list[sqlite3.Connection] = []
        self._inherited: list[sqlite3.Connection] = []
        self._pid = os.getpid()

    def get_sync_connector(self) -> SyncSQLiteConnector:
        return self

    def open(self, pool: object = None) -> None:
        """Do nothing: connections are opened when they are first needed, and kept."""

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def connect(self, busy_timeout: float | None = None) -> sqlite3.Connection:
        """Open a connection that may wander between threads, one at a time.

        Raises:
            DatabaseUnusable: the file lies on a network file system.
        """
        refuse_network_file_system(self.path)
        timeout = self._busy_timeout if busy_timeout is None else busy_timeout
        connection = sqlite3.connect(self.path, timeout=timeout, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def run(self, name: str, arguments: dict[str, Any]) -> list[Row]:
        """Carry out a named query, a write in a transaction of its own."""
        with procrastinate_errors(), self._borrowed() as connection:
            queries = Queries(connection, self.locks)
            if name in READS:
                return queries.run(name, arguments)
            with transaction(connection):
                return queries.run(name, arguments)

    def run_within(
        self, connection: Connection | sqlite3.Connection, query: str, arguments: dict[str, Any]
    ) -> list[Row]:
        """Carry out a query in the caller's transaction, which stays usable if the query fails."""
        name = name_of(query)
        with procrastinate_errors():
            joined = _driver_connection(connection)
            with _part_of_transaction(joined):
                return Queries(joined, self.locks).run(name, arguments)

    def execute_query(self, query: str, **arguments: Any) -> None:
        self.run(name_of(query), arguments)

    def execute_query_one(self, query: str, **arguments: Any) -> Row:
        return _first(self.run(name_of(query), arguments))

    def execute_query_all(self, query: str, **arguments: Any) -> list[Row]:
        return self.run(name_of(query), arguments)

    def execute_query_one_with_connection(self, connection: Any, query: str, **arguments: Any) -> Row:
        return _first(self.run_within(connection, query, arguments))

    def execute_query_all_with_connection(self, connection: Any, query: str, **arguments: Any) -> list[Row]:
        return self.run_within(connection, query, arguments)

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        self._forget_inherited()
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self.connect()
        try:
            yield connection
        finally:
            self._idle.append(connection)

    def _forget_inherited(self) -> None:
        """In a forked child: neither use nor close the parent's connections; SQLite allows neither."""
        if self._pid != os.getpid():
            self._inherited, self._idle, self._pid = self._idle, [], os.getpid()


class SQLiteConnector(connector.BaseAsyncConnector):
    """The connector for a Procrastinate app: the worker's side, and through ``get_sync_connector`` everybody else's.

    Args:
        path: the database file; its folder must exist.
        busy_timeout: seconds that a write outside the worker waits for the write lock.
        writing: what the other writers of this process queue for, and the worker with them.
    """

    def __init__(self, path: str | Path, *, busy_timeout: float = 4.0, writing: threading.Lock | None = None) -> None:
        self._sync = SyncSQLiteConnector(path, busy_timeout=busy_timeout)
        self._writing = writing or threading.Lock()
        self._open: tuple[GroupWriter, ThreadPoolExecutor] | None = None
        self._ahead = FetchAhead(lambda arguments: self._opened()[0].submit("fetch_job", arguments))

    def get_sync_connector(self) -> SyncSQLiteConnector:
        return self._sync

    async def open_async(self, pool: object = None) -> None:  # noqa: ARG002 - Procrastinate's signature
        """Start the threads of the worker's side. They are its own: sync tasks may fill the loop's default ones."""
        if self._open is None:
            writes = SQLiteWrites(self._sync.connect(PATIENCE_SECONDS), self._sync.locks, self._writing)
            writer = GroupWriter(writes)
            self._open = writer, ThreadPoolExecutor(2, "sqlite-read")

    async def close_async(self) -> None:
        if self._open is not None:
            (writer, readers), self._open = self._open, None
            await asyncio.to_thread(writer.stop)
            readers.shutdown()
            self._sync.close()
            self._sync.locks.drop()

    async def execute_query_async(self, query: str, **arguments: Any) -> None:
        await self._run(query, arguments)

    async def execute_query_one_async(self, query: str, **arguments: Any) -> Row:
        return _first(await self._run(query, arguments))

    async def execute_query_all_async(self, query: str, **arguments: Any) -> list[Row]:
        return await self._run(query, arguments)

    async def execute_query_one_async_with_connection(self, connection: Any, query: str, **arguments: Any) -> Row:
        return _first(self._sync.run_within(connection, query, arguments))

    async def execute_query_all_async_with_connection(self, connection: Any, query: str, **arguments: Any) -> list[Row]:
        return self._sync.run_within(connection, query, arguments)

    async def listen_notify(self, on_notification: connector.Notify, channels: Iterable[str]) -> None:
        """Announce startable jobs and requested aborts, until cancelled.

        It looks when a commit has changed the file, when a scheduled job falls due, and every half second while a
        job waits that could start.
        """
        channels = list(channels)
        loop = asyncio.get_running_loop()
        with closing(CommitWatch(self._sync.connect(), self._sync.locks, _queues_of(channels))) as watch:
            try:
                while True:
                    news = await loop.run_in_executor(watch.thread, watch.next_news)
                    for payload in _payloads(news):
                        await on_notification(channel=channels[0], payload=payload)
            finally:
                self._ahead.stop()  # a worker that is told to end stops listening first

    def _opened(self) -> tuple[GroupWriter, ThreadPoolExecutor]:
        if self._open is None:
            raise exceptions.AppNotOpen
        return self._open

    async def _run(self, query: str, arguments: dict[str, Any]) -> list[Row]:
        name = name_of(query)
        writer, readers = self._opened()
        match name:
            case "fetch_job":
                return await self._ahead.next(arguments)
            case "finish_job":
                ending = writer.submit(name, arguments)
                self._ahead.one_ends()
                return await asyncio.wrap_future(ending)
            case "unregister_worker":
                await asyncio.wrap_future(writer.submit("give_back", {"job_ids": await self._ahead.left_over()}))
            case _ if name in READS:
                return await asyncio.get_running_loop().run_in_executor(readers, self._sync.run, name, arguments)
        rows = await asyncio.wrap_future(writer.submit(name, arguments))
        while name == "delete_old_jobs" and len(rows) == DELETE_SLICE:  # others write between two slices
            rows = await asyncio.wrap_future(writer.submit(name, arguments))
        return rows


class CommitWatch:
    """Waits, in a thread of its own, for what a listening worker should hear.

    The thread is for the idle hours: to wake an event loop costs about twice as much as to wake a thread.
    """

    def __init__(self, connection: sqlite3.Connection, locks: WorkerLocks, queues: list[str] | None) -> None:
        self.thread = ThreadPoolExecutor(1, "sqlite-watch")
        self._connection = connection
        self._queries = Queries(connection, locks)
        self._queues = queues
        self._seen: int | None = None
        self._look_again = time.monotonic()
        self._pause = SHORTEST_PAUSE_SECONDS
        self._closing = threading.Event()

    def next_news(self) -> News:
        """Block until a commit changed the file, a scheduled job fell due or a waiting job is worth a reminder."""
        while not self._closing.wait(min(self._pause, max(0.0, self._look_again - time.monotonic()))):
            if self._has_changed() or time.monotonic() >= self._look_again:
                break
            self._pause = min(self._pause * 1.1, LONGEST_PAUSE_SECONDS)
        with procrastinate_errors():
            news = self._queries.news(self._queues)
        self._look_again = time.monotonic() + _seconds_to_next_look(news)
        self._pause = SHORTEST_PAUSE_SECONDS
        return news

    def close(self) -> None:
        self._closing.set()
        self.thread.shutdown()
        self._connection.close()

    def _has_changed(self) -> bool:
        """Compare a number that SQLite changes whenever another connection has committed."""
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        changed, self._seen = version != self._seen, version
        return changed


@contextmanager
def _part_of_transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Join the open transaction. Without one, commit at once on an autocommit connection, else begin and leave open."""
    if not connection.in_transaction and connection.isolation_level is None:
        with transaction(connection):
            yield
        return
    if not connection.in_transaction:
        begin(connection)
    with savepoint(connection):
        yield


def _driver_connection(connection: Connection | sqlite3.Connection) -> sqlite3.Connection:
    """Return the sqlite3 connection beneath SQLAlchemy's, whose commit() then knows that there is work to commit."""
    if isinstance(connection, sqlite3.Connection):
        return connection
    if isinstance(connection, Connection):
        if not connection.in_transaction():
            connection.begin()
        driver = connection.connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            return driver
    raise exceptions.ConnectorException(f"Jobs of this database cannot join a transaction of {connection!r}")


def _queues_of(channels: list[str]) -> list[str] | None:
    """Return the queues behind Procrastinate's channel names; None stands for every queue."""
    prefix = "procrastinate_queue_v1#"
    if any(not channel.startswith(prefix) for channel in channels):
        return None
    return [channel.removeprefix(prefix) for channel in channels]


def _payloads(news: News) -> list[str]:
    inserted = [] if news.startable is None else [{"type": "job_inserted", "job_id": news.startable}]
    aborts = [{"type": "abort_job_requested", "job_id": job_id} for job_id in news.to_abort]
    return [json.dumps(payload) for payload in inserted + aborts]


def _seconds_to_next_look(news: News) -> float:
    if news.startable is not None:
        return REMIND_SECONDS
    if news.next_due is None:
        return math.inf
    return (news.next_due - datetime.now(UTC)).total_seconds()


def _first(rows: list[Row]) -> Row:
    if not rows:
        raise exceptions.NoResult
    return rows[0]
