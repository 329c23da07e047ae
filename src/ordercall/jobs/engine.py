"""The job engine: Procrastinate on the database that holds the orders, so that an order and its job are one commit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from procrastinate import App, sql
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.types import JobToDefer, JSONValue
from sqlalchemy import Connection

from ordercall.jobs import queue
from ordercall.jobs.backlog import Backlog, look_at_backlog
from ordercall.jobs.claims import ClaimedJobs
from ordercall.jobs.hanging import RunningJobs
from ordercall.jobs.priorities import FILLS_THE_LIST, HOLDS_NOBODY_UP, NEW_CONTACT, ORDINARY, PAUSES, SOMEBODY_WAITS
from ordercall.jobs.queue import NextTry, OverdueJob, next_try
from ordercall.jobs.stores import job_store
from ordercall.jobs.takeover import Takeover
from ordercall.storage.engine.database import Database

__all__ = ["JobEngine", "NextTry"]

SYNC_ORDER = "sync_order"
FLUSH_CAMPAIGN = "flush_campaign"
CANCEL_ORDER = "cancel_order"
WRITE_ORDER = "write_order"
ALIGN_HOLD = "align_hold"
CORRECT_ADDRESS = "correct_address"
SEE_OTHER_HOLDS = "see_other_holds"
RUN_BULK = "run_bulk"
RECONCILE = "reconcile"
READ_ORDER_AGAIN = "read_order_again"
LOOK_AT_PARCELS = "look_at_parcels"
ANSWER_PRIVACY_REQUEST = "answer_privacy_request"
TRY_POLICY = "try_policy"
CHECK_CONNECTIONS = "check_connections"
FIRST_CALL = "first_call"
FORGET_BY_AGE = "forget_by_age"


class JobEngine:
    """Defers jobs inside a transaction of the caller's, and holds the Procrastinate app that a worker runs.

    Args:
        db: where the orders are; the jobs are kept beside them.
    """

    def __init__(self, db: Database, takeover: Takeover = Takeover()) -> None:  # noqa: B008 - it never changes
        self.takeover = takeover
        self.store = job_store(db, takeover)
        self.app = App(connector=self.store.connector)
        self.running = RunningJobs()
        self.syncs = ClaimedJobs(self.app, self.store, SYNC_ORDER)

    def check_lease(self) -> None:
        """Pass while the jobs of this process are certainly its own. Asked before each request to a provider.

        Raises:
            LeaseLost: its worker was out of touch for so long that another one may have taken over.
        """
        self.store.lease.check()

    def sync_order(self, tx: Connection, shopify_id: int, phone: str) -> None:
        """Put an order on its way to Kalimera. Orders of one phone wait for each other: they share a contact."""
        self._defer(tx, SYNC_ORDER, {"shopify_id": shopify_id}, lock=_lock_of(phone), priority=NEW_CONTACT)

    def sync_at_opening(self, tx: Connection, shopify_id: int, phone: str, opening: datetime) -> None:
        """Put an order on its way to Kalimera when customers may be rung again."""
        about = {"shopify_id": shopify_id}
        self._defer(tx, SYNC_ORDER, about, lock=_lock_of(phone), at=opening, priority=HOLDS_NOBODY_UP)

    def sync_orders(self, tx: Connection, phones: Iterable[tuple[int, str]]) -> None:
        """Put many new orders, each an id and a phone, on their way to Kalimera.

        By the query behind Procrastinate's ``batch_defer_jobs``, which copies every job twice (12 µs an order).
        """
        job = self.app.configure_task(SYNC_ORDER).job
        jobs = [
            JobToDefer(job.queue, SYNC_ORDER, NEW_CONTACT, _lock_of(phone), None, {"shopify_id": number}, None)
            for number, phone in phones
        ]
        if jobs:
            self.app.connector.execute_query_all_with_connection(tx, sql.queries["defer_jobs"], jobs=jobs)

    def flush_campaign(self, tx: Connection, campaign_id: str, *, at: datetime | None = None) -> None:
        """See to it that all who wait for this campaign are added to it, by one worker at a time."""
        waiting = f"flush:{campaign_id}" if at is None else f"flush:{campaign_id}:later"
        self._flush(tx, campaign_id, queueing_lock=waiting, at=at)

    def flush_for_pause(self, tx: Connection, campaign_id: str) -> None:
        """See to a campaign at once whose calls were paused or go on, also where its next try is minutes away."""
        self._flush(tx, campaign_id, queueing_lock=f"flush:{campaign_id}:pause", priority=PAUSES)

    def flush_at_opening(self, tx: Connection, campaign_id: str, opening: datetime) -> None:
        """See to those who wait for this campaign when customers may be rung again."""
        waiting = f"flush:{campaign_id}:opening"
        self._flush(tx, campaign_id, queueing_lock=waiting, at=opening, priority=ORDINARY)  # it holds no other up

    def _flush(self, tx: Connection, campaign_id: str, *, priority: int = FILLS_THE_LIST, **options: Any) -> None:
        lock = f"campaign:{campaign_id}"
        self._defer(tx, FLUSH_CAMPAIGN, {"campaign_id": campaign_id}, lock=lock, priority=priority, **options)

    def cancel_order(self, tx: Connection, shopify_id: int) -> None:
        """Cancel the order in Shopify as soon as a worker is free."""
        about = {"shopify_id": shopify_id}
        self._defer(tx, CANCEL_ORDER, about, lock=f"cancel:{shopify_id}", priority=SOMEBODY_WAITS)

    def write_order(
        self, tx: Connection, shopify_id: int, *, at: datetime | None = None, goes_on: bool = False
    ) -> None:
        """Write to the order in Shopify what its calls said, unless a job is at another one, which then goes on.

        A twin of a job that runs would take the place of its successor, and with it the number of its crashes.

        Args:
            goes_on: such a job asks for it, at its end.
        """
        if not goes_on and queue.is_running(tx, WRITE_ORDER):
            return
        about = {"shopify_id": shopify_id}
        self._defer(tx, WRITE_ORDER, about, lock=WRITE_ORDER, queueing_lock=WRITE_ORDER, at=at)

    def align_hold(
        self, tx: Connection, shopify_id: int, *, urgent: bool = False, at: datetime | None = None, tries: int = 0
    ) -> None:
        """Hold the order in Shopify or release it, as it is wished by then.

        Args:
            urgent: it is to be released, and a parcel waits for that.
            tries: so often Shopify took what it was asked for, and showed it otherwise.
        """
        name = f"hold:{shopify_id}"
        if not (urgent or at):
            queue.start_now(tx, f"{name}:later")
        twin = f"{name}:urgent" if urgent else f"{name}:later" if at else name
        priority = SOMEBODY_WAITS if urgent else ORDINARY
        about = {"shopify_id": shopify_id} | ({"tries": tries} if tries else {})
        self._defer(tx, ALIGN_HOLD, about, lock=name, queueing_lock=twin, at=at, priority=priority)

    def correct_address(self, tx: Connection, shopify_id: int) -> None:
        """Write the address that a person approved into Shopify as soon as a worker is free."""
        name = f"address:{shopify_id}"
        about = {"shopify_id": shopify_id}
        self._defer(tx, CORRECT_ADDRESS, about, lock=name, queueing_lock=name, priority=SOMEBODY_WAITS)

    def see_other_holds(self, tx: Connection, shopify_id: int) -> None:
        """Look as soon as a worker is free whether others hold an order that is not held by us."""
        name = f"others:{shopify_id}"
        self._defer(tx, SEE_OTHER_HOLDS, {"shopify_id": shopify_id}, lock=name, queueing_lock=name)

    def run_bulk(self, tx: Connection, run_id: int, *, at: datetime | None = None) -> None:
        """Go on with a bulk run, by one worker at a time."""
        name = f"bulk:{run_id}"
        self._defer(tx, RUN_BULK, {"run_id": run_id}, lock=name, queueing_lock=name, at=at)

    def try_policy(self, tx: Connection, trial_id: int) -> None:
        """Go on with a trial of a draft, one trial at a time: nobody is called or cancelled by it."""
        self._defer(tx, TRY_POLICY, {"trial_id": trial_id}, lock=TRY_POLICY, priority=ORDINARY)

    def first_call(self, tx: Connection, call_id: int, campaign_id: str) -> None:
        """Go on with a call to a number of a person's own, while nobody else sets or fills its campaign."""
        about, lock = {"call_id": call_id}, f"campaign:{campaign_id}"
        self._defer(tx, FIRST_CALL, about, lock=lock, queueing_lock=f"first_call:{call_id}", priority=PAUSES)

    def answer_privacy_request(self, tx: Connection, request_id: int) -> None:
        """Erase or look up what a customer or a shop asks for, one request at a time."""
        about = {"request_id": request_id}
        self._defer(tx, ANSWER_PRIVACY_REQUEST, about, lock="privacy", priority=SOMEBODY_WAITS)

    def forget_by_age(self, tx: Connection) -> None:
        """Go on forgetting what was kept long enough."""
        self._defer(tx, FORGET_BY_AGE, {}, lock=FORGET_BY_AGE, queueing_lock=FORGET_BY_AGE)

    def reconcile(self, tx: Connection) -> None:
        """Read what changed in the shop as soon as a worker is free."""
        self._defer(tx, RECONCILE, {}, lock=RECONCILE, queueing_lock=RECONCILE)

    def check_connections(self, tx: Connection) -> None:
        """Look how all stands as soon as a worker is free, unless that is under way."""
        if not self.is_checking_connections(tx):
            once = CHECK_CONNECTIONS
            self._defer(tx, CHECK_CONNECTIONS, {}, lock=once, queueing_lock=once, priority=SOMEBODY_WAITS)

    def is_checking_connections(self, tx: Connection) -> bool:
        """Return whether a worker looks how all stands, or will."""
        return queue.waits(tx, CHECK_CONNECTIONS) or queue.is_running(tx, CHECK_CONNECTIONS)

    def read_order_again(self, tx: Connection, shopify_id: int) -> None:
        """Read an order from Shopify as soon as a worker is free."""
        lock = f"read:{shopify_id}"
        self._defer(tx, READ_ORDER_AGAIN, {"shopify_id": shopify_id}, lock=lock, queueing_lock=lock)

    def look_at_parcels(self, tx: Connection, shopify_id: int) -> None:
        """Look in Shopify what became of an order's parcels as soon as a worker is free."""
        lock = f"parcels:{shopify_id}"
        self._defer(tx, LOOK_AT_PARCELS, {"shopify_id": shopify_id}, lock=lock, queueing_lock=lock)

    def next_sync(self, tx: Connection, shopify_id: int, phone: str) -> NextTry | None:
        """Return when the order is next tried to be brought to Kalimera, or None when no job does."""
        return next_try(tx, lock=_lock_of(phone), about={"shopify_id": shopify_id})

    def next_flush(self, tx: Connection, campaign_id: str) -> NextTry | None:
        """Return when those who wait for this campaign are next tried to be added, or None when no job does."""
        return next_try(tx, lock=f"campaign:{campaign_id}", about={"campaign_id": campaign_id})

    def forget_orders(self, tx: Connection, shopify_ids: list[int]) -> None:
        """Drop the jobs about these orders."""
        queue.forget_orders(tx, shopify_ids)

    def silence(self, tx: Connection) -> timedelta | None:
        """Return how long ago a worker last showed that it lives, or None."""
        return queue.silence(tx)

    def backlog(self, tx: Connection) -> Backlog:
        """Return how many jobs of each kind wait, and since when."""
        return look_at_backlog(tx)

    def too_long_waiting(self, tx: Connection, now: datetime) -> datetime | None:
        """Return since when the oldest of the jobs waits that could start now, if that is too long; else None."""
        oldest = min(queue.waiting_since(tx).values(), default=None)
        return oldest if oldest and now - oldest >= queue.LONG_WAIT else None

    def overdue(self, tx: Connection, now: datetime) -> list[OverdueJob]:
        """Return the jobs that have run for longer than they should."""
        return queue.overdue(tx, now)

    def is_bringing_orders(self, tx: Connection) -> bool:
        """Return whether a worker is at bringing orders to Kalimera."""
        return queue.is_running(tx, SYNC_ORDER)

    def sync_failed_before(self, tx: Connection) -> bool:
        """Return whether an order waits for another try to be brought to Kalimera."""
        return queue.failed_before(tx, SYNC_ORDER)

    def take_over(self, tx: Connection, job: Job, *, crashes: int | None) -> None:
        """Close a job whose worker died, and queue it once more, unless its twin waits already.

        Args:
            crashes: what the successor is told of how often this happened. None: there is no successor.
        """
        if self._close(tx, job) and crashes is not None:
            again = {**job.task_kwargs, "crashes": crashes}
            once, priority = job.queueing_lock, job.priority
            self._defer(tx, job.task_name, again, lock=job.lock, queueing_lock=once, priority=priority)

    def _close(self, tx: Connection, job: Job) -> bool:
        """Take a job off the queue; return False where another worker was quicker, or its own came back."""
        end: dict[str, Any] = {"job_id": job.id, "status": Status.FAILED.value, "delete_job": True}
        try:
            with tx.begin_nested():
                self.app.connector.execute_query_all_with_connection(tx, sql.queries["finish_job"], **end)
        except ConnectorException:
            return False
        return True

    def _defer(
        self,
        tx: Connection,
        task: str,
        arguments: Mapping[str, JSONValue],
        *,
        lock: str | None,
        queueing_lock: str | None = None,
        at: datetime | None = None,
        priority: int = ORDINARY,
    ) -> None:
        """Defer a job; with a queueing lock only where no twin waits, which will see what is there by then."""
        if queueing_lock is not None:
            self.store.rely_on(tx, queueing_lock)
            if queue.waits(tx, queueing_lock):  # in a rush nearly always; a refused insertion takes four times as long
                return
        job = self.app.configure_task(
            task, lock=lock, queueing_lock=queueing_lock, schedule_at=at, priority=priority, connection=tx
        )
        if queueing_lock is None:
            job.defer(**arguments)
            return
        with suppress(AlreadyEnqueued), tx.begin_nested():
            job.defer(**arguments)


def _lock_of(phone: str) -> str:
    """Return the lock that orders of one phone wait for. Its name ends up in logs; a phone number must not."""
    return f"contact:{hashlib.sha256(phone.encode()).hexdigest()[:16]}"
