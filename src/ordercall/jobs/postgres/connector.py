"""Procrastinate on Postgres: its own connector, and what a fleet needs beyond it.

- A job joins the transaction of a SQLAlchemy connection, as on SQLite.
- **No wake-up is lost.** A job that is not deferred because its twin waits already relies on the twin to see what the
  transaction writes. But the twin may start before that transaction commits, and would see nothing of it. So whoever
  may rely on a twin holds a shared lock of its name until the commit (``rely_on``); a job that starts waits for them.
- **A worker that loses touch begins anew.** A job whose end could not be stored would stay "doing" under a living
  worker for ever. ``trouble`` tells the worker, which registers again; what its earlier self left open is taken over
  like the jobs of a dead one. So does a worker whose heart reaches the database again after it was struck off.
- **A worker is told when to look**, so it need not ask all the time. The server announces a job that is inserted or
  tried again. Whoever ends a job looks next for those that waited for its lock; a worker that is about to leave has
  the others look. A fetch that finds nothing says when the next job falls due.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any, LiteralString

import psycopg
from procrastinate import connector, exceptions, sql
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.sync_psycopg_connector import wrap_exceptions
from psycopg.rows import dict_row
from sqlalchemy import Connection, text

from ordercall.errors import DatabaseBusy, LeaseLost
from ordercall.jobs.fetching import Claiming, FetchAhead
from ordercall.jobs.group_writer import GroupWriter, Row
from ordercall.jobs.postgres.heartbeats import BEATS, OF_THE_DEAD, Heartbeats
from ordercall.jobs.postgres.notifier import ANY_QUEUE, LOOK, Notifier
from ordercall.jobs.postgres.writer import CLAIM, PostgresWrites
from ordercall.jobs.priorities import HOLDS_NOBODY_UP, NEW_CONTACT
from ordercall.jobs.takeover import Lease
from ordercall.storage.engine.postgres_database import AWAY

MOST_CONNECTIONS = 3
"""Of a worker's engine, beside the one that listens and the one that writes."""

PATIENCE_SECONDS = 10.0
"""How long the engine waits for a connection; after that the database counts as away, and the worker begins anew."""

FETCH = sql.queries["fetch_job"]
REGISTER, UNREGISTER = sql.queries["register_worker"], sql.queries["unregister_worker"]
BEAT = sql.queries["update_heartbeat"]
STILL_COUNTED = "UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = %(worker_id)s RETURNING id"
"""Procrastinate's own heartbeat says nothing of a worker that was struck off."""

ENDINGS = {sql.queries[name]: name for name in ("finish_job", "retry_job")}
HOLD_OFF = text("SELECT pg_advisory_xact_lock_shared(hashtextextended('queueing ' || :name, 0))")
LET_THEM_COMMIT = "SELECT pg_advisory_xact_lock(hashtextextended('queueing ' || %(name)s, 0)) AS waited"

logger = logging.getLogger(__name__)


