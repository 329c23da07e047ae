"""What a transaction does last, just before its commit: what all writers do one after the other.

Done earlier, a lock that everybody wants would be held while the transaction goes on, and be waited for by one that
holds what this one wants next. Nothing is wanted after it here, so nobody waits in a circle, nor for longer than a
commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

_LAST = "last steps"


def at_last[T](tx: Connection, step: Callable[[Connection, list[T]], None], thing: T) -> None:
    """Have *step* called at the end of the transaction, with all that it was asked to do, in order."""
    tx.info.setdefault(_LAST, {}).setdefault(step, []).append(thing)


@contextmanager
def with_last_steps(tx: Connection) -> Iterator[None]:
    """Take the last steps at the end of the block. One that fails, or is cut short, leaves none behind."""
    info: dict[str, Any] = tx.info
    info.pop(_LAST, None)
    try:
        yield
        for step, things in info.pop(_LAST, {}).items():
            step(tx, things)
    finally:
        info.pop(_LAST, None)
