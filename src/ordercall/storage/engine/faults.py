"""Why nothing can be stored for longer than a lock is held: a full disk, a lost file, a server that is away.

Whoever asks hears it each time; the log hears it once, and once that it is over.
"""

from __future__ import annotations

import logging
import sqlite3

FULL = "The disk is full, and nothing can be stored. Make room where the database is."
READ_ONLY = (
    "The database may only be read, and nothing can be stored. Make its file, those beside it that end in -wal and"
    " -shm, their folder and their disk writable."
)
UNREACHABLE = "The database file cannot be opened. Give this program's user back its folder and the rights to both."
DAMAGED = "The database file is damaged. Stop Ordercall and restore the last backup (docs/deployment.md)."
DISK = "The disk of the database gives errors or is at a limit, and nothing can be stored. Look at the system's log."
MOVED = "The database file is not the one that was opened. Start Ordercall again."

OF_SQLITE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: UNREACHABLE,
    sqlite3.SQLITE_IOERR: DISK,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_READONLY_DBMOVED: MOVED,
}

logger = logging.getLogger(__name__)


def fault_of(error: BaseException | None) -> str | None:
    """Return what a person must know of an error of SQLite's; None: it is none that lasts."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else OF_SQLITE.get(code) or OF_SQLITE.get(code & 0xFF)


class FaultLog:
    """What keeps a database from storing, as the log was told.

    Args:
        name: of the database, without anything secret.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.current = ""

    def begins(self, fault: str) -> None:
        if fault != self.current:
            logger.error("%s: %s", self._name, fault)
        self.current = fault

    def is_over(self) -> None:
        if self.current:
            logger.warning("%s: it can be written again", self._name)
        self.current = ""
