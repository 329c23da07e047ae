"""What a person does by hand about the data of one customer, and about how long data is kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ordercall.bootstrap.parts import decision_service, open_database, retention_of, shop_service, utc_now
from ordercall.config import Settings
from ordercall.domain.audit import Act
from ordercall.domain.orders.traces import Traces
from ordercall.jobs.engine import JobEngine
from ordercall.services.own_shop import domain_of
from ordercall.services.retention import KINDS
from ordercall.storage.reads.person import rows_of
from ordercall.storage.records import audit, erasure, shop_notices, upkeep
from ordercall.storage.records.upkeep import Run


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """By what somebody is named: a phone in E.164, an e-mail address, Shopify's ids of their orders."""

    phone: str | None
    email: str | None
    shopify_ids: tuple[int, ...]

    @property
    def traces(self) -> Traces:
        return Traces.of(phones=[self.phone], lines=[self.email])

    def orders(self, tx: Connection) -> list[int]:
        """Return the ids of their orders, also of those that are named and not here."""
        return sorted({*self.shopify_ids, *erasure.of_person(tx, phone=self.phone, email=self.email)})


def count_orders(settings: Settings, person: Person) -> int:
    """Return how many orders would be erased with the person."""
    with closing(open_database(settings)) as db, db.read() as tx:
        return len(erasure.not_erased(tx, person.orders(tx)))


def erase(settings: Settings, person: Person) -> dict[str, Any]:
    """Erase a person everywhere, and return what that came to; the page of privacy requests shows it too."""
    with closing(open_database(settings)) as db:
        shop = shop_service(db, JobEngine(db), decision_service(settings, utc_now), utc_now)
        with db.read() as tx:
            ids = person.orders(tx)
        number = shop.ask_to_erase(ids, shop=domain_of(settings.shopify_store_domain))
        shop.answer_privacy_request(number, person.traces)
        with db.read() as tx:
            return shop_notices.reported(tx, number)


def export(settings: Settings, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Return every row that is kept of a person, by its table."""
    with closing(open_database(settings)) as db, db.begin() as tx:
        ids = person.orders(tx)
        audit.write(tx, Act.CUSTOMER_EXPORTED, orders=len(ids))
        traces = person.traces | (erasure.traces_of(tx, ids) if ids else Traces())
        return rows_of(tx, ids, traces, [*filter(None, {person.phone, *erasure.phones_of(tx, ids)})])


def rewrite(settings: Settings) -> str:
    """Write the database anew without what was deleted from it, and return what it is called."""
    with closing(open_database(settings)) as db:
        db.rewrite()
        return db.name


def due(settings: Settings) -> dict[str, int]:
    """Return how many rows of each kind are older than they are kept."""
    with closing(open_database(settings)) as db:
        return retention_of(db, JobEngine(db), settings, utc_now).due()


def forget_by_age(settings: Settings, said: Callable[[Run], None]) -> list[Run]:
    """Forget what was kept long enough, at once and to the end; return what that came to."""
    with closing(open_database(settings)) as db:
        retention_of(db, JobEngine(db), settings, utc_now).work_until(math.inf, said)
        with db.read() as tx:
            return [run for kind in KINDS if (run := upkeep.last_of(tx, kind))]
