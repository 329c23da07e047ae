"""The same shop on SQLite and on Postgres, side by side: ``.venv/bin/python bench/stores.py`` writes RESULTS.md.

In every round each of them takes in 2,000 webhooks as fast as it can and brings the orders to a Kalimera whose every
answer takes 100 ms. Everything is real, and on both databases every commit is on the disk before it counts. Load,
Kalimera and Postgres run on the same machine and take their share of it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import psutil
from orders import webhooks
from processes import ROOT, Running, calls_to, machine, running
from report import spread, table, write

from databases import PostgresCopies, open_at
from installation import until
from load import fire
from ordercall.storage.database import Database
from postgres_server import Server

ROUNDS = 3
ORDERS = 2_000
CONNECTIONS = 16
CONCURRENCY = 64
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}
TITLE = "SQLite and Postgres"
ABOUT = f"""\
`.venv/bin/python bench/stores.py`: {ORDERS:,} webhooks over {CONNECTIONS} connections, every call of Kalimera answered
after 100 ms, {CONCURRENCY} jobs at once. Medians of {ROUNDS} interleaved rounds, in brackets the least and the most."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one database did. CPU in seconds, of intake and drain together."""

    webhooks: float  # a second
    p99: float  # milliseconds
    drain: float  # seconds, from the first webhook
    web: float
    worker: float
    server: float


def measure(place: dict[str, str], server: Server | None) -> Round:
    """Let one database take in the orders and bring them to the campaign; *place* names it."""
    with (
        running(str(ROOT / "bench" / "slow_kalimera.py")) as kalimera,
        running(
            *("-m", "ordercall", "serve"), WORKER_CONCURRENCY=str(CONCURRENCY), **calls_to(kalimera.url), **place
        ) as shop,
        closing(open_at(place or {"DATABASE_PATH": str(shop.folder / "shopify_orders.db")})) as database,
    ):
        requests = webhooks(shop.url, ORDERS, 1)
        before = cpu(server.pid) if server else 0.0
        started = time.monotonic()
        answers = fire(shop.url, requests, connections=CONNECTIONS)
        assert set(answers.statuses) == {200}, answers.statuses
        until(lambda: on_campaign(database) == ORDERS, "all are on the campaign", seconds=300)
        return Round(
            webhooks=ORDERS / answers.elapsed,
            p99=answers.percentile(0.99) * 1_000,
            drain=time.monotonic() - started,
            web=cpu(child(shop, "web")),
            worker=cpu(child(shop, "worker")),
            server=cpu(server.pid) - before if server else 0.0,
        )


def on_campaign(database: Database) -> int:
    with database.read() as tx:
        question = "SELECT count(*) FROM orders WHERE calling_state = 'on_campaign'"
        return int(tx.exec_driver_sql(question).scalar_one())


def child(shop: Running, name: str) -> int:
    [process] = [one for one in psutil.Process(shop.process.pid).children() if name in one.cmdline()]
    return int(process.pid)


def cpu(pid: int) -> float:
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


def compared(name: str, of: Callable[[Round], float], rounds: list[tuple[Round, Round]]) -> list[str]:
    """Return a row of the table: both databases, and the ratio of their medians."""
    sqlite, postgres = ([of(one) for one in column] for column in zip(*rounds, strict=True))
    ratio = f"{median(postgres) / median(sqlite):.2f}" if median(sqlite) else "–"
    return [name, spread(sqlite, 1), spread(postgres, 1), ratio]


def main() -> None:
    before, rounds = machine(), []
    with durable_server() as server:
        databases = PostgresCopies(server.url)
        for _ in range(ROUNDS):
            rounds.append((measure({}, None), measure(databases.place(), server)))
    text = table(
        ["", "SQLite", "Postgres", "Postgres : SQLite"],
        [
            compared("webhooks a second", lambda one: one.webhooks, rounds),
            compared("their answers, p99, ms", lambda one: one.p99, rounds),
            compared("all on the campaign after, s", lambda one: one.drain, rounds),
            compared("CPU of web, s", lambda one: one.web, rounds),
            compared("CPU of the worker, s", lambda one: one.worker, rounds),
            compared("CPU of the database server, s", lambda one: one.server, rounds),
            compared("CPU of all, s", lambda one: one.web + one.worker + one.server, rounds),
        ],
    )
    sys.stdout.write(text + "\n")
    write(TITLE, f"{before}\n\n{ABOUT}\n\n{text}")


if __name__ == "__main__":
    main()
