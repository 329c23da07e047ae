"""How many jobs of each kind wait, and since when, for whoever draws the queue."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, not_, select

from ordercall.jobs.queue import DOING, FAILED, STARTABLE, TODO, waiting_since
from ordercall.jobs.tables import jobs

MOST = 10_000
"""Jobs of one state that are counted: within some 20 ms. A queue that is longer shows as one of this length."""


@dataclass(slots=True)
class Backlog:
    """Jobs by their task: those that could start, those that wait for a time, those that run, those given up.

    Attributes:
        oldest: by task, since when the oldest job waits that could start.
    """

    ready: Counter[str] = field(default_factory=Counter)
    later: Counter[str] = field(default_factory=Counter)
    running: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    oldest: dict[str, datetime] = field(default_factory=dict)


def look_at_backlog(tx: Connection) -> Backlog:
    """Return what waits, up to 10,000 jobs of each state."""
    return Backlog(
        ready=_counted(tx, jobs.c.status == TODO, STARTABLE.of(tx)),
        later=_counted(tx, jobs.c.status == TODO, not_(STARTABLE.of(tx))),
        running=_counted(tx, jobs.c.status == DOING),
        failed=_counted(tx, jobs.c.status == FAILED),
        oldest=waiting_since(tx),
    )


def _counted(tx: Connection, *those: ColumnElement[bool]) -> Counter[str]:
    return Counter(tx.execute(select(jobs.c.task_name).where(*those).limit(MOST)).scalars())
