"""What is different for jobs between one machine with a file and a fleet with a server.

``job_store`` chooses by the database; the rest of the engine does not know which it is.
"""

from __future__ import annotations

import asyncio
import logging
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from ordercall.jobs.postgres.connector import PostgresConnector
from ordercall.jobs.postgres.heartbeats import Heartbeats
from ordercall.jobs.sqlite.connector import SQLiteConnector
from ordercall.jobs.takeover import Lease, Takeover
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.postgres_database import PostgresDatabase
from ordercall.storage.engine.sqlite_database import SQLiteDatabase

STAND_BY_SECONDS = 1.0
"""Between two looks whether the worker that serves the file has gone; nobody waits for the one that stands by."""

logger = logging.getLogger(__name__)


class JobStore:
    """Where the jobs are kept. What a method does here is enough where nobody else can be at work.

    Args:
        connector: what Procrastinate speaks to the database through; its ``ahead`` says which jobs may begin.
        lease: whether this process may still count on the locks of its jobs.
        look_seconds: between two looks for workers that died.
    """

    poll_seconds = 5.0
    """Between two looks for jobs that nothing announced: only a net, as both connectors announce what can start."""

    def __init__(self, connector: SQLiteConnector | PostgresConnector, lease: Lease, look_seconds: float) -> None:
        self.connector = connector
        self.lease = lease
        self.look_seconds = look_seconds

    @contextmanager
    def worker_lock(self, stop: threading.Event) -> Iterator[bool]:
        """Hold the right to run jobs for the block, waiting for it; yield False when *stop* was set meanwhile."""
        yield not stop.is_set()

    def rely_on(self, tx: Connection, queueing_lock: str) -> None:
        """Keep a job of this name that waits now from beginning before the transaction has ended.

        To be asked for before the job is deferred, and outside of the savepoint that a refusal undoes.
        """

    async def trouble(self) -> None:
        """Return when the worker should register anew, because the end of a job could not be stored."""
        await asyncio.Event().wait()

    async def look(self) -> None:
        """Have the worker look for jobs that may start by now."""
        await self.connector.look()

    async def retire(self) -> None:
        """Strike off what this process had registered before."""


class SQLiteJobs(JobStore):
    """One worker at a time: who holds its lock knows that all others are dead, and no lease can be lost.

    A job begins with a write, so after every transaction that relies on it; and the connector waits for the file as
    long as it takes, so every end of a job is stored.
    """

    def __init__(self, db: SQLiteDatabase) -> None:
        super().__init__(SQLiteConnector(db), Lease(math.inf), look_seconds=60.0)
        self._db = db

    @contextmanager
    def worker_lock(self, stop: threading.Event) -> Iterator[bool]:
        warned = False
        while not stop.is_set():
            with self._db.only_one("worker") as mine:
                if mine:
                    yield True
                    return
            if not warned:
                logger.warning("another worker serves this database; this one stands by")
                warned = True
            stop.wait(STAND_BY_SECONDS)
        yield False


class PostgresJobs(JobStore):
    """Any number of workers; one whose heart stops beating is taken for dead after a while."""

    connector: PostgresConnector

    def __init__(self, db: PostgresDatabase, takeover: Takeover) -> None:
        lease = Lease(takeover.lease)
        super().__init__(PostgresConnector(db.parameters, lease, Heartbeats(takeover)), lease, takeover.look)

    def rely_on(self, tx: Connection, queueing_lock: str) -> None:
        self.connector.rely_on(tx, queueing_lock)

    async def trouble(self) -> None:
        await self.connector.trouble()

    async def retire(self) -> None:
        await self.connector.retire()


def job_store(db: Database, takeover: Takeover) -> JobStore:
    """Return where the jobs of this database are kept: with the orders."""
    match db:
        case SQLiteDatabase():
            return SQLiteJobs(db)
        case PostgresDatabase():
            return PostgresJobs(db, takeover)
    raise TypeError(f"{type(db).__name__} keeps no jobs")