class PostgresConnector(PsycopgConnector):
    """The connector for a Procrastinate app: the worker's side, once it is open, and that of whoever defers a job.

    Args:
        parameters: what libpq needs for a connection.
        lease: renewed with every heartbeat that reached the database.
        heartbeats: which workers are dead.
    """

    def __init__(self, parameters: dict[str, Any], lease: Lease, heartbeats: Heartbeats) -> None:
        super().__init__(kwargs=parameters, min_size=1, max_size=MOST_CONNECTIONS, timeout=PATIENCE_SECONDS)
        self._lease = lease
        self.heartbeats = heartbeats
        self.claiming = Claiming()
        self._trouble: asyncio.Event | None = None
        self._writer = GroupWriter(PostgresWrites(parameters))
        self.progress = self._writer.progress
        self._notifier = Notifier(lambda: self.claiming.wanted())
        self.ahead = FetchAhead(self._set_out_to_fetch)

    def get_sync_connector(self) -> connector.BaseConnector:
        return self

    def execute_query_all_with_connection(self, connection: Any, query: LiteralString, **arguments: Any) -> list[Row]:
        """Carry out a query in the transaction of a SQLAlchemy connection; wrap it in a savepoint where it may fail.

        Raises:
            DatabaseBusy: the database did not answer, or was busy for too long.
        """
        return self._execute(connection, query, self._wrap_json(arguments))

    def _execute(self, tx: Connection, query: LiteralString, arguments: dict[str, Any]) -> list[Row]:
        driver = tx.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)  # noqa: S101 - jobs are kept beside the orders
        with _answering(), driver.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, arguments).fetchall()

    def claim(self, tx: Connection, worker_id: int, most: int) -> list[Row]:
        """Fetch many jobs at once in the transaction of a SQLAlchemy connection."""
        which = {"at_least": HOLDS_NOBODY_UP, "at_most": NEW_CONTACT, "resting": []}
        return self._execute(tx, CLAIM, {"worker_id": worker_id, "most": most} | which)

    async def close_async(self) -> None:
        await asyncio.to_thread(self._writer.stop)
        await super().close_async()

    def rely_on(self, tx: Connection, queueing_lock: str) -> None:
        """Keep a job of this name that waits now from beginning before the transaction has ended."""
        tx.execute(HOLD_OFF, {"name": queueing_lock})

    async def trouble(self) -> None:
        """Return when the end of a job could not be stored, or the heart or the listener of the worker failed."""
        self._trouble = asyncio.Event()
        await self._trouble.wait()

    @contextmanager
    def _tells_of_trouble(self) -> Iterator[None]:
        """Procrastinate's worker watches its parts until the first ends; without a periodic task one does at once."""
        try:
            yield
        except Exception:
            if self._trouble:
                self._trouble.set()
            raise

    async def retire(self) -> None:
        """Strike the worker off that this process had registered before: what it left open is anybody's."""
        if self.claiming.worker_id is not None:
            await self.execute_query_async(UNREGISTER, worker_id=self.claiming.worker_id)

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        if query in ENDINGS:
            await self._end(ENDINGS[query], arguments)
            return
        if query == BEAT:
            with self._tells_of_trouble():
                await self._beat(**arguments)
            return
        if query == UNREGISTER:
            await self.claiming.ended()
            await self._give_back()
        await super().execute_query_async(query, **arguments)
        if query == UNREGISTER:
            self.claiming.worker_id = None

    async def execute_query_one_async(self, query: LiteralString, **arguments: Any) -> Row:
        if query == FETCH:
            return await self._fetch(arguments)
        set_out = self._lease.now()
        row: Row = await super().execute_query_one_async(query, **arguments)
        if query == REGISTER:
            self._lease.renew(set_out)
            self.claiming.registered_as(row["worker_id"])
        return row

    async def execute_query_all_async(self, query: LiteralString, **arguments: Any) -> list[Row]:
        if query in OF_THE_DEAD:
            beats = [(row["id"], row["beat"], row["age"]) for row in await super().execute_query_all_async(BEATS)]
            dead = self.heartbeats.dead(beats, arguments["seconds_since_heartbeat"])
            query, arguments = (
                OF_THE_DEAD[query],
                {"ids": [one for one, _ in dead], "beats": [beat for _, beat in dead]},
            )
        rows: list[Row] = await super().execute_query_all_async(query, **arguments)
        return rows

    async def _beat(self, worker_id: int) -> None:
        """Keep this worker from being taken for dead.

        Raises:
            LeaseLost: it was. Its jobs are others' by now, so the lease is not renewed, and it has to register again.
        """
        set_out = self._lease.now()
        if not await self.execute_query_all_async(STILL_COUNTED, worker_id=worker_id):
            logger.warning("this worker was taken for dead while it was out of touch; it begins anew")
            raise LeaseLost("Others do the work of this worker by now.")
        self._lease.renew(set_out)

    async def listen_notify(self, on_notification: connector.Notify, channels: Iterable[str]) -> None:
        with self._notifier.listener(on_notification) as notify:
            try:
                with self._tells_of_trouble():
                    await super().listen_notify(notify, channels)
            finally:
                self.ahead.stop()  # a worker that is told to end stops listening first

    async def _loop_notify(self, on_notification: connector.Notify, *arguments: Any, **options: Any) -> None:
        await self._notifier.wake()  # for what was announced before it listened, or between two connections
        await super()._loop_notify(on_notification, *arguments, **options)

    async def look(self) -> None:
        """Have all workers look for jobs that nothing announces: what kept them is over."""
        self._announce()

    # -- the jobs of a worker

    def _set_out_to_fetch(self, arguments: dict[str, Any]) -> Future[list[Row]]:
        self._notifier.notified = False
        return self._writer.submit("fetch_job", arguments)

    async def _fetch(self, arguments: dict[str, Any]) -> Row:
        """Fetch a job, and let those commit who rely on it because it was waiting."""
        while True:
            [row] = await self.ahead.next(arguments)
            if row["id"] is not None:
                break
            if not self._notifier.notified:  # else it looked too early
                self._notifier.wake_in(row["due_in"])
                return row
        while row["queueing_lock"] and not await self._have_committed(row["queueing_lock"]):
            logger.warning("a job waits for a transaction that stays open: %s", row["queueing_lock"])
        return row

    async def _have_committed(self, queueing_lock: str) -> bool:
        """Wait for the transactions that rely on this job; return False when one is still open after the patience.

        That one belongs to a process that hangs or was cut off, and the server ends it soon.
        """
        try:
            await super().execute_query_one_async(LET_THEM_COMMIT, name=queueing_lock)
        except exceptions.ConnectorException as error:
            if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                return False
            raise
        return True

    async def _end(self, name: str, arguments: dict[str, Any]) -> None:
        """Store the end of a job, and see to it that somebody looks for those that waited for its lock or its time."""
        ending = self._writer.submit(name, arguments)
        if name == "retry_job" or not self._notifier.has_listener:
            self._announce()
        looked = self.ahead.one_ends(arguments["job_id"])
        with self._tells_of_trouble():
            await asyncio.wrap_future(ending)
        if not looked:
            await self._notifier.wake()

    async def _give_back(self) -> None:
        """Leave to others what was fetched for a worker that leaves. If that fails, it is taken over with the rest."""
        job_ids = await self.ahead.left_over()
        if job_ids:
            with suppress(exceptions.ConnectorException):
                await asyncio.wrap_future(self._writer.submit("give_back", {"job_ids": job_ids}))
            self._announce()

    def _announce(self) -> None:
        """Have every worker look for jobs, as soon as what was submitted is stored."""
        self._writer.submit("announce", {"channel": ANY_QUEUE, "payload": LOOK})


@contextmanager
def _answering() -> Iterator[None]:
    try:
        with wrap_exceptions():
            yield
    except exceptions.ConnectorException as error:
        if not isinstance(error.__cause__, psycopg.OperationalError):
            raise
        raise DatabaseBusy(AWAY) from error
