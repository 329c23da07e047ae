"""All services over one real database, wired as the program wires them, for the tests that call them one by one."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from databases import ask
from gate import Gate
from ordercall.bootstrap.web import web_context
from ordercall.bootstrap.worker import worker_services
from ordercall.config import Settings
from ordercall.domain.calls.calling import INDIA
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.provider import Call
from ordercall.sandbox.shopify import FakeShopify
from ordercall.sandbox.webhooks import signed_headers
from ordercall.services import policy_service
from ordercall.storage.engine.database import Database
from ordercall.storage.records import calls, policies, road_back
from ordercall.storage.records.calls import Call as StoredCall

SECRET = "the secret of the services' tests"


class House:
    """The web process and the worker of one shop, as bootstrap builds them. A job runs when the test calls its service.

    ``now`` is the present, which moves on by ``step`` with each look at it, and ``gate`` stands before both providers.
    Nothing waits: no request for the worker, and no cancellation between two looks at Shopify's job.
    """

    def __init__(
        self, settings: Settings, db: Database, kalimera: FakeKalimera, shopify: FakeShopify, gate: Gate
    ) -> None:
        self.now = datetime(2026, 11, 24, 12, 0, tzinfo=INDIA)
        self.step = timedelta(0)
        self.settings, self.db = settings, db
        self.kalimera, self.shopify, self.gate = kalimera, shopify, gate
        self._open = ExitStack()
        web = web_context(settings, db, self.clock, wait_seconds=0)
        self._open.callback(web.refusals.close)
        self.reception, self.orders, self.bulk, self.shop = web.reception, web.orders, web.bulk, web.shop
        self.reports, self.words, self.again = web.reports, web.words, web.again
        self.decisions, self.numbers, self.pauses = web.decisions, web.numbers, web.pauses
        self.addresses = web.addresses
        self.restart_worker()

    def restart_worker(self) -> None:
        """Have another worker take over, which knows nothing but what is stored."""
        self.worker = self._open.enter_context(worker_services(self.settings, self.db, self.clock, pauses=(0, 0)))
        self.sync, self.campaigns = self.worker.sync, self.worker.campaigns
        self.calls = self.worker.calls
        self.first_calls = self.worker.first_calls
        self.holds = self.worker.holds
        self.cancels, self.writing, self.reconcile = self.worker.cancels, self.worker.writing, self.worker.reconcile

    def clock(self) -> datetime:
        self.now += self.step
        return self.now

    def close(self) -> None:
        self._open.close()

    def receive(self, order: dict[str, Any], topic: str = "orders/create") -> int:
        """Take in a signed webhook; return the order's id."""
        body = json.dumps(order).encode()
        answer = self.reception.answer(signed_headers(body, topic=topic, secret=SECRET).items(), body)
        assert answer.status == 200
        return int(order["id"])

    def request_erasure(self, shopify_id: int) -> None:
        """Take in what Shopify sends when a customer wants to be erased."""
        customer = {"id": 191167, "email": "customer@example.com", "phone": "+915550000041"}
        body = {"id": 1, "shop_id": 1, "shop_domain": "sandbox-shop.myshopify.com"}
        self.receive(body | {"customer": customer, "orders_to_redact": [shopify_id]}, "customers/redact")

    def do_erasures(self) -> None:
        for arguments, _ in self.jobs("answer_privacy_request"):
            self.shop.answer_privacy_request(arguments["request_id"])

    def while_kalimera_answers(self, happens: Callable[[], object]) -> None:
        """Let something happen once, in the middle of the next request to Kalimera."""

        def once(_call: Call) -> None:
            self.kalimera.on_call.remove(once)
            happens()

        self.kalimera.on_call.append(once)

    def publish(self, part: str, **changes: Any) -> None:
        """Put in force the policy with these fields of one of its parts, as a person would."""
        with self.db.read() as tx:
            known = policies.newest(tx)
        assert known
        changed = replace(getattr(known.policy, part), **changes)
        policy_service.publish(self.db, replace(known.policy, **{part: changed}), by="a test", now=self.now)

    def run_until(self, moment: datetime) -> None:
        """Let time pass while the worker runs; what it writes down every few minutes comes to one span."""
        with self.db.begin() as tx:
            road_back.note_running(tx, now=self.now)
            self.now = max(self.now, moment.astimezone(self.now.tzinfo))
            ask(tx, "UPDATE running SET ended_at = ? WHERE id = (SELECT max(id) FROM running)", self.now.timestamp())

    def pass_time(self, **amount: float) -> None:
        self.now += timedelta(**amount)

    def order(self, shopify_id: int) -> Any:
        with self.db.read() as tx:
            return ask(tx, "SELECT * FROM orders WHERE shopify_id = ?", shopify_id).one()

    def calls_of(self, shopify_id: int) -> list[StoredCall]:
        """Return an order's calls, the newest first."""
        with self.db.read() as tx:
            return calls.of_order(tx, shopify_id)

    def states(self) -> dict[int, tuple[str, str | None]]:
        """Return calling state and reason of every order."""
        with self.db.read() as tx:
            rows = tx.exec_driver_sql("SELECT shopify_id, calling_state, calling_reason FROM orders")
            return {row[0]: (row[1], row[2]) for row in rows}

    def events(self, shopify_id: int) -> list[str]:
        with self.db.read() as tx:
            query = "SELECT event_type FROM logs WHERE shopify_id = ? ORDER BY id"
            return list(ask(tx, query, shopify_id).scalars())

    def messages(self, shopify_id: int) -> list[str]:
        with self.db.read() as tx:
            return list(ask(tx, "SELECT message FROM logs WHERE shopify_id = ? ORDER BY id", shopify_id).scalars())

    def bodies(self, shopify_id: int) -> list[bytes | None]:
        """Return the raw bodies of an order's deliveries, as far as they are kept."""
        with self.db.read() as tx:
            return list(ask(tx, "SELECT body FROM deliveries WHERE shopify_id = ? ORDER BY id", shopify_id).scalars())

    def jobs(self, task: str) -> list[tuple[Any, datetime | None]]:
        """Return the waiting jobs of one kind: what they are for, and when they may run."""
        with self.db.read() as tx:
            query = "SELECT args, scheduled_at FROM procrastinate_jobs WHERE status = 'todo' AND task_name = ?"
            return [(_value(json.loads, args), _value(_moment, at)) for args, at in ask(tx, query, task)]


def _value(read: Callable[[str], Any], stored: Any) -> Any:
    """The engine's tables hold texts on SQLite."""
    return read(stored) if isinstance(stored, str) else stored


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
