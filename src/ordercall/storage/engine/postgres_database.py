"""Orders and jobs in a Postgres database that any number of machines share."""

from __future__ import annotations

import select
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import Any, NoReturn

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from ordercall.errors import BackupFailed, DatabaseBusy, DatabaseFault, DatabaseUnusable
from ordercall.storage import migrations
from ordercall.storage.engine.backup import settle
from ordercall.storage.engine.database import PATIENCE_SECONDS, TOO_BUSY, Condition, Database, Progress
from ordercall.storage.engine.faults import FULL
from ordercall.storage.engine.pg_dump import back_up, try_restore
from ordercall.storage.engine.pooler import OPTIONS_REFUSED, refuse_transaction_mode
from ordercall.storage.personal import TABLES
from ordercall.storage.reads.postgres_triggers import INDEX_WORDS, WORDS

AWAY = "The database did not answer, and nothing can be stored. Look whether Postgres runs at DATABASE_URL."
READ_ONLY = "The database is a standby or read only, and nothing can be stored. Name the primary in DATABASE_URL."
HELD_UP = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
_PERSONAL = ", ".join(name for name, holds in TABLES.items() if holds.erased or holds.searched)
FAULT_SECONDS = 30.0
"""How long a write that failed for want of room speaks against the next: only another write can tell."""

MOST_CONNECTIONS = 20
"""Of one process, for its transactions; a worker's job engine has some of its own (``docs/operations.md``)."""

MIGRATION_PATIENCE = "5s"
"""How long a migration waits for a table. Everybody else who wants that table waits behind it meanwhile."""

MIGRATION_TRIES, MIGRATION_PAUSE_SECONDS = 12, 2.0
"""The pause is for those who waited behind the last try; after all of them, 84 seconds, a person should look."""

MIGRATING = 7_170_001
"""The key of the lock that one migrator at a time holds."""

FEW_CONNECTIONS = 10
"""Fewer than one more worker takes in a rush."""

