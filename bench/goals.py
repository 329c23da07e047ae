"""The goals of the intake and the worker, and what was measured of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

from report import spread
from worker import Drain

from intake import Round, Rounds


@dataclass(frozen=True)
class Goal:
    """A goal: the values of each round, and the limit that their median must keep."""

    text: str
    values: list[float]
    limit: float
    at_least: bool = False
    digits: int = 2

    @property
    def met(self) -> bool:
        middle = median(self.values)
        return middle >= self.limit if self.at_least else middle <= self.limit

    def row(self) -> tuple[str, str, str, str]:
        sign = "≥" if self.at_least else "≤"
        return self.text, f"{sign} {self.limit:g}", spread(self.values, self.digits), "yes" if self.met else "**no**"


def of_intake(rounds: Rounds) -> Iterator[Goal]:
    def ratios(of: Callable[[Round], float], connections: int, against: str = "empty") -> list[float]:
        pairs = zip(rounds["ordercall", connections], rounds[against, connections], strict=True)
        return [of(ours) / of(theirs) for ours, theirs in pairs]

    commits = [each.commits for each in rounds["ordercall", 64]]
    yield Goal("1. Webhooks a second, 64 connections, against the empty view", ratios(_rate, 64), 1.0, at_least=True)
    yield Goal("2. Processor for each webhook, 64 connections, against the empty view", ratios(_cpu, 64), 1.0)
    yield Goal("3. Commits (one fsync each) for each order, 64 connections", commits, 0.06, digits=3)
    if ("ordercall", 256) in rounds:
        yield Goal("4. p99 of a burst of 5,000 over 256 connections, against the empty view", ratios(_p99, 256), 0.6)
    lone = ratios(lambda each: each.p50, 1, "one commit each")
    yield Goal("5. p50 of one connection, against one commit for each request", lone, 1.2)
    literal = ratios(_rate, 64, "literal")
    yield Goal("6. Webhooks a second, against the literal description", literal, 100, at_least=True, digits=0)


def of_worker(drains: list[Drain]) -> Iterator[Goal]:
    yield Goal("8. 2,000 orders, 100 ms calls: seconds against the bound", [each.against_bound for each in drains], 1.3)
    yield Goal("8. Kalimera calls for each order of that burst", [each.calls for each in drains], 1.1, digits=3)


def of_idling(idles: list[tuple[float, float]]) -> Iterator[Goal]:
    yield Goal("9. Idle: percent of a core, web and worker together", [cpu for cpu, _ in idles], 0.5)
    yield Goal("9. Idle: megabytes, web and worker together", [memory for _, memory in idles], 120, digits=0)


def of_start(seconds: list[float]) -> Iterator[Goal]:
    yield Goal("Start to the first answer, seconds", seconds, 1.5)


def _rate(each: Round) -> float:
    return each.rate


def _cpu(each: Round) -> float:
    return each.cpu


def _p99(each: Round) -> float:
    return each.p99
