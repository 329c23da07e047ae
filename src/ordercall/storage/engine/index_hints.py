"""Telling SQLite which index to use: it does not know how many rows a value lets through, and guesses."""

from __future__ import annotations

from sqlalchemy import Engine, FromClause, Select
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

BY_KEY = ""
"""In place of an index: the key of the table itself."""


def by_index[*Columns](query: Select[*Columns], table: FromClause, index: str) -> Select[*Columns]:
    """Have SQLite find the rows of a table by this index."""
    return query.with_hint(table, f"INDEXED BY {index}" if index else "NOT INDEXED", "sqlite")


class _HintingCompiler(SQLiteCompiler):
    def get_from_hint_text(self, _table: FromClause, text: str | None) -> str | None:
        return text


def use_hints(engine: Engine) -> None:
    """Have ``by_index`` mean something: SQLAlchemy itself drops hints on SQLite."""
    engine.dialect.statement_compiler = _HintingCompiler
