"""Whether calls stand still: orders that wait for Kalimera longer than they should, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from ordercall.jobs.engine import JobEngine
from ordercall.storage.reads import needs_you
from ordercall.storage.records import campaigns, refused_credentials, silent_providers

PATIENCE = timedelta(minutes=2)
"""An order is on its campaign within seconds; a burst of hundreds takes some more."""

SILENCE = timedelta(minutes=1)
"""A worker's heart beats twelve times within WORKER_TAKEOVER_SECONDS, which is at least every 50 seconds."""


class Cause(StrEnum):
    """Why orders wait."""

    WORKER = "worker"
    KALIMERA = "kalimera"
    REFUSED = "refused"
    BACKLOG = "backlog"
    HANGING = "hanging"  # a job runs for longer than it should; whom it is for waits, but is not late yet


@dataclass(frozen=True, slots=True)
class Standstill:
    """How many orders wait, counted up to 1,000, since when (unix seconds) the first of them does, and why.

    Of jobs that hang, how many they are and since when the first of them runs.
    """

    orders: int
    since: float
    cause: Cause


def is_alive(silence: timedelta | None) -> bool:
    """Return whether a worker runs whose heart beat so long ago."""
    return silence is not None and silence <= SILENCE


def look_for_standstill(tx: Connection, jobs: JobEngine, now: datetime) -> Standstill | None:
    """Return what keeps orders waiting, or None while calls go their way."""
    late, since = needs_you.late(tx, now - PATIENCE)
    if not late:
        hanging = jobs.overdue(tx, now)
        return Standstill(len(hanging), hanging[0].since.timestamp(), Cause.HANGING) if hanging else None
    if not is_alive(jobs.silence(tx)):
        return Standstill(late, since, Cause.WORKER)
    if refused_credentials.find(tx, "Kalimera"):
        return Standstill(late, since, Cause.REFUSED)
    silent = "Kalimera" in silent_providers.all_of(tx)
    failing = silent or campaigns.any_failing(tx) or jobs.sync_failed_before(tx)
    return Standstill(late, since, Cause.KALIMERA if failing else Cause.BACKLOG)
