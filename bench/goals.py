"""The goals of the intake and the worker, and what was measured of each on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from attacks import ATTACKS, LEGITIMATE, NONE, Held
from intake import EMPTY, LITERAL, Round, Rounds, alone
from report import spread
from stores import NAMES
from worker import Drain

BOUNDS = {16: (1.1, 1.3), 64: (1.2, 1.6)}
"""What a burst may take of the bound that the calls in flight set, by how many those are."""

PerStore = Mapping[str, list[float]]
"""What was measured in each round, by the name of the database."""


@dataclass(frozen=True)
class Goal:
    """A goal: the values of each round, and the limits that their medians must keep, for SQLite and for Postgres."""

    text: str
    values: PerStore
    limits: tuple[float, float]
    at_least: bool = False
    digits: int = 2

    def met(self, store: str) -> bool:
        middle, limit = median(self.values[store]), self.limits[NAMES.index(store)]
        return middle >= limit if self.at_least else middle <= limit

    def row(self) -> list[str]:
        sign = "≥" if self.at_least else "≤"
        cells = [self.text, sign + " " + " and ".join(f"{limit:g}" for limit in dict.fromkeys(self.limits))]
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

    rates = ratios(lambda each: each.rate, 64, empty)
    yield Goal("Webhooks a second, 64 connections, against the empty view", rates, (0.75, 0.6), at_least=True)
    commits = {store: [each.commits for each in rounds[store, 64]] for store in NAMES}
    yield Goal("Commits (one fsync each) for each order, 64 connections", commits, (0.06, 0.06), digits=3)
    lone = ratios(lambda each: each.p50, 1, alone)
    yield Goal("p50 of one connection, against one commit for each request", lone, (1.2, 1.2))
    literal = ratios(lambda each: each.rate, 64, lambda _: LITERAL)
    yield Goal("Webhooks a second, against the literal description", literal, (100, 100), at_least=True, digits=0)


def of_attacks(attacks: Mapping[str, list[dict[str, Held]]]) -> Iterator[Goal]:
    for attack in ATTACKS:
        late = {store: [each[attack.name].p99 / each[NONE].p99 for each in rounds] for store, rounds in attacks.items()}
        yield Goal(f"p99 of {LEGITIMATE} webhooks beside {attack.name}, against {NONE}", late, (2, 2))
    every = {store: [held for each in rounds for held in each.values()] for store, rounds in attacks.items()}
    answered = {store: [float(held.answered) for held in helds] for store, helds in every.items()}
    yield Goal("of them answered 200, under the worst attack", _least(answered), (LEGITIMATE,) * 2, True, 0)
    memory = {store: [max(held.memory for held in helds)] for store, helds in every.items()}
    yield Goal("megabytes of the server, under the worst attack", memory, (250, 250), digits=0)


def _least(values: PerStore) -> PerStore:
    return {store: [min(each)] for store, each in values.items()}


def of_start(seconds: PerStore) -> Iterator[Goal]:
    yield Goal("Start to the first answer, seconds", seconds, (1, 1))


def of_worker(drains: Mapping[tuple[str, int], list[Drain]]) -> Iterator[Goal]:
    def each(of: Callable[[Drain], float], at_once: int) -> PerStore:
        return {store: [of(drain) for drain in drains[store, at_once]] for store in NAMES}

    for at_once, limits in BOUNDS.items():
        text = f"Burst of orders, 100 ms calls, {at_once} at once: seconds against the bound"
        yield Goal(text, each(lambda drain: drain.against_bound, at_once), limits)
        yield Goal(
            "Kalimera calls for each order of it", each(lambda drain: drain.calls, at_once), (1.1, 1.1), digits=3
        )
        text = "Processor of the worker for each order of it, the database's included, ms"
        yield Goal(text, each(lambda drain: drain.of_worker, at_once), (2.5, 5))


def of_idling(idles: Mapping[str, list[tuple[float, float]]]) -> Iterator[Goal]:
    cpu = {store: [each[0] for each in rounds] for store, rounds in idles.items()}
    memory = {store: [each[1] for each in rounds] for store, rounds in idles.items()}
    yield Goal("Idle: percent of a core, web and worker together", cpu, (0.5, 0.5))
    yield Goal("Idle: megabytes, web and worker together", memory, (115, 115), digits=0)
