"""Which workers there are, and what the dead among them have left.

A worker counts as alive while it holds its locked file (``WorkerLocks``): nobody waits for an old heartbeat, and a
slow worker is never taken for a dead one.
"""

# ruff: noqa: S608 - the only text put into a statement is our own: column names and fixed conditions

from __future__ import annotations

import json
from datetime import timedelta

from ordercall.jobs.sqlite.rows import JOB_COLUMNS, Row, Statements, as_text, equal, now


class Workers(Statements):
    """The queries about workers, and about jobs that nobody runs any more."""

    def register_worker(self) -> list[Row]:
        registered = self._rows(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (:now) RETURNING id AS worker_id",
            now=as_text(now()),
        )
        self._locks.hold(registered[0]["worker_id"])  # before the commit: nobody sees the row without its lock
        return registered

    def unregister_worker(self, worker_id: int) -> list[Row]:
        self._rows("DELETE FROM procrastinate_workers WHERE id = :id", id=worker_id)
        self._locks.remove(worker_id)
        return []

    def update_heartbeat(self, worker_id: int) -> list[Row]:
        return self._rows(
            "UPDATE procrastinate_workers SET last_heartbeat = :now WHERE id = :id", id=worker_id, now=as_text(now())
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
                WHERE status = 'doing' AND {equal(queue_name=queue, task_name=task_name)}
                  AND (worker_id IS NULL OR worker_id IN (SELECT value FROM json_each(:dead)))""",
            queue_name=queue,
            task_name=task_name,
            dead=json.dumps(self._dead_workers()),
        )

    def select_stalled_jobs_by_started(self, nb_seconds: float, queue: str | None, task_name: str | None) -> list[Row]:
        return self._jobs(
            f"""SELECT {JOB_COLUMNS} FROM procrastinate_jobs AS job INDEXED BY procrastinate_jobs_doing
                WHERE status = 'doing' AND {equal(queue_name=queue, task_name=task_name)}
                  AND :before > (
                      SELECT max(at) FROM procrastinate_events WHERE job_id = job.id AND type = 'started'
                  )""",
            queue_name=queue,
            task_name=task_name,
            before=as_text(now() - timedelta(seconds=nb_seconds)),
        )

    def _dead_workers(self) -> list[int]:
        workers = [row["id"] for row in self._rows("SELECT id FROM procrastinate_workers")]
        return [worker_id for worker_id in workers if not self._locks.is_held(worker_id)]
