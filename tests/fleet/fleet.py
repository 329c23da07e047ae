"""Two hosts that serve one shop, its Postgres on a third, and both providers where all of them reach them."""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
from network import Host, Network

from installation import SECRET, Installation
from ordercall.sandbox.server import RunningSandbox
from ordercall.sandbox.webhooks import signed_headers
from postgres_server import Server
from waiting import LONG
from workers import freeze_at_work, newest

PROGRAM = (sys.executable, "-m", "ordercall")
TAKEOVER_SECONDS = 9.0
"""How soon the jobs of a dead worker go on elsewhere: a minute by default, and shorter here so that a test is."""

SENDERS = 16

numbers = itertools.count(1)


class Machines:
    """Two hosts for a shop's processes, and one with a Postgres that they share."""

    def __init__(self, network: Network) -> None:
        self.first, self.second, self.database = (network.host(name) for name in ("first", "second", "database"))
        with self.database.entered():
            self.postgres = Server(self.database.address)

    def start_postgres(self) -> None:
        with self.database.entered():
            self.postgres.start()


class Fleet:
    """A shop: a web process on the first host, a worker on each of the two, and a database of its own.

    Args:
        folder: holds the logs.
        sandbox: plays both providers, on the switch.
    """

    def __init__(self, machines: Machines, folder: Path, sandbox: RunningSandbox) -> None:
        self.machines = machines
        self.url = f"{machines.postgres.url}/{new_database(machines.postgres)}"
        self._answers: list[int] = []
        hosts = {"web": machines.first, "one": machines.first, "two": machines.second}
        made = {name: self._installation(folder / name, host, sandbox) for name, host in hosts.items()}
        self.web, *self.workers = made.values()
        self.web.run("db", "upgrade")

    def _installation(self, folder: Path, host: Host, sandbox: RunningSandbox) -> Installation:
        folder.mkdir()
        return Installation(
            folder,
            sandbox.url,
            HOST=host.address,
            DATABASE_URL=self.url,
            WORKER_CONCURRENCY="32",
            WORKER_TAKEOVER_SECONDS=str(TAKEOVER_SECONDS),
            KALIMERA_TIMEOUT_SECONDS="3",
            SHOPIFY_TIMEOUT_SECONDS="3",
        )

    def start(self) -> None:
        first, second = self.machines.first, self.machines.second
        with first.entered():
            self.workers[0].launch(*PROGRAM, "worker")
            self.web.start(*PROGRAM, "web")
        newest(self.ask, 1)
        with second.entered():
            self.workers[1].launch(*PROGRAM, "worker")
        self._second = newest(self.ask, 2)

    def freeze_the_second(self) -> None:
        """Stop the second worker while it has jobs in hand; it keeps them until it goes on or dies."""
        freeze_at_work(self.workers[1].pid, self._second, self.ask)

    def thaw_the_second(self) -> None:
        os.kill(self.workers[1].pid, signal.SIGCONT)

    def end(self) -> None:
        for process in (self.web, *self.workers):
            process.clean_up()

    def deliver(self, orders: list[dict[str, Any]]) -> Counter[int]:
        """Send a signed webhook for each order, and again while it is answered 503; return the answers so far."""

        def deliver_one(order: dict[str, Any]) -> None:
            body = json.dumps(order).encode()
            signed = signed_headers(body, topic="orders/create", secret=SECRET)
            status = 503
            while status == 503:
                status = http.post(f"{self.web.url}/shopify/webhook", content=body, headers=signed).status_code
                self._answers.append(status)

        with httpx.Client(timeout=LONG) as http, ThreadPoolExecutor(SENDERS) as senders:
            for sent in senders.map(deliver_one, orders):
                assert sent is None
        return self.answers

    @property
    def answers(self) -> Counter[int]:
        """What the webhooks were answered so far."""
        return Counter(self._answers)

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[call-overload, no-any-return]

    def stored(self) -> int:
        return int(self.ask("SELECT count(*) FROM orders")[0][0])

    def on_campaign(self) -> int:
        return int(self.ask("SELECT count(*) FROM orders WHERE calling_state = 'on_campaign'")[0][0])

    def beating(self) -> int:
        """Return how many workers' hearts were heard lately."""
        query = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - %s"
        return int(self.ask(query, timedelta(seconds=TAKEOVER_SECONDS / 3))[0][0])

    def taken_over_by(self, worker: Installation) -> bool:
        """Return whether this worker went on with the jobs of another."""
        return "jobs of a worker that died are queued again" in worker.log.read_text()

    @property
    def running(self) -> int:
        """How many of the three processes still run."""
        return sum(process.runs for process in (self.web, *self.workers))


def new_database(server: Server) -> str:
    name = f"shop{next(numbers)}"
    with psycopg.connect(f"{server.url}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
    return name
