"""Procrastinate on one SQLite file, whose worker is one process at a time.

What it promises:

- A job is committed or rolled back with the caller's rows: it joins the transaction that the caller brings.
- The worker's writes share commits. They queue for one thread, which carries out all that gathered while its last
  commit ran, and commits once; sixteen jobs that end together cost one fsync, not sixteen.
- Every commit is on the disk before it is answered (``synchronous=FULL``), but for commits that only fetch or end
  jobs or beat the heart: a power cut that undoes one lets the job wait or run again, as a crash just before would have.
- Jobs of a dead worker are known at once: whoever runs the worker holds a lock of the file, so no other is alive.

What to know:

- The worker waits for the write lock as long as it takes, and says so in the log, because an error would leave a
  finished job running for ever.
- Commits of other processes are noticed by asking for ``PRAGMA data_version``, 12 times a second when all is quiet.
  Measured: an idle worker takes 0.25 % of a core and starts what another process deferred after 40 ms (median),
  20 ms when jobs come every moment.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from contextlib import closing
from typing import Any

from procrastinate import connector
from sqlalchemy import Connection

from ordercall.jobs.fetching import Claiming, FetchAhead
from ordercall.jobs.group_writer import GroupWriter, Row
from ordercall.jobs.sqlite.queries import Queries, name_of, procrastinate_errors
from ordercall.jobs.sqlite.watch import CommitWatch
from ordercall.jobs.sqlite.writer import SQLiteWrites
from ordercall.storage.engine.sqlite_database import SQLiteDatabase

type Wake = Callable[[int], Awaitable[None]]
"""Has the worker look for a job; 0: for whichever there is."""

ENDINGS = ("finish_job", "retry_job")


class SQLiteConnector(connector.BaseAsyncConnector):
    """The connector for a Procrastinate app: the worker's side, once it is open, and that of whoever defers a job.

    Args:
        db: the database, with our tables.
    """

    def __init__(self, db: SQLiteDatabase) -> None:
        self._db = db
        self._writer = GroupWriter(SQLiteWrites(db))
        self.progress = self._writer.progress
        self.ahead = FetchAhead(lambda arguments: self._writer.submit("fetch_job", arguments))
        self.claiming = Claiming()
        self._wake: Wake | None = None

    def get_sync_connector(self) -> connector.BaseConnector:
        return self

    def execute_query_all_with_connection(self, connection: Any, query: str, **arguments: Any) -> list[Row]:
        """Carry out a query in the transaction of a SQLAlchemy connection; wrap it in a savepoint where it may fail."""
        return self._run_in(connection, name_of(query), arguments)

    def claim(self, tx: Connection, worker_id: int, most: int) -> list[Row]:
        """Fetch many jobs at once in the transaction of a SQLAlchemy connection."""
        return self._run_in(tx, "claim", {"worker_id": worker_id, "most": most})

    def _run_in(self, tx: Connection, name: str, arguments: dict[str, Any]) -> list[Row]:
        driver = tx.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - jobs are kept beside the orders
        with procrastinate_errors():
            return Queries(driver).run(name, arguments)

    async def open_async(self, pool: object = None) -> None:
        """Do nothing: connections are opened when they are first needed."""

    async def close_async(self) -> None:
        await asyncio.to_thread(self._writer.stop)

    async def execute_query_async(self, query: str, **arguments: Any) -> None:
        await self._run(query, arguments)

    async def execute_query_one_async(self, query: str, **arguments: Any) -> Row:
        [row] = await self._run(query, arguments)
        return row

    async def execute_query_all_async(self, query: str, **arguments: Any) -> list[Row]:
        return await self._run(query, arguments)

    async def listen_notify(self, on_notification: connector.Notify, channels: Iterable[str]) -> None:
        """Announce jobs that can start, until cancelled.

        It looks when a commit has changed the file, when a scheduled job falls due, and every half second while a
        job waits that could start.
        """
        [channel] = channels
        loop = asyncio.get_running_loop()
        self._wake = lambda job_id: on_notification(
            channel=channel, payload=json.dumps({"type": "job_inserted", "job_id": job_id})
        )
        with closing(CommitWatch(self._db.file)) as watch:
            try:
                while True:
                    news = await loop.run_in_executor(watch.thread, watch.next_news)
                    if news.startable is not None:
                        await self._wake(news.startable)
                    if news.syncs:
                        self.claiming.wanted()
            finally:
                self._wake = None
                self.ahead.stop()  # a worker that is told to end stops listening first

    async def look(self) -> None:
        """Have the worker look for jobs that nothing announces: what kept them is over."""
        self.claiming.wanted()
        if self._wake:
            await self._wake(0)

    async def _run(self, query: str, arguments: dict[str, Any]) -> list[Row]:
        name = name_of(query)
        if name == "fetch_job":
            return await self.ahead.next(arguments)
        if name == "unregister_worker":
            await self.claiming.ended()
            self.claiming.worker_id = None
            await asyncio.wrap_future(self._writer.submit("give_back", {"job_ids": await self.ahead.left_over()}))
        rows = self._writer.submit(name, arguments)
        asks_by_itself = name not in ENDINGS or self.ahead.one_ends(arguments["job_id"])
        answer = await asyncio.wrap_future(rows)
        if name == "register_worker":
            self.claiming.registered_as(answer[0]["worker_id"])
        if not asks_by_itself and self._wake:
            await self._wake(0)
        return answer
