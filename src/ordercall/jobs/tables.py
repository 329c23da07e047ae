"""The job engine's tables, as far as we read them ourselves and ``ordercall db copy`` writes them.

They hold what both databases can say of a job. Who worked on it is left out: a job that was running is copied without a
worker, so it counts as left behind by one that died, and the first worker that starts takes it up again.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Table, Text, column, table
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """Aware, in UTC. SQLite keeps it as text that does not say so."""

    impl = Text
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class Arguments(TypeDecorator[str]):
    """JSON text in one spelling. Postgres keeps a value, not its text."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002 - SQLAlchemy's
        return json.dumps(json.loads(value) if isinstance(value, str) else value, sort_keys=True)


jobs = Table(
    "procrastinate_jobs",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("queue_name", Text),
    Column("task_name", Text),
    Column("priority", Integer),
    Column("lock", Text),
    Column("queueing_lock", Text),
    Column("args", Arguments),
    Column("status", Text),
    Column("scheduled_at", Moment),
    Column("attempts", Integer),
    Column("abort_requested", Boolean),
)

events = Table(
    "procrastinate_events",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("job_id", BigInteger),
    Column("type", Text),
    Column("at", Moment),
)

periodic_defers = Table(
    "procrastinate_periodic_defers",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("task_name", Text),
    Column("defer_timestamp", BigInteger),
    Column("job_id", BigInteger),
    Column("periodic_id", Text),
)

workers = Table(
    "procrastinate_workers",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("last_heartbeat", Moment),
)

in_hand = table(
    "procrastinate_jobs",
    column("id", BigInteger),
    column("status"),
    column("task_name", Text),
    column("queueing_lock", Text),
    column("priority", Integer),
    column("attempts", Integer),
    column("scheduled_at"),
    column("worker_id", BigInteger),
    column("ready", Integer),
)
"""The jobs as they change in a worker's hand, which is not copied. Only SQLite has ``ready``."""

COPIED = (jobs, events, periodic_defers)
