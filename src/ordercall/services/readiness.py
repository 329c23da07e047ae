"""Whether a load balancer should send anything here.

Not ready is only what keeps a webhook from being stored: then another machine may store it, and where there is none
Shopify sends it again. All else leaves the door open. A shop whose Kalimera is down, or whose worker is gone, must go
on taking in webhooks: what waits in the database is called later, and what is turned away for four hours is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from ordercall.errors import DatabaseBusy
from ordercall.jobs.engine import JobEngine
from ordercall.services.standstill_service import is_alive
from ordercall.storage import migrations
from ordercall.storage.engine.database import LITTLE_SPACE, Database
from ordercall.storage.records import refused_credentials, silent_providers

PROVIDERS = ("Kalimera", "Shopify")


class State(StrEnum):
    """How something stands."""

    OK = "ok"
    DEGRADED = "degraded"  # something does not go on, and webhooks are stored
    NOT_READY = "not_ready"  # none can be


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was looked at. ``says`` is for a person, and holds nothing that a stranger must not read."""

    name: str
    state: State
    says: str


class Readiness:
    """Looks at all that work depends on; changes nothing, and asks no provider: it says what the worker has seen."""

    def __init__(self, db: Database, jobs: JobEngine) -> None:
        self._db = db
        self._jobs = jobs

    def look(self) -> list[Part]:
        """Return how each part stands. Without a database nobody knows of the others."""
        try:
            self._db.refuse_if_unfit()
            with self._db.begin() as tx:  # takes the lock of those who write, and writes nothing
                parts = [Part("database", State.OK, "An order can be stored."), *self._kept(tx)]
        except DatabaseBusy as error:
            return [Part("database", State.NOT_READY, str(error)), *self._disk()]
        return [*parts, *self._disk()]

    def _disk(self) -> Iterator[Part]:
        """A full disk is the database's: it has refused by then."""
        try:
            room = self._db.room()
        except OSError as error:
            yield Part("disk", State.DEGRADED, f"Nobody can see how much is free ({error.strerror}).")
            return
        if room is not None:
            state = State.DEGRADED if room < LITTLE_SPACE else State.OK
            yield Part("disk", state, f"{room / 1024**3:.1f} GB are free.")

    def _kept(self, tx: Connection) -> Iterator[Part]:
        yield self._tables(tx)
        alive = is_alive(self._jobs.silence(tx))
        says = "A worker runs." if alive else "No worker is seen, so nobody is called; what comes is stored."
        yield Part("worker", State.OK if alive else State.DEGRADED, says)
        silent, refused = silent_providers.all_of(tx), {one.provider for one in refused_credentials.all_of(tx)}
        for provider in PROVIDERS:
            if provider in silent:
                yield Part(provider.lower(), State.DEGRADED, "It does not answer; what is for it waits.")
            elif provider in refused:
                yield Part(provider.lower(), State.DEGRADED, "It does not accept a credential; what is for it waits.")
            else:
                yield Part(provider.lower(), State.OK, "Nothing is known against it.")

    def _tables(self, tx: Connection) -> Part:
        """While `ordercall db upgrade` is ahead of this process, it goes on: others have not started yet."""
        if migrations.is_current(tx):
            return Part("migrations", State.OK, "The tables are this version's.")
        return Part("migrations", State.DEGRADED, "The tables are another version's; start that one.")
