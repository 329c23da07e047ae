"""Which workers are alive: one locked file each, next to the database."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path


class WorkerLocks:
    """One locked file per living worker, in the folder ``<database>-workers``.

    The kernel drops the lock when the process ends, however it ends; so a file that can be locked belongs to the dead.
    """

    def __init__(self, database: Path) -> None:
        self._folder = database.with_name(database.name + "-workers")
        self._held: dict[int, int] = {}
        os.register_at_fork(after_in_child=self.drop)  # a forked child would keep its dead parent's lock

    def hold(self, worker_id: int) -> None:
        """Lock the worker's file. A registration that is undone and tried again gets the same number again."""
        if worker_id in self._held:
            return
        self._folder.mkdir(exist_ok=True)
        descriptor = self._held[worker_id] = os.open(self._folder / str(worker_id), os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def is_held(self, worker_id: int) -> bool:
        """Tell whether any process, this one included, holds the worker's file."""
        try:
            descriptor = os.open(self._folder / str(worker_id), os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(descriptor)

    def remove(self, worker_id: int) -> None:
        """Release the worker's file if it is ours, and delete it."""
        with suppress(FileNotFoundError):
            (self._folder / str(worker_id)).unlink()
        if worker_id in self._held:
            os.close(self._held.pop(worker_id))

    def drop(self) -> None:
        """Let go of every file, as the end of the process would."""
        while self._held:
            os.close(self._held.popitem()[1])
