"""How often webhooks, and reports of calls, were refused, and why.

Anybody may send a wrong signature, as often as they like. So refusals are counted in memory and written a few
seconds later in one go: a flood costs one small commit every few seconds, and the rows of one hour are as many as
there are causes. Only a process that is killed loses the count of its last seconds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from ordercall.errors import DatabaseBusy
from ordercall.intake.signature import Cause
from ordercall.storage.engine.database import Database
from ordercall.storage.records import refusals

PAUSE_SECONDS = 5.0
"""A flood costs one commit in this number of seconds; a process that is killed loses no more than these."""

KEPT = timedelta(days=30)
"""So long a person can look up when refusals began. An hour takes at most a row for each cause."""

MOST_LOOKS = 60
"""Refusals of a minute for which something is looked up, a tenth of a second in all: anybody may send them, and whoever
guesses a number that is being rung has as many tries. Of an agent with an old secret one report an hour is enough."""

logger = logging.getLogger(__name__)


class RefusalCounter:
    """Counts for many request threads.

    Args:
        pause: seconds for which counts are collected before they are written.
    """

    def __init__(self, db: Database, clock: Callable[[], datetime], *, pause: float = PAUSE_SECONDS) -> None:
        self._db = db
        self._clock = clock
        self._pause = pause
        self._counting = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._minute, self._looks = 0, 0
        self._timer: threading.Timer | None = None

    def count(self, cause: Cause) -> None:
        """Count one refusal. The first after a quiet time starts the pause after which they are written."""
        with self._counting:
            first = not self._counts
            self._counts[cause] += 1
        if first:
            logger.warning("refused webhooks or reports, the first of them so: %s", cause.sentence)
            self._write_later()

    def count_if(self, is_so: Callable[[], bool], cause: Cause) -> None:
        """Count one refusal if something is so, which is looked up for the first few of a minute alone."""
        minute = int(time.monotonic()) // 60
        with self._counting:
            self._looks = self._looks + 1 if minute == self._minute else 1
            self._minute, looks = minute, self._looks
        if looks <= MOST_LOOKS and is_so():
            self.count(cause)

    def write(self) -> None:
        """Write what was counted. What cannot be written now is kept for the next time."""
        if not self._write():
            self._write_later()

    def close(self) -> None:
        """Write what was counted last, before the database is let go of."""
        while (timer := self._timer) and timer.is_alive():  # one that could not write has set the next
            timer.cancel()
            timer.join()
        if self._counts:
            self._write()

    def _write(self) -> bool:
        with self._counting:
            counts, self._counts = self._counts, Counter()
        now = self._clock()
        try:
            with self._db.begin() as tx:
                refusals.add(tx, counts, now=now)
                refusals.forget(tx, before=now - KEPT)
        except (DatabaseBusy, SQLAlchemyError) as error:
            logger.warning("could not write the count of refused webhooks (%s)", type(error).__name__)
            with self._counting:
                self._counts += counts
            return False
        return True

    def _write_later(self) -> None:
        timer = threading.Timer(self._pause, self.write)
        timer.daemon = True
        timer.start()
        self._timer = timer
