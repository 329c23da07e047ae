"""The thread in which a worker's own writes gather, so that what comes together is one commit."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

type Row = dict[str, Any]
type Outcome = list[Row] | Exception

BATCH_LIMIT = 100
"""Writes in one commit at most, so that the first does not wait for a crowd."""


@dataclass(frozen=True)
class Write:
    """One write that waits for its turn, and the promise of its rows. ``name``: as Procrastinate calls the query."""

    name: str
    arguments: dict[str, Any]
    answer: Future[list[Row]] = field(default_factory=Future)


class Store(Protocol):
    """Where the writes go, over a connection of the thread's own."""

    def commit(self, writes: list[Write]) -> list[Outcome]:
        """Carry the writes out and commit; return the rows or the error of each. One that fails spoils no other.

        An exception is everybody's: nothing was stored, or the connection broke and nobody knows what was.
        """

    def close(self) -> None: ...


class GroupWriter:
    """One thread that carries out the worker's writes and commits in one go what gathered during the last commit."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: queue.SimpleQueue[Write | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="job-writes", daemon=True)
        self._thread.start()

    def submit(self, name: str, arguments: dict[str, Any]) -> Future[list[Row]]:
        """Queue a write. Writes are carried out in the order in which they are submitted."""
        write = Write(name, arguments)
        self._waiting.put(write)
        return write.answer

    def stop(self) -> None:
        """Finish what was submitted, then end the thread."""
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        going_on = True
        while going_on:
            batch = self._gather()
            going_on = None not in batch
            writes = [write for write in batch if write and write.answer.set_running_or_notify_cancel()]
            if writes:
                self._commit(writes)
        self._store.close()

    def _gather(self) -> list[Write | None]:
        batch = [self._waiting.get()]
        while len(batch) < BATCH_LIMIT and not self._waiting.empty():
            batch.append(self._waiting.get())
        return batch

    def _commit(self, writes: list[Write]) -> None:
        outcomes: list[Outcome]
        try:
            outcomes = self._store.commit(writes)
        except Exception as error:  # noqa: BLE001 - everybody must hear it
            outcomes = [error] * len(writes)
        for write, outcome in zip(writes, outcomes, strict=True):
            if isinstance(outcome, Exception):
                write.answer.set_exception(outcome)
            else:
                write.answer.set_result(outcome)
