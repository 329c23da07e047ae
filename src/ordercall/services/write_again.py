"""What a person does about orders to which Shopify let nothing be written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import batched

from ordercall.config import Settings
from ordercall.jobs.engine import JobEngine
from ordercall.storage.engine.database import Database
from ordercall.storage.records import write_backs


class WriteAgain:
    """Has Shopify asked again for what it refused."""

    def __init__(self, db: Database, jobs: JobEngine, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._jobs = jobs
        self._settings = settings
        self._clock = clock

    def all_refused(self) -> int:
        """Put all orders in line whose refusal a person may have mended, and return how many they are."""
        with self._db.read() as tx:
            refused = list(tx.execute(write_backs.refused()).scalars())
        for some in batched(refused, write_backs.SLICE):
            with self._db.begin() as tx:
                write_backs.mark(tx, some, place=write_backs.LATER, now=self._clock())
        with self._db.begin() as tx:
            if due := write_backs.next_due(tx, demo=self._settings.sandboxed):
                self._jobs.write_order(tx, due)
        return len(refused)
