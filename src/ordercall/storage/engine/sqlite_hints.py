"""Telling SQLite which index to use: it does not know how many rows a value lets through, and guesses."""

from __future__ import annotations

from sqlalchemy import Engine, FromClause
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler


class _HintingCompiler(SQLiteCompiler):
    def get_from_hint_text(self, _table: FromClause, text: str | None) -> str | None:
        return text


def use_hints(engine: Engine) -> None:
    """Have ``with_hint(table, "INDEXED BY …", "sqlite")`` mean something: SQLAlchemy itself drops it on SQLite."""
    engine.dialect.statement_compiler = _HintingCompiler
