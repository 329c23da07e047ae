"""The worker's own writes on SQLite: what gathered is one transaction, and waits for the disk only where it must."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ordercall.errors import DatabaseBusy, DatabaseFault
from ordercall.jobs.group_writer import Row, Write
from ordercall.jobs.sqlite.queries import Queries, procrastinate_errors
from ordercall.storage.engine.database_file import DatabaseFile, Identity
from ordercall.storage.engine.sqlite_database import SQLiteDatabase

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 5.0
"""How long the writer waits for the write lock before it says so, and waits on."""

PAUSE_SECONDS = 1.0
"""Between two tries while nothing can be stored; the database tells the log why."""

UNSYNCED = frozenset({"fetch_job", "finish_job", "update_heartbeat"})
"""Writes that a power cut may undo: the job waits or runs again, as after a crash just before."""


def connect(file: DatabaseFile) -> sqlite3.Connection:
    """Open a connection that may wander between threads, one at a time, and begins and ends nothing by itself."""
    return file.connect(timeout=PATIENCE_SECONDS, isolation_level=None)


class SQLiteWrites:
    """What a :class:`GroupWriter` carries out on the file, over a connection that is opened when it is first needed.

    It takes its turn among all writers of this process. Left to SQLite, this thread would poll with growing pauses
    beside the jobs' own transactions: a fetch took 18 ms, and jobs are fetched one by one.
    """

    def __init__(self, db: SQLiteDatabase) -> None:
        self._db = db
        self._queries: Queries | None = None
        self._opened: Identity | None = None

    def commit(self, writes: list[Write]) -> list[list[Row]]:
        """Carry the writes out, however long nothing can be stored: an end that was not would leave its job running."""
        while True:
            try:
                return self._commit(writes)
            except DatabaseFault:
                if not self._db.file.is_lost():  # else it may be the last copy
                    self.close()
            time.sleep(PAUSE_SECONDS)
            with suppress(DatabaseBusy):
                self._db.refuse_if_unfit()  # which saves a lost file

    def _commit(self, writes: list[Write]) -> list[list[Row]]:
        durable = any(write.name not in UNSYNCED for write in writes)
        with self._db.writing, procrastinate_errors(), self._db.answered_for():
            queries = self._connected()
            queries.connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            with _transaction(queries.connection):
                self._db.file.check()  # again, with the lock
                return [queries.run(write.name, write.arguments) for write in writes]

    def _connected(self) -> Queries:
        """Return the connection; to the file that is there now, where another thread has saved the one before."""
        if self._opened != self._db.file.opened:
            self.close()
        if self._queries is None:
            self._db.file.writers = connection = connect(self._db.file)
            self._queries = Queries(connection)
            self._opened = self._db.file.opened
        return self._queries

    def close(self) -> None:
        if self._queries is not None:
            self._db.file.writers = None
            self._queries.connection.close()
            self._queries = None


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock for a block, however long somebody else holds it; commit at its end, or roll back."""
    while not connection.in_transaction:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            logger.warning("Another process holds the database's write lock; the worker waits for it.")
    with connection:
        yield
