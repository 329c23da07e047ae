"""Procrastinate's named queries, spoken in SQLite.

Procrastinate asks its connector for one of some twenty Postgres texts. Each has a method of the same name here,
with the same parameters and the same rows; ``name_of`` tells which text is which, and refuses one it never met.

A worker counts as alive while it holds its locked file (``WorkerLocks``): nobody waits for an old heartbeat, and a
slow worker is never taken for a dead one.

The planner is not trusted with the statements that every fetch runs: without ``INDEXED BY`` a fetch among 20,000
due jobs took 16 ms, with it less than one.
"""

# ruff: noqa: S608 - the only text put into a statement is our own: column names and fixed conditions

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from procrastinate import exceptions, manager, schema, sql
from procrastinate.types import JobToDefer, JSONDict

from ordercall.jobs.sqlite_schema import create_schema
from ordercall.jobs.worker_locks import WorkerLocks

type Row = dict[str, Any]
type Value = str | int | float | None

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


JOB_COLUMNS = """id, queue_name, task_name, priority, lock, queueing_lock, args, status, scheduled_at, attempts,
    abort_requested, worker_id"""

INSERT_ALL = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at, ready)
    SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->5, value->>6, value->>7 FROM json_each(:jobs)
    ORDER BY key RETURNING id"""

FIRST_READY = """
    SELECT id FROM procrastinate_jobs AS job INDEXED BY procrastinate_jobs_ready
    WHERE status = 'todo' AND ready = 1 AND {queues}
      AND (lock IS NULL OR NOT EXISTS (
            SELECT 1 FROM procrastinate_jobs AS running INDEXED BY procrastinate_jobs_lock_idx_v1
            WHERE running.status = 'doing' AND running.lock = job.lock
          ) AND NOT EXISTS (
            SELECT 1 FROM procrastinate_jobs AS earlier INDEXED BY procrastinate_jobs_lock_line
            WHERE earlier.status = 'todo' AND earlier.lock = job.lock
              AND (earlier.priority > job.priority OR (earlier.priority = job.priority AND earlier.id < job.id))
          ))
    ORDER BY priority DESC, id LIMIT 1"""

FIRST_SCHEDULED = """
    SELECT id, scheduled_at FROM procrastinate_jobs INDEXED BY procrastinate_jobs_scheduled
    WHERE status = 'todo' AND ready = 0 AND {queues}
    ORDER BY scheduled_at LIMIT 1"""

MAKE_DUE_READY = """
    UPDATE procrastinate_jobs INDEXED BY procrastinate_jobs_scheduled SET ready = 1
    WHERE status = 'todo' AND ready = 0 AND scheduled_at <= :now"""


class News(NamedTuple):
    """What a listening worker wants to know."""

    startable: int | None
    """A job that can start now."""

    to_abort: list[int]
    """Running jobs that somebody asked to abort."""

    next_due: datetime | None
    """When the first scheduled job falls due; in the past if no worker has looked since."""


class Queries:
    """The named queries on one connection. Whoever calls a write holds a transaction, and ends it."""

    def __init__(self, connection: sqlite3.Connection, locks: WorkerLocks) -> None:
        self._connection = connection
        self._locks = locks

    def run(self, name: str, arguments: dict[str, Any]) -> list[Row]:
        rows: list[Row] = getattr(self, name)(**arguments)
        return rows

    def apply_schema(self) -> list[Row]:
        create_schema(self._connection)
        return []

    def defer_jobs(self, jobs: list[JobToDefer]) -> list[Row]:
        if len(jobs) == 1 or any(job.queueing_lock for job in jobs):  # one by one: the error names the lock
            return [{"id": self._insert(job)} for job in jobs]
        rows = [[*job[:-1], *_schedule(job.scheduled_at).values()] for job in jobs]
        return sorted(self._rows(INSERT_ALL, jobs=json.dumps(rows)), key=lambda row: row["id"])

    def defer_periodic_job(
        self,
        *,
        queue: str,
        lock: str | None,
        queueing_lock: str | None,
        task_name: str,
        priority: int,
        periodic_id: str,
        defer_timestamp: int,
        args: JSONDict,
    ) -> list[Row]:
        tick: dict[str, Value] = {"task": task_name, "periodic_id": periodic_id, "timestamp": defer_timestamp}
        claimed = self._rows(
            """INSERT INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
               VALUES (:task, :periodic_id, :timestamp) ON CONFLICT DO NOTHING RETURNING id""",
            **tick,
        )
        if not claimed:
            return [{"id": None}]
        job_id = self._insert(JobToDefer(queue, task_name, priority, lock, queueing_lock, args, None))
        self._rows(
            "UPDATE procrastinate_periodic_defers SET job_id = :job_id WHERE id = :id",
            job_id=job_id,
            id=claimed[0]["id"],
        )
        self._rows(
            """DELETE FROM procrastinate_periodic_defers
               WHERE task_name = :task AND periodic_id = :periodic_id AND defer_timestamp < :timestamp""",
            **tick,
        )
        return [{"id": job_id}]

    def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> list[Row]:
        self._rows(MAKE_DUE_READY, now=_text(_now()))
        condition, parameters = _in_queues(queues)
        fetched = self._jobs(
            f"""UPDATE procrastinate_jobs SET status = 'doing', worker_id = :worker_id
                WHERE id = ({FIRST_READY.format(queues=condition)}) RETURNING {JOB_COLUMNS}""",
            worker_id=worker_id,
            **parameters,
        )
        return fetched or [{"id": None}]

    def give_back(self, job_ids: list[int]) -> list[Row]:
        """Let jobs wait again that were fetched and never begun; one whose twin waits by now is as good as left behind.

        Procrastinate has no query for this: its workers fetch a job when they can begin it.
        """
        return self._rows(
            """UPDATE OR IGNORE procrastinate_jobs SET status = 'todo', worker_id = NULL
               WHERE status = 'doing' AND id IN (SELECT value FROM json_each(:ids)) RETURNING id""",
            ids=json.dumps(job_ids),
        )

    def finish_job(self, job_id: int, status: str, delete_job: bool) -> list[Row]:
        if delete_job:
            change = "DELETE FROM procrastinate_jobs"
        else:
            change = """UPDATE procrastinate_jobs SET status = :status, finished_at = :now, abort_requested = 0,
                attempts = attempts + (status = 'doing')"""
        changed = self._rows(
            f"{change} WHERE id = :id AND status IN ('todo', 'doing') RETURNING id",
            id=job_id,
            status=status,
            now=_text(_now()),
        )
        return _at_least_one(changed, f"Job {job_id} cannot be finished: it is neither waiting nor running")

    def cancel_job(self, job_id: int, abort: bool, delete_job: bool) -> list[Row]:
        if delete_job:
            deleted = self._rows(
                "DELETE FROM procrastinate_jobs WHERE id = :id AND status = 'todo' RETURNING id", id=job_id
            )
            if deleted:
                return deleted
        cancelled = self._rows(
            """UPDATE procrastinate_jobs SET status = 'cancelled', abort_requested = :abort, finished_at = :now
               WHERE id = :id AND status = 'todo' RETURNING id""",
            id=job_id,
            abort=abort,
            now=_text(_now()),
        )
        if abort and not cancelled:
            cancelled = self._rows(
                "UPDATE procrastinate_jobs SET abort_requested = 1 WHERE id = :id AND status = 'doing' RETURNING id",
                id=job_id,
            )
        return cancelled or [{"id": None}]

    def retry_job(
        self,
        *,
        job_id: int,
        retry_at: datetime | None,
        new_priority: int | None,
        new_queue_name: str | None,
        new_lock: str | None,
    ) -> list[Row]:
        given_up = self._rows(
            """UPDATE procrastinate_jobs SET status = 'failed', finished_at = :now
               WHERE id = :id AND status = 'doing' AND abort_requested RETURNING id""",
            id=job_id,
            now=_text(_now()),
        )
        if given_up:
            return given_up
        retried = self._rows(
            """UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1, scheduled_at = :scheduled_at,
                   ready = :ready, abort_requested = 0, finished_at = NULL, priority = coalesce(:priority, priority),
                   queue_name = coalesce(:queue_name, queue_name), lock = coalesce(:lock, lock)
               WHERE id = :id AND status IN ('doing', 'failed') RETURNING id""",
            id=job_id,
            priority=new_priority,
            queue_name=new_queue_name,
            lock=new_lock,
            **_schedule(retry_at),
        )
        return _at_least_one(retried, f"Job {job_id} cannot be retried: it is neither running nor failed")

    def delete_old_jobs(self, nb_hours: float, queue: str | None, statuses: list[str]) -> list[Row]:
        """Delete one slice of old jobs; a full slice means that there may be more."""
        return self._rows(
            f"""DELETE FROM procrastinate_jobs WHERE id IN (
                    SELECT id FROM procrastinate_jobs INDEXED BY procrastinate_jobs_finished
                    WHERE status IN (SELECT value FROM json_each(:statuses)) AND finished_at < :before
                      AND {_equal(queue_name=queue)} LIMIT {DELETE_SLICE}
                ) RETURNING id""",
            statuses=json.dumps(statuses),
            before=_text(_now() - timedelta(hours=nb_hours)),
            queue_name=queue,
        )

    def register_worker(self) -> list[Row]:
        registered = self._rows(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (:now) RETURNING id AS worker_id",
            now=_text(_now()),
        )
        self._locks.hold(registered[0]["worker_id"])  # before the commit: nobody sees the row without its lock
        return registered

    def unregister_worker(self, worker_id: int) -> list[Row]:
        self._rows("DELETE FROM procrastinate_workers WHERE id = :id", id=worker_id)
        self._locks.remove(worker_id)
        return []

    def update_heartbeat(self, worker_id: int) -> list[Row]:
        return self._rows(
            "UPDATE procrastinate_workers SET last_heartbeat = :now WHERE id = :id", id=worker_id, now=_text(_now())
        )

    def prune_stalled_workers(self, seconds_since_heartbeat: float) -> list[Row]:  # noqa: ARG002 - the lock knows better
        dead = self._dead_workers()
        for worker_id in dead:
            self.unregister_worker(worker_id)
        return [{"worker_id": worker_id} for worker_id in dead]

    def select_stalled_jobs_by_heartbeat(
        self,
        queue: str | None,
        task_name: str | None,
        seconds_since_heartbeat: float,  # noqa: ARG002 - the lock knows better
    ) -> list[Row]:
        return self._jobs(
            f"""SELECT {JOB_COLUMNS} FROM procrastinate_jobs INDEXED BY procrastinate_jobs_doing
                WHERE status = 'doing' AND {_equal(queue_name=queue, task_name=task_name)}
                  AND (worker_id IS NULL OR worker_id IN (SELECT value FROM json_each(:dead)))""",
            queue_name=queue,
            task_name=task_name,
            dead=json.dumps(self._dead_workers()),
        )

    def select_stalled_jobs_by_started(self, nb_seconds: float, queue: str | None, task_name: str | None) -> list[Row]:
        return self._jobs(
            f"""SELECT {JOB_COLUMNS} FROM procrastinate_jobs AS job INDEXED BY procrastinate_jobs_doing
                WHERE status = 'doing' AND {_equal(queue_name=queue, task_name=task_name)}
                  AND :before > (
                      SELECT max(at) FROM procrastinate_events WHERE job_id = job.id AND type = 'started'
                  )""",
            queue_name=queue,
            task_name=task_name,
            before=_text(_now() - timedelta(seconds=nb_seconds)),
        )

    def check_connection(self) -> list[Row]:
        return self._rows("""SELECT (SELECT name FROM sqlite_master WHERE name = 'procrastinate_jobs') AS "check" """)

    def get_job_status(self, job_id: int) -> list[Row]:
        return self._rows("SELECT status FROM procrastinate_jobs WHERE id = :id", id=job_id)

    def count_jobs_status(self) -> list[Row]:
        return self._rows("SELECT count(*) AS count, status FROM procrastinate_jobs GROUP BY status")

    def list_jobs(self, **filters: Value) -> list[Row]:
        return self._jobs(
            f"SELECT {JOB_COLUMNS} FROM procrastinate_jobs WHERE {_equal(**filters)} ORDER BY id", **filters
        )

    def list_jobs_to_abort(self, queue_name: str | None) -> list[Row]:
        return self._rows(
            f"""SELECT id FROM procrastinate_jobs INDEXED BY procrastinate_jobs_doing
                WHERE status = 'doing' AND abort_requested AND {_equal(queue_name=queue_name)}""",
            queue_name=queue_name,
        )

    def list_queues(self, **filters: Value) -> list[Row]:
        return self._counts("queue_name", filters)

    def list_tasks(self, **filters: Value) -> list[Row]:
        return self._counts("task_name", filters)

    def list_locks(self, **filters: Value) -> list[Row]:
        return self._counts("lock", filters)

    def news(self, queues: Iterable[str] | None) -> News:
        """Look for what a listener announces. Procrastinate has no query for this; Postgres uses NOTIFY."""
        condition, parameters = _in_queues(queues)
        ready = self._rows(FIRST_READY.format(queues=condition), **parameters)
        scheduled = self._rows(FIRST_SCHEDULED.format(queues=condition), **parameters)
        next_due = _time(scheduled[0]["scheduled_at"]) if scheduled else None
        startable = ready or (scheduled if next_due and next_due <= _now() else [])
        to_abort = [row["id"] for row in self.list_jobs_to_abort(None)]
        return News(startable[0]["id"] if startable else None, to_abort, next_due)

    def _insert(self, job: JobToDefer) -> int:
        try:
            inserted = self._rows(
                """INSERT INTO procrastinate_jobs
                       (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at, ready)
                   VALUES (:queue_name, :task_name, :priority, :lock, :queueing_lock, :args, :scheduled_at, :ready)
                   RETURNING id""",
                **{**job._asdict(), "args": json.dumps(job.args), **_schedule(job.scheduled_at)},
            )
        except sqlite3.IntegrityError as error:
            if "queueing_lock" not in str(error):
                raise
            raise exceptions.UniqueViolation(
                constraint_name=manager.QUEUEING_LOCK_CONSTRAINT, queueing_lock=job.queueing_lock
            ) from error
        job_id: int = inserted[0]["id"]
        return job_id

    def _dead_workers(self) -> list[int]:
        workers = [row["id"] for row in self._rows("SELECT id FROM procrastinate_workers")]
        return [worker_id for worker_id in workers if not self._locks.is_held(worker_id)]

    def _counts(self, column: str, filters: dict[str, Value]) -> list[Row]:
        groups: dict[str, Row] = {}
        for row in self._rows(
            f"""SELECT {column} AS name, status, count(*) AS jobs FROM procrastinate_jobs
                WHERE {column} IS NOT NULL AND {_equal(**filters)} GROUP BY 1, 2 ORDER BY 1""",
            **filters,
        ):
            group = groups.setdefault(row["name"], {"name": row["name"], "jobs_count": 0, "stats": {}})
            group["jobs_count"] += row["jobs"]
            group["stats"][row["status"]] = row["jobs"]
        return list(groups.values())

    def _jobs(self, statement: str, **parameters: Value) -> list[Row]:
        return [
            row
            | {
                "args": json.loads(row["args"]),
                "scheduled_at": _time(row["scheduled_at"]) if row["scheduled_at"] else None,
                "abort_requested": bool(row["abort_requested"]),
            }
            for row in self._rows(statement, **parameters)
        ]

    def _rows(self, statement: str, **parameters: Value) -> list[Row]:
        cursor = self._connection.cursor()
        cursor.row_factory = None  # the connection may be the caller's and have a row factory of its own
        cursor.execute(statement, parameters)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def _now() -> datetime:
    return datetime.now(UTC)


def _text(moment: datetime) -> str:
    """Write a moment so that text compares as time does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _schedule(moment: datetime | None) -> dict[str, Value]:
    if moment is None:
        return {"scheduled_at": None, "ready": True}
    return {"scheduled_at": _text(moment), "ready": moment <= _now()}


def _equal(**filters: Value) -> str:
    """Return a condition of only the filters in use; ``:x IS NULL OR ...`` would keep SQLite from its indexes."""
    return " AND ".join([f"{column} = :{column}" for column, value in filters.items() if value is not None] or ["TRUE"])


def _in_queues(queues: Iterable[str] | None) -> tuple[str, dict[str, Value]]:
    if queues is None:
        return "TRUE", {}
    return "queue_name IN (SELECT value FROM json_each(:queues))", {"queues": json.dumps(list(queues))}


def _at_least_one(rows: list[Row], otherwise: str) -> list[Row]:
    if not rows:
        raise exceptions.ConnectorException(otherwise)
    return rows
