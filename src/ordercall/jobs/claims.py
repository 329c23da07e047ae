"""The jobs that bring orders to Kalimera, which a worker takes and ends many at a time, in transactions of its own.

There is one for every order, so one by one they were what took time: a fetch, a start and an end each. A job is still
an order's own: its lock, its retries and its takeover are those of every other job.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from procrastinate import App, RetryDecision, sql
from procrastinate.jobs import Job, Status
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.sql.elements import ColumnElement

from ordercall.jobs.priorities import NEW_CONTACT, ORDINARY
from ordercall.jobs.queue import DOING, TODO
from ordercall.jobs.stores import JobStore
from ordercall.jobs.tables import in_hand as jobs


class ClaimedJobs:
    """Takes and ends such jobs for the worker of this process; nobody else ends one that it has in hand."""

    def __init__(self, app: App, store: JobStore, task: str) -> None:
        self._connector = store.connector
        self._app = app
        self._task = task

    def take(self, tx: Connection, most: int) -> list[Job]:
        """Take up to this number of the jobs that can start, the first first; none while the worker is not registered.

        No two are of one lock, and of no lock is an earlier one waiting or running.
        """
        worker_id = self._connector.claiming.worker_id
        if worker_id is None or most <= 0:
            return []
        return [Job.from_row(row) for row in self._connector.claim(tx, worker_id, most)]

    def hold(self, tx: Connection, job_ids: Collection[int]) -> set[int]:
        """Return those that are still in this worker's hand; nobody takes them away before the transaction ends."""
        held = select(jobs.c.id).where(jobs.c.id.in_(job_ids), self._mine).with_for_update()
        return set(tx.execute(held).scalars())

    def finish(self, tx: Connection, job_ids: Collection[int]) -> None:
        """Strike off what is done."""
        if job_ids:
            tx.execute(delete(jobs).where(jobs.c.id.in_(job_ids)))

    def give_back(self, tx: Connection, job_ids: Collection[int]) -> None:
        """Let jobs wait again with which nothing was begun."""
        if job_ids:
            tx.execute(self._waits_again().where(jobs.c.id.in_(job_ids)))

    def give_back_all_but(self, tx: Connection, job_ids: Collection[int]) -> None:
        """Let those wait again that were taken in a commit whose answer was lost."""
        tx.execute(self._waits_again().where(jobs.c.id.not_in(job_ids), jobs.c.priority <= NEW_CONTACT))

    def try_again(self, tx: Connection, job: Job, decision: RetryDecision | None) -> None:
        """Have a job that failed tried again, or keep it as failed."""
        if decision is None:
            self._ask(tx, "finish_job", job_id=job.id, status=Status.FAILED.value, delete_job=False)
            return
        kept: dict[str, Any] = dict.fromkeys(("new_priority", "new_queue_name", "new_lock"))
        self._ask(tx, "retry_job", job_id=job.id, retry_at=decision.retry_at, **kept)

    def leave_the_others(self, tx: Connection) -> None:
        """Have what an earlier version put among these jobs done with all the others."""
        others = update(jobs).where(jobs.c.status == TODO, jobs.c.priority < ORDINARY, jobs.c.task_name != self._task)
        tx.execute(others.values(priority=ORDINARY))

    @property
    def _mine(self) -> ColumnElement[bool]:
        return (jobs.c.status == DOING) & (jobs.c.worker_id == self._connector.claiming.worker_id)

    def _waits_again(self) -> Any:
        return update(jobs).where(self._mine).values(status=TODO, worker_id=None)

    def _ask(self, tx: Connection, query: str, **arguments: Any) -> None:
        self._connector.execute_query_all_with_connection(tx, sql.queries[query], **arguments)
