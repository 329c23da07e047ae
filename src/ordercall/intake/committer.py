"""One commit for many webhooks.

A commit that is really on the disk takes milliseconds, however little it holds. So one thread stores whatever
has queued while its last commit ran, in one transaction, and lets all of them go together. There is no timer: a
webhook that comes alone is stored at once.
"""

from __future__ import annotations

import logging
import queue
import threading

from ordercall.errors import DatabaseBusy
from ordercall.services.intake_service import IntakeService, Received
from ordercall.storage.database import Database
from ordercall.storage.deliveries import Outcome

LONGEST_QUEUE = 2_000
LARGEST_BATCH = 200
PATIENCE_SECONDS = 4.5
"""How long a webhook waits to be stored; Shopify hangs up after five seconds and sends it again."""

TOO_MUCH = "Too many deliveries wait to be stored; send it again."

logger = logging.getLogger(__name__)


class Waiting:
    """A delivery that waits for its commit, and what became of it.

    A bare lock instead of a ``Future``: at 64 connections an order takes a tenth less of the processor.
    """

    __slots__ = ("_ended", "error", "outcome", "received")

    def __init__(self, received: Received) -> None:
        self.received = received
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
    """Stores deliveries for many request threads. It starts its thread with the first delivery.

    Args:
        longest_queue: what comes while so many deliveries wait is refused at once.
    """

    def __init__(self, db: Database, intake: IntakeService, *, longest_queue: int = LONGEST_QUEUE) -> None:
        self._db = db
        self._intake = intake
        self._longest_queue = longest_queue
        self._queue: queue.SimpleQueue[Waiting] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def store(self, received: Received) -> Outcome:
        """Return what became of a delivery, once it is on the disk.

        Raises:
            DatabaseBusy: too much is waiting, or it took too long; the sender must send it again.
            SQLAlchemyError: this delivery could not be stored.
        """
        self._start()
        if self.waiting >= self._longest_queue:
            raise DatabaseBusy(TOO_MUCH)
        waiting = Waiting(received)
        self._queue.put(waiting)
        return waiting.result(PATIENCE_SECONDS)

    @property
    def waiting(self) -> int:
        """How many deliveries wait for the next commit."""
        return self._queue.qsize()

    def _start(self) -> None:
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while True:
            batch = [self._queue.get()]
            while len(batch) < LARGEST_BATCH and not self._queue.empty():
                batch.append(self._queue.get())
            self._commit(batch)

    def _commit(self, batch: list[Waiting]) -> None:
        """Store a batch; if that fails, store each alone, so that one that cannot be stored fails alone."""
        try:
            with self._db.begin() as tx:
                outcomes = self._intake.receive(tx, [waiting.received for waiting in batch])
        except DatabaseBusy as error:
            for waiting in batch:
                waiting.end(error=error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the request that waits for it
            self._fail_or_split(batch, error)
        else:
            for waiting, outcome in zip(batch, outcomes, strict=True):
                waiting.end(outcome)

    def _fail_or_split(self, batch: list[Waiting], error: Exception) -> None:
        if len(batch) == 1:
            batch[0].end(error=error)
            return
        logger.warning("a batch of %d deliveries failed (%s); each is stored alone", len(batch), type(error).__name__)
        for waiting in batch:
            self._commit([waiting])
