"""What waits in the job engine's tables, for whoever asks how the work goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, column, func, select, table

jobs = table("procrastinate_jobs", column("id"), column("status"), column("ready"))
events = table("procrastinate_events", column("job_id"), column("type"), column("at"))
workers = table("procrastinate_workers", column("last_heartbeat"))


@dataclass(frozen=True, slots=True)
class Queue:
    """The work that waits.

    Attributes:
        waiting: jobs that could start now.
        oldest: since when the oldest of them waits; None when none does.
        failed: jobs that were given up.
        heartbeat: when a worker last showed that it lives; None if none ever did.
    """

    waiting: int
    oldest: datetime | None
    failed: int
    heartbeat: datetime | None


def look_at_queue(tx: Connection) -> Queue:
    """Return what waits. A job that waits for its time (a retry, the calling hours) does not count."""
    startable = select(jobs.c.id).where(jobs.c.status == "todo", jobs.c.ready == 1)
    since = (
        select(func.max(events.c.at).label("since"))
        .where(events.c.job_id.in_(startable), events.c.type.in_(("deferred", "deferred_for_retry", "scheduled")))
        .group_by(events.c.job_id)
        .subquery()
    )
    return Queue(
        waiting=tx.execute(select(func.count()).select_from(startable.subquery())).scalar_one(),
        oldest=_time(tx.execute(select(func.min(since.c.since))).scalar()),
        failed=tx.execute(select(func.count()).where(jobs.c.status == "failed")).scalar_one(),
        heartbeat=_time(tx.execute(select(func.max(workers.c.last_heartbeat))).scalar()),
    )


def _time(stored: Any) -> datetime | None:
    """The engine's times are UTC without saying so on SQLite."""
    if stored is None:
        return None
    moment = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
