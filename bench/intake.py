"""Webhooks: the program beside the empty Flask view, one commit each, and the literal description."""

from __future__ import annotations

import itertools
import multiprocessing
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx

from load import Result, fire
from orders import webhooks
from processes import ROOT, Running, running
from stores import Store

BENCH = ROOT / "bench"
EMPTY, LITERAL = "the empty view", "the literal description"
LOADS = {1: 300, 16: 1_500, 64: 3_000, 256: 5_000}
"""Webhooks of one round, by the connections that carry them."""

QUICK_LOADS = {1: 200, 64: 2_000}
FEW = 60
"""For the literal description, which answers about 15 a second."""


@dataclass(frozen=True)
class Round:
    """What one server did with one load."""

    rate: float
    cpu: float  # microseconds of the processor for each webhook, of the server
    database_cpu: float  # likewise, of the database's own processes
    p50: float  # milliseconds
    p99: float
    client_cpu: float
    commits: float  # for each webhook

    @classmethod
    def of(cls, result: Result, number: int, *, cpu: float, database_cpu: float, commits: int) -> Round:
        assert set(result.statuses) == {200}, result.statuses
        return cls(
            rate=number / result.elapsed,
            cpu=cpu / number * 1e6,
            database_cpu=database_cpu / number * 1e6,
            p50=result.percentile(0.5) * 1e3,
            p99=result.percentile(0.99) * 1e3,
            client_cpu=result.own_cpu / number * 1e6,
            commits=commits / number,
        )


Rounds = dict[tuple[str, int], list[Round]]
"""By server and connections."""


@dataclass(frozen=True)
class Server:
    """What answers the webhooks, and where it keeps them."""

    running: Running
    store: Store | None = None

    def database_cpu(self) -> float:
        return self.store.cpu() if self.store else 0.0

    def commits(self) -> int:
        answer = httpx.get(f"{self.running.url}/commits")
        return int(answer.text) if answer.is_success else 0


def alone(store: str) -> str:
    """Name the program that commits each webhook by itself."""
    return f"{store}, one commit each"


def measure(rounds: int, loads: dict[int, int], stores: list[Store]) -> Rounds:
    """Let each server answer each load, one after the other, and all of that again *rounds* times."""
    measured: Rounds = defaultdict(list)
    numbers = itertools.count(1)
    with _servers(stores) as servers, ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as client:
        for _ in range(rounds):
            for name, connections, count in _plan(loads, [store.name for store in stores]):
                first = next(numbers) * 10_000
                measured[name, connections].append(_one(servers[name], client, connections, count, first))
    return measured


def _plan(loads: dict[int, int], stores: list[str]) -> Iterator[tuple[str, int, int]]:
    for connections, count in loads.items():
        for name in (EMPTY, *stores):
            yield name, connections, count
        if connections == 1:
            for name in stores:
                yield alone(name), connections, count
        if connections == 64:
            yield LITERAL, connections, FEW


def _one(server: Server, client: ProcessPoolExecutor, connections: int, count: int, first: int) -> Round:
    url = server.running.url
    requests = webhooks(url, count, first)
    cpu, database_cpu, commits = server.running.cpu(), server.database_cpu(), server.commits()
    result = client.submit(fire, url, requests, connections=connections).result()
    return Round.of(
        result,
        count,
        cpu=server.running.cpu() - cpu,
        database_cpu=server.database_cpu() - database_cpu,
        commits=server.commits() - commits,
    )


@contextmanager
def _servers(stores: list[Store]) -> Iterator[dict[str, Server]]:
    serve = str(BENCH / "serve.py")
    with ExitStack() as stack:

        def start(*command: str, store: Store | None = None, **settings: str) -> Server:
            place = store.place() if store else {}
            return Server(stack.enter_context(running(*command, **settings, **place)), store)

        kalimera = stack.enter_context(running(str(BENCH / "slow_kalimera.py")))
        servers = {
            EMPTY: start(serve, "apps:empty"),
            LITERAL: start(str(BENCH / "literal.py"), KALIMERA=kalimera.url),
        }
        for store in stores:
            servers[store.name] = start(serve, "apps:program", store=store)
            servers[alone(store.name)] = start(serve, "apps:one_commit_each", store=store)
        yield servers
