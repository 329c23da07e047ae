"""Putting jobs into the queue, and taking them off before they begin."""

from __future__ import annotations

import json
import sqlite3

from procrastinate import exceptions, manager
from procrastinate.types import JobToDefer, JSONDict

from ordercall.jobs.sqlite.rows import Row, Statements, Value, as_text, now, schedule

INSERT_ALL = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at, ready)
    SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->5, value->>6, value->>7 FROM json_each(:jobs)
    ORDER BY key RETURNING id"""


class Deferring(Statements):
    """The queries of whoever defers a job or cancels it."""

    def defer_jobs(self, jobs: list[JobToDefer]) -> list[Row]:
        if len(jobs) == 1 or any(job.queueing_lock for job in jobs):  # one by one: the error names the lock
            return [{"id": self._insert(job)} for job in jobs]
        rows = [[*job[:-1], *schedule(job.scheduled_at).values()] for job in jobs]
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
            now=as_text(now()),
        )
        if abort and not cancelled:
            cancelled = self._rows(
                "UPDATE procrastinate_jobs SET abort_requested = 1 WHERE id = :id AND status = 'doing' RETURNING id",
                id=job_id,
            )
        return cancelled or [{"id": None}]

    def _insert(self, job: JobToDefer) -> int:
        try:
            inserted = self._rows(
                """INSERT INTO procrastinate_jobs
                       (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at, ready)
                   VALUES (:queue_name, :task_name, :priority, :lock, :queueing_lock, :args, :scheduled_at, :ready)
                   RETURNING id""",
                **{**job._asdict(), "args": json.dumps(job.args), **schedule(job.scheduled_at)},
            )
        except sqlite3.IntegrityError as error:
            if "queueing_lock" not in str(error):
                raise
            raise exceptions.UniqueViolation(
                constraint_name=manager.QUEUEING_LOCK_CONSTRAINT, queueing_lock=job.queueing_lock
            ) from error
        job_id: int = inserted[0]["id"]
        return job_id
