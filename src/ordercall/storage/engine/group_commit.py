"""One commit for what many want to store at the same time.

A commit that is really on the disk takes milliseconds, however little it holds. So what comes while one runs gathers
for the next. There is no timer: what comes alone is stored at once.

A thread that does nothing else commits (:meth:`GroupCommit.serve`). Who waits is chosen where this is used: whatever
can be told like a ``Future``.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Protocol

from ordercall.errors import DatabaseBusy

TOO_LATE = "Too much waits to be stored; send it again."

logger = logging.getLogger(__name__)


class Waiter[Result](Protocol):
    """Who waits for a commit. A ``concurrent.futures.Future`` is one, and through it an event loop."""

    def set_running_or_notify_cancel(self) -> bool:
        """Return whether it is still waited for; it cannot be cancelled from here on."""

    def set_result(self, result: Result) -> None: ...
    def set_exception(self, exception: BaseException) -> None: ...


class BlockedThread[Result]:
    """A thread that waits.

    A bare lock instead of a ``Future``: at 64 connections an order takes a tenth less of the processor.
    """

    __slots__ = ("_error", "_over", "_result")

    def __init__(self) -> None:
        self._result: Result
        self._error: BaseException | None = None
        self._over = threading.Lock()
        self._over.acquire()

    def set_running_or_notify_cancel(self) -> bool:
        return True

    def set_result(self, result: Result) -> None:
        self._result = result
        self._over.release()

    def set_exception(self, exception: BaseException) -> None:
        self._error = exception
        self._over.release()

    def result(self, patience: float = threading.TIMEOUT_MAX) -> Result:
        """Return what became of it, or raise why it was not stored.

        Raises:
            DatabaseBusy: that is not known after *patience* seconds. It may yet be stored.
        """
        if not self._over.acquire(timeout=patience):
            raise DatabaseBusy(TOO_LATE)
        if self._error:
            raise self._error
        return self._result


class GroupCommit[Item, Result]:
    """Commits in one transaction all that came during the last commit.

    Args:
        commit: stores these items in one transaction, and returns what became of each, in their order. It may be asked
            to store the same items again, each alone, after it failed. A ``DatabaseBusy`` is everybody's: nothing was
            stored, or nobody knows what was.
        most_at_once: items in one commit at most, so that the first does not wait for a crowd.
        weigh: how heavy an item is; default: none weighs anything.
        heaviest: what the items of one commit weigh at most together; one that is heavier is stored alone.
    """

    def __init__(
        self,
        commit: Callable[[list[Item]], list[Result]],
        *,
        most_at_once: int,
        weigh: Callable[[Item], int] = lambda _: 0,
        heaviest: int = 0,
    ) -> None:
        self._commit = commit
        self._most_at_once = most_at_once
        self._weigh = weigh
        self._heaviest = heaviest
        self._left_over: tuple[Item, Waiter[Result]] | None = None
        self._is_storing = False
        self._begun = 0
        self._queue: queue.SimpleQueue[tuple[Item, Waiter[Result]] | None] = queue.SimpleQueue()

    @property
    def waiting(self) -> int:
        """How many items no commit has taken yet."""
        return self._queue.qsize() + (self._left_over is not None)

    def progress(self) -> int | None:
        """Return how many commits have begun, or None while nothing is to be stored, for a ``ProgressWatch``."""
        return self._begun if self._is_storing or self.waiting else None

    def put(self, item: Item, waiter: Waiter[Result]) -> None:
        """Leave an item to whoever commits. Items are stored in the order in which they came."""
        self._queue.put((item, waiter))

    def serve(self) -> None:
        """Commit what gathers until :meth:`close`; for a thread that does nothing else."""
        while self.commit_next():
            pass

    def close(self) -> None:
        """End :meth:`serve` when all is stored that came before."""
        self._queue.put(None)

    def commit_next(self) -> bool:
        """Commit what has gathered; wait if nothing has. Return False where it ends with the end of all."""
        batch = self._gather()
        self._is_storing = True
        try:
            self._store([entry for entry in batch if entry and entry[1].set_running_or_notify_cancel()])
        finally:
            self._is_storing = False
        return None not in batch

    def _gather(self) -> list[tuple[Item, Waiter[Result]] | None]:
        """Return what goes into the next commit; what makes it too heavy is left for the one after."""
        batch = [self._left_over or self._queue.get()]
        self._left_over = None
        weight = self._weigh(batch[0][0]) if batch[0] else 0
        for _ in range(min(self._queue.qsize(), self._most_at_once - 1)):
            entry = self._queue.get()  # nobody else takes from the queue meanwhile
            weight += self._weigh(entry[0]) if entry else 0
            if entry and weight > self._heaviest:
                self._left_over = entry
                break
            batch.append(entry)
        return batch

    def _store(self, batch: list[tuple[Item, Waiter[Result]]]) -> None:
        """Commit a batch; if that fails, each of it alone, so that what cannot be stored fails alone.

        A savepoint around each would spare the second time, and take as long as three statements every time.
        """
        if not batch:
            return
        self._begun += 1
        try:
            results = self._commit([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to those who wait
            if len(batch) > 1 and not isinstance(error, DatabaseBusy):
                logger.warning("a commit for %d failed (%s); each is stored alone", len(batch), type(error).__name__)
                for one in batch:
                    self._store([one])
                return
            for _, waiter in batch:
                waiter.set_exception(error)
        else:
            for (_, waiter), result in zip(batch, results, strict=True):
                waiter.set_result(result)
