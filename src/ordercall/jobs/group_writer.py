"""The thread that carries out a worker's own writes, so that what comes together is one commit."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any, NamedTuple, Protocol

from ordercall.storage.engine.group_commit import GroupCommit

type Row = dict[str, Any]

MOST_AT_ONCE = 100
"""Writes in one commit, so that the first does not wait for a crowd."""


class Write(NamedTuple):
    """One write. ``name``: as Procrastinate calls the query."""

    name: str
    arguments: dict[str, Any]


class Store(Protocol):
    """Where the writes go, over a connection of its own."""

    def commit(self, writes: list[Write]) -> list[list[Row]]:
        """Carry the writes out in one transaction and return the rows of each, as ``GroupCommit`` wants it."""

    def close(self) -> None: ...


class GroupWriter:
    """One thread that carries out the worker's writes and commits in one go what gathered during the last commit.

    It starts with the first write: whoever only defers jobs has no need of it. Its callers share an event loop.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._group = GroupCommit(store.commit, most_at_once=MOST_AT_ONCE)
        self.progress = self._group.progress
        self._thread: threading.Thread | None = None

    def submit(self, name: str, arguments: dict[str, Any]) -> Future[list[Row]]:
        """Queue a write. Writes are carried out in the order in which they are submitted."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._group.serve, name="job-writes", daemon=True)
            self._thread.start()
        rows: Future[list[Row]] = Future()
        self._group.put(Write(name, arguments), rows)
        return rows

    def stop(self) -> None:
        """Finish what was submitted, then end the thread."""
        if self._thread is not None:
            self._group.close()
            self._thread.join()
            self._thread = None
        self._store.close()
