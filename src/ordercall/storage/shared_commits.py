"""Commits that many threads share, where commits must queue anyway."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection

MOST_AT_ONCE = 100
"""So that the first does not wait for a crowd."""


class Turn:
    """What one thread wants to do, and what came of it."""

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.done = False
        self._work = work
        self._result: Any = None
        self._error: Exception | None = None

    def take(self, tx: Connection) -> None:
        """Do the work; what fails is undone and leaves the transaction as it was."""
        try:
            with tx.begin_nested():
                self._result = self._work(tx)
        except Exception as error:
            if not tx.in_transaction():
                raise
            self._error = error

    def fail(self, error: Exception) -> None:
        self._error = error

    def result(self) -> Any:
        if self._error:
            raise self._error
        return self._result


class SharedCommits:
    """Lets whoever comes first do the work of all that queued while the last commit ran, in one transaction.

    Args:
        begin: opens a transaction that is committed at the end of its block.
    """

    def __init__(self, begin: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._begin = begin
        self._queue: queue.SimpleQueue[Turn] = queue.SimpleQueue()
        self._leading = threading.Lock()

    def run[T](self, work: Callable[[Connection], T]) -> T:
        """Return what *work* returned, or raise what it raised, once its transaction is over."""
        mine = Turn(work)
        self._queue.put(mine)
        with self._leading:
            while not mine.done:  # else another thread has done it while this one waited
                self._lead()
        found: T = mine.result()
        return found

    @property
    def waiting(self) -> int:
        """How many turns no transaction has taken yet."""
        return self._queue.qsize()

    def _lead(self) -> None:
        turns = [self._queue.get()]
        while len(turns) < MOST_AT_ONCE and not self._queue.empty():
            turns.append(self._queue.get())
        try:
            with self._begin() as tx:
                for turn in turns:
                    turn.take(tx)
        except Exception as error:  # noqa: BLE001 - nothing of it was stored, and everybody must hear it
            for turn in turns:
                turn.fail(error)
        for turn in turns:
            turn.done = True
