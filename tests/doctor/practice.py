"""An installation for the doctor to examine, and how its findings are read."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ordercall.config import Settings, read_settings
from ordercall.doctor import Finding, Grade, examine
from ordercall.domain.policy.rules import Policy
from ordercall.intake.signature import Cause
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.shopify import FakeShopify
from ordercall.storage.engine.sqlite_database import SQLiteDatabase
from ordercall.storage.records import policies, refusals

FULL = {
    "APP_ENV": "production",
    "FLASK_SECRET_KEY": "a long secret of this test for its sessions",
    "SYNC_API_TOKEN": "a long token of this test",
    "ADMIN_PASSWORD": "a long password of this test",
    "SHOPIFY_SHARED_SECRET": "a long shared secret of this test",
    "SHOPIFY_STORE_DOMAIN": "sandbox-shop",
    "SHOPIFY_ACCESS_TOKEN": "sandbox-access-token",
    "KALIMERA_AUTH_TOKEN": "Bearer sandbox-token",
    "KALIMERA_CAMPAIGN_ID": "campaign-1",
    "KALIMERA_AGENT_ID_EN": "agent-en",
    "KALIMERA_AGENT_ID_HI": "agent-hi",
    "KALIMERA_TIMEOUT_SECONDS": "10",
    "PUBLIC_URL": "https://ordercall.example",
}
HERE = "https://ordercall.example/shopify/webhook"


class Practice:
    """An installation to be examined: its settings, its database, and the providers it talks to."""

    def __init__(self, folder: Path, fresh: Path, url: str, kalimera: FakeKalimera, shopify: FakeShopify) -> None:
        self.path = folder / "orders.db"
        self._fresh = fresh
        self.kalimera = kalimera
        self.shopify = shopify
        self.environment = FULL | {
            "DATABASE_PATH": str(self.path),
            "KALIMERA_CONTACT_URL": f"{url}/kalimera/contact",
            "SHOPIFY_ADMIN_URL": f"{url}/shopify",
        }

    def subscribe(self, *topics: str, uri: str = HERE, **limits: Any) -> None:
        for topic in topics:
            self.shopify.subscriptions.create(topic, uri, "2026-10", **limits)

    def make_database(self) -> None:
        shutil.copy(self._fresh, self.path)
        self.path.chmod(0o600)

    def execute(self, statement: str, *values: Any) -> None:
        with closing(SQLiteDatabase(self.path)) as db, db.begin() as tx:
            tx.exec_driver_sql(statement, values)

    def publish(self, policy: Policy) -> None:
        """Put a policy in force, as if a person had."""
        with closing(SQLiteDatabase(self.path)) as db, db.begin() as tx:
            policies.publish(tx, policy, {}, by="Asha", changed=["All."], now=datetime.now(UTC))

    def beat(self, at: datetime) -> None:
        self.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (?)", stored(at))

    def queue_job(self, since: datetime, *, status: str = "todo", ready: int = 1) -> None:
        self.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, ready) VALUES ('q', 'task', ?, ?)",
            status,
            ready,
        )
        self.execute("UPDATE procrastinate_events SET at = ?", stored(since))

    def receive(self, secret_name: str, at: datetime) -> None:
        self.execute(
            "INSERT INTO deliveries (webhook_id, body_digest, headers, body, topic, outcome, secret_name, received_at)"
            " VALUES ('delivery-1', 'digest', '{}', '{}', 'orders/create', 'recorded', ?, ?)",
            secret_name,
            at.timestamp(),
        )

    def refuse(self, cause: Cause, number: int, at: datetime) -> None:
        with closing(SQLiteDatabase(self.path)) as db, db.begin() as tx:
            refusals.add(tx, {cause: number}, now=at)

    def settings(self, **changes: str) -> Settings:
        return read_settings(self.environment | changes)

    def examine(self, now: datetime | None = None, **changes: str) -> list[Finding]:
        return list(examine(self.settings(**changes), lambda: now or datetime.now(UTC)))


def stored(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def bad(findings: list[Finding]) -> list[tuple[str, Grade]]:
    return [(finding.check, finding.grade) for finding in findings if finding.grade is not Grade.OK]


def said(findings: list[Finding], check: str) -> str:
    return " ".join(str(finding) for finding in findings if finding.check == check)
