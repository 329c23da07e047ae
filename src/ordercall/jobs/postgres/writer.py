"""The worker's own writes on Postgres: what gathered goes to the server in one message, and is one transaction.

On a connection that commits by itself, what stands between two syncs of a pipeline is one transaction. So a job's end
and the fetch of the next one cost one round trip and one commit, however many jobs end together. One by one, over a
pool that asks whether its connection still lives, each cost four round trips, and the two took two commits.
"""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
from procrastinate import exceptions, sql
from procrastinate.sync_psycopg_connector import wrap_exceptions
from psycopg.rows import dict_row

from ordercall.errors import DatabaseBusy
from ordercall.jobs.group_writer import Row, Write
from ordercall.jobs.priorities import HIGHEST
from ordercall.storage.engine.postgres_database import may_be_cut

CLAIM: LiteralString = """
WITH first AS (
    SELECT id FROM procrastinate_jobs AS job
    WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
      AND priority BETWEEN %(at_least)s AND %(at_most)s AND task_name <> ALL(%(resting)s::varchar[])
      AND NOT EXISTS (
        SELECT FROM procrastinate_jobs AS running WHERE running.status = 'doing' AND running.lock = job.lock
      ) AND NOT EXISTS (
        SELECT FROM procrastinate_jobs AS earlier WHERE earlier.status = 'todo' AND earlier.lock = job.lock
          AND (earlier.priority > job.priority OR (earlier.priority = job.priority AND earlier.id < job.id))
      )
    ORDER BY priority DESC, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), fetched AS (
    UPDATE procrastinate_jobs AS job SET status = 'doing', worker_id = %(worker_id)s
    FROM first WHERE job.id = first.id RETURNING job.*
)
SELECT * FROM fetched ORDER BY priority DESC, id
"""
"""As Procrastinate's function does it, but many at once, and within some priorities."""

FETCH: LiteralString = CLAIM.replace(
    "SELECT * FROM fetched ORDER BY priority DESC, id",
    """SELECT fetched.*, CASE WHEN fetched.id IS NULL THEN (
        SELECT extract(epoch FROM min(scheduled_at) - now())::float8
        FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at > now()
    ) END AS due_in
    FROM (VALUES (1)) AS always LEFT JOIN fetched ON true""",
)
"""The same, and where it finds no job: in how many seconds the next one falls due, by the same clock."""

GIVE_BACK: LiteralString = """
UPDATE procrastinate_jobs AS mine SET status = 'todo', worker_id = NULL
WHERE status = 'doing' AND id = ANY(%(job_ids)s) AND NOT EXISTS (
    SELECT FROM procrastinate_jobs AS twin WHERE twin.queueing_lock = mine.queueing_lock AND twin.status = 'todo'
)
"""
"""Let jobs wait again that were fetched and never begun; one whose twin waits by now is as good as left behind."""

ANNOUNCE: LiteralString = "SELECT pg_notify(%(channel)s, %(payload)s)"

TEXTS: dict[str, LiteralString] = {
    **{name: sql.queries[name] for name in ("finish_job", "retry_job")},
    "fetch_job": FETCH,
    "give_back": GIVE_BACK,
    "announce": ANNOUNCE,
}

ONE_OF_ANY = {"most": 1, "at_most": HIGHEST}
"""What a worker asks for that fetches one by one; it says itself how urgent the job is to be at least."""


class Unanswered(exceptions.ConnectorException, DatabaseBusy):
    """The connection broke. Whether what was sent is stored nobody knows, so it is not sent again."""


class PostgresWrites:
    """What a :class:`GroupWriter` carries out, over a connection that is opened when it is first needed.

    Args:
        parameters: what libpq needs for a connection.
    """

    def __init__(self, parameters: dict[str, Any]) -> None:
        self._parameters = parameters
        self._connection: psycopg.Connection[Row] | None = None

    def commit(self, writes: list[Write]) -> list[list[Row]]:
        try:
            return self._send(writes)
        except exceptions.ConnectorException as error:
            if self._connection is None or self._connection.closed:
                raise Unanswered from error
            instead = _instead_of(writes) if isinstance(error, exceptions.UniqueViolation) else None
            if instead is None:
                raise
            return self.commit([instead])

    def close(self) -> None:
        if self._connection:
            self._connection.close()

    @wrap_exceptions()
    def _send(self, writes: list[Write]) -> list[list[Row]]:
        connection = self._living()
        with connection.pipeline():
            cursors = [connection.execute(TEXTS[write.name], ONE_OF_ANY | write.arguments) for write in writes]
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]

    def _living(self) -> psycopg.Connection[Row]:
        if self._connection is None or may_be_cut(self._connection):
            self.close()
            self._connection = None
            self._connection = psycopg.connect(**self._parameters, autocommit=True, row_factory=dict_row)
        return self._connection


def _instead_of(refused: list[Write]) -> Write | None:
    """Return what is to be stored in place of a write that a unique index refuses, or None if that is an error."""
    match refused:
        case [Write("fetch_job") as fetch]:
            return fetch  # another worker took the job in front of it, of the same lock, just now
        case [Write("retry_job", {"job_id": job_id})]:
            end = {"job_id": job_id, "status": "failed", "delete_job": True}
            return Write("finish_job", end)  # its twin waits by now, and does the work
    return None
