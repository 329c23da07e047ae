"""A copy of the SQLite file, taken while the shop goes on writing; and the way back, tried or for good."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ordercall.errors import BackupFailed
from ordercall.storage.engine.copying import LARGEST_HASH, Content
from ordercall.storage.engine.database import Progress

STEP_PAGES = 2_048
"""8 MB: between two steps the caller hears how far the copy is."""


def back_up(database: Path, target: Path, progress: Progress, *, compared: bool = False) -> int:
    """Copy the database as it is now into one new file, look it through, and return the number of its orders.

    Args:
        compared: read every row of both as well, and compare them; the log of the database grows meanwhile.

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
        with closing(_one_moment(database)) as source:
            _copy(source, unfinished, progress)
            orders = _checked(unfinished)
            if compared:
                _refuse_differences(source, unfinished)
        settle(unfinished, target)
    except (OSError, sqlite3.Error) as error:
        raise BackupFailed(f"{target} could not be made: {error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return orders


def _one_moment(database: Path) -> sqlite3.Connection:
    """Return what one reader sees. Without its open transaction SQLite would begin anew after every foreign commit."""
    source = sqlite3.connect(database, isolation_level=None)
    source.execute("BEGIN")
    source.execute("SELECT count(*) FROM sqlite_master")
    return source


def _copy(source: sqlite3.Connection, target: Path, progress: Progress) -> None:
    with closing(sqlite3.connect(target)) as copy:
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


# -- compared


def contents(connection: sqlite3.Connection) -> dict[str, Content]:
    """Return what each table of a file holds, those of the search and of the jobs too."""
    named = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
    names = [name for (name,) in connection.execute(named).fetchall()]
    return {name: _content(connection, name) for name in names}


def _content(connection: sqlite3.Connection, table: str) -> Content:
    rows, digest = 0, 0
    for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - a name of the database's own
        digest += int.from_bytes(hashlib.sha256(repr(row).encode()).digest())
        rows += 1
    return Content(rows, digest % LARGEST_HASH)


def _refuse_differences(source: sqlite3.Connection, copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as there:
        ours, theirs = contents(source), contents(there)
    if ours != theirs:
        differing = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
        raise BackupFailed(f"The copy is not what was copied, in {', '.join(differing)}; it was not kept.")


# -- the way back


def try_restore(backup: Path) -> dict[str, int]:
    """Restore a backup beside itself, bring it to this version's tables, compare it, and take it away again.

    Returns:
        The rows of each table.

    Raises:
        BackupFailed: it cannot be restored; the message says why.
        DatabaseUnusable: it is a newer version's.
    """
    with tempfile.TemporaryDirectory(prefix="ordercall-restore-", dir=backup.parent) as folder:
        place = Path(folder) / "orders.db"
        restore(backup, place)
        with closing(sqlite3.connect(place)) as connection:
            return {name: held.rows for name, held in contents(connection).items()}


def restore(backup: Path, database: Path) -> Path | None:
    """Put a backup in the place of the database, and return where what was there is kept.

    Raises:
        BackupFailed: nothing was changed; the message says why.
    """
    if not backup.is_file():
        raise BackupFailed(f"There is no backup at {backup.absolute()}.")
    unfinished = database.with_name(f"{database.name}.unfinished")
    try:
        back_up(backup, unfinished, lambda _done, _of: None, compared=True)
        if not database.exists():
            settle(unfinished, database)
            return None
        kept = database.with_name(f"{database.name}.before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        with _alone(database):
            database.rename(kept)
            settle(unfinished, database)
        return kept
    except (OSError, sqlite3.Error) as error:
        raise BackupFailed(f"{backup} could not be restored: {error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Have the file alone during the block: whoever opens the path afterwards gets what is there then."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=0)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")  # in WAL mode SQLite allows it to a sole connection only
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise BackupFailed(f"{database} is in use ({error}). Stop Ordercall first; nothing was changed.") from error
        yield
