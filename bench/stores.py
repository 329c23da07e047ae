"""The same shop on SQLite and on Postgres, side by side: ``.venv/bin/python bench/stores.py``.

In every round each of them takes in 2,000 webhooks over 16 connections as fast as it can and brings the orders to a
Kalimera whose every answer takes 100 ms. Everything is real: processes, HTTP, and a database that has every commit on
the disk before it counts. Load, Kalimera and Postgres run on the same machine and take their share of it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import psutil

from databases import PostgresCopies
from installation import KALIMERA_TOKEN, Installation, mixed_orders, until
from load import fire
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.server import run_in_thread
from postgres_server import Server

ROUNDS = 3
ORDERS = 2_000
CONNECTIONS = 16
CONCURRENCY = "64"
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}


@dataclass(frozen=True, slots=True)
class Round:
    """What one store did in one round. CPU in seconds, of intake and drain together."""

    webhooks_a_second: float
    p99_ms: float
    drain_seconds: float
    web_cpu: float
    worker_cpu: float
    database_cpu: float


def run(settings: dict[str, str], server: Server | None) -> Round:
    """Take in the orders and bring them to the campaign.

    The drain counts from the first webhook, because the worker begins with it.
    """
    kalimera = FakeKalimera(token=KALIMERA_TOKEN)
    kalimera.delay = 0.1
    with tempfile.TemporaryDirectory() as folder, run_in_thread(create_sandbox(kalimera)) as sandbox:
        shop = Installation(Path(folder), sandbox.url, WORKER_CONCURRENCY=CONCURRENCY, **settings)
        shop.start()
        try:
            requests = shop.webhooks(mixed_orders(ORDERS))
            database = cpu_below(server.pid) if server else 0.0
            started = time.monotonic()
            answers = fire(shop.url, requests, connections=CONNECTIONS)
            taken_in = time.monotonic()
            assert set(answers.statuses) == {200}, answers.statuses
            until(lambda: len(kalimera.listings) == ORDERS, "all are on the campaign", seconds=300)
            drained = time.monotonic()
            return Round(
                webhooks_a_second=ORDERS / (taken_in - started),
                p99_ms=answers.percentile(0.99) * 1000,
                drain_seconds=drained - started,
                web_cpu=cpu_of("web", below=shop.pid),
                worker_cpu=cpu_of("worker", below=shop.pid),
                database_cpu=cpu_below(server.pid) - database if server else 0.0,
            )
        finally:
            shop.kill()


def cpu_of(name: str, *, below: int) -> float:
    """Return the CPU seconds of a process of the installation, with all that it started."""
    [process] = [child for child in psutil.Process(below).children() if name in child.cmdline()]
    return cpu_below(process.pid)


def cpu_below(pid: int) -> float:
    """Return the CPU seconds of a process and of all that it started, those that ended included."""
    process = psutil.Process(pid)
    return sum(sum(member.cpu_times()[:4]) for member in (process, *process.children(recursive=True)))


@contextmanager
def durable_server() -> Iterator[Server]:
    server = Server(**DURABLE)
    server.start()
    try:
        yield server
    finally:
        server.remove()


def show(name: str, unit: str, rounds: dict[str, list[Round]], field: str) -> None:
    cells = []
    for store in rounds.values():
        values = [getattr(one, field) for one in store]
        cells.append(f"{median(values):9.1f} ({min(values):.1f}-{max(values):.1f})".rjust(26))
    sys.stdout.write(f"{name:36}{''.join(cells)}  {unit}\n")


def main() -> None:
    rounds: dict[str, list[Round]] = {"SQLite": [], "Postgres": []}
    with durable_server() as server:
        databases = PostgresCopies(server.url)
        for _ in range(ROUNDS):
            rounds["SQLite"].append(run({}, None))
            rounds["Postgres"].append(run(databases.place(), server))
    head = "".join(store.rjust(26) for store in rounds)
    sys.stdout.write(f"{f'{ROUNDS} rounds, interleaved; median':36}{head}\n")
    show(f"{ORDERS:,} webhooks, {CONNECTIONS} connections", "a second", rounds, "webhooks_a_second")
    show("their answers, p99", "ms", rounds, "p99_ms")
    show("all on the campaign after", "s", rounds, "drain_seconds")
    show("CPU of web", "s", rounds, "web_cpu")
    show("CPU of worker", "s", rounds, "worker_cpu")
    show("CPU of the database server", "s", rounds, "database_cpu")


if __name__ == "__main__":
    main()
