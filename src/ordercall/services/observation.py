"""What the database tells of the work, for Prometheus: read in one transaction that only reads.

Each number is bounded in what it reads (``storage/reads/measured.py``, ``jobs/backlog.py``) and is of the whole shop:
every web process that is asked says the same. Rules take the largest of them and not their sum.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calls.call import MAY_RING, CallState
from ordercall.domain.orders.order import Status
from ordercall.errors import DatabaseBusy
from ordercall.jobs.engine import JobEngine
from ordercall.measures import COUNTER, GAUGE, HISTOGRAM, OF_A_PROCESS, OF_WORKERS, Distribution, Labels
from ordercall.services.measure_records import WORKER
from ordercall.services.readiness import PROVIDERS
from ordercall.storage.engine.database import Database
from ordercall.storage.reads import counters, measured, needs_you, reports
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.records import measures, reconciliations, refused_credentials, silent_providers

MOST_WAITING = 10_000
"""Orders on their way to Kalimera that are counted."""

SHOWN_FOR = timedelta(minutes=5)
"""A worker tells of its process once a minute; of one that is silent for longer nothing is shown."""


@dataclass(frozen=True, slots=True)
class Family:
    """A metric with all its series, by the values of their labels. ``bounds``: of a histogram."""

    name: str
    kind: str
    says: str
    labels: Labels
    series: Mapping[Labels, float | Distribution]
    bounds: tuple[float, ...] = ()


class Observation:
    """Reads the numbers. What happened is counted from the first look of this process on."""

    def __init__(self, db: Database, jobs: JobEngine, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._jobs = jobs
        self._clock = clock
        self._counting = threading.Lock()
        self._events: Counter[str] = Counter(dict.fromkeys(Event, 0))
        self._last_entry: int | None = None

    def look(self) -> list[Family]:
        """Return all families; of a database that does not answer only that."""
        now = self._clock()
        try:
            with self._db.read() as tx:
                families = [*self._of_orders(tx, now), *self._of_jobs(tx, now), *self._of_others(tx, now)]
        except DatabaseBusy:
            return [_one("ordercall_database_up", "Whether the database answers.", 0)]
        return [_one("ordercall_database_up", "Whether the database answers.", 1), *families, *self._disk()]

    def _of_orders(self, tx: Connection, now: datetime) -> Iterator[Family]:
        statuses: Counter[str] = Counter(dict.fromkeys(Status, 0))
        for tally in counters.tallies(tx, OrderFilter()):
            statuses[tally.status] += tally.orders
        yield _by("ordercall_orders", "Orders by their status.", "status", statuses)
        calls = measured.calls_by_state(tx)
        states = {str(state): calls[state] for state in (CallState.PLANNED, *sorted(MAY_RING))}
        yield _by("ordercall_calls", "Calls that are planned or open, by their state.", "state", states)
        waiting, since = needs_you.late(tx, now, limit=MOST_WAITING)
        yield _one("ordercall_orders_waiting", "Orders on their way to Kalimera that may go at once.", waiting)
        age = max(now.timestamp() - since, 0) if waiting else 0
        yield _one("ordercall_orders_waiting_oldest_seconds", "For how long the first of them waits.", age)
        held = measured.holds(tx)
        yield _one("ordercall_holds", "Parcels that are held until the customer answers, or are to be.", held.live)
        age = max(now.timestamp() - held.oldest, 0) if held.oldest else 0
        yield _one("ordercall_holds_oldest_seconds", "For how long the first of them is held.", age)
        says = "Holds that Shopify refused, or that ended without an answer."
        yield _one("ordercall_holds_in_trouble", says, held.trouble)
        says = "What happened to orders, as their timelines name it: cancels, holds, calls, status."
        yield _by("ordercall_events_total", says, "event", self._count_events(tx, now), COUNTER)

    def _count_events(self, tx: Connection, now: datetime) -> Mapping[str, int]:
        with self._counting:
            newest = reports.newest_log(tx)
            if self._last_entry is None or self._last_entry > newest:  # or another database is in its place
                self._last_entry = newest
            new, self._last_entry = measured.events_after(tx, self._last_entry, now=now)
            self._events.update({kind: number for kind, number in new.items() if kind in Event})
            return dict(self._events)

    def _of_jobs(self, tx: Connection, now: datetime) -> Iterator[Family]:
        backlog = self._jobs.backlog(tx)
        states = {
            "ready": backlog.ready,
            "later": backlog.later,
            "running": backlog.running,
            "failed": backlog.failed,
        }
        numbers: dict[Labels, float | Distribution] = {
            (task, state): number for state, tasks in states.items() for task, number in tasks.items()
        }
        says = "Jobs by their kind: ready to start, waiting for a time, running, given up."
        yield Family("ordercall_jobs", GAUGE, says, ("kind", "state"), numbers)
        ages = {kind: max((now - since).total_seconds(), 0) for kind, since in backlog.oldest.items()}
        says = "For how long the oldest job of a kind waits that is ready to start."
        yield _by("ordercall_jobs_oldest_seconds", says, "kind", ages)
        silence = self._jobs.silence(tx)
        says = "Since a worker last showed that it lives."
        seen: dict[Labels, float | Distribution] = {} if silence is None else {(): silence.total_seconds()}
        yield Family("ordercall_worker_seen_seconds", GAUGE, says, (), seen)
        says = "Workers that ever showed themselves and did not end in order: 0 where none did."
        yield _one("ordercall_worker_seen", says, 0 if silence is None else 1)

    def _of_others(self, tx: Connection, now: datetime) -> Iterator[Family]:
        silent = silent_providers.all_of(tx)
        up = {name: 0 if name in silent else 1 for name in PROVIDERS}
        yield _by("ordercall_provider_up", "Whether a provider answers, as the workers saw it last.", "provider", up)
        refused = {one.provider for one in refused_credentials.all_of(tx)}
        shut = {name: int(name in refused) for name in PROVIDERS}
        says = "Whether a provider refuses a credential."
        yield _by("ordercall_provider_credential_refused", says, "provider", shut)
        yield from _reconciled(tx)
        for histogram in OF_WORKERS:
            series = measures.read(tx, histogram)
            yield Family(histogram.name, HISTOGRAM, histogram.says, histogram.labels, series, histogram.bounds)
        kept = measures.gauges(tx, [f"{WORKER}{name}" for name in OF_A_PROCESS], since=now - SHOWN_FOR)
        for name, (kind, says) in OF_A_PROCESS.items():
            yield Family(f"{WORKER}{name}", kind, says, ("host",), kept.get(f"{WORKER}{name}", {}))

    def _disk(self) -> Iterator[Family]:
        try:
            room = self._db.room()
        except OSError:
            room = 0
        free: dict[Labels, float | Distribution] = {} if room is None else {(): room}
        says = "Free on the disk of the database file; nothing of a server."
        yield Family("ordercall_disk_free_bytes", GAUGE, says, (), free)


def _reconciled(tx: Connection) -> Iterator[Family]:
    last, complete = reconciliations.latest(tx), reconciliations.last_complete(tx)
    found = {
        "missed_orders": last.missed_orders if last else 0,
        "missed_changes": last.missed_changes if last else 0,
        "unreadable": last.unreadable if last else 0,
        "silent_topics": len(last.silent) if last else 0,
        "unsubscribed_topics": len(last.unsubscribed or ()) if last else 0,
    }
    says = "What the last reading of the shop found that no webhook had brought, and topics that bring none."
    yield _by("ordercall_reconcile_findings", says, "finding", found)
    ended = complete.ended_at.timestamp() if complete and complete.ended_at else 0
    says = "When the shop was last read to the end, in unix seconds; 0: never."
    yield _one("ordercall_reconcile_completed_timestamp_seconds", says, ended)


def _one(name: str, says: str, number: float) -> Family:
    return Family(name, GAUGE, says, (), {(): number})


def _by(name: str, says: str, label: str, numbers: Mapping[str, float], kind: str = GAUGE) -> Family:
    return Family(name, kind, says, (label,), {(str(value),): number for value, number in numbers.items()})
