"""What a worker has measured, added to the database: it has no page, and may run on another machine than one that has.

A file in memory that both map would be quicker, and known to one machine alone. A row a number costs one commit every
ten seconds while something was asked of a provider, and none while nothing was. A worker that is killed takes its last
ten seconds with it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import datetime, timedelta

from ordercall.measures import OF_WORKERS, own_process
from ordercall.storage.engine.database import Database
from ordercall.storage.records import measures

WORKER = "ordercall_worker_"
"""How the names begin of what is measured of a worker's process."""

PROCESS_EVERY = timedelta(minutes=1)
"""A worker that has nothing to do writes once a minute, beside its heart, which beats twelve times."""


class MeasureRecords:
    """Keeps what this process measures."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        self._told: datetime | None = None

    def keep(self) -> None:
        """Add what was measured since the last time. What cannot be kept now is with the next time.

        Raises:
            DatabaseBusy: it could not be kept.
        """
        now = self._clock()
        taken = [(histogram, histogram.take()) for histogram in OF_WORKERS]
        due = self._told is None or not timedelta(0) <= now - self._told < PROCESS_EVERY
        if not due and not any(seen for _, seen in taken):
            return
        try:
            with self._db.begin() as tx:
                for histogram, seen in taken:
                    measures.add(tx, histogram, seen, now=now)
                if due:
                    process = {f"{WORKER}{name}": number for name, number in own_process().items()}
                    measures.put(tx, (socket.gethostname(),), process, now=now)
        except BaseException:
            for histogram, seen in taken:
                histogram.put_back(seen)
            raise
        if due:
            self._told = now
