"""The one door to the data, whichever database keeps it: transactions that write, and looks that only read.

What differs between the databases stands behind this door (``sqlite_database``, ``postgres_database``) and in
``dialects``. Nobody above the storage and the job engine knows which one it is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine

from ordercall.storage import migrations
from ordercall.storage.engine.faults import FaultLog
from ordercall.storage.engine.last_steps import with_last_steps

PATIENCE_SECONDS = 4.0
"""How long a transaction waits for a lock. Shopify gives a webhook five seconds in all."""

LITTLE_SPACE, TOO_LITTLE_SPACE = 2 * 1024**3, 200 * 1024**2
"""Bytes: room for some 100,000 orders with their webhooks of 10 KB, and for some 10,000."""

TOO_BUSY = "The database was busy for too long; nothing was stored. Send it again."


Progress = Callable[[int, int], None]
"""Called with how much of something is done, and how much there is to do in all."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that the keeper of a database should know.

    Attributes:
        about: a word for what was looked at.
        mend: what to do about it; empty when all is well.
        grave: orders are not safe, or soon will not be.
    """

    about: str
    sentence: str
    mend: str = ""
    grave: bool = False


class Database(ABC):
    """Where orders and jobs are kept. Every commit is on the disk before it counts."""

    engine: Engine

    def __init__(self, name: str) -> None:
        self.faults = FaultLog(name)

    @property
    @abstractmethod
    def name(self) -> str:
        """What people call this database, without anything secret."""

    @abstractmethod
    def exists(self) -> bool:
        """Return whether there is a database to look into."""

    @abstractmethod
    def make_ready(self) -> None:
        """Make sure that the tables are this version's, before any other use.

        Raises:
            DatabaseUnusable: they are not and must not be changed now, or the database cannot be used at all.
        """

    @abstractmethod
    def upgrade(self) -> None:
        """Bring the database to this version's tables; its rows stay.

        Raises:
            DatabaseUnusable: a newer version has changed it, or it cannot be changed now.
        """

    @abstractmethod
    def begin(self) -> AbstractContextManager[Connection]:
        """Open a transaction that writes: committed at the end of the block, rolled back by an error.

        What the transaction reads to decide what it writes must be locked first where others might change it
        meanwhile: ``find_to_change`` and ``dialects.take_advisory_locks``.

        Raises:
            DatabaseBusy: the database did not answer, or a lock was not free in time. Whether a commit arrived whose
                answer was lost nobody knows; so what is sent again must do no harm.
        """

    @abstractmethod
    def read(self) -> AbstractContextManager[Connection]:
        """Open a consistent view that only reads; it never waits for a writer.

        Raises:
            DatabaseBusy: the database did not answer.
        """

    @abstractmethod
    def refuse_if_unfit(self) -> None:
        """Pass while an order could be stored.

        Raises:
            DatabaseBusy: it could not; the message says why.
        """

    @abstractmethod
    def room(self) -> int | None:
        """Return how many bytes are free on the disk of the data; None where that is another machine's."""

    @abstractmethod
    def only_one(self, name: str) -> AbstractContextManager[bool]:
        """Hold the lock *name* for the block, in all processes that share the database; yield False if it is taken.

        Whoever dies lets go of it. No transaction is open meanwhile.
        """

    @abstractmethod
    def build_search(self) -> None:
        """Build the index of the search where a migration left that to the worker, while orders go on being stored."""

    @abstractmethod
    def forget_for_good(self, spellings: Collection[str] | None) -> bool:
        """Take older versions of changed and deleted rows off the disk, as far as the database allows it.

        Args:
            spellings: what must not be there any more, as it was written; None: anything may have been.

        Returns:
            Whether nothing of it can be left: a large file is not rewritten while orders come in.
        """

    @abstractmethod
    def rewrite(self) -> None:
        """Write all tables anew, without what was ever deleted from them. Nothing is stored meanwhile on SQLite."""

    @abstractmethod
    def back_up(self, file: Path, progress: Progress, *, compared: bool = False) -> int:
        """Copy the database as it is now into one new file, checked, and return the number of its orders.

        Args:
            compared: read every row of both as well, and compare them; on Postgres, of the copy restored.

        Raises:
            BackupFailed: nothing was made; the message says why, or with which program it is done.
        """

    @abstractmethod
    def try_restore(self, file: Path) -> dict[str, int]:
        """Restore a backup beside the database, take that away again, and return the rows of each table.

        Raises:
            BackupFailed: it cannot be restored; the message says why.
        """

    @abstractmethod
    def space(self) -> Condition | None:
        """Tell how much room there is where the database grows; None where another machine alone knows."""

    @abstractmethod
    def condition(self) -> Iterator[Condition]:
        """Tell what the keeper should know. Changes nothing."""

    def is_current(self) -> bool:
        """Return whether there is a database with exactly this version's tables."""
        if not self.exists():
            return False
        with self.read() as tx:
            return migrations.is_current(tx)

    @contextmanager
    def _connect(self, engine: Engine, **options: object) -> Iterator[Connection]:
        with (
            engine.connect().execution_options(**options) as connection,
            connection.begin(),
            with_last_steps(connection),
        ):
            yield connection

    def close(self) -> None:
        self.engine.dispose()
