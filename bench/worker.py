"""The whole installation: how fast orders reach the campaign, how soon it answers once started, what idling costs."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass

import httpx

from databases import ask, open_at
from load import fire
from ordercall.storage.engine.database import Database
from orders import webhooks
from processes import ROOT, Running, calls_to, cpu_seconds, kalimera_calls, running, starting
from slow_kalimera import DELAY_SECONDS
from stores import Store
from waiting import until

CONNECTIONS = 64
QUIET_SECONDS = 5.0
"""After the first answer, until everything that a start does is done."""

SERVE = ("-m", "ordercall", "serve")
NOBODY = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Drain:
    """From the first webhook until all orders are on the campaign. CPU in seconds."""

    orders: int
    at_once: int  # calls to Kalimera
    rate: float  # webhooks a second, while the worker is at work already
    p99: float  # milliseconds until they were answered
    seconds: float
    calls: float  # of Kalimera, for each order
    web: float
    worker: float
    database: float

    @property
    def against_bound(self) -> float:
        """The bound: one call for each order's contact, so many at once. What the campaign is told comes on top."""
        return self.seconds / (self.orders * DELAY_SECONDS / self.at_once)

    @property
    def of_worker(self) -> float:
        """Milliseconds of the worker and of the database server for each order."""
        return (self.worker + self.database) / self.orders * 1e3

    @property
    def cpu(self) -> float:
        return self.web + self.worker + self.database


def drain(store: Store, orders: int, at_once: int) -> Drain:
    """Let so many orders come at once while every call to Kalimera takes 100 ms."""
    place = store.place()
    with (
        running(str(ROOT / "bench" / "slow_kalimera.py")) as kalimera,
        running(*SERVE, WORKER_CONCURRENCY=str(at_once), **calls_to(kalimera.url), **place) as shop,
        closing(open_at(place)) as database,
    ):
        requests = webhooks(shop.url, orders, 1)
        until(lambda: _answers(shop), "it answers")
        web, worker = shop.child("web"), shop.child("worker")
        before, started = (cpu_seconds(web), cpu_seconds(worker), store.cpu()), time.monotonic()
        answers = fire(shop.url, requests, connections=CONNECTIONS)
        assert set(answers.statuses) == {200}, answers.statuses
        until(lambda: _on_campaign(database) == orders, "all are on the campaign", seconds=300)
        return Drain(
            orders=orders,
            at_once=at_once,
            rate=orders / answers.elapsed,
            p99=answers.percentile(0.99) * 1e3,
            seconds=time.monotonic() - started,
            calls=kalimera_calls(kalimera) / orders,
            web=cpu_seconds(web) - before[0],
            worker=cpu_seconds(worker) - before[1],
            database=store.cpu() - before[2],
        )


def seconds_to_first_answer(store: Store) -> float:
    """Start web and worker on a database that is there already, as it is at nearly every start."""
    place, started = store.place(), time.monotonic()
    with starting(*SERVE, **calls_to(NOBODY), **place) as shop:
        until(lambda: _answers(shop), "it answers")
        return time.monotonic() - started


def idle(store: Store, seconds: float) -> tuple[float, float]:
    """Return what web and worker take when nothing happens: percent of a core, and megabytes."""
    with starting(*SERVE, **calls_to(NOBODY), **store.place()) as shop:
        until(lambda: _answers(shop), "it answers")
        time.sleep(QUIET_SECONDS)
        cpu, started = shop.cpu(), time.monotonic()
        time.sleep(seconds)
        return (shop.cpu() - cpu) / (time.monotonic() - started) * 100, shop.memory()


def _answers(shop: Running) -> bool:
    try:
        return httpx.get(f"{shop.url}/health").is_success
    except httpx.HTTPError:
        return False


def _on_campaign(database: Database) -> int:
    with database.read() as tx:
        return int(ask(tx, "SELECT count(*) FROM orders WHERE calling_state = 'on_campaign'").scalar_one())
