"""A reception over a database of its own, and a look into that database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from makers import NOW, SECRET, make_headers, make_settings
from ordercall.bootstrap.parts import decision_service, intake_service
from ordercall.intake.committer import Committer
from ordercall.intake.reception import Reception, WebhookAnswer
from ordercall.intake.refusals import RefusalCounter
from ordercall.intake.signature import NamedSecret
from ordercall.jobs.engine import JobEngine
from ordercall.providers.shopify.payload import read_order
from ordercall.services.intake_service import IntakeService, ReceivedDelivery
from ordercall.storage.engine.database import Database
from ordercall.storage.records.deliveries import Delivery

SECRETS = [NamedSecret("current", SECRET), NamedSecret("previous", "an-older-secret")]


@dataclass
class Shop:
    """A reception over a fresh database, and a look into that database."""

    database: Database
    reception: Reception

    def send(self, body: bytes, **about: str) -> WebhookAnswer:
        return self.reception.answer(make_headers(body, **about), body)

    def outcome_of(self, body: bytes, **about: str) -> Any:
        answer = self.send(body, **about)
        assert answer.status == 200
        return answer.body["outcome"]

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        with self.database.read() as tx:
            return [tuple(row) for row in tx.exec_driver_sql(question)]

    def count(self, table: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 - the tests' own words

    def counts(self) -> dict[str, int]:
        return {name: self.count(name) for name in ("deliveries", "orders", "logs", "procrastinate_jobs")}


def make_reception(
    database: Database, secrets: list[NamedSecret] | None = None, *, sandboxed: bool = False, store: str = "shop"
) -> Reception:
    committer = Committer(database, make_intake(database, sandboxed=sandboxed, store=store))
    refusals = RefusalCounter(database, lambda: NOW, pause=3_600)  # nothing writes after the test
    return Reception(SECRETS if secrets is None else secrets, committer, refusals, lambda: NOW)


def make_intake(database: Database, *, sandboxed: bool = False, store: str = "shop") -> IntakeService:
    settings = make_settings(ORDERCALL_SANDBOXED="1" if sandboxed else "", SHOPIFY_STORE_DOMAIN=store)
    return intake_service(JobEngine(database), settings, decision_service(settings, lambda: NOW))


def make_received(body: bytes, topic: str = "orders/create") -> ReceivedDelivery:
    """Return an order as the reception reads it."""
    digest = hashlib.sha256(body).hexdigest()
    delivery = Delivery(
        webhook_id=digest,
        body_digest=digest,
        topic=topic,
        shop="shop.myshopify.com",
        headers={},
        body=body,
        secret_name="shared",
        received_at=NOW,
    )
    return ReceivedDelivery(delivery, read_order(body))
