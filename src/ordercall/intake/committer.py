"""One commit for many webhooks, in a thread that reads them too.

One thread reads and stores whatever has gathered while its last commit ran. Python runs one thread at a time, and each
call into SQLite lets another one run: beside 64 threads that verified and read their own webhooks, this thread went on
so late that a batch took 280 µs an order before its first row.
"""

from __future__ import annotations

import logging
import threading
import time

from sqlalchemy.exc import OperationalError

from ordercall import trail
from ordercall.errors import DatabaseBusy
from ordercall.intake.reading import odd, read
from ordercall.measures import COMMIT_SECONDS
from ordercall.services.intake_service import IntakeService, ReceivedDelivery
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.group_commit import BlockedThread, GroupCommit, Waiter
from ordercall.storage.records.deliveries import Delivery, Outcome

LONGEST_QUEUE = 2_000
"""Deliveries that wait at most: one or two seconds of work. What comes then is refused before it costs anything."""

LARGEST_BATCH = 200
"""Deliveries in one commit, some 60 ms of work; in a larger one the first would wait for a crowd."""

PATIENCE_SECONDS = 4.5
"""How long a webhook waits to be stored; Shopify hangs up after five seconds and sends it again."""

TOO_MUCH = "Too many deliveries wait to be stored; send it again."

logger = logging.getLogger(__name__)


class Committer:
    """Reads and stores deliveries for whoever waits. It starts its thread with the first delivery.

    Args:
        longest_queue: what comes while this number of deliveries wait is refused at once.
    """

    def __init__(self, db: Database, intake: IntakeService, *, longest_queue: int = LONGEST_QUEUE) -> None:
        self._db = db
        self._intake = intake
        self._longest_queue = longest_queue
        self._group = GroupCommit(self._commit, most_at_once=LARGEST_BATCH)
        self.progress = self._group.progress
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def store(self, delivery: Delivery) -> Outcome:
        """Return what became of a delivery, once it is on the disk.

        Raises:
            DatabaseBusy: too much is waiting, or it took too long; the sender must send it again.
            SQLAlchemyError: this delivery could not be stored.
        """
        waiter = BlockedThread[Outcome]()
        self.put(delivery, waiter)
        return waiter.result(PATIENCE_SECONDS)

    def put(self, delivery: Delivery, waiter: Waiter[Outcome]) -> None:
        """Have a delivery read and stored, and the waiter told.

        Raises:
            DatabaseBusy: too much is waiting.
        """
        self._start()
        if self.waiting >= self._longest_queue:
            raise DatabaseBusy(TOO_MUCH)
        self._group.put(delivery, waiter)

    @property
    def waiting(self) -> int:
        """How many deliveries wait for the next commit."""
        return self._group.waiting

    def _start(self) -> None:
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._group.serve, name="committer", daemon=True)
                    self._thread.start()

    def _commit(self, batch: list[Delivery]) -> list[Outcome]:
        """Store a batch; one that fails comes again, each delivery alone, so that what is odd is kept as it came."""
        try:
            return self._store([read(delivery) for delivery in batch])
        except (DatabaseBusy, OperationalError):
            raise
        except Exception as error:
            if len(batch) > 1:
                raise
            kind, webhook = type(error).__name__, trail.plain(batch[0].webhook_id)
            with trail.about(f"webhook-{webhook}"):
                logger.error("a signed webhook could not be stored as an order (%s) and is kept as it came", kind)
            return self._store([odd(batch[0], error)])

    def _store(self, batch: list[ReceivedDelivery]) -> list[Outcome]:
        began = time.monotonic()
        with self._db.begin() as tx:
            outcomes = self._intake.receive(tx, batch)
        COMMIT_SECONDS.observe(time.monotonic() - began, "webhooks")
        if trail.is_told():
            for received, outcome in zip(batch, outcomes, strict=True):
                _tell(received, outcome)
        return outcomes


def _tell(received: ReceivedDelivery, outcome: Outcome) -> None:
    """Say that a webhook is stored. Its id and topic are headers, which nobody has signed."""
    webhook, topic = trail.plain(received.delivery.webhook_id), trail.plain(received.delivery.topic)
    about = trail.of_order(received.about) if received.about is not None else f"webhook-{webhook}"
    trail.tell("webhook", about=about, webhook=webhook, topic=topic, outcome=outcome)
