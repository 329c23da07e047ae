"""What is different for jobs between one machine with a file and a fleet with a server.

``job_store`` chooses by the database; the rest of the engine does not know which it is.
"""

from __future__ import annotations

import asyncio
import logging
import math
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from procrastinate.connector import BaseAsyncConnector
from sqlalchemy import Connection

from ordercall.jobs.postgres.connector import PostgresConnector, rely_on
from ordercall.jobs.sqlite.connector import SQLiteConnector
from ordercall.jobs.takeover import Lease, Takeover
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.postgres_database import PostgresDatabase
from ordercall.storage.engine.sqlite_database import SQLiteDatabase

STAND_BY_SECONDS = 1.0

logger = logging.getLogger(__name__)


class JobStore(Protocol):
    """Where the jobs are kept.

    Attributes:
        poll_seconds: between two looks for jobs that nothing announced.
        look_seconds: between two looks for workers that died.
        lease: whether this process may still count on the locks of its jobs.
    """

    poll_seconds: float
    look_seconds: float
    lease: Lease

    @property
    def connector(self) -> BaseAsyncConnector:
        """What Procrastinate speaks to the database through."""

    def my_turn(self, stop: threading.Event) -> AbstractContextManager[bool]:
        """Hold the right to run jobs for the block, waiting for it; yield False when *stop* was set meanwhile."""

    def rely_on(self, tx: Connection, queueing_lock: str) -> None:
        """Keep a job of this name that waits now from beginning before the transaction has ended."""

    async def trouble(self) -> None:
        """Return when the worker should register anew, because the end of a job could not be stored."""

    async def retire(self) -> None:
        """Strike off what this process had registered before."""


class SQLiteJobs:
    """One worker at a time; whoever dies lets go of the lock, so nobody has to be waited for."""

    poll_seconds = 5.0  # only a net: the connector announces all that can start, and again until it has
    look_seconds = 60.0

    def __init__(self, db: SQLiteDatabase) -> None:
        self._db = db
        self.connector = SQLiteConnector(db.path, db.writing)
        self.lease = Lease(math.inf)

    @contextmanager
    def my_turn(self, stop: threading.Event) -> Iterator[bool]:
        told = False
        while not stop.is_set():
            with self._db.only_one("worker") as mine:
                if mine:
                    yield True
                    return
            if not told:
                logger.warning("another worker serves this database; this one stands by")
                told = True
            stop.wait(STAND_BY_SECONDS)
        yield False

    def rely_on(self, tx: Connection, queueing_lock: str) -> None:
        """A job begins with a write, and there is one writer at a time."""

    async def trouble(self) -> None:
        """The connector waits for the file as long as it takes, so every end is stored."""
        await asyncio.Event().wait()

    async def retire(self) -> None:
        pass


class PostgresJobs:
    """Any number of workers; one whose heart stops beating is taken for dead after a while."""

    poll_seconds = 5.0  # only a net, as above

    def __init__(self, db: PostgresDatabase, takeover: Takeover) -> None:
        self.look_seconds = takeover.look
        self.lease = Lease(takeover.lease)
        self.connector = PostgresConnector(db.parameters, self.lease)

    @contextmanager
    def my_turn(self, stop: threading.Event) -> Iterator[bool]:
        yield not stop.is_set()

    def rely_on(self, tx: Connection, queueing_lock: str) -> None:
        rely_on(tx, queueing_lock)

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
