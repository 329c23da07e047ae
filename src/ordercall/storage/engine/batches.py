"""Many rows in one statement, stored or looked up, whose text nobody reads but the database.

SQLite releases the GIL at every row of an ``executemany``, and under load another thread takes it each time.
SQLAlchemy lays out parameters for longer (20 µs an order) than SQLite stores the row (8 µs), and psycopg looks through
a text for its ``%s`` for longer still: 220 of the 400 µs that storing an order took the web process on Postgres.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import batched, chain
from typing import Any

from sqlalchemy import Column, Connection, Table
from sqlalchemy.exc import DBAPIError

from ordercall.storage.engine.dialects import InEach

Row = Mapping[str, Any]

MOST_ROWS = 500
"""In one statement; SQLite takes 32,766 values, Postgres 65,535."""


def insert_all(tx: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Store rows in this order. All of them have the same columns, in the same order."""
    _insert(tx, table, rows, "")


def insert_numbered(tx: Connection, table: Table, rows: Iterable[Row]) -> list[int]:
    """Store rows as :func:`insert_all` does, and return their ids, each larger than those of the rows before it."""
    return sorted(row[0] for row in _insert(tx, table, rows, " RETURNING id"))


def _insert(tx: Connection, table: Table, rows: Iterable[Row], returning: str) -> list[Any]:
    way, returned = _WAYS.of(tx), list[Any]()
    for part in batched(rows, MOST_ROWS):
        values = tuple(chain.from_iterable(row.values() for row in part))
        returned += way.ask(tx, _text(table.name, tuple(part[0]), len(part), way.mark) + returning, values)
    return returned


def look_up(tx: Connection, wanted: Sequence[Column[Any]], key: Column[Any], values: Iterable[Any]) -> list[Any]:
    """Return these columns, as tuples, of the rows whose *key* is one of the values."""
    way = _WAYS.of(tx)
    found: list[Any] = []
    for part in batched(values, MOST_ROWS):
        found += way.ask(tx, _query(tuple(wanted), key, len(part), way.mark), part)
    return found


def known_values(tx: Connection, key: Column[Any], values: Sequence[Any]) -> set[Any]:
    """Return those of the values that a column with an index has, by one look-up each, however many rows have them."""
    way = _WAYS.of(tx)
    return {
        row[0] for part in batched(values, MOST_ROWS) for row in way.ask(tx, _known(key, len(part), way.mark), part)
    }


def ask(tx: Connection, statement: str) -> Sequence[Any]:
    """Return what a statement without values finds, which every webhook asks anew, as tuples."""
    return _WAYS.of(tx).ask(tx, statement, ())


@dataclass(frozen=True, slots=True)
class _Way:
    """How a placeholder is written in one of the databases, and how a statement is asked, which returns its rows."""

    mark: str
    ask: Callable[[Connection, str, tuple[Any, ...]], Sequence[Any]]


def _ask_sqlite(tx: Connection, statement: str, values: tuple[Any, ...]) -> Sequence[Any]:
    """Ask SQLite past SQLAlchemy, on whose way each statement takes 11 µs and a look-up by an index 1."""
    if not tx.in_transaction():
        tx.begin()  # as SQLAlchemy does before a first statement
    driver: Any = tx.connection.driver_connection
    try:
        return driver.execute(statement, values).fetchall()  # type: ignore[no-any-return]
    except sqlite3.Error as error:
        raise DBAPIError.instance(statement, None, error, sqlite3.Error, hide_parameters=True) from error


def _ask_postgres(tx: Connection, statement: str, values: tuple[Any, ...]) -> Sequence[Any]:
    """Have psycopg pass a text on to Postgres, whose own places for values are ``$1``, ``$2``."""
    from psycopg import RawCursor  # late: it takes 5 MB of every process, and most shops live in a file

    driver: Any = tx.connection.driver_connection
    usual, driver.cursor_factory = driver.cursor_factory, RawCursor
    try:
        answer = tx.exec_driver_sql(statement, values)
        return answer.all() if answer.returns_rows else ()
    finally:
        driver.cursor_factory = usual


_WAYS: InEach[_Way] = InEach(sqlite=_Way("?", _ask_sqlite), postgres=_Way("${}", _ask_postgres))


@lru_cache(maxsize=1_024)
def _query(wanted: tuple[Column[Any], ...], key: Column[Any], values: int, mark: str) -> str:
    marks = ", ".join(mark.format(number) for number in range(1, values + 1))
    columns = ", ".join(column.name for column in wanted)
    return f"SELECT {columns} FROM {key.table.name} WHERE {key.name} IN ({marks})"  # noqa: S608 - our own names


@lru_cache(maxsize=1_024)
def _known(key: Column[Any], values: int, mark: str) -> str:
    marks = ", ".join(f"({mark.format(number)})" for number in range(1, values + 1))
    there = f"EXISTS (SELECT 1 FROM {key.table.name} WHERE {key.name} = looked_for.value)"  # noqa: S608 - our own names
    return f"WITH looked_for (value) AS (VALUES {marks}) SELECT value FROM looked_for WHERE {there}"  # noqa: S608


@lru_cache(maxsize=1_024)
def _text(table: str, columns: tuple[str, ...], rows: int, mark: str) -> str:
    marks = [mark.format(number) for number in range(1, rows * len(columns) + 1)]
    values = ", ".join(f"({', '.join(row)})" for row in batched(marks, len(columns)))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values}"  # noqa: S608 - our own names
