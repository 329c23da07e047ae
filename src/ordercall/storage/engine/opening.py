"""Which database the settings name. The one place where that is chosen."""

from __future__ import annotations

from pathlib import Path

from ordercall.storage.engine.database import Database
from ordercall.storage.engine.postgres_database import PostgresDatabase
from ordercall.storage.engine.sqlite_database import SQLiteDatabase


def database_at(url: str, path: Path) -> Database:
    """Return the Postgres database at *url*, or the SQLite file at *path* when there is no address."""
    return PostgresDatabase(url) if url else SQLiteDatabase(path.absolute())
