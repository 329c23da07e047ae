"""One commit for many webhooks, in a thread that reads them too.

One thread stores whatever has gathered while its last commit ran. It reads the webhooks as well, while a second one
waits for the disk. Python runs one thread at a time, and each call into SQLite lets another one run: beside 64 requests
that verified and read their own webhooks, this thread went on so late that a batch took 280 µs an order before its
first row. Read here, a third more are stored, at three quarters of the processor's time.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from ordercall.errors import DatabaseBusy
from ordercall.services.intake_service import IntakeService, Received
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.group_commit import BlockedThread, GroupCommit, Waiter
from ordercall.storage.records.deliveries import Outcome

LONGEST_QUEUE = 2_000
"""Deliveries that wait at most: one or two seconds of work. What comes then is refused before it costs anything."""

LARGEST_BATCH = 200
"""Deliveries in one commit, some 60 ms of work; in a larger one the first would wait for a crowd."""

PATIENCE_SECONDS = 4.5
"""How long a webhook waits to be stored; Shopify hangs up after five seconds and sends it again."""

TOO_MUCH = "Too many deliveries wait to be stored; send it again."


class Committer:
    """Reads and stores deliveries for many request threads. It starts its threads with the first delivery.

    Args:
        longest_queue: what comes while so many deliveries wait is refused at once.
    """

    def __init__(self, db: Database, intake: IntakeService, *, longest_queue: int = LONGEST_QUEUE) -> None:
        self._db = db
        self._intake = intake
        self._longest_queue = longest_queue
        self._unread: queue.SimpleQueue[tuple[Callable[[], Received], Waiter[Outcome]] | None] = queue.SimpleQueue()
        self._group = GroupCommit(self._commit, most_at_once=LARGEST_BATCH)
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
        waiter = BlockedThread[Outcome]()
        self.put(read, waiter)
        return waiter.result(PATIENCE_SECONDS)

    def put(self, read: Callable[[], Received], waiter: Waiter[Outcome]) -> None:
        """Have a delivery read and stored, and the waiter told.

        Raises:
            DatabaseBusy: too much is waiting.
        """
        self._start()
        if self.waiting >= self._longest_queue:
            raise DatabaseBusy(TOO_MUCH)
        self._unread.put((read, waiter))

    @property
    def waiting(self) -> int:
        """How many deliveries wait for the next commit."""
        return self._unread.qsize() + self._group.waiting

    def _start(self) -> None:
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while True:
            while not self._group.waiting:
                self._read_next()
            for _ in range(self._unread.qsize()):  # not what comes meanwhile: a flood of refused ones has no end
                self._read_next()
            self._group.commit_next()

    def _read_next(self) -> bool:
        """Read the next delivery; return False for what is none: the mark of a finished commit."""
        unread = self._unread.get()
        if unread is None:
            return False
        read, waiter = unread
        try:
            self._group.put(read(), waiter)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the request that waits for it
            waiter.set_exception(error)
        return True

    def _commit(self, batch: list[Received]) -> list[Outcome]:
        with ExitStack() as transaction:
            tx = transaction.enter_context(self._db.begin())
            outcomes = self._intake.receive(tx, batch)
            if len(batch) > 1:  # who comes alone need not wait for another thread to wake up
                self._close_and_read(transaction.pop_all())
        return outcomes

    def _close_and_read(self, transaction: ExitStack) -> None:
        """Let the disk work, and read what comes meanwhile."""
        closing = self._disk.submit(transaction.close)
        closing.add_done_callback(lambda _: self._unread.put(None))
        while self._read_next():
            pass
        closing.result()
