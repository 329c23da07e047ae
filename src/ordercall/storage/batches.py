"""Many rows in one statement.

SQLite lets go of Python's lock at every row of an ``executemany``, and in a rush another thread takes it each time. So
the rows of a batch are one ``INSERT … VALUES (…), (…)``. Its text is made here and not by SQLAlchemy, which lays out
parameters for longer (20 µs an order) than SQLite stores the row (8 µs).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import batched, chain
from typing import Any

from sqlalchemy import Connection, Table

Row = Mapping[str, Any]

MOST_ROWS = 500
"""In one statement; SQLite takes 32,766 values."""


def insert_all(tx: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Store rows in this order. All of them have the same columns, in the same order."""
    mark = "?" if tx.dialect.paramstyle == "qmark" else "%s"
    for part in batched(rows, MOST_ROWS):
        values = tuple(chain.from_iterable(row.values() for row in part))
        tx.exec_driver_sql(_text(table.name, tuple(part[0]), len(part), mark), values)


@lru_cache(maxsize=1_024)
def _text(table: str, columns: tuple[str, ...], rows: int, mark: str) -> str:
    row = f"({', '.join([mark] * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * rows)}"  # noqa: S608 - our own names
