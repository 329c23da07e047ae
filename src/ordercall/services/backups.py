"""Backups by the clock: one file each time, checked, and so many of them kept."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ordercall.errors import BackupFailed
from ordercall.storage.engine.database import Database
from ordercall.storage.records import upkeep
from ordercall.storage.records.upkeep import Run

logger = logging.getLogger(__name__)

KIND = "backup"
AGAIN_AFTER = timedelta(hours=1)
"""One that failed is tried again; so is one whose worker died, after as long."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where backups go (None: nowhere), how long it is between two, and how many are kept."""

    folder: Path | None
    every: timedelta
    keep: int


class Backups:
    """Makes the backups that are due, by one worker at a time."""

    def __init__(self, db: Database, plan: Plan, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._plan = plan
        self._clock = clock

    def look(self) -> None:
        """Make a backup if one is due. What goes wrong is kept for the pages and `ordercall doctor`."""
        folder, now = self._plan.folder, self._clock()
        if folder is None:
            return
        with self._db.begin() as tx:
            if not self._is_due(upkeep.last_of(tx, KIND), now):
                return
            upkeep.end(tx, KIND, now=now)
            upkeep.begin(tx, KIND, now=now)
        number, fault = None, None
        try:
            number = self._db.back_up(folder / f"ordercall-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.backup", _silent)
            self._drop_old(folder)
        except (BackupFailed, OSError) as error:
            fault = str(error)
            logger.error("The backup failed: %s", fault)
        with self._db.begin() as tx:
            upkeep.end(tx, KIND, now=self._clock(), number=number, fault=fault)

    def _is_due(self, last: Run | None, now: datetime) -> bool:
        if last is None:
            return True
        failed = last.fault is not None or last.ended_at is None
        wait = min(AGAIN_AFTER, self._plan.every) if failed else self._plan.every
        return abs(now.timestamp() - last.began_at) >= wait.total_seconds()  # abs: it began by a clock that was ahead

    def _drop_old(self, folder: Path) -> None:
        """Delete all but the newest; only what has the name of one of ours."""
        made = sorted(folder.glob("ordercall-[0-9]*T[0-9]*Z.backup"))
        for file in made[: -self._plan.keep]:
            file.unlink(missing_ok=True)


def _silent(_done: int, _of: int) -> None:
    """A worker shows no progress."""
