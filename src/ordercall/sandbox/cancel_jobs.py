"""Shopify cancels an order in an asynchronous job: the answer to ``orderCancel`` says only that it has begun."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from enum import StrEnum

from ordercall.sandbox.order_book import OrderBook, is_shipped


class JobState(StrEnum):
    """``OrderCancelStatus`` of Shopify's schema."""

    STARTED = "STARTED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass(slots=True)
class CancelJob:
    """One cancellation under way. It ends after ``ticks`` more ticks."""

    order_id: int
    reason: str
    ticks: int
    fails: bool = False
    state: JobState = JobState.STARTED
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


class CancelJobs:
    """The cancellations under way. A tick is a later call to the API, so that no test has to wait.

    Attributes:
        ticks: how many calls later a job ends; 0: at once, before its own answer.
        fail_next: how many of the next jobs fail and leave their order as it is.
        cancelled: the ids of the orders that the API cancelled, oldest first.
    """

    def __init__(self, book: OrderBook) -> None:
        self.ticks = 2
        self.fail_next = 0
        self.cancelled: list[int] = []
        self._book = book
        self._jobs: dict[str, CancelJob] = {}
        self._lock = threading.RLock()

    def start(self, order_id: int, reason: str) -> CancelJob:
        """Begin to cancel an order that may be cancelled."""
        with self._lock:
            job = CancelJob(order_id, reason, self.ticks, fails=self.fail_next > 0)
            self.fail_next = max(self.fail_next - 1, 0)
            self._jobs[job.id] = job
        if not job.ticks:
            self._end(job)
        return job

    def tick(self) -> None:
        """Count a tick for every job, and end those that are due."""
        with self._lock:
            running = [job for job in self._jobs.values() if job.state is JobState.STARTED]
            for job in running:
                job.ticks -= 1
            due = [job for job in running if job.ticks <= 0]
        for job in due:
            self._end(job)

    def finish(self) -> None:
        """End every job now."""
        with self._lock:
            running = list(self._jobs.values())
        for job in running:
            self._end(job)

    def find(self, job_id: str) -> CancelJob | None:
        with self._lock:
            return self._jobs.get(job_id)

    def forget(self) -> None:
        """Forget all jobs; those under way change nothing any more."""
        with self._lock:
            self._jobs.clear()

    def is_running(self, order_id: int) -> bool:
        with self._lock:
            return any(job.order_id == order_id and job.state is JobState.STARTED for job in self._jobs.values())

    def cancel(self, order_id: int, reason: str) -> dict[str, object]:
        """Cancel an order for the API, at once, and return it."""
        order = self._book.cancel(order_id, reason)
        self.cancelled.append(order_id)
        return order

    def _end(self, job: CancelJob) -> None:
        """Cancel before the state says so: after SUCCEEDED the order must be found cancelled."""
        with self._lock:
            if job.state is not JobState.STARTED:
                return
            order = self._book.order(job.order_id)
            if job.fails or order is None or is_shipped(order):
                job.state = JobState.FAILED
                return
            self.cancel(job.order_id, job.reason)
            job.state = JobState.SUCCEEDED
