"""One commit for many webhooks.

A commit that is really on the disk takes milliseconds, however little it holds. So one thread stores whatever
has queued while its last commit ran, in one transaction, and lets all of them go together. There is no timer: a
webhook that comes alone is stored at once.

The same thread reads the webhooks, while a second one waits for the disk. Python runs one thread at a time, and each
call into SQLite lets another one run: beside 64 requests that verified and read their own webhooks, this thread got
its turn back so late that a batch took 280 µs an order before its first row. Read here, a third more are stored, at
three quarters of the processor's time.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from ordercall.errors import DatabaseBusy
from ordercall.services.intake_service import IntakeService, Received
from ordercall.storage.engine.database import Database
from ordercall.storage.records.deliveries import Outcome

LONGEST_QUEUE = 2_000
"""Deliveries that wait at most: one or two seconds of work. What comes then is refused before it costs anything."""

LARGEST_BATCH = 200
"""Deliveries in one commit, some 60 ms of work; in a larger one the first would wait for a crowd."""

PATIENCE_SECONDS = 4.5
"""How long a webhook waits to be stored; Shopify hangs up after five seconds and sends it again."""

TOO_MUCH = "Too many deliveries wait to be stored; send it again."

logger = logging.getLogger(__name__)


class Waiting:
    """A delivery that waits to be read and for its commit, and what became of it.

    A bare lock instead of a ``Future``: at 64 connections an order takes a tenth less of the processor.
    """

    __slots__ = ("_ended", "error", "outcome", "read")

    def __init__(self, read: Callable[[], Received]) -> None:
        self.read = read
        self.outcome: Outcome | None = None
        self.error: Exception | None = None
        self._ended = threading.Lock()
        self._ended.acquire()

    def end(self, outcome: Outcome | None = None, error: Exception | None = None) -> None:
        """Let the waiting thread go on."""
        self.outcome, self.error = outcome, error
        self._ended.release()

    def result(self, patience: float) -> Outcome:
        """Return what became of the delivery, or raise why it was not stored."""
        if not self._ended.acquire(timeout=patience):
            raise DatabaseBusy(TOO_MUCH)
        if self.outcome is None:
            raise self.error or AssertionError("a delivery ended without an outcome")
        return self.outcome


class Committer:
    """Reads and stores deliveries for many request threads. It starts its threads with the first delivery.

    Args:
        longest_queue: what comes while so many deliveries wait is refused at once.
    """

    def __init__(self, db: Database, intake: IntakeService, *, longest_queue: int = LONGEST_QUEUE) -> None:
        self._db = db
        self._intake = intake
        self._longest_queue = longest_queue
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._ready: deque[tuple[Waiting, Received]] = deque()
        self._disk = ThreadPoolExecutor(1, "disk")
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def store(self, read: Callable[[], Received]) -> Outcome:
        """Return what became of a delivery, once it is on the disk.

        Args:
            read: returns the delivery. It is called in the committer's thread; what it raises is raised here.

        Raises:
            DatabaseBusy: too much is waiting, or it took too long; the sender must send it again.
            SQLAlchemyError: this delivery could not be stored.
        """
        self._start()
        if self.waiting >= self._longest_queue:
            raise DatabaseBusy(TOO_MUCH)
        waiting = Waiting(read)
        self._queue.put(waiting)
        return waiting.result(PATIENCE_SECONDS)

    @property
    def waiting(self) -> int:
        """How many deliveries wait for the next commit."""
        return self._queue.qsize() + len(self._ready)

    def _start(self) -> None:
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while True:
            while not self._ready:
                self._read(self._queue.get())
            for _ in range(self._queue.qsize()):  # not what comes meanwhile: a flood of refused ones has no end
                self._read(self._queue.get())
            self._commit([self._ready.popleft() for _ in range(min(len(self._ready), LARGEST_BATCH))])

    def _read(self, waiting: Waiting | None) -> bool:
        """Read the next delivery; return False for what is none: the mark of a finished commit."""
        if waiting is None:
            return False
        try:
            self._ready.append((waiting, waiting.read()))
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the request that waits for it
            waiting.end(error=error)
        return True

    def _commit(self, batch: list[tuple[Waiting, Received]]) -> None:
        """Store a batch; if that fails, store each alone, so that one that cannot be stored fails alone."""
        try:
            outcomes = self._store([received for _, received in batch])
        except DatabaseBusy as error:
            for waiting, _ in batch:
                waiting.end(error=error)
        except Exception as error:  # noqa: BLE001 - as above
            self._fail_or_split(batch, error)
        else:
            for (waiting, _), outcome in zip(batch, outcomes, strict=True):
                waiting.end(outcome)

    def _store(self, batch: list[Received]) -> list[Outcome]:
        with ExitStack() as transaction:
            tx = transaction.enter_context(self._db.begin())
            outcomes = self._intake.receive(tx, batch)
            if len(batch) > 1:  # who comes alone need not wait for another thread to wake up
                self._commit_and_read(transaction.pop_all())
        return outcomes

    def _commit_and_read(self, transaction: ExitStack) -> None:
        """Let the disk work, and read what comes meanwhile."""
        committed = self._disk.submit(self._close, transaction)
        while self._read(self._queue.get()):
            pass
        committed.result()

    def _close(self, transaction: ExitStack) -> None:
        try:
            transaction.close()
        finally:
            self._queue.put(None)

    def _fail_or_split(self, batch: list[tuple[Waiting, Received]], error: Exception) -> None:
        if len(batch) == 1:
            batch[0][0].end(error=error)
            return
        logger.warning("a batch of %d deliveries failed (%s); each is stored alone", len(batch), type(error).__name__)
        for one in batch:
            self._commit([one])
