"""The file at DATABASE_PATH, and whether it is the one that is open here.

A file that was deleted, moved away or replaced stays open, and SQLite goes on writing to it: what it answered for would
be gone with the last process. So each commit is answered for only when the file at the path is still the open one.

What then? To end, and have a supervisor start the program again, would close the last copy of what was stored and put
an empty file in its place, or mix the old write-ahead log into another file. So the program goes on: a file that is
gone is put back from what is open, one that was replaced is saved beside the new one, and then the new one is opened.
Whoever wants to begin anew stops the program first.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from ordercall.errors import DatabaseFault
from ordercall.storage.engine.backup import settle
from ordercall.storage.engine.faults import UNREACHABLE

GONE = "The database file was deleted or moved away, and nothing can be stored. Put it back, or start Ordercall again."
REPLACED = "Another file stands in the place of the database, and nothing can be stored. Start Ordercall again."
NO_FOLDER = "The folder or disk of the database is gone, and nothing can be stored. Bring it back."

OPEN_FILES = Path("/dev/fd")
"""Where Linux and macOS list the descriptors of this process."""

type Identity = tuple[int, int]

logger = logging.getLogger(__name__)


def identity_of(path: Path) -> Identity | None:
    """Return what tells this file from all others of the machine, whatever its name; None where there is none."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


class DatabaseFile:
    """The database file of this process, from its first connection on.

    Attributes:
        opened: what tells the file that is open from all others; None before the first connection.
        writers: the connection of the jobs' writer, which may be open to it while the pool has none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.opened: Identity | None = None
        self.writers: sqlite3.Connection | None = None

    @property
    def folder(self) -> Path:
        """The innermost folder on the way to it that exists."""
        return next(parent for parent in self.path.parents if parent.exists())

    def connect(self, **options: Any) -> sqlite3.Connection:
        """Open a connection to the file that the others have open. Only the first one makes a file where none is.

        Raises:
            DatabaseFault: there is no such file any more, or another one.
            sqlite3.Error: it cannot be opened.
        """
        mode = "rw" if self.opened else "rwc"
        self.check()
        connection: sqlite3.Connection = sqlite3.connect(
            f"{self.path.as_uri()}?mode={mode}", uri=True, check_same_thread=False, **options
        )
        try:
            self.opened = self.opened or identity_of(self.path)
            self.check()
        except DatabaseFault:
            connection.close()
            raise
        return connection

    def check(self) -> None:
        """Pass while the file at the path is the one that is open. It takes two microseconds.

        Raises:
            DatabaseFault: what is written now would be lost.
        """
        if self.opened is None:
            return
        try:
            there = identity_of(self.path)
        except OSError as error:
            raise DatabaseFault(UNREACHABLE) from error
        if there != self.opened:
            raise DatabaseFault(REPLACED if there else GONE)

    def is_lost(self) -> bool:
        try:
            self.check()
        except DatabaseFault:
            return True
        return False

    def recover(self, still_open: sqlite3.Connection | None) -> None:
        """Save what is in the file that was lost, so that the next connection may open the one at the path.

        Nobody writes to it any more: whoever gets its write lock from now on looks first whether it is lost.

        Args:
            still_open: a connection to the lost file, without a transaction. None: there is nothing to save it from.

        Raises:
            DatabaseFault: its folder is gone, or there is no file at all.
            OSError, sqlite3.Error: it could not be saved; all is as before.
        """
        assert self.opened  # noqa: S101 - else nothing can be lost
        device, inode = self.opened
        if self.path.parent.stat().st_dev != device:
            raise DatabaseFault(NO_FOLDER)
        replaced = self.path.exists()
        if still_open is None:
            if not replaced:
                raise DatabaseFault(GONE)
            self._begin_anew()
            return
        copy = self.path.with_name(f"{self.path.name}-{f'replaced-{inode}' if replaced else 'saving'}")
        _save(still_open, copy)
        self._set_old_log_aside()
        if replaced:
            logger.error("%s was replaced while it was open; what had been stored is in %s", self.path, copy.name)
        else:
            os.link(copy, self.path)  # which never takes the place of a file that somebody has just put there
            copy.unlink()
            logger.error("%s was deleted while it was open, and is put back with all that was stored", self.path)
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Let the next connection be the first one, to whatever is at the path."""
        self.opened = self.writers = None

    def _set_old_log_aside(self) -> None:
        """Remove the write-ahead log of the lost file, whose content is saved: SQLite would mix it into the next one.

        One that is not open here belongs to that next one.
        """
        old = set()
        for descriptor in OPEN_FILES.iterdir():
            with suppress(OSError, ValueError):
                found = os.fstat(int(descriptor.name))
                old.add((found.st_dev, found.st_ino))
        for ending in ("-wal", "-shm"):
            log = self.path.with_name(self.path.name + ending)
            if identity_of(log) in old:
                log.unlink()


def _save(source: sqlite3.Connection, copy: Path) -> None:
    """Make a whole file of what this connection reads, once the last writer has ended."""
    source.execute("BEGIN IMMEDIATE")
    source.execute("ROLLBACK")
    source.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # the lost file is whole too, wherever it is
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)  # it holds phones and addresses
    try:
        with closing(sqlite3.connect(unfinished)) as target:
            source.backup(target)
        settle(unfinished, copy)
    finally:
        unfinished.unlink(missing_ok=True)
