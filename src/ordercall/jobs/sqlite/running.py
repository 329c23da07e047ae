"""What a worker asks about its jobs: which is next, how one ended, whether there is news.

The planner is not trusted with the statements that every fetch runs: without ``INDEXED BY`` a fetch among 20,000
due jobs took 16 ms, with it less than one.
"""

# ruff: noqa: S608 - the only text put into a statement is our own: column names and fixed conditions

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from ordercall.jobs.sqlite.rows import (
    JOB_COLUMNS,
    Row,
    Statements,
    as_text,
    as_time,
    at_least_one,
    equal,
    in_queues,
    now,
    schedule,
)

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


class Running(Statements):
    """The queries of a worker that runs jobs."""

    def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> list[Row]:
        self._rows(MAKE_DUE_READY, now=as_text(now()))
        condition, parameters = in_queues(queues)
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
            now=as_text(now()),
        )
        return at_least_one(changed, f"Job {job_id} cannot be finished: it is neither waiting nor running")

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
            now=as_text(now()),
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
            **schedule(retry_at),
        )
        return at_least_one(retried, f"Job {job_id} cannot be retried: it is neither running nor failed")

    def list_jobs_to_abort(self, queue_name: str | None) -> list[Row]:
        return self._rows(
            f"""SELECT id FROM procrastinate_jobs INDEXED BY procrastinate_jobs_doing
                WHERE status = 'doing' AND abort_requested AND {equal(queue_name=queue_name)}""",
            queue_name=queue_name,
        )

    def news(self, queues: Iterable[str] | None) -> News:
        """Look for what a listener announces. Procrastinate has no query for this; Postgres uses NOTIFY."""
        condition, parameters = in_queues(queues)
        ready = self._rows(FIRST_READY.format(queues=condition), **parameters)
        scheduled = self._rows(FIRST_SCHEDULED.format(queues=condition), **parameters)
        next_due = as_time(scheduled[0]["scheduled_at"]) if scheduled else None
        startable = ready or (scheduled if next_due and next_due <= now() else [])
        to_abort = [row["id"] for row in self.list_jobs_to_abort(None)]
        return News(startable[0]["id"] if startable else None, to_abort, next_due)
