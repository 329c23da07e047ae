"""One commit for many webhooks.

A commit that is really on the disk takes milliseconds, however little it holds. So one thread stores whatever
has queued while its last commit ran, in one transaction, and lets all of them go together. There is no timer: a
webhook that comes alone is stored at once.
"""

from __future__ import annotations

import logging
import queue
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

from ordercall.errors import DatabaseBusy
from ordercall.services.intake_service import IntakeService, Received
from ordercall.storage.database import Database
from ordercall.storage.deliveries import Outcome

LONGEST_QUEUE = 2_000
LARGEST_BATCH = 200
PATIENCE_SECONDS = 4.5
"""How long a webhook waits to be stored; Shopify hangs up after five seconds and sends it again."""

Waiting = tuple[Received, Future[Outcome]]

logger = logging.getLogger(__name__)


class Committer:
    """Stores deliveries for many request threads. It starts its thread with the first delivery."""

    def __init__(self, db: Database, intake: IntakeService) -> None:
        self._db = db
        self._intake = intake
        self._queue: queue.Queue[Waiting] = queue.Queue(LONGEST_QUEUE)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def store(self, received: Received) -> Outcome:
        """Return what became of a delivery, once it is on the disk.

        Raises:
            DatabaseBusy: too much is waiting, or it took too long; the sender must send it again.
            SQLAlchemyError: this delivery could not be stored.
        """
        self._start()
        stored: Future[Outcome] = Future()
        try:
            self._queue.put_nowait((received, stored))
            return stored.result(PATIENCE_SECONDS)
        except (queue.Full, FutureTimeout) as error:
            raise DatabaseBusy("Too many deliveries wait to be stored; send it again.") from error

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
                batch.append(self._queue.get_nowait())
            self._commit(batch)

    def _commit(self, batch: list[Waiting]) -> None:
        """Store a batch; if that fails, store each alone, so that one that cannot be stored fails alone."""
        try:
            with self._db.begin() as tx:
                outcomes = self._intake.receive(tx, [received for received, _ in batch])
        except DatabaseBusy as error:
            for _, stored in batch:
                stored.set_exception(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the request that waits for it
            self._fail_or_split(batch, error)
        else:
            for (_, stored), outcome in zip(batch, outcomes, strict=True):
                stored.set_result(outcome)

    def _fail_or_split(self, batch: list[Waiting], error: Exception) -> None:
        if len(batch) == 1:
            batch[0][1].set_exception(error)
            return
        logger.warning("a batch of %d deliveries failed (%s); each is stored alone", len(batch), type(error).__name__)
        for waiting in batch:
            self._commit([waiting])
