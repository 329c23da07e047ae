"""A copy of the SQLite file, taken while the shop goes on writing."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from ordercall.errors import BackupFailed
from ordercall.storage.engine.database import Progress

STEP_PAGES = 2_048
"""8 MB: between two steps the caller hears how far the copy is."""


def back_up(database: Path, target: Path, progress: Progress) -> int:
    """Copy the database as it is now into one new file, look it through, and return the number of its orders.

    Writers do not wait and do not disturb: the copy is of one moment. It appears under its name when it is
    complete, checked and on the disk; until then, or when anything fails, there is no file of that name.

    Raises:
        BackupFailed: nothing was made; the message says why.
    """
    if not database.is_file():
        raise BackupFailed(f"There is no database at {database.absolute()}; DATABASE_PATH names it.")
    if target.exists():
        raise BackupFailed(f"{target} exists and is left as it is; name a file that does not.")
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        unfinished.touch(mode=0o600)  # it holds phones and addresses
        _copy(database, unfinished, progress)
        orders = _checked(unfinished)
        settle(unfinished, target)
    except (OSError, sqlite3.Error) as error:
        raise BackupFailed(f"{target} could not be made: {error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return orders


def _copy(database: Path, target: Path, progress: Progress) -> None:
    """Copy what one reader sees. Without its open transaction SQLite would begin anew after every foreign commit."""
    with closing(sqlite3.connect(database, isolation_level=None)) as source, closing(sqlite3.connect(target)) as copy:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master")
        source.backup(copy, pages=STEP_PAGES, progress=lambda _status, left, total: progress(total - left, total))


def _checked(copy: Path) -> int:
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # one file, with no log beside it
        faults = [row[0] for row in connection.execute("PRAGMA integrity_check(1)")]
        if faults != ["ok"]:
            raise BackupFailed(f"The database is damaged, and so is its copy, which was not kept: {faults[0]}.")
        return int(connection.execute("SELECT count(*) FROM orders").fetchone()[0])


def settle(unfinished: Path, target: Path) -> None:
    """Give the file its name once its content is on the disk, and see that the name is there too."""
    _to_disk(unfinished)
    unfinished.rename(target)
    _to_disk(target.parent)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
