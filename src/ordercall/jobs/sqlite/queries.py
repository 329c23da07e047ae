"""Procrastinate's named queries, spoken in SQLite.

Procrastinate asks its connector for one of some twenty Postgres texts. Each has a method of the same name,
with the same parameters and the same rows; ``name_of`` tells which text is which, and refuses one it never met.
"""

# ruff: noqa: S608 - the only text put into a statement is our own: column names and fixed conditions

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from procrastinate import exceptions, schema, sql

from ordercall.jobs.sqlite.deferring import Deferring
from ordercall.jobs.sqlite.rows import JOB_COLUMNS, Row, Value, as_text, equal, now
from ordercall.jobs.sqlite.running import Running
from ordercall.jobs.sqlite.schema import create_schema
from ordercall.jobs.sqlite.workers import Workers

DELETE_SLICE = 500
"""Jobs that one call of delete_old_jobs removes: about 10 ms of write lock."""

READS = frozenset(
    {
        "check_connection",
        "count_jobs_status",
        "get_job_status",
        "list_jobs",
        "list_jobs_to_abort",
        "list_locks",
        "list_queues",
        "list_tasks",
        "select_stalled_jobs_by_heartbeat",
        "select_stalled_jobs_by_started",
    }
)

_NAMES = {text: name for name, text in sql.queries.items() if name != "listen_queue"}  # we listen without SQL
_NAMES[schema.SchemaManager.get_schema().replace("%", "%%")] = "apply_schema"


def name_of(query: str) -> str:
    """Return the name that Procrastinate gives this text, which is also the method that answers it.

    Raises:
        ConnectorException: the text is not one of the Procrastinate version this was written for.
    """
    try:
        return _NAMES[query]
    except KeyError:
        raise exceptions.ConnectorException(f"This connector does not know the query {query[:80]!r}") from None


class Queries(Deferring, Running, Workers):
    """All named queries on one connection. Whoever calls a write holds a transaction, and ends it."""

    def run(self, name: str, arguments: dict[str, Any]) -> list[Row]:
        rows: list[Row] = getattr(self, name)(**arguments)
        return rows

    def apply_schema(self) -> list[Row]:
        create_schema(self._connection)
        return []

    def delete_old_jobs(self, nb_hours: float, queue: str | None, statuses: list[str]) -> list[Row]:
        """Delete one slice of old jobs; a full slice means that there may be more."""
        return self._rows(
            f"""DELETE FROM procrastinate_jobs WHERE id IN (
                    SELECT id FROM procrastinate_jobs INDEXED BY procrastinate_jobs_finished
                    WHERE status IN (SELECT value FROM json_each(:statuses)) AND finished_at < :before
                      AND {equal(queue_name=queue)} LIMIT {DELETE_SLICE}
                ) RETURNING id""",
            statuses=json.dumps(statuses),
            before=as_text(now() - timedelta(hours=nb_hours)),
            queue_name=queue,
        )

    def check_connection(self) -> list[Row]:
        return self._rows("""SELECT (SELECT name FROM sqlite_master WHERE name = 'procrastinate_jobs') AS "check" """)

    def get_job_status(self, job_id: int) -> list[Row]:
        return self._rows("SELECT status FROM procrastinate_jobs WHERE id = :id", id=job_id)

    def count_jobs_status(self) -> list[Row]:
        return self._rows("SELECT count(*) AS count, status FROM procrastinate_jobs GROUP BY status")

    def list_jobs(self, **filters: Value) -> list[Row]:
        return self._jobs(
            f"SELECT {JOB_COLUMNS} FROM procrastinate_jobs WHERE {equal(**filters)} ORDER BY id", **filters
        )

    def list_queues(self, **filters: Value) -> list[Row]:
        return self._counts("queue_name", filters)

    def list_tasks(self, **filters: Value) -> list[Row]:
        return self._counts("task_name", filters)

    def list_locks(self, **filters: Value) -> list[Row]:
        return self._counts("lock", filters)

    def _counts(self, column: str, filters: dict[str, Value]) -> list[Row]:
        groups: dict[str, Row] = {}
        for row in self._rows(
            f"""SELECT {column} AS name, status, count(*) AS jobs FROM procrastinate_jobs
                WHERE {column} IS NOT NULL AND {equal(**filters)} GROUP BY 1, 2 ORDER BY 1""",
            **filters,
        ):
            group = groups.setdefault(row["name"], {"name": row["name"], "jobs_count": 0, "stats": {}})
            group["jobs_count"] += row["jobs"]
            group["stats"][row["status"]] = row["jobs"]
        return list(groups.values())