ON_THE_CLIENT: dict[str, Any] = {
    "application_name": "ordercall",
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""A server that vanished without a word is noticed within some ten seconds. What the address itself says wins."""

ON_THE_SERVER = (
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=10000"
    " -c idle_in_transaction_session_timeout=5000"
)
"""And a client that vanished is let go of, with its locks: long before a worker is taken for dead, so that whoever
goes on with its orders does not wait for the transactions that it left open. While an answer is under way no keepalive
is sent, and without a timeout of its own it is sent again for a quarter of an hour; a transaction whose client vanished
in the middle of a pipeline does not count as idle."""


class PostgresDatabase(Database):
    """A Postgres database, through a pool of connections that replaces those which died.

    Args:
        url: a libpq address: ``postgresql://user:password@host:5432/name``.
        patience: seconds that a transaction waits for a row that another one is changing.
    """

    def __init__(self, url: str, *, patience: float = PATIENCE_SECONDS) -> None:
        self.parameters = connection_parameters(url, patience=patience)
        super().__init__(self.name)
        self._failed_at = -FAULT_SECONDS
        self.engine = create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(**self.parameters),
            hide_parameters=True,
            pool_size=MOST_CONNECTIONS,
            max_overflow=0,  # what overflows is closed when it is given back, and a new one costs 5 ms of the server
            pool_use_lifo=True,
            pool_timeout=patience,
        )
        event.listen(self.engine, "checkout", _replace_the_dead)
        self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._at_once = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def name(self) -> str:
        host, port = self.parameters.get("host", "localhost"), self.parameters.get("port", 5432)
        return f"postgresql://{host}:{port}/{self.parameters.get('dbname', '')}"

    def exists(self) -> bool:
        try:
            with self.read() as tx:
                tx.execute(text("SELECT 1"))
        except DatabaseBusy:
            return False
        return True

    def table_names(self) -> set[str]:
        """Return the tables that are there, whosesoever. DatabaseUnusable: it cannot be reached."""
        with self._usable(), self._connect(self._reading) as tx:
            return set(inspect(tx).get_table_names())

    def make_ready(self) -> None:
        """Refuse any but this version's tables: other processes may be at work, so nothing is changed unasked."""
        with self._usable():
            refuse_transaction_mode(lambda: psycopg.connect(**self.parameters, autocommit=True))
        with self._usable(), self._connect(self._reading) as tx:
            migrations.refuse_unless_current(tx)

    def upgrade(self) -> None:
        """Bring the database to this version's tables, in one transaction; one process at a time does.

        A table that is in use is waited for a little, again and again, so that those who use it never queue for long.
        """
        for _ in range(MIGRATION_TRIES):
            try:
                with self._connect(self.engine) as tx:
                    _await_other_migrators(tx)
                    migrations.upgrade(tx)
                return
            except OperationalError as error:
                if not isinstance(error.orig, psycopg.errors.LockNotAvailable):
                    raise self._unusable(error) from error
            time.sleep(MIGRATION_PAUSE_SECONDS)
        raise DatabaseUnusable("Its tables were in use all the time; nothing was changed. Run it again.")

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self._answering(), self._storing(), self._connect(self.engine) as tx:
            yield tx
        self.faults.is_over()

    def refuse_if_unfit(self) -> None:
        with self._answering(), self._connect(self.engine) as tx:
            only_read = _setting(tx, "transaction_read_only") == "on"
        if only_read:
            self._refuse(READ_ONLY)
        if self.faults.current == FULL and time.monotonic() - self._failed_at < FAULT_SECONDS:
            raise DatabaseFault(FULL)
        self.faults.is_over()

    def room(self) -> int | None:
        return None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._answering(), self._connect(self._reading) as tx:
            yield tx

    @contextmanager
    def only_one(self, name: str) -> Iterator[bool]:
        """Hold an advisory lock of the server. It goes with its connection, so with the process or its network."""
        with self._answering():
            connection = self._at_once.connect()
        with connection:
            mine = self._is_true(connection, "pg_try_advisory_lock", name)
            try:
                yield mine
            finally:
                if mine:
                    self._let_go(connection, name)

    def build_search(self) -> None:
        """Build it anew also where an earlier try was cut off: what that left is no use to any query."""
        is_there = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
        with self._answering(), self._at_once.connect() as connection:
            if connection.execute(is_there, {"name": WORDS}).scalar():
                return
            connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {WORDS}"))
            connection.exec_driver_sql(INDEX_WORDS.format("CONCURRENTLY "))

    def forget_for_good(self, spellings: Collection[str] | None) -> bool:  # noqa: ARG002 - what SQLite's takes
        """Free the space of old versions of rows. Postgres does not overwrite it before it needs it again."""
        with self._answering(), self._at_once.connect() as connection:
            connection.execute(text(f"VACUUM (SKIP_LOCKED) {_PERSONAL}"))
        return True

    def rewrite(self) -> None:
        with self._answering(), self._at_once.connect() as connection:
            connection.execute(text(f"VACUUM (FULL) {_PERSONAL}"))

    def back_up(self, file: Path, progress: Progress, *, compared: bool = False) -> int:  # noqa: ARG002 - SQLite's
        """Postgres' own programs do this, where they are installed and not older than the server."""
        unfinished = file.with_name(f"{file.name}.unfinished")
        by_hand = f'pg_dump --format=custom --file={quote(str(file))} "$DATABASE_URL"'
        if file.exists():
            raise BackupFailed(f"{file} exists and is left as it is; name a file that does not.")
        try:
            unfinished.touch(mode=0o600)  # it holds phones and addresses
            with self.read() as tx:
                orders = back_up(tx, self.parameters, unfinished, compared=compared)
            settle(unfinished, file)
        except (OSError, BackupFailed, DatabaseBusy, psycopg.Error) as error:
            reason = str(error).strip().partition("\n")[0].rstrip(".")
            raise BackupFailed(f"{file} could not be made ({reason}). Postgres is backed up with: {by_hand}") from error
        finally:
            unfinished.unlink(missing_ok=True)
        return orders

    def try_restore(self, file: Path) -> dict[str, int]:
        return {name: held.rows for name, held in try_restore(self.parameters, file).items()}

    def space(self) -> None:
        """Nothing is known: the disk is the server's, which says so when it is full."""

    def condition(self) -> Iterator[Condition]:
        with self._usable(), self._connect(self._reading) as tx:
            if not migrations.is_current(tx):
                yield Condition("database", migrations.OTHER_TABLES, "Run: ordercall db upgrade", grave=True)
                return
            version = tx.execute(text("SHOW server_version")).scalar_one()
            unsafe = [name for name in ("fsync", "synchronous_commit") if _setting(tx, name) == "off"]
            free = int(_setting(tx, "max_connections")) - _used_connections(tx)
        if unsafe:
            sentence = f"A commit may be lost in a power cut ({' and '.join(unsafe)} off)."
            yield Condition("database", sentence, "Switch it on in postgresql.conf.", grave=True)
        else:
            yield Condition("database", f"Postgres {version}: every commit is on the disk before it counts")
        if free < FEW_CONNECTIONS:
            mend = "Raise max_connections; docs/operations.md says how many it takes."
            yield Condition("database", f"Only {free} connections are free.", mend)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Say in our own words that the database was away, restarting, or busy for too long."""
        try:
            yield
        except NoFreeConnection as error:
            raise DatabaseBusy(TOO_BUSY) from error
        except DBAPIError as error:
            if isinstance(error.orig, HELD_UP):
                raise DatabaseBusy(TOO_BUSY) from error
            if isinstance(error, OperationalError) or error.connection_invalidated:
                self._refuse(AWAY, error)
            raise

    @contextmanager
    def _storing(self) -> Iterator[None]:
        """Say in our own words that the server answers and cannot store."""
        try:
            yield
        except DBAPIError as error:
            if isinstance(error.orig, psycopg.errors.DiskFull):
                self._failed_at = time.monotonic()
                self._refuse(FULL, error)
            if isinstance(error.orig, psycopg.errors.ReadOnlySqlTransaction):
                self.engine.dispose()  # the next connection may lead to another server
                self._refuse(READ_ONLY, error)
            raise

    def _refuse(self, fault: str, cause: Exception | None = None) -> NoReturn:
        self.faults.begins(fault)
        raise DatabaseFault(fault) from cause

    def _is_true(self, connection: Connection, function: str, name: str) -> bool:
        with self._answering():
            asked = text(f"SELECT {function}(hashtextextended(:name, 0))")
            answer: bool = connection.execute(asked, {"name": name}).scalar_one()
        return answer

    def _let_go(self, connection: Connection, name: str) -> None:
        """Release a lock; without an answer the connection is given up, and the lock with it."""
        try:
            self._is_true(connection, "pg_advisory_unlock", name)
        except DatabaseBusy:
            connection.invalidate()

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, NoFreeConnection, psycopg.Error) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> DatabaseUnusable:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        if "startup parameter" in reason:
            reason = f"{reason}. {OPTIONS_REFUSED}"
        return DatabaseUnusable(f"DATABASE_URL names {self.name}, and it cannot be used: {reason}.")


def connection_parameters(url: str, *, patience: float = PATIENCE_SECONDS) -> dict[str, Any]:
    """Return what libpq needs for a connection of ours to this address.

    Raises:
        psycopg.ProgrammingError: it is no address that libpq can read.
    """
    theirs = conninfo_to_dict(url)
    options = f"{ON_THE_SERVER} -c lock_timeout={int(patience * 1000)} {theirs.pop('options', '')}"
    return ON_THE_CLIENT | theirs | {"options": options.strip()}


def may_be_cut(connection: psycopg.Connection[Any]) -> bool:
    """Return whether something came over a connection on which nothing was asked: nearly always its end.

    The kernel knows of a server that closed it or that its keepalives do not reach, so no question has to be sent: that
    took three round trips of a transaction's ten.
    """
    if connection.closed:
        return True
    looking = select.poll()
    looking.register(connection.fileno(), select.POLLIN)
    return bool(looking.poll(0))


def _replace_the_dead(connection: psycopg.Connection[Any], *_: object) -> None:
    """Let the pool open new connections when one of them was cut: its server has restarted, or is gone."""
    if may_be_cut(connection):
        raise InvalidatePoolError


def _await_other_migrators(tx: Connection) -> None:
    tx.execute(text("SET LOCAL lock_timeout = 0"))
    tx.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATING})
    tx.execute(text(f"SET LOCAL lock_timeout = '{MIGRATION_PATIENCE}'"))


def _setting(tx: Connection, name: str) -> str:
    value: str = tx.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar_one()
    return value


def _used_connections(tx: Connection) -> int:
    used: int = tx.execute(
        text("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
    ).scalar_one()
    return used
