"""How many jobs of each kind wait, and since when, for whoever draws the queue."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, not_, select

from ordercall.jobs.queue import DOING, FAILED, QUEUED, STARTABLE, TODO
from ordercall.jobs.tables import events, jobs

MOST = 10_000
"""Jobs of one state that are counted: within some 20 ms. A queue that is longer shows as one of this length."""

LOOKED_AT = 100
"""Jobs of one kind, those that came first, of which it is looked up since when they wait. A job that is tried again
waits since then, and keeps its place."""


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
    kinds = select(jobs.c.id, jobs.c.task_name).limit(MOST)
    ready = tx.execute(kinds.where(jobs.c.status == TODO, STARTABLE.of(tx))).all()
    later = tx.execute(kinds.where(jobs.c.status == TODO, not_(STARTABLE.of(tx))))
    running = tx.execute(kinds.where(jobs.c.status == DOING))
    failed = tx.execute(kinds.where(jobs.c.status == FAILED))
    return Backlog(
        ready=Counter(task for _, task in ready),
        later=Counter(task for _, task in later),
        running=Counter(task for _, task in running),
        failed=Counter(task for _, task in failed),
        oldest=_oldest(tx, sorted((number, task) for number, task in ready)),
    )


def _oldest(tx: Connection, ready: list[tuple[int, str]]) -> dict[str, datetime]:
    first: defaultdict[str, list[int]] = defaultdict(list)
    for number, task in ready:
        if len(first[task]) < LOOKED_AT:
            first[task].append(number)
    oldest = {}
    for task, numbers in first.items():
        since = select(func.max(events.c.at).label("since")).where(events.c.job_id.in_(numbers))
        each = since.where(events.c.type.op("IN")(QUEUED)).group_by(events.c.job_id).subquery()
        if found := tx.execute(select(func.min(each.c.since))).scalar():
            oldest[task] = found
    return oldest
