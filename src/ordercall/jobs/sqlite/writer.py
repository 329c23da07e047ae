"""Transactions on one connection, and the worker's writes that share them."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from procrastinate import exceptions, manager

from ordercall.jobs.group_writer import Row, Write
from ordercall.jobs.sqlite.queries import Queries
from ordercall.jobs.sqlite.worker_locks import WorkerLocks

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 5.0
"""How long the writer waits for the write lock before it says so, and waits on."""

UNSYNCED = frozenset({"fetch_job", "finish_job", "update_heartbeat"})
"""Writes that a power cut may undo: the job waits or runs again, as after a crash just before."""


class SQLiteWrites:
    """What a :class:`GroupWriter` carries out on the file.

    Args:
        writing: what all writers of this process queue for. Left to SQLite, this thread would poll with growing pauses
            beside the jobs' own transactions: a fetch took 18 ms, and jobs are fetched one by one.
    """

    def __init__(self, connection: sqlite3.Connection, locks: WorkerLocks, writing: threading.Lock) -> None:
        self._connection = connection
        self._writing = writing
        self._queries = Queries(connection, locks)

    def commit(self, writes: list[Write]) -> list[list[Row]]:
        durable = any(write.name not in UNSYNCED for write in writes)
        self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        with self._writing, procrastinate_errors(), transaction(self._connection, patient=True):
            return [self._queries.run(write.name, write.arguments) for write in writes]

    def close(self) -> None:
        self._connection.close()


@contextmanager
def transaction(connection: sqlite3.Connection, *, patient: bool = False) -> Iterator[None]:
    """Hold the write lock for a block; commit at its end, or roll back."""
    begin(connection, patient=patient)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def savepoint(connection: sqlite3.Connection) -> Iterator[None]:
    """Undo the block alone if it fails, and leave the transaction around it as it was."""
    connection.execute("SAVEPOINT ordercall_job")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO ordercall_job")
            connection.execute("RELEASE ordercall_job")
        raise
    connection.execute("RELEASE ordercall_job")


@contextmanager
def procrastinate_errors() -> Iterator[None]:
    """Raise what Procrastinate expects of a connector; SQLite's own error stays as the cause."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        if "procrastinate_jobs.queueing_lock" not in str(error):
            raise exceptions.ConnectorException(f"SQLite: {error}") from error
        raise exceptions.UniqueViolation(
            constraint_name=manager.QUEUEING_LOCK_CONSTRAINT, queueing_lock=None
        ) from error
    except sqlite3.Error as error:
        raise exceptions.ConnectorException(f"SQLite: {error}") from error


def begin(connection: sqlite3.Connection, *, patient: bool = False) -> None:
    """Take the write lock. The patient wait for as long as somebody else holds it."""
    while not connection.in_transaction:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not patient or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            logger.warning("Another process holds the database's write lock; the worker waits for it.")
