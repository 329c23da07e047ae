"""Whether calls stand still: orders that wait for Kalimera longer than they should, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from ordercall.jobs.engine import JobEngine
from ordercall.storage.reads import needs_you
from ordercall.storage.records import campaigns, refused_credentials, silent_providers

KALIMERA = "Kalimera"
PATIENCE = timedelta(minutes=2)
"""An order is on its campaign within seconds; a burst of hundreds takes some more."""

CATCHING_UP = timedelta(hours=1)
"""So long what waited through an outage may take to go; what waits longer waits for another reason."""

SILENCE = timedelta(minutes=1)
"""A worker's heart beats twelve times within WORKER_TAKEOVER_SECONDS, which is at least every 50 seconds."""


class Cause(StrEnum):
    """Why orders wait."""

    WORKER = "worker"
    SILENT = "silent"  # told at once: its circuit breaker is open, and no order has to be late first
    KALIMERA = "kalimera"
    REFUSED = "refused"
    BACKLOG = "backlog"
    HANGING = "hanging"  # a job runs for longer than it should; whom it is for waits, but is not late yet


WORDS = {
    Cause.WORKER: ("No worker is running.", "Start “ordercall worker”: it goes on where it ended."),
    Cause.SILENT: ("Kalimera does not answer", "Nothing is lost: they go on by themselves with its first answer."),
    Cause.KALIMERA: ("Kalimera does not answer.", "They are tried again by themselves, and nothing is lost."),
    Cause.REFUSED: ("Kalimera does not accept our token.", "They go on by themselves once it is put right."),
    Cause.BACKLOG: ("Calls are late.", "They are on their way, and it takes longer than usual."),
    Cause.HANGING: ("The worker hangs.", "Its log names the job. Start the worker anew: it goes on there."),
}
"""What is so, and what is next."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """How many orders wait, counted up to 1,000, since when (unix seconds) the first of them does, and why.

    Of jobs that hang, how many they are and since when the first of them runs. While Kalimera is silent, how many wait
    in all, counted up to 10,000, and since when it is.
    """

    orders: int
    since: float
    cause: Cause

    def told(self, counted: str, since: str) -> tuple[str, str, str]:
        """Return why calls stand still, whom that concerns and since when, and what is next; a sentence each.

        Args:
            counted, since: the number and the time, as they are written where this is shown.
        """
        title, next_step = WORDS[self.cause]
        many, thing = self.orders != 1, "job" if self.cause is Cause.HANGING else "order"
        who = f"{counted} {thing}{'s' if many else ''}"
        if self.cause is Cause.SILENT:
            waits = f"{who} {'wait' if many else 'waits'} to be called." if self.orders else "No order waits yet."
            return f"{title} since {since}.", waits, next_step
        waited = "not ended" if self.cause is Cause.HANGING else "waited to be called"
        return title, f"{who} {'have' if many else 'has'} {waited} since {since}.", next_step


@dataclass(frozen=True, slots=True)
class CatchingUp:
    """Since when Kalimera answers again (unix seconds), how many orders had waited, and how many of them still do."""

    since: float
    waited: int
    to_go: int

    @property
    def gone(self) -> int:
        return max(self.waited - self.to_go, 0)

    def minutes_left(self, now: datetime) -> int | None:
        """Return how long it takes if it goes on as it did; None while nobody knows how it does."""
        passed = now.timestamp() - self.since
        return max(round(self.to_go * passed / self.gone / 60), 1) if self.gone and passed > 0 else None


def is_alive(silence: timedelta | None) -> bool:
    """Return whether a worker runs whose heart beat so long ago."""
    return silence is not None and silence <= SILENCE


def look_for_standstill(tx: Connection, jobs: JobEngine, now: datetime) -> Standstill | None:
    """Return what keeps orders waiting, or None while calls go their way."""
    late, since = needs_you.late(tx, now - PATIENCE)
    silent_since = silent_providers.all_of(tx).get(KALIMERA)
    if not late and silent_since is None:
        hanging = jobs.overdue(tx, now)
        return Standstill(len(hanging), hanging[0].since.timestamp(), Cause.HANGING) if hanging else None
    if not is_alive(jobs.silence(tx)):
        return Standstill(late, since, Cause.WORKER) if late else None
    if silent_since is not None:
        waiting, _ = needs_you.late(tx, now, limit=silent_providers.MOST_WAITED)
        return Standstill(waiting, silent_since, Cause.SILENT)
    if refused_credentials.find(tx, KALIMERA):
        return Standstill(late, since, Cause.REFUSED)
    if look_for_catching_up(tx, now):
        return None
    failing = campaigns.any_failing(tx) or jobs.sync_failed_before(tx)
    return Standstill(late, since, Cause.KALIMERA if failing else Cause.BACKLOG)


def look_for_catching_up(tx: Connection, now: datetime) -> CatchingUp | None:
    """Return how far the orders are that waited through an outage of Kalimera's; None when none of them waits."""
    back = silent_providers.find_return(tx, KALIMERA)
    if back is None or now.timestamp() - back.at > CATCHING_UP.total_seconds():
        return None
    ended = datetime.fromtimestamp(back.at, UTC)
    to_go, _ = needs_you.late(tx, ended, limit=silent_providers.MOST_WAITED)
    return CatchingUp(back.at, max(back.waited, to_go), to_go) if to_go else None
