"""Reports of calls, through the real server at 64 connections: ``python bench/reports.py [NUMBER] [--together 100]``.

Each order has a call that rings, and each report confirms one of them by its contact, so every report changes an order.
Nothing is written.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from sqlalchemy import func, insert, select

from databases import open_at
from intake import BENCH
from load import fire, request_bytes
from ordercall.intake.report_committer import LONGEST_QUEUE
from ordercall.storage.engine.database import Database
from ordercall.storage.tables import orders, reports
from orders import large_order
from processes import running
from ringing import rung
from stores import Store, stores

CONNECTIONS = 64
TOKEN = "a token of the bench for its reports"  # noqa: S105 - opens what is of this machine


def fill(db: Database, number: int) -> None:
    """Store so many orders, each with a call that rings by a contact of its own."""
    now = datetime.now(UTC)
    with db.begin() as tx:
        for each in range(1, number + 1):
            order = large_order(each)
            row = {"shopify_id": order["id"], "customer_phone": order["phone"], "confirmation_status": "Placed"}
            tx.execute(insert(orders).values(row | {"calling_state": "on_campaign", "placed_at": now.timestamp()}))
            rung(tx, order["id"], now=now, contact=f"card-{each}")


def confirmations(url: str, number: int, together: int) -> Iterator[bytes]:
    """Yield requests with so many reports each; a report that comes alone is no array."""
    headers = {"Content-Type": "application/json", "X-App-Token": TOKEN}
    for some in batched(range(1, number + 1), together):
        said = [
            {"contact_id": f"card-{each}", "connection": "connected", "completion": "completed", "answer": "confirmed"}
            | {"quote": "haan, bhej do", "duration_seconds": 41, "report_id": f"r-{each}"}
            for each in some
        ]
        yield request_bytes(f"{url}/api/outcomes", json.dumps(said if together > 1 else said[0]).encode(), headers)


def measure(store: Store, number: int, together: int) -> str:
    place = store.place()
    with closing(open_at(place)) as db:
        fill(db, number)
        with running(str(BENCH / "serve.py"), "apps:program", SYNC_API_TOKEN=TOKEN, **place) as server:
            cpu = server.cpu()
            requests = list(confirmations(server.url, number, together))
            result = fire(server.url, requests, connections=min(CONNECTIONS, LONGEST_QUEUE // together))
            cpu = server.cpu() - cpu
        with db.read() as tx:
            stored = tx.execute(select(func.count()).select_from(reports)).scalar_one()
            changed = tx.execute(select(func.count()).where(orders.c.confirmation_status == "Success")).scalar_one()
    assert (dict(result.statuses), stored, changed) == ({200: len(requests)}, number, number), (
        result.statuses,
        stored,
        changed,
    )
    median, last = (result.percentile(share) * 1e3 for share in (0.5, 0.99))
    return (
        f"{store.name}: {number / result.elapsed:,.0f} reports a second, {cpu / number * 1e6:.0f} µs of the processor"
        f" each, answered after {median:.0f} ms (p99 {last:.0f} ms); {stored:,} of {number:,} stored and in effect"
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("number", type=int, nargs="?", default=3_000)
    asked.add_argument("--together", type=int, default=1, help="reports in one request")
    given = asked.parse_args()
    with stores() as measured:
        for store in measured:
            print(measure(store, given.number, given.together), flush=True)  # noqa: T201 - it is what this program is for


if __name__ == "__main__":
    main()
