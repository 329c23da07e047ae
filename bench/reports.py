"""Reports of calls, through the real server at 64 connections: ``python bench/reports.py [NUMBER]``.

Each order has a call that rings, and each report confirms one of them by its contact, so every report changes an order.
Nothing is written.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from sqlalchemy import func, insert, select

from databases import open_at
from intake import BENCH
from load import fire, request_bytes
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


def confirmations(url: str, number: int) -> Iterator[bytes]:
    headers = {"Content-Type": "application/json", "X-App-Token": TOKEN}
    for each in range(1, number + 1):
        said = {"contact_id": f"card-{each}", "connection": "connected", "completion": "completed"}
        said |= {"answer": "confirmed", "quote": "haan, bhej do", "duration_seconds": 41, "report_id": f"r-{each}"}
        yield request_bytes(f"{url}/api/outcomes", json.dumps(said).encode(), headers)


def measure(store: Store, number: int) -> str:
    place = store.place()
    with closing(open_at(place)) as db:
        fill(db, number)
        with running(str(BENCH / "serve.py"), "apps:program", SYNC_API_TOKEN=TOKEN, **place) as server:
            cpu = server.cpu()
            result = fire(server.url, list(confirmations(server.url, number)), connections=CONNECTIONS)
            cpu = server.cpu() - cpu
        with db.read() as tx:
            stored = tx.execute(select(func.count()).select_from(reports)).scalar_one()
            changed = tx.execute(select(func.count()).where(orders.c.confirmation_status == "Success")).scalar_one()
    assert (dict(result.statuses), stored, changed) == ({200: number}, number, number), (
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
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
    with stores() as measured:
        for store in measured:
            print(measure(store, number), flush=True)  # noqa: T201 - it is what this program is for


if __name__ == "__main__":
    main()
