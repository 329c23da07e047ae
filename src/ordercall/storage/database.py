"""The one door to the database: transactions that write, and looks that only read."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import OperationalError

from ordercall.errors import DatabaseBusy
from ordercall.storage.migrations import upgrade

PATIENCE_SECONDS = 4.0
"""How long a transaction waits for the write lock. Shopify gives a webhook five seconds in all."""


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
            f"sqlite:///{path}", hide_parameters=True, connect_args={"timeout": patience}, pool_size=8, max_overflow=120
        )
        event.listen(self.engine, "connect", _prepare)
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
            raise DatabaseBusy("The database was busy for too long; nothing was stored. Send it again.")
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
        with self.engine.connect() as connection:
            connection = connection.execution_options(ordercall_writes=writes)
            try:
                transaction = connection.begin()
            except OperationalError as error:
                raise DatabaseBusy("The database was busy for too long; nothing was stored. Send it again.") from error
            with transaction:
                yield connection

    def close(self) -> None:
        self.engine.dispose()


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we begin ourselves, so that a writer has the lock from its first statement
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes: Any = connection.get_execution_options().get("ordercall_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
