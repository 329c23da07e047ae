"""Many orders come while Kalimera is down, and it returns: ``python bench/outage.py 20000 50000``; nothing is written.

How long until the first customer is listed, until a cancellation has left for Shopify that somebody asks for as soon as
Kalimera answers again, and until all are on the campaign. With ``--rate`` Kalimera is asked so often a second.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from databases import ask, open_at
from ordercall.bootstrap.parts import decision_service, intake_service, utc_now
from ordercall.config import read_settings
from ordercall.domain.topics import Topic
from ordercall.intake.reading import read
from ordercall.jobs.engine import JobEngine
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.provider import Call
from ordercall.sandbox.server import run_in_thread
from ordercall.sandbox.shopify import FakeShopify
from ordercall.storage.engine.database import Database
from ordercall.storage.records.deliveries import Delivery
from orders import large_order
from processes import ROOT, Running, calls_to, cpu_seconds, machine, running
from report import table
from stores import Store, stores
from waiting import until

TOKEN = "the token of the bench"  # noqa: S105 - opens only what this bench starts
ADMIN_TOKEN = "the admin token of the bench"  # noqa: S105 - as above
AT_ONCE = 200
"""Orders that are stored in one transaction, as by the committer."""

TRIES = 5
"""Calls that Kalimera has refused before it returns: by then its circuit breaker is open."""

LONGEST = 1_800.0
HEAD = (
    "database",
    "orders",
    "first accepted, s",
    "first listed, s",
    "cancel left, s",
    "all listed, s",
    "worker CPU, s",
)


@dataclass(frozen=True)
class Outage:
    """Seconds since Kalimera's return; of the cancellation, since it was asked for."""

    accepted: float
    listed: float
    cancelled: float
    drained: float | None
    worker: float

    def row(self, store: Store, orders: int) -> tuple[str, ...]:
        drained = "–" if self.drained is None else f"{self.drained:.0f}"
        seconds = (f"{each:.2f}" for each in (self.accepted, self.listed, self.cancelled))
        return (store.name, f"{orders:,}", *seconds, drained, f"{self.worker:.1f}")


def measure(store: Store, orders: int, settings: Mapping[str, str], *, drain: bool) -> Outage:
    """Queue so many orders while Kalimera is down, and let it return."""
    place, shopify = store.place(), FakeShopify(token=ADMIN_TOKEN)
    with (
        run_in_thread(create_sandbox(FakeKalimera(token="nobody's"), shopify)) as sandbox,  # noqa: S106 - nobody asks it
        running(str(ROOT / "bench" / "slow_kalimera.py")) as kalimera,
        closing(open_at(place)) as database,
    ):
        environment = calls_to(kalimera.url) | shop_at(sandbox.url) | place | settings
        queue(database, environment, orders)
        failed = large_order(orders)
        shopify.add(failed)
        httpx.get(f"{kalimera.url}/down")
        with running(*("-m", "ordercall", "serve"), **environment) as shop:
            until(lambda: since_return(kalimera)["calls"] >= TRIES, "the worker has tried in vain", seconds=LONGEST)
            worker, before = shop.child("worker"), cpu_seconds(shop.child("worker"))
            httpx.get(f"{kalimera.url}/up")
            until(lambda: "accepted" in since_return(kalimera), "Kalimera has accepted something", seconds=LONGEST)
            cancelled = cancel(shop, shopify, failed["id"])
            seen = until(lambda: complete(since_return(kalimera)), "somebody is listed", seconds=LONGEST)
            drained = until_drained(database, orders - 1, time.monotonic() - seen["now"]) if drain else None
            return Outage(seen["accepted"], seen["listed"], cancelled, drained, cpu_seconds(worker) - before)


def shop_at(url: str) -> dict[str, str]:
    return {
        "SYNC_API_TOKEN": TOKEN,
        "SHOPIFY_STORE_DOMAIN": "bench-shop",
        "SHOPIFY_ADMIN_URL": f"{url}/shopify",
        "SHOPIFY_ACCESS_TOKEN": ADMIN_TOKEN,
    }


def queue(database: Database, environment: Mapping[str, str], orders: int) -> None:
    """Store so many orders as their webhooks do."""
    settings = read_settings({"FLASK_SECRET_KEY": "", **environment})
    intake = intake_service(JobEngine(database), settings, decision_service(settings, utc_now))
    for numbers in batched(range(1, orders + 1), AT_ONCE):
        received = [read(delivery(large_order(number))) for number in numbers]
        with database.begin() as tx:
            intake.receive(tx, received)


def delivery(order: dict[str, Any]) -> Delivery:
    body, number = json.dumps(order).encode(), str(order["id"])
    return Delivery(
        webhook_id=number,
        body_digest=number,
        topic=Topic.CREATED,
        shop="bench-shop.myshopify.com",
        headers={},
        body=body,
        secret_name="",
        received_at=utc_now(),
    )


def since_return(kalimera: Running) -> dict[str, float]:
    return dict(httpx.get(f"{kalimera.url}/calls").json())


def complete(seen: dict[str, float]) -> dict[str, float] | None:
    return seen if "listed" in seen else None


def cancel(shop: Running, shopify: FakeShopify, order_id: int) -> float:
    """Have an order cancelled, and return the seconds until the request for it had come to Shopify."""
    left = threading.Event()

    def look(call: Call) -> None:
        if "orderCancel" in str(call.body) or call.path.endswith("/cancel.json"):
            left.set()

    shopify.on_call.append(look)
    asked = time.monotonic()
    url, headers = f"{shop.url}/api/orders/{order_id}/status", {"X-App-Token": TOKEN}
    threading.Thread(target=httpx.post, args=(url,), kwargs={"json": {"status": "Failed"}, "headers": headers}).start()
    assert left.wait(LONGEST), "the cancellation never left"
    return time.monotonic() - asked


def until_drained(database: Database, orders: int, returned: float) -> float:
    def all_listed() -> bool:
        time.sleep(1.0)  # the count takes some of the processor
        with database.read() as tx:
            question = "SELECT count(*) FROM orders WHERE calling_state = 'on_campaign'"
            return int(ask(tx, question).scalar_one()) >= orders

    until(all_listed, "all are on the campaign", seconds=LONGEST)
    return time.monotonic() - returned


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("orders", type=int, nargs="+")
    asked.add_argument("--rate", default="", help="KALIMERA_REQUESTS_PER_SECOND")
    asked.add_argument("--concurrency", default="64", help="WORKER_CONCURRENCY")
    asked.add_argument("--drain", action="store_true", help="wait until all are on the campaign")
    options = asked.parse_args()
    settings = {"WORKER_CONCURRENCY": options.concurrency}
    settings |= {"KALIMERA_REQUESTS_PER_SECOND": options.rate} if options.rate else {}
    sys.stdout.write(f"{machine()}\n\n")
    with stores() as both:
        rows = [
            measure(store, orders, settings, drain=options.drain).row(store, orders)
            for orders in options.orders
            for store in both
        ]
    sys.stdout.write(table(HEAD, rows) + "\n")


if __name__ == "__main__":
    main()
