"""The job engine's tables, made in the transaction of a migration."""

from __future__ import annotations

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection

from ordercall.jobs.sqlite.schema import SCHEMA_STATEMENTS
from ordercall.storage.engine.dialects import InEach

LOCK_LINE = """
CREATE INDEX IF NOT EXISTS ordercall_jobs_lock_line
    ON procrastinate_jobs (lock, priority DESC, id) WHERE status = 'todo'
"""
"""Whether an earlier job of a phone waits is asked of each that is taken: without it, of 50,000 that wait to take 128
took half a second, and takes a tenth of that. The file has its own (``sqlite/schema.py``)."""


def create_job_tables(tx: Connection) -> None:
    """Make the tables of the Procrastinate that is installed (a test notices when an update changes them)."""
    _WAYS.of(tx)(tx)


def _on_sqlite(tx: Connection) -> None:
    for statement in SCHEMA_STATEMENTS:
        tx.exec_driver_sql(statement)


def _on_postgres(tx: Connection) -> None:
    tx.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    tx.exec_driver_sql(LOCK_LINE)


_WAYS = InEach(sqlite=_on_sqlite, postgres=_on_postgres)
