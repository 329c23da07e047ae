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
from orders import webhooks
from processes import ROOT, Running, running

from load import Result, fire

BENCH = ROOT / "bench"
LOADS = {1: 300, 16: 1_500, 64: 3_000, 256: 5_000}
"""Webhooks of one round, by the connections that carry them."""

QUICK_LOADS = {1: 200, 64: 2_000}
LITERAL = 60
"""It answers about 15 a second."""


@dataclass(frozen=True)
class Round:
    """What one server did with one load."""

    rate: float
    cpu: float  # microseconds of the server's processor for each webhook
    p50: float  # milliseconds
    p99: float
    client_cpu: float
    commits: float  # for each webhook

    @classmethod
    def of(cls, result: Result, number: int, cpu: float, commits: int) -> Round:
        assert set(result.statuses) == {200}, result.statuses
        return cls(
            rate=number / result.elapsed,
            cpu=cpu / number * 1e6,
            p50=result.percentile(0.5) * 1e3,
            p99=result.percentile(0.99) * 1e3,
            client_cpu=result.own_cpu / number * 1e6,
            commits=commits / number,
        )


Rounds = dict[tuple[str, int], list[Round]]
"""By server and connections."""


def measure(rounds: int, loads: dict[int, int]) -> Rounds:
    """Let each server answer each load, one after the other, and all of that again *rounds* times."""
    measured: Rounds = defaultdict(list)
    numbers = itertools.count(1)
    with _servers() as servers, ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as client:
        for _ in range(rounds):
            for name, connections, count in _plan(loads):
                first = next(numbers) * 10_000
                measured[name, connections].append(_one(servers[name], client, connections, count, first))
    return measured


def _plan(loads: dict[int, int]) -> Iterator[tuple[str, int, int]]:
    for connections, count in loads.items():
        yield "empty", connections, count
        yield "ordercall", connections, count
        if connections == 1:
            yield "one commit each", connections, count
        if connections == 64:
            yield "literal", connections, LITERAL


def _one(server: Running, client: ProcessPoolExecutor, connections: int, count: int, first: int) -> Round:
    requests = webhooks(server.url, count, first)
    cpu, commits = server.cpu(), _commits(server)
    result = client.submit(fire, server.url, requests, connections=connections).result()
    return Round.of(result, count, server.cpu() - cpu, _commits(server) - commits)


def _commits(server: Running) -> int:
    answer = httpx.get(f"{server.url}/commits")
    return int(answer.text) if answer.is_success else 0


@contextmanager
def _servers() -> Iterator[dict[str, Running]]:
    serve = str(BENCH / "serve.py")
    with ExitStack() as stack:
        kalimera = stack.enter_context(running(str(BENCH / "slow_kalimera.py")))
        yield {
            "empty": stack.enter_context(running(serve, "apps:empty")),
            "ordercall": stack.enter_context(running(serve, "apps:program")),
            "one commit each": stack.enter_context(running(serve, "apps:one_commit_each")),
            "literal": stack.enter_context(running(str(BENCH / "literal.py"), KALIMERA=kalimera.url)),
        }
