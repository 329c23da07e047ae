"""The goals of the intake and the worker, and what was measured of each on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from intake import EMPTY, LITERAL, Round, Rounds, alone
from report import spread
from stores import NAMES
from worker import Drain

PerStore = Mapping[str, list[float]]
"""What was measured in each round, by the name of the database."""


@dataclass(frozen=True)
class Goal:
    """A goal: the values of each round, and the limit that their median must keep."""

    text: str
    values: PerStore
    limit: float
    at_least: bool = False
    digits: int = 2

    def met(self, store: str) -> bool:
        middle = median(self.values[store])
        return middle >= self.limit if self.at_least else middle <= self.limit

    def row(self) -> list[str]:
        sign = "≥" if self.at_least else "≤"
        cells = [self.text, f"{sign} {self.limit:g}"]
        for store, values in self.values.items():
            cells += [spread(values, self.digits), "yes" if self.met(store) else "**no**"]
        return cells


def of_intake(rounds: Rounds) -> Iterator[Goal]:
    def ratios(of: Callable[[Round], float], connections: int, against: Callable[[str], str]) -> PerStore:
        return {
            store: [
                of(ours) / of(theirs)
                for ours, theirs in zip(rounds[store, connections], rounds[against(store), connections], strict=True)
            ]
            for store in NAMES
        }

    def empty(_: str) -> str:
        return EMPTY

    commits = {store: [each.commits for each in rounds[store, 64]] for store in NAMES}
    rates = ratios(lambda each: each.rate, 64, empty)
    yield Goal("1. Webhooks a second, 64 connections, against the empty view", rates, 1.0, at_least=True)
    processor = ratios(lambda each: each.cpu + each.database_cpu, 64, empty)
    yield Goal("2. Processor for each webhook, 64 connections, against the empty view", processor, 1.0)
    yield Goal("3. Commits (one fsync each) for each order, 64 connections", commits, 0.06, digits=3)
    if (EMPTY, 256) in rounds:
        late = ratios(lambda each: each.p99, 256, empty)
        yield Goal("4. p99 of a burst of 5,000 over 256 connections, against the empty view", late, 0.6)
    lone = ratios(lambda each: each.p50, 1, alone)
    yield Goal("5. p50 of one connection, against one commit for each request", lone, 1.2)
    literal = ratios(lambda each: each.rate, 64, lambda _: LITERAL)
    yield Goal("6. Webhooks a second, against the literal description", literal, 100, at_least=True, digits=0)


def of_start(seconds: PerStore) -> Iterator[Goal]:
    yield Goal("Start to the first answer, seconds", seconds, 1.5)


def of_worker(drains: Mapping[str, list[Drain]]) -> Iterator[Goal]:
    seconds = {store: [each.against_bound for each in rounds] for store, rounds in drains.items()}
    calls = {store: [each.calls for each in rounds] for store, rounds in drains.items()}
    yield Goal("8. 2,000 orders, 100 ms calls: seconds against the bound", seconds, 1.3)
    yield Goal("8. Kalimera calls for each order of that burst", calls, 1.1, digits=3)


def of_idling(idles: Mapping[str, list[tuple[float, float]]]) -> Iterator[Goal]:
    cpu = {store: [each[0] for each in rounds] for store, rounds in idles.items()}
    memory = {store: [each[1] for each in rounds] for store, rounds in idles.items()}
    yield Goal("9. Idle: percent of a core, web and worker together", cpu, 0.5)
    yield Goal("9. Idle: megabytes, web and worker together", memory, 120, digits=0)
