"""The orders that wait for Kalimera, a batch at a time: many requests at once, and one commit for all of them.

One by one an order cost two transactions and two commits of the job engine, and 64 orders at once took four times as
long as Kalimera did. Here one transaction stores the answers that came, ends their jobs, takes as many new ones, and
stores that their contacts may exist from now on. As many orders as are asked for stand ready behind them, so that no
request waits for a commit.

An order is still a job of its own. What fails is tried again alone, and a worker that dies leaves the orders that it
had in hand to be looked for, each once.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from heapq import heappop, heappush

from procrastinate.jobs import Job
from sqlalchemy import Connection

from ordercall import trail
from ordercall.errors import DatabaseBusy, ProviderError, ProviderRefused
from ordercall.jobs.engine import JobEngine
from ordercall.jobs.retries import ProviderBackoff, last_try
from ordercall.providers import outgoing
from ordercall.services.contact_maker import FoundContact, NoContactMade, NotTaken, ReadyOrder
from ordercall.services.joint_calls import Answered
from ordercall.services.sync_service import SyncService
from ordercall.storage.engine.database import Database

GATHER_SECONDS = 0.025
"""How long answers are waited for that may be stored together: a quarter of what Kalimera takes at its quickest."""

NET_SECONDS = 5.0
"""Between two looks for orders that nothing announced."""

LONGEST_STORING, STORING_PAUSE = 60.0, 0.2
"""Seconds for which a database that is busy is asked to keep what Kalimera has done, and between two tries."""

CLOCKS_APART = 0.05
"""Seconds by which a job is looked for late that falls due by the database's clock."""

RETRIES = ProviderBackoff()

logger = logging.getLogger(__name__)


class NotAsked(NoContactMade):
    """Nothing was sent for this order: the worker is leaving, or Kalimera is left alone for a while."""


@dataclass(frozen=True, slots=True)
class Ended:
    """An order for which nothing is under way any more, and what came of it: an answer, or what was raised."""

    job: Job
    ready: ReadyOrder | None
    outcome: FoundContact | ProviderRefused | Exception

    @property
    def job_id(self) -> int:
        assert self.job.id is not None  # noqa: S101 - it was taken from the queue
        return self.job.id

    @property
    def is_given_up(self) -> bool:
        """Whether it is a fault of ours that was tried for the last time."""
        ours = not isinstance(self.outcome, (FoundContact, ProviderError, DatabaseBusy, NoContactMade))
        return ours and last_try(self.job.attempts)


