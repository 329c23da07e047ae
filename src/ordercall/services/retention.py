"""Forgetting what was kept long enough, a slice at a time, with all that is urgent before it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ordercall.jobs.engine import JobEngine
from ordercall.services.erasing import SLICE, Erasing, lock
from ordercall.storage.engine.database import Database
from ordercall.storage.records import ageing, upkeep
from ordercall.storage.records.upkeep import Run

WORKING_SECONDS = 2.0
"""After so long the job queues itself again, behind whatever came meanwhile."""

COUNTED_BY = ("state", "province_code")
"""What stays of an address, because reports count by it: a state has tens of millions of people."""

AGED = "The customer's data was kept as long as KEEP_CUSTOMERS_DAYS says, and is gone."

OURSELVES = "Ordercall"
KINDS = CUSTOMERS, LINES, WEBHOOKS = "customers", "log lines", "webhooks"


@dataclass(frozen=True, slots=True)
class Keep:
    """How long each kind is kept; None: for good. ``bodies``: raw webhooks and reports."""

    bodies: timedelta
    customers: timedelta | None
    history: timedelta | None


class Retention:
    """Makes settled orders nobody's, and deletes timelines and webhooks of long ago."""

    def __init__(self, db: Database, jobs: JobEngine, keep: Keep, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._jobs = jobs
        self._clock = clock
        self._erasing = Erasing(db, clock)
        self.keep = keep

    def due(self) -> dict[str, int]:
        """Return how many rows of each kind are older than they are kept. It reads whole tables."""
        counts = {CUSTOMERS: ageing.count_settled, LINES: ageing.count_lines, WEBHOOKS: ageing.count_deliveries}
        with self._db.read() as tx:
            return {kind: counts[kind](tx, before=self._clock() - age) for kind, age in self._ages().items()}

    def work(self) -> None:
        """Go on for two seconds, and queue the rest."""
        if not self.work_until(time.monotonic() + WORKING_SECONDS):
            with self._db.begin() as tx:
                self._jobs.forget_by_age(tx)

    def work_until(self, deadline: float, said: Callable[[Run], None] = lambda _run: None) -> bool:
        """Forget until this moment of the monotonic clock, and return whether nothing is left.

        Args:
            said: hears of each slice.
        """
        kinds = self._ages()
        with self._db.begin() as tx:
            runs = [upkeep.last_of(tx, kind) for kind in kinds]
            under_way = any(run and run.ended_at is None for run in runs)
            for kind in kinds if not under_way else ():
                upkeep.begin(tx, kind, now=self._clock())
        for kind, age in kinds.items():
            more = True
            while more:
                if time.monotonic() > deadline:
                    return False
                more = self._slice(kind, age, said)
        if kinds:
            self._erasing.forget_words()
        return True

    def _ages(self) -> dict[str, timedelta]:
        ages = {CUSTOMERS: self.keep.customers, LINES: self.keep.history, WEBHOOKS: self.keep.history}
        return {kind: age for kind, age in ages.items() if age}

    def _slice(self, kind: str, age: timedelta, said: Callable[[Run], None]) -> bool:
        """Take the next slice of a kind; return whether there is more."""
        with self._db.begin() as tx:
            run = upkeep.last_of(tx, kind)
            if run is None or run.ended_at is not None:
                return False
            before = self._clock() - age
            if kind == CUSTOMERS:
                ids, after = ageing.settled_orders(tx, before=before, after=run.after)
                more = len(ids)
                if more > SLICE:
                    ids, after, more = ids[:SLICE], ids[SLICE - 1], SLICE
                self._forget(tx, ids, before)
            else:
                drop = ageing.drop_lines if kind == LINES else ageing.drop_deliveries
                more, after = drop(tx, before=before, after=run.after)
            upkeep.move(tx, run, after=run.after if after is None else after, more=more)
            if after is None:
                upkeep.end(tx, kind, now=self._clock())
        said(run)
        return after is not None

    def _forget(self, tx: Connection, shopify_ids: list[int], before: datetime) -> None:
        lock(tx, shopify_ids)
        if still := ageing.settled_of(tx, shopify_ids, before=before):
            self._erasing.erase(tx, still, message=AGED, actor=OURSELVES, keeping=COUNTED_BY)
