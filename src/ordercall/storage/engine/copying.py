"""A shop's tables, copied from its SQLite file to Postgres row for row, and compared there.

Rows are streamed, so a million orders take no more memory than a thousand. Values have the tables' own
types: both databases give the same Python values for the same row, and from those its hash is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Table, exists, func, inspect, select, text

from ordercall.errors import CopyFailed

SLICE = 1_000
"""Rows that are read at a time."""

NO_SUCH_CHARACTER, IN_ITS_PLACE = "\x00", "\ufffd"
"""Postgres keeps every character but one; where a customer's text holds it, U+FFFD is stored."""

LARGEST_HASH = 1 << 256
"""The sum of all hashes is kept below it: as long as one of them, however many rows there are."""

OnRows = Callable[[int], None]
"""Called with the number of rows that were dealt with since the last call."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds: how many rows, and the sum of their hashes, in whatever order they come."""

    rows: int
    digest: int


def lock_tables(target: Connection, tables: Sequence[Table]) -> None:
    """Keep every other writer out of these tables until the transaction ends, and let it take its time."""
    target.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    names = ", ".join(f'"{table.name}"' for table in tables)
    target.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def occupied(target: Connection, tables: Iterable[Table]) -> list[str]:
    """Return the names of those tables that are there and hold a row."""
    there = set(inspect(target).get_table_names())
    return [
        table.name
        for table in tables
        if table.name in there and target.execute(select(exists(select(1).select_from(table)))).scalar_one()
    ]


def refuse_lost_rows(source: Connection, tables: Iterable[Table]) -> None:
    """Raise CopyFailed where a row refers to one that does not exist; SQLite may hold such, Postgres does not."""
    for table in tables:
        for key in table.foreign_keys:
            there = exists().where(key.column == key.parent)
            lost = select(func.count()).select_from(table).where(key.parent.is_not(None), ~there)
            number = source.execute(lost).scalar_one()
            if number:
                owners = f"SELECT {key.column.name} FROM {key.column.table.name}"  # noqa: S608 - for a person to run
                raise CopyFailed(
                    f"Rows of {table.name} that belong to no row of {key.column.table.name}: {number:,}. Postgres does "
                    f"not take them. Delete them first, where {key.parent.name} NOT IN ({owners})."
                )


def count(source: Connection, tables: Iterable[Table]) -> int:
    return sum(source.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)


def copy_tables(source: Connection, target: Connection, tables: Sequence[Table], on_rows: OnRows) -> None:
    """Copy all rows into empty tables, and let their numbers go on behind the largest that was ever given."""
    for table in tables:
        try:
            _copy(source, target, table, on_rows)
        except psycopg.DataError as error:
            raise CopyFailed(f"Postgres does not take a row of {table.name}: {type(error).__name__}.") from error
        _continue_numbers(source, target, table)


def _copy(source: Connection, target: Connection, table: Table, on_rows: OnRows) -> None:
    driver = target.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 - the target is Postgres
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    with _without_triggers(target, table), driver.cursor() as cursor, cursor.copy(statement) as copy:
        for rows in _slices(source, table):
            for row in rows:
                copy.write_row(row)
            on_rows(len(rows))


@contextmanager
def _without_triggers(target: Connection, table: Table) -> Iterator[None]:
    """Switch the table's triggers off while rows are copied: what they once wrote is copied or made anew."""
    target.execute(text(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER'))
    yield
    target.execute(text(f'ALTER TABLE "{table.name}" ENABLE TRIGGER USER'))


def _slices(connection: Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """Yield all rows, some at a time, as values that are of their column's kind."""
    kinds = [(column.name, column.type.python_type) for column in table.columns]
    found = connection.execute(select(table), execution_options={"yield_per": SLICE})
    for part in found.partitions():
        yield [_checked(table, kinds, row) for row in part]


def _checked(table: Table, kinds: Sequence[tuple[str, type]], row: Iterable[Any]) -> tuple[Any, ...]:
    """Return the row as Postgres stores it; SQLite accepts a value of any type in any column."""
    values = []
    for (name, kind), value in zip(kinds, row, strict=True):
        if value is not None and not isinstance(value, kind):
            first = next(iter(row))
            raise CopyFailed(
                f"In {table.name}, the row {kinds[0][0]} = {first!r} holds in {name} what is no {kind.__name__}. "
                "Mend that value first; nothing was copied."
            )
        values.append(value.replace(NO_SUCH_CHARACTER, IN_ITS_PLACE) if isinstance(value, str) else value)
    return tuple(values)


def _continue_numbers(source: Connection, target: Connection, table: Table) -> None:
    for column in table.primary_key.columns:
        asked = text("SELECT pg_get_serial_sequence(:table, :column)")
        sequence = target.execute(asked, {"table": table.name, "column": column.name}).scalar()
        largest = _largest_number(source, table, column.name) if sequence else 0
        if largest:
            target.execute(text("SELECT setval(:sequence, :largest)"), {"sequence": sequence, "largest": largest})


def _largest_number(source: Connection, table: Table, column: str) -> int:
    """Return the largest id that the table ever gave: those of deleted rows are not given again."""
    given = source.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}).scalar()
    largest = source.execute(select(func.max(table.columns[column]))).scalar()
    return max(given or 0, largest or 0)


def content(connection: Connection, table: Table, on_rows: OnRows) -> Content:
    """Read a table whole and return what it holds."""
    rows, digest = 0, 0
    for part in _slices(connection, table):
        for row in part:
            digest += int.from_bytes(hashlib.sha256(repr(row).encode()).digest())
        rows += len(part)
        on_rows(len(part))
    return Content(rows, digest % LARGEST_HASH)
