"""The job engine's tables, made in the transaction of a migration."""

from __future__ import annotations

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection

from ordercall.jobs.sqlite.schema import SCHEMA_STATEMENTS
from ordercall.storage.engine.dialects import InEach


def create_job_tables(tx: Connection) -> None:
    """Make the tables of the Procrastinate that is installed (a test notices when an update changes them)."""
    _WAYS.of(tx)(tx)


def _on_sqlite(tx: Connection) -> None:
    for statement in SCHEMA_STATEMENTS:
        tx.exec_driver_sql(statement)


def _on_postgres(tx: Connection) -> None:
    tx.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))


_WAYS = InEach(sqlite=_on_sqlite, postgres=_on_postgres)
