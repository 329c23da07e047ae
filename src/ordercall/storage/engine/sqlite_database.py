"""Orders and jobs in one SQLite file on this machine's disk."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DatabaseError

from ordercall.errors import DatabaseBusy, DatabaseFault, DatabaseUnusable
from ordercall.storage import migrations
from ordercall.storage.engine.backup import back_up, try_restore
from ordercall.storage.engine.database import (
    LITTLE_SPACE,
    PATIENCE_SECONDS,
    TOO_BUSY,
    TOO_LITTLE_SPACE,
    Condition,
    Database,
    Progress,
)
from ordercall.storage.engine.database_file import NO_FOLDER, DatabaseFile
from ordercall.storage.engine.faults import FULL, fault_of
from ordercall.storage.engine.index_hints import use_hints
from ordercall.storage.engine.local_disk import refuse_network_file_system
from ordercall.storage.engine.remnants import occurs_in

PAUSE_SECONDS = 0.001
"""Between two looks for the lock of another process; a short transaction takes about as long."""

OTHERS_MAY_READ = 0o077  # the bits of group and all others
DURABLE = ("wal", 2)  # journal_mode and synchronous: 2 is FULL, a commit is on the disk before it counts

LARGEST_REWRITTEN = 256 * 1024**2
"""Bytes of a file that is rewritten while orders come in: nothing is stored for some two seconds. A larger one waits
for `ordercall db rewrite` in a quiet hour."""

NO_SPACE = 1024**2
"""Bytes that one commit of many webhooks may take."""


class SQLiteDatabase(Database):
    """One SQLite file in WAL mode; every commit is on the disk before it counts (synchronous=FULL).

    Args:
        path: the database file; its folder must exist.
        patience: seconds that a transaction waits for the write lock before it gives up.

    Attributes:
        file: the file at the path, as long as it is the one that is open.
        writing: what the writers of this process queue for, so that they need not poll for SQLite's own lock.
    """

    def __init__(self, path: Path, *, patience: float = PATIENCE_SECONDS) -> None:
        super().__init__(str(path))
        self.path = path
        self.file = DatabaseFile(path)
        self._is_another = False
        self._patience = patience
        self.writing = threading.Lock()
        self.engine = create_engine(
            URL.create("sqlite", database=str(path)),
            creator=lambda: self.file.connect(timeout=PATIENCE_SECONDS),
            hide_parameters=True,
            pool_size=8,
            max_overflow=120,
        )
        use_hints(self.engine)
        event.listen(self.engine, "connect", lambda connection, _record: _prepare(connection, patience))
        event.listen(self.engine, "begin", _begin)

    @property
    def name(self) -> str:
        return str(self.path)

    def exists(self) -> bool:
        return self.path.exists()

    def make_ready(self) -> None:
        """Create the file or upgrade its tables, where needed."""
        self.upgrade()

    def upgrade(self) -> None:
        """Bring the file to this version's tables, in one transaction; the rows of an older file stay."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            refuse_network_file_system(self.path)
            self.path.touch(mode=0o600)  # it holds phones and addresses; a file that is there keeps its mode
            with self.begin() as tx:
                migrations.upgrade(tx)
        except (OSError, DatabaseError, DatabaseFault) as error:
            reason = getattr(error, "orig", None) or error.__cause__ or error
            raise DatabaseUnusable(f"DATABASE_PATH is {self.path}, and it cannot be used: {reason}.") from error

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a transaction that writes, and has the write lock from its first statement.

        The threads of this process queue here, in order. Left to SQLite they would poll for the lock with
        growing pauses, and an unlucky webhook would wait many times as long as the others.
        """
        if not self.writing.acquire(timeout=self._patience):
            raise DatabaseBusy(TOO_BUSY)
        try:
            with self.answered_for(), self._connect(self.engine, patience=self._patience) as tx:
                self.file.check()  # again, with the lock: who saves a lost file has had it before
                self._refuse_other_tables(tx)
                yield tx
        finally:
            self.writing.release()

    @contextmanager
    def answered_for(self) -> Iterator[None]:
        """Watch over a transaction that is begun and committed in the block: what it wrote is in the file at the path.

        Its caller has the lock ``writing``. A file that was lost before is saved first.

        Raises:
            DatabaseFault: it is not, or nothing can be written at all.
        """
        with self._faults():
            try:
                self.file.check()
            except DatabaseFault:
                self._recover()
            yield
            self.file.check()
        self.faults.is_over()

    def refuse_if_unfit(self) -> None:
        """Write a little where something speaks against it: it is asked too often to write each time."""
        if self.faults.current or self.file.is_lost() or shutil.disk_usage(self.file.folder).free < NO_SPACE:
            with self.begin() as tx:
                version = tx.exec_driver_sql("PRAGMA user_version").scalar_one()
                tx.exec_driver_sql(f"PRAGMA user_version = {version}")

    def room(self) -> int | None:
        return shutil.disk_usage(self.file.folder).free

    def _recover(self) -> None:
        """Save a lost file and open the one that is there now; one process does, while the others refuse."""
        try:
            with self.only_one("recovery") as mine:
                if not mine:
                    self.file.check()
                with self._still_open() as connection:
                    self.file.recover(connection)
        except FileNotFoundError as error:
            raise DatabaseFault(NO_FOLDER) from error
        except OSError as error:
            raise DatabaseFault(f"The lost database file cannot be saved: {error.strerror}.") from error
        self.engine.dispose()
        self._is_another = True

    @contextmanager
    def _still_open(self) -> Iterator[sqlite3.Connection | None]:
        """Give a connection to the file that was opened: the pool's, else the writer's, which is idle as its caller has
        the lock ``writing``. None: this process has none any more.
        """
        try:
            connection = self.engine.raw_connection()
        except DatabaseFault:
            yield self.file.writers
            return
        with closing(connection):
            assert isinstance(connection.driver_connection, sqlite3.Connection)  # noqa: S101 - as in _begin
            yield connection.driver_connection

    def _refuse_other_tables(self, tx: Connection) -> None:
        """After another file was put in the place of the one that was opened: is it one of ours?"""
        if self._is_another:
            try:
                migrations.refuse_unless_current(tx)
            except DatabaseUnusable as error:
                raise DatabaseFault(f"Another file was put in the place of the database. {error}") from error
            self._is_another = False

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Raise what lasts as a ``DatabaseFault``, which the log is told of once."""
        try:
            yield
        except DatabaseFault as fault:
            self.faults.begins(str(fault))
            raise
        except (sqlite3.Error, DatabaseError) as error:
            cause = getattr(error, "orig", None) or error
            sentence = fault_of(cause)
            if sentence is None:
                raise
            self.faults.begins(sentence)
            if sentence != FULL and not self.file.is_lost():  # what is open to a lost file may be the last copy
                self.engine.dispose()  # a connection that was opened to be read only remains so
            raise DatabaseFault(sentence) from cause

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._faults(), self._connect(self.engine, patience=None) as tx:
            yield tx

    @contextmanager
    def only_one(self, name: str) -> Iterator[bool]:
        """Lock a file beside the database. The kernel lets go of it when the process ends, however it ends.

        It is not opened to be written: root may have made it by a command, and the service must lock it, too.
        """
        with open(os.open(f"{self.path}-{name}.lock", os.O_RDONLY | os.O_CREAT, 0o644)) as file:  # noqa: PTH123 - an fd
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def build_search(self) -> None:
        """Nothing is to be done: the worker puts orders into the index one by one."""

    def forget_for_good(self, spellings: Collection[str] | None) -> bool:
        """Empty the write-ahead log, which keeps older pages, and rewrite the file where it still has what was erased.

        Freed space is overwritten (``zero_freed_space``), but when a full page is divided a copy of a row may stay
        behind in the part that it left free, where no later change of the row reaches it: one row in some eighty.
        """
        self._empty_log()
        if spellings is not None and not occurs_in(self.path, spellings):
            return True
        if self.path.stat().st_size > LARGEST_REWRITTEN:
            return False
        self.rewrite()
        return True

    def rewrite(self) -> None:
        with self.writing, self._faults(), closing(self.engine.raw_connection()) as connection:
            driver = connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - as in _begin
            _when_free(driver, "VACUUM", self._patience)
        self._empty_log()

    def _empty_log(self) -> None:
        """Bring what was committed into the file and empty the log, as soon as nobody reads in it any more."""
        deadline = time.monotonic() + self._patience
        with closing(self.engine.raw_connection()) as connection:
            while connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if time.monotonic() > deadline:
                    return
                time.sleep(PAUSE_SECONDS)

    def back_up(self, file: Path, progress: Progress, *, compared: bool = False) -> int:
        return back_up(self.path, file, progress, compared=compared)

    def try_restore(self, file: Path) -> dict[str, int]:
        return try_restore(file)

    def space(self) -> Condition:
        return _free_space(self.path.absolute())

    def condition(self) -> Iterator[Condition]:
        path = self.path.absolute()
        yield self.space()
        if not path.exists():
            yield Condition("database", f"{path} is not there yet.", "The first start makes it.")
            return
        refuse_network_file_system(path)
        yield self._soundness()
        if path.stat().st_mode & OTHERS_MAY_READ:
            sentence = "It holds phones and addresses, and others of this machine may read it."
            yield Condition("database", sentence, f"chmod 600 {path.name}")

    def _soundness(self) -> Condition:
        with self.read() as tx:
            if not migrations.is_current(tx):
                return Condition("database", migrations.OTHER_TABLES, "Run: ordercall db upgrade", grave=True)
            journal, synchronous, damage = (
                tx.exec_driver_sql(f"PRAGMA {asked}").scalar_one()
                for asked in ("journal_mode", "synchronous", "quick_check(1)")
            )
        if damage != "ok":
            mend = "Stop Ordercall and restore the last backup."
            return Condition("database", f"It is damaged: {damage}.", mend, grave=True)
        if (journal, synchronous) != DURABLE:
            sentence = f"A commit may be lost in a power cut ({journal}, {synchronous})."
            return Condition("database", sentence, "Put the file on a local disk.", grave=True)
        return Condition("database", f"{self.path.name}: every commit is on the disk before it counts")


def _free_space(path: Path) -> Condition:
    folder = next(parent for parent in path.parents if parent.exists())
    free = shutil.disk_usage(folder).free
    space = f"{free / 1024**3:.1f} GB free in {folder}"
    if free < TOO_LITTLE_SPACE:
        return Condition("disk", f"Only {space}; soon no order can be stored.", "Make room.", grave=True)
    return Condition("disk", f"Only {space}.", "Make room soon.") if free < LITTLE_SPACE else Condition("disk", space)


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
