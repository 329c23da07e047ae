"""The one door to the database: transactions that write, and looks that only read."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, event

from ordercall.errors import DatabaseBusy
from ordercall.storage.migrations import upgrade

PATIENCE_SECONDS = 4.0
"""How long a transaction waits for the write lock. Shopify gives a webhook five seconds in all."""

PAUSE_SECONDS = 0.001
TOO_BUSY = "The database was busy for too long; nothing was stored. Send it again."


class Database:
    """One SQLite file in WAL mode; every commit is on the disk before it counts (synchronous=FULL).

    Args:
        path: the database file; its folder must exist.
        patience: seconds that a transaction waits for the write lock before it gives up.
    """

    def __init__(self, path: Path, *, patience: float = PATIENCE_SECONDS) -> None:
        self.path = path
        self._patience = patience
        self._writer = threading.Lock()
        self.engine = create_engine(
            URL.create("sqlite", database=str(path)),
            hide_parameters=True,
            connect_args={"timeout": PATIENCE_SECONDS},
            pool_size=8,
            max_overflow=120,
        )
        event.listen(self.engine, "connect", lambda connection, _record: _prepare(connection, patience))
        event.listen(self.engine, "begin", _begin)

    def upgrade(self) -> None:
        """Bring the file to this version's tables, in one transaction; the rows of an older file stay."""
        with self.begin() as tx:
            upgrade(tx)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a transaction that writes: committed at the end of the block, rolled back by an error.

        The threads of this process queue here, in order. Left to SQLite they would poll for the lock with
        growing pauses, and an unlucky webhook would wait many times as long as the others.

        Raises:
            DatabaseBusy: the write lock was not free in time.
        """
        if not self._writer.acquire(timeout=self._patience):
            raise DatabaseBusy(TOO_BUSY)
        try:
            with self._connect(writes=True) as tx:
                yield tx
        finally:
            self._writer.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a consistent view that only reads; it never waits for a writer."""
        with self._connect(writes=False) as tx:
            yield tx

    @contextmanager
    def _connect(self, *, writes: bool) -> Iterator[Connection]:
        patience = self._patience if writes else None
        with self.engine.connect().execution_options(patience=patience) as connection, connection.begin():
            yield connection

    def empty_log(self) -> None:
        """Bring what was committed into the file and empty the write-ahead log, which keeps older pages until then."""
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def close(self) -> None:
        self.engine.dispose()


def _prepare(connection: sqlite3.Connection, patience: float) -> None:
    connection.isolation_level = None  # we begin ourselves, so that a writer has the lock from its first statement
    _when_free(connection, "PRAGMA journal_mode = WAL", patience)  # for this one SQLite itself would not wait
    for pragma in ("synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    patience = connection.get_execution_options().get("patience")
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - the engine is made for SQLite above
    if patience is None:
        driver.execute("BEGIN")
    else:
        _begin_writing(driver, patience)


def _begin_writing(driver: sqlite3.Connection, patience: float) -> None:
    """Take the write lock as soon as another process lets go of it.

    SQLite's own waiting sleeps for up to a tenth of a second between looks, and a busy worker takes the lock again
    and again meanwhile; a webhook cannot wait like that. So the lock is asked for every millisecond.
    """
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        _when_free(driver, "BEGIN IMMEDIATE", patience)
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(PATIENCE_SECONDS * 1000)}")


def _when_free(driver: sqlite3.Connection, statement: str, patience: float) -> None:
    """Run a statement that needs a lock, as soon as nobody else holds it."""
    deadline = time.monotonic() + patience
    while True:
        try:
            driver.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() > deadline:
                raise DatabaseBusy(TOO_BUSY) from error
        time.sleep(PAUSE_SECONDS)
