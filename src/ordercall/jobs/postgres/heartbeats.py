"""Which workers are dead, whatever becomes of the clocks.

A worker's own clock has no part in it: the server writes when a heart beat. But the server's clock may be put right,
by hours, and then a dead worker's last beat lies in the future, or all who live seem to have been silent for long. So
the server is believed only where nothing speaks against it, and from the first sight of a beat on this process counts
for itself, by a clock that nobody sets.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from procrastinate import sql

from ordercall.jobs.takeover import Takeover

type Beat = tuple[int, datetime]
"""A worker, and when its heart last beat by the server's clock."""

BEATS: LiteralString = """
SELECT id, last_heartbeat AS beat, extract(epoch FROM clock_timestamp() - last_heartbeat)::float8 AS age
FROM procrastinate_workers
"""

_DEAD: LiteralString = "unnest(%(ids)s::bigint[], %(beats)s::timestamptz[]) AS dead (id, beat)"

OF_THE_DEAD: dict[str, LiteralString] = {
    sql.queries["select_stalled_jobs_by_heartbeat"]: f"""
        SELECT job.* FROM procrastinate_jobs AS job WHERE status = 'doing' AND (worker_id IS NULL OR EXISTS (
            SELECT FROM procrastinate_workers AS worker JOIN {_DEAD}
                ON worker.id = dead.id AND worker.last_heartbeat = dead.beat
            WHERE worker.id = job.worker_id))""",  # noqa: S608 - our own words
    sql.queries["prune_stalled_workers"]: f"""
        DELETE FROM procrastinate_workers AS worker USING {_DEAD}
        WHERE worker.id = dead.id AND worker.last_heartbeat = dead.beat RETURNING worker.id AS worker_id""",  # noqa: S608 - our own words
}
"""Procrastinate's queries about workers that are dead by the server's clock, and ours about those that we found to be.

One whose heart beats in between is among them no more.
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A beat, and since when at the latest its worker has been silent, by this process's clock."""

    beat: datetime
    since: float


class Heartbeats:
    """What this process knows of the other workers' hearts.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, takeover: Takeover, clock: Callable[[], float] = time.monotonic) -> None:
        self._takeover = takeover
        self._clock = clock
        self._looked: float | None = None
        self._seen: dict[int, Seen] = {}

    def dead(self, beats: Iterable[tuple[int, datetime, float]], silence: float) -> list[Beat]:
        """Look at all workers, and return those that were silent for this number of seconds.

        Args:
            beats: of each worker its id, when its heart last beat, and how many seconds ago the server says that was.
        """
        now = self._clock()
        oldest = self._takeover.believed if self._looked is None else now - self._looked
        self._seen = {number: self._look(number, beat, age, now, oldest) for number, beat, age in beats}
        self._looked = now
        return [(number, seen.beat) for number, seen in self._seen.items() if now - seen.since > silence]

    def _look(self, number: int, beat: datetime, age: float, now: float, oldest: float) -> Seen:
        """A beat that is new since the last look is not older than that, whatever the server says."""
        known = self._seen.get(number)
        if known and known.beat == beat:
            return known
        return Seen(beat, now - min(max(age, 0.0), oldest))
