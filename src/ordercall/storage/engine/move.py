"""``ordercall db copy``: a shop moves from its SQLite file to Postgres, whole or not at all.

The target is written in one transaction, which ends after both sides were read and compared. So an interruption, be it
kill -9 or a power cut, leaves the target empty and the file as it was, and the command is simply given again.

Meanwhile this process has the file alone. SQLite grants that only when no other process has it open, wherever that
runs; and whoever comes later finds it marked as moved, so that no forgotten process goes on with an old shop.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, StaticPool, Table, create_engine
from sqlalchemy.exc import DatabaseError

from ordercall.errors import CopyFailed
from ordercall.storage import migrations
from ordercall.storage.engine import copying
from ordercall.storage.engine.database import Progress
from ordercall.storage.engine.postgres_database import PostgresDatabase
from ordercall.storage.reads import recount

READINGS = 3
"""How often each row is dealt with: copied, then read on either side."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the shop is now, without anything secret, and the rows of each table."""

    name: str
    rows: dict[str, int]


def move(file: Path, url: str, tables: Sequence[Table], beside: Sequence[Table], progress: Progress) -> Moved:
    """Copy the tables of *file* to the Postgres at *url*, compare them, and mark the file as moved.

    A target that holds exactly this shop is compared and left as it is: an earlier run may have been interrupted just
    before it could mark the file.

    Args:
        tables: what is copied, those first that others refer to.
        beside: what must be empty in the target too, and is not copied.
        progress: is called with rows, each counted READINGS times.

    Raises:
        CopyFailed: the target is as it was before.
        DatabaseUnusable: the target cannot be reached, or one of the two has the tables of another version.
    """
    with closing(PostgresDatabase(url)) as target, alone(file) as source:
        migrations.refuse_unless_current(source)
        copying.refuse_lost_rows(source, tables)
        _make_tables(target, tables)
        rows = _copy_and_compare(source, target, tables, beside, progress)
        migrations.mark_as_moved(source)
        return Moved(target.name, rows)


@contextmanager
def alone(file: Path) -> Iterator[Connection]:
    """Open a SQLite file for this process alone; what the block wrote is committed at its end.

    Raises:
        CopyFailed: there is no such file, or somebody uses it.
    """
    if not file.is_file():
        raise CopyFailed(f"There is no database at {file.absolute()}; DATABASE_PATH names it.")
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as driver:
        try:
            driver.execute("PRAGMA journal_mode = DELETE")  # in WAL mode SQLite allows it to a sole connection only
            driver.execute("PRAGMA locking_mode = EXCLUSIVE")
            driver.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise CopyFailed(
                f"{file} is in use ({error}). Stop what runs on it first: `ordercall serve`, every `ordercall web` and "
                "`ordercall worker`, and whatever else has it open. Nothing was copied."
            ) from error
        engine = create_engine("sqlite://", creator=lambda: driver, poolclass=StaticPool, hide_parameters=True)
        try:
            with engine.connect() as connection:
                yield connection
                connection.commit()
        except DatabaseError as error:
            if not isinstance(error.orig, sqlite3.Error):
                raise
            raise CopyFailed(f"{file} cannot be read: {error.orig}. Nothing was copied.") from error


def _make_tables(target: PostgresDatabase, tables: Sequence[Table]) -> None:
    there = target.table_names()
    strange = sorted(there & {table.name for table in tables}) if "alembic_version" not in there else []
    if strange:
        raise CopyFailed(f"{target.name} belongs to another program: it has {', '.join(strange)} of its own.")
    target.upgrade()


def _copy_and_compare(
    source: Connection,
    target: PostgresDatabase,
    tables: Sequence[Table],
    beside: Sequence[Table],
    progress: Progress,
) -> dict[str, int]:
    number = copying.count(source, tables)
    done = 0

    def on_rows(rows: int) -> None:
        nonlocal done
        done += rows
        progress(done, number * READINGS)

    with target.begin() as tx:
        copying.lock_tables(tx, [*tables, *beside])
        taken = copying.occupied(tx, [*tables, *beside])
        if not taken:
            copying.copy_tables(source, tx, tables, on_rows)
            recount.repair(tx, recount.differences(tx))  # no trigger has seen the orders
        elif copying.count(tx, tables) != number:
            raise _not_empty(target, taken)
        return _compare(source, tx, tables, on_rows, wrong=_not_empty(target, taken) if taken else None)


def _compare(
    source: Connection,
    target: Connection,
    tables: Sequence[Table],
    on_rows: copying.OnRows,
    *,
    wrong: CopyFailed | None,
) -> dict[str, int]:
    rows = {}
    for table in tables:
        here, there = (copying.content(connection, table, on_rows) for connection in (source, target))
        if here != there:
            raise wrong or CopyFailed(
                f"What Postgres read back of {table.name} is not what was written ({here.rows:,} rows, {there.rows:,} "
                "there), so nothing was kept. Please report this."
            )
        rows[table.name] = here.rows
    return rows


def _not_empty(target: PostgresDatabase, tables: Sequence[str]) -> CopyFailed:
    return CopyFailed(
        f"{target.name} is not empty ({', '.join(tables)}), and nothing there is touched. Give the shop a database of "
        "its own: createdb, or DROP and CREATE DATABASE if what it holds is not needed."
    )