class SyncBatches:
    """Takes the orders that wait for Kalimera and brings them there. One thread runs it.

    Args:
        most: how many orders Kalimera is asked for at once.

    Attributes:
        in_hand: the jobs that were taken and have not ended.
    """

    def __init__(self, db: Database, jobs: JobEngine, sync: SyncService, *, most: int) -> None:
        self._db = db
        self._jobs = jobs.syncs
        self._running = jobs.running
        self._sync = sync
        self._most = most
        self._places = asyncio.Semaphore(most)
        self._news: queue.SimpleQueue[Ended | None] = queue.SimpleQueue()
        self.in_hand: set[int] = set()
        self._tries: list[float] = []
        """When those are due that are to be tried again."""
        self._unsure = False
        """The answer to a commit was lost, and with it perhaps jobs that it had taken."""
        self._stop = threading.Event()
        self._is_running, self._looks = False, 0

    def progress(self) -> int | None:
        """Return how often :meth:`run` has looked for orders, or None while it does not, for a ``ProgressWatch``."""
        return self._looks if self._is_running else None

    def wake(self) -> None:
        """Look whether orders wait. From any thread."""
        self._news.put(None)

    def run(self, stop: threading.Event) -> None:
        """Bring orders to Kalimera until *stop* is set and :meth:`wake` called, and then to an end what is under way.

        Raises:
            DatabaseBusy: for a minute the database did not keep what Kalimera had done.
        """
        self._stop, self._unsure, self._is_running = stop, False, True
        self.in_hand.clear()
        try:
            with self._db.begin() as tx:
                self._jobs.leave_the_others(tx)
            while self.in_hand or not stop.is_set():
                self._bring_some()
        finally:
            self._is_running = False

    def _bring_some(self) -> None:
        for job, ready in self._surely(self._gather()):
            self._running.begin(job)
            with trail.about(trail.of_order(ready.shopify_id)):
                asked = outgoing.submit(self._ask(ready))
            asked.add_done_callback(partial(self._tell, job, ready))
        self._looks += 1

    def _tell(self, job: Job, ready: ReadyOrder, asked: Future[FoundContact | ProviderRefused]) -> None:
        try:
            outcome: FoundContact | ProviderRefused | Exception = asked.result()
        except Exception as error:  # noqa: BLE001 - whatever it is, the job hears of it
            outcome = error
        end = "done" if isinstance(outcome, FoundContact) else type(outcome).__name__
        about = trail.of_order(ready.shopify_id)
        trail.tell("job", about=about, job=job.id, task=job.task_name, outcome=end, attempt=job.attempts)
        self._running.end(job)
        self._news.put(Ended(job, ready, outcome))

    async def _ask(self, ready: ReadyOrder) -> FoundContact | ProviderRefused:
        async with self._places:
            if self._stop.is_set() or not self._sync.breaker.admits():
                raise NotAsked
            return await self._sync.contact_for(ready)

    def _gather(self) -> list[Ended]:
        """Wait until there may be something to do; return what has ended."""
        try:
            news = [self._news.get(timeout=self._seconds_to_next_look())]
        except queue.Empty:
            return []
        if news[0] is not None:
            time.sleep(GATHER_SECONDS)
        while not self._news.empty():
            news.append(self._news.get())
        return [one for one in news if one is not None]

    def _seconds_to_next_look(self) -> float:
        due = max(self._tries[0] - time.monotonic(), 0.0) if self._tries else NET_SECONDS
        return min(due, self._sync.breaker.seconds_open() or NET_SECONDS, NET_SECONDS)

    def _room(self, ended: list[Ended]) -> int:
        """Return how many orders may be taken: while Kalimera does not answer none, and then one as the probe."""
        if self._stop.is_set():
            return 0
        return max(int(min(self._sync.breaker.admits(), 2 * self._most)) - len(self.in_hand) + len(ended), 0)

    # -- storing

    def _surely(self, ended: list[Ended]) -> list[tuple[Job, ReadyOrder]]:
        """Commit, also where the database is busy or away for a while; return the orders to ask for.

        What is never written down counts as left by a crash: they are looked for at Kalimera once more.
        """
        deadline = time.monotonic() + LONGEST_STORING
        while True:
            try:
                return self._commit(ended)
            except DatabaseBusy as error:
                if time.monotonic() > deadline:
                    raise
                if not self._unsure:
                    logger.warning("the orders on their way to Kalimera wait for the database: %s", error)
                self._unsure = True
            time.sleep(STORING_PAUSE)

    def _commit(self, ended: list[Ended]) -> list[tuple[Job, ReadyOrder]]:
        while self._tries and self._tries[0] <= time.monotonic():
            heappop(self._tries)
        room = self._room(ended)
        if not ended and not room:
            return []
        for one in ended:
            if one.is_given_up:
                self._sync.give_up(_order_of(one.job))
        try:
            with self._db.begin() as tx:
                self._store(tx, ended)
                going = self._prepare(tx, self._jobs.take(tx, room))
        except DatabaseBusy:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to one of them
            logger.warning("a batch of %d orders failed (%s); each goes alone", len(ended), type(error).__name__)
            going = self._one_by_one(ended, room)
        self._unsure = False
        self.in_hand -= {one.job_id for one in ended}
        self.in_hand |= set(_ids(job for job, _ in going))
        return going

    def _store(self, tx: Connection, ended: list[Ended]) -> None:
        """Store what came of these orders, and end their jobs, as far as they are still this worker's."""
        if self._unsure:
            self._jobs.give_back_all_but(tx, self.in_hand)
        held = self._jobs.hold(tx, [one.job_id for one in ended])
        mine = [one for one in ended if one.job_id in held]
        answered: list[Answered] = []
        for one in mine:
            match one.outcome:
                case FoundContact() | ProviderRefused() as answer if one.ready:
                    answered.append((one.ready, answer))
                case NotAsked():
                    self._jobs.give_back(tx, [one.job_id])
                case NotTaken(busy=busy):
                    self._try_again(tx, one.job, busy)
                case Exception() as error:
                    self._try_again(tx, one.job, error)
        self._sync.take_back(tx, [one.ready for one in mine if one.ready and isinstance(one.outcome, NoContactMade)])
        self._sync.store(tx, answered)
        done = {ready.shopify_id for ready, _ in answered}
        self._jobs.finish(tx, [one.job_id for one in mine if _order_of(one.job) in done])

    def _try_again(self, tx: Connection, job: Job, error: Exception) -> None:
        decision = RETRIES.get_retry_decision(exception=error, job=job)
        self._jobs.try_again(tx, job, decision)
        if decision is None or decision.retry_at is None:
            logger.error("order %d is given up", _order_of(job), exc_info=error)
        else:
            wait = (decision.retry_at - datetime.now(UTC)).total_seconds()
            heappush(self._tries, time.monotonic() + wait + CLOCKS_APART)

    def _prepare(self, tx: Connection, taken: list[Job]) -> list[tuple[Job, ReadyOrder]]:
        """Store what is known before Kalimera is asked; end the jobs of the orders for which it need not be asked."""
        jobs = {_order_of(job): job for job in taken}
        going = [(jobs.pop(ready.shopify_id), ready) for ready in self._sync.prepare(tx, list(jobs))]
        self._jobs.finish(tx, _ids(jobs.values()))
        return going

    def _one_by_one(self, ended: list[Ended], room: int) -> list[tuple[Job, ReadyOrder]]:
        """Do the same with a transaction for each, so that what fails fails alone and is tried again."""
        for one in ended:
            try:
                with self._db.begin() as tx:
                    self._store(tx, [one])
            except DatabaseBusy:
                raise
            except Exception as error:  # noqa: BLE001 - as above
                with self._db.begin() as tx:
                    self._store(tx, [replace(one, outcome=error)])
        with self._db.begin() as tx:
            taken = self._jobs.take(tx, room)
        going = []
        for job in taken:
            try:
                with self._db.begin() as tx:
                    going += self._prepare(tx, [job])
            except Exception as error:  # noqa: BLE001 - as above
                self.in_hand |= set(_ids([job]))
                self._news.put(Ended(job, None, error))
        return going


def _order_of(job: Job) -> int:
    number = job.task_kwargs["shopify_id"]
    assert isinstance(number, int)  # noqa: S101 - as it was deferred
    return number


def _ids(jobs: Iterable[Job]) -> list[int]:
    return [job.id for job in jobs if job.id is not None]
