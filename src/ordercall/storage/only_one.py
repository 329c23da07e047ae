"""Something that one process at a time may do with a database; whoever dies lets go of it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def only_one(database: Path, name: str) -> Iterator[bool]:
    """Hold the lock *name* beside the database file for the block; yield False if another process or thread has it."""
    with Path(f"{database}-{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
