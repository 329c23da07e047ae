"""Commits that many threads share, where commits must queue anyway."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection

from ordercall.errors import DatabaseBusy

MOST_AT_ONCE = 100
"""So that the first does not wait for a crowd."""


class Turn:
    """What one thread wants to do, and what came of it."""

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        self.done = False
        self._result: Any = None
        self._error: Exception | None = None

    def end(self, result: Any = None, error: Exception | None = None) -> None:
        self._result, self._error = result, error
        self.done = True

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
        """Return what *work* returned, or raise what it raised, once its transaction is over.

        *work* is done once more, in a transaction of its own, if another one that shared the first has failed.
        """
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
        self._take(turns)

    def _take(self, turns: list[Turn]) -> None:
        """Do the work of these; if that fails, each alone, so that whose work cannot be done fails alone.

        A savepoint around each would spare the second time, and take as long as three statements every time.
        """
        try:
            with self._begin() as tx:
                results = [turn.work(tx) for turn in turns]
        except DatabaseBusy as error:
            for turn in turns:
                turn.end(error=error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the thread that waits for it
            self._fail_or_split(turns, error)
        else:
            for turn, result in zip(turns, results, strict=True):
                turn.end(result)

    def _fail_or_split(self, turns: list[Turn], error: Exception) -> None:
        if len(turns) == 1:
            turns[0].end(error=error)
            return
        for turn in turns:
            self._take([turn])
