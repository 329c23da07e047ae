"""A dump of Postgres by its own programs, and the way back, tried in a database of its own."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import pq, sql
from sqlalchemy import Connection, text

from ordercall.errors import BackupFailed
from ordercall.storage.engine.copying import LARGEST_HASH, Content

LONGEST = 6 * 3_600
"""Seconds for a dump; a hundred million rows take less."""

VARIABLES = {one.keyword.decode(): one.envvar.decode() for one in pq.Conninfo.get_defaults() if one.envvar}
"""What libpq calls each part of an address in the environment: what a program is called with is shown to everybody of
its machine."""

TAKES_ITS_TIME = text("SET LOCAL idle_in_transaction_session_timeout = 0")
_SNAPSHOT = text("SELECT pg_export_snapshot()")
_TABLES = (
    "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    " ORDER BY tablename"
)
_CONTENT = "SELECT count(*), coalesce(sum(hashtextextended(CAST(whole AS text), 0)), 0) FROM {} AS whole"


def back_up(tx: Connection, parameters: Mapping[str, Any], file: Path, *, compared: bool) -> int:
    """Dump what a transaction sees into a file, look whether it can be read, and return the number of its orders.

    Args:
        parameters: how libpq finds the database.
        compared: restore the file in a database of its own as well, and compare every row.

    Raises:
        BackupFailed: a program refused, or is not there; or the copy differs.
    """
    tx.execute(TAKES_ITS_TIME)
    orders: int = tx.execute(text("SELECT count(*) FROM orders")).scalar_one()
    snapshot = tx.execute(_SNAPSHOT).scalar_one()
    _run(["pg_dump", "--no-password", "--format=custom", f"--snapshot={snapshot}", f"--file={file}"], parameters)
    _run(["pg_restore", "--list", str(file)], {})
    if compared:
        driver = tx.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)  # noqa: S101 - it is Postgres
        _refuse_differences(_contents(driver), try_restore(parameters, file))
    return orders


def try_restore(parameters: Mapping[str, Any], file: Path) -> dict[str, Content]:
    """Restore a dump in a database beside, which is dropped again, and return what its tables hold.

    Raises:
        BackupFailed: it cannot be restored, or no database may be made.
    """
    with _beside(parameters) as there:
        _run(["pg_restore", "--no-password", "--exit-on-error", f"--dbname={there['dbname']}", str(file)], there)
        with psycopg.connect(**there) as connection:
            return _contents(connection)


@contextmanager
def _beside(parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Make an empty database on the same server, yield how it is found, and drop it at the end."""
    name = f"ordercall_restored_{secrets.token_hex(6)}"
    try:
        _manage(parameters, sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    except psycopg.Error as error:
        reason = str(error).strip().partition("\n")[0]
        raise BackupFailed(
            f"No database could be made to restore it in: {reason}. The user of DATABASE_URL needs the right CREATEDB"
        ) from error
    try:
        yield {**parameters, "dbname": name}
    finally:
        _manage(parameters, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _manage(parameters: Mapping[str, Any], statement: sql.Composed) -> None:
    with psycopg.connect(**parameters, autocommit=True) as connection:
        connection.execute(statement)


def _contents(connection: psycopg.Connection[Any]) -> dict[str, Content]:
    """Return what each table holds, those of the jobs too. The server hashes the rows, in whatever order they come."""
    connection.execute("SET LOCAL timezone = 'UTC'")  # else a row's text is another in each database
    return {
        name: _content(connection, sql.Identifier(schema, name))
        for schema, name in connection.execute(_TABLES).fetchall()
    }


def _content(connection: psycopg.Connection[Any], table: sql.Identifier) -> Content:
    row = connection.execute(sql.SQL(_CONTENT).format(table)).fetchone()
    assert row  # noqa: S101 - an aggregate has one
    return Content(row[0], int(row[1]) % LARGEST_HASH)


def _refuse_differences(ours: dict[str, Content], theirs: dict[str, Content]) -> None:
    if ours != theirs:
        differing = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
        raise BackupFailed(f"the copy is not what was copied, in {', '.join(differing)}; it was not kept")


def _run(words: list[str], parameters: Mapping[str, Any]) -> None:
    named = {VARIABLES[key]: str(value) for key, value in parameters.items() if key in VARIABLES}
    try:
        ended = subprocess.run(  # noqa: S603 - words of ours
            words, env=os.environ | named, capture_output=True, timeout=LONGEST, check=False, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError as error:
        raise BackupFailed(f"{words[0]} is not on this machine: install the client programs of Postgres") from error
    except subprocess.TimeoutExpired as error:
        raise BackupFailed(f"{words[0]} had not ended after {LONGEST // 3_600} hours") from error
    if ended.returncode:
        raise BackupFailed(f"{words[0]} ended with {ended.returncode}: {_told(words[0], ended.stderr)}")


def _told(program: str, stderr: bytes) -> str:
    """Return what a program says first, and its own detail of that, but no row of a table."""
    first, *others = stderr.decode("utf-8", "replace").strip().split("\n") or [""]
    detail = [line for line in others[:1] if line.startswith(f"{program}: detail:")]
    return "; ".join([first, *detail]) or "without a word"
