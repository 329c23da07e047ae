"""What all tables are made of."""

from __future__ import annotations

from sqlalchemy import REAL, BigInteger, Double, Index, Integer, MetaData, TextClause
from sqlalchemy.types import TypeEngine

metadata = MetaData()

Id: TypeEngine[int] = BigInteger().with_variant(Integer, "sqlite")
"""64 bits everywhere; SQLite's rowid must be called INTEGER."""

Number: TypeEngine[float] = Double().with_variant(REAL, "sqlite")
"""64-bit floating point everywhere; Postgres' own REAL has only 32 bits."""


def partial_index(name: str, *columns: str, where: TextClause, unique: bool = False) -> Index:
    """Return an index of the rows that fulfil the condition."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


def sqlite_index(name: str, *columns: str) -> Index:
    """Return an index that Postgres does not have: an entry there must be shorter than some texts may be together."""
    return Index(name, *columns).ddl_if(dialect="sqlite")
