"""A check of the connections that a person asks for on the pages. The worker carries it out: it may take minutes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from ordercall.domain.findings import Finding
from ordercall.jobs.engine import JobEngine
from ordercall.services.standstill_service import is_alive
from ordercall.storage.engine.database import Database
from ordercall.storage.records import connection_checks
from ordercall.storage.records.connection_checks import ConnectionCheck


@dataclass(frozen=True, slots=True)
class CheckState:
    """The last check that ended, whether another one waits or is under way, and whether a worker runs."""

    last: ConnectionCheck | None
    under_way: bool
    has_worker: bool


class ConnectionCheckService:
    """Asks for the check, carries it out and keeps what it found."""

    def __init__(self, db: Database, jobs: JobEngine, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._jobs = jobs
        self._clock = clock

    def ask(self) -> None:
        """Have a worker check how all stands, unless that is under way."""
        with self._db.begin() as tx:
            self._jobs.check_connections(tx)

    def state(self) -> CheckState:
        with self._db.read() as tx:
            return CheckState(
                last=connection_checks.last(tx),
                under_way=self._jobs.is_checking_connections(tx),
                has_worker=is_alive(self._jobs.silence(tx)),
            )

    def carry_out(self, examine: Callable[[], Iterable[Finding]]) -> None:
        """Check, while no transaction is open, and keep what was found."""
        found = list(examine())
        with self._db.begin() as tx:
            connection_checks.store(tx, found, now=self._clock())
