"""The whole installation: how fast orders reach the campaign, how soon it answers once started, what idling costs."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
from orders import webhooks
from processes import ROOT, Running, calls_to, kalimera_calls, running, start, stop
from slow_kalimera import DELAY_SECONDS

from load import fire

ORDERS = 2_000
CONCURRENCY = 16
IDLE_SECONDS = 20.0
SERVE = ("-m", "ordercall", "serve")
BOUND_SECONDS = ORDERS * DELAY_SECONDS / CONCURRENCY
"""Every order needs one call for its contact; so many run at once. What the campaign is told comes on top."""


@dataclass(frozen=True)
class Drain:
    """From the first webhook until all orders are on the campaign."""

    seconds: float
    calls: float  # of Kalimera, for each order
    cpu: float  # milliseconds of the processor for each order, of all processes of the program

    @property
    def against_bound(self) -> float:
        return self.seconds / BOUND_SECONDS


def drain() -> Drain:
    """Let 2,000 orders come at once while every call to Kalimera takes 100 ms."""
    with (
        running(str(ROOT / "bench" / "slow_kalimera.py")) as kalimera,
        running(*SERVE, WORKER_CONCURRENCY=str(CONCURRENCY), **calls_to(kalimera.url)) as shop,
    ):
        requests = webhooks(shop.url, ORDERS, 1)
        _until(lambda: httpx.get(f"{shop.url}/health").is_success)
        cpu, started = shop.cpu(), time.monotonic()
        assert set(fire(shop.url, requests, connections=64).statuses) == {200}
        _until(lambda: _on_campaign(shop) == ORDERS)
        seconds = time.monotonic() - started
        return Drain(seconds, kalimera_calls(kalimera) / ORDERS, (shop.cpu() - cpu) / ORDERS * 1e3)


def seconds_to_first_answer() -> float:
    """Start web and worker on a database that exists already."""
    with tempfile.TemporaryDirectory() as folder:
        _start_and_stop(Path(folder))
        started = time.monotonic()
        second = start(Path(folder), *SERVE, **calls_to("http://127.0.0.1:9"))
        try:
            _until(lambda: _answers(second))
            return time.monotonic() - started
        finally:
            stop(second)


def idle(seconds: float = IDLE_SECONDS) -> tuple[float, float]:
    """Return what web and worker take when nothing happens: percent of a core, and megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        _start_and_stop(Path(folder))
        shop = start(Path(folder), *SERVE, **calls_to("http://127.0.0.1:9"))
        try:
            _until(lambda: _answers(shop))
            time.sleep(5)
            cpu, started = shop.cpu(), time.monotonic()
            time.sleep(seconds)
            return (shop.cpu() - cpu) / (time.monotonic() - started) * 100, shop.memory()
        finally:
            stop(shop)


def _start_and_stop(folder: Path) -> None:
    """Make the database, so that the next start finds it as nearly every start does."""
    first = start(folder, *SERVE, **calls_to("http://127.0.0.1:9"))
    _until(lambda: _answers(first))
    stop(first)


def _answers(shop: Running) -> bool:
    try:
        return httpx.get(f"{shop.url}/health").is_success
    except httpx.HTTPError:
        return False


def _on_campaign(shop: Running) -> int:
    question = "SELECT count(*) FROM orders WHERE calling_state = 'on_campaign'"
    with closing(sqlite3.connect(shop.folder / "shopify_orders.db")) as connection:
        return int(connection.execute(question).fetchone()[0])


def _until(look: Callable[[], bool], seconds: float = 180.0) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01 if seconds < 60 else 0.02)
