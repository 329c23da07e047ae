"""Measure the program on this machine: ``make bench`` writes RESULTS.md, ``make bench-quick`` only tells.

Everything is real: the program's own processes, HTTP, SQLite and Postgres, and every commit on the disk. What is
compared runs in the same round, one after the other, so that whatever else the machine does falls on all; the ratios
are what carries over. What the pages of a large shop cost is measured by ``make bench-reads``, and how a browser shows
them by ``make bench-pages``.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

import attacks
import goals
import intake
import worker
from processes import machine
from report import spread, table, write
from stores import NAMES, POSTGRES, SQLITE, Store, stores
from worker import Drain

TITLE = "Intake and worker"
ABOUT = """\
`make bench`: medians of {rounds} interleaved rounds (drains and attacks {drains}, idling {idles}), in brackets the
least and the most. Bodies of 10 to 11 KB. The empty view is a Flask view that reads the body and does nothing,
served by WSGI with 64 threads; the literal description runs on Flask's own server and makes its three calls of 100
ms inside the request. Postgres runs on the same machine and takes its share of it; what it takes counts as the
worker's."""
THE_REST = "Not measured here: the pages of a large shop (make bench-reads), and in a browser (make bench-pages).\n"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="fewer rounds, and nothing is written")
    quick = asked.parse_args().quick
    before, plan = machine(), QUICK if quick else THOROUGH
    text = _measured(plan)
    sys.stdout.write(text + "\n")
    if not quick:
        about = ABOUT.format(rounds=plan.rounds, drains=plan.drains, idles=plan.idles)
        write(TITLE, f"{before}\n\n{about}\n\n{text}")
    sys.stderr.write(THE_REST)


Drains = dict[tuple[str, int], list[Drain]]
"""By the database and how many calls went at once."""


@dataclass(frozen=True)
class Plan:
    """How often and how long."""

    rounds: int
    loads: dict[int, int]
    starts: int
    drains: int
    orders: int
    idles: int
    idle_seconds: float


THOROUGH = Plan(rounds=5, loads=intake.LOADS, starts=5, drains=3, orders=2_000, idles=2, idle_seconds=20.0)
QUICK = Plan(rounds=2, loads=intake.QUICK_LOADS, starts=1, drains=1, orders=500, idles=1, idle_seconds=5.0)


def _measured(plan: Plan) -> str:
    firsts = itertools.count(1, 10_000)
    with stores() as both:
        received = intake.measure(plan.rounds, plan.loads, both)
        starts = _in_turn(both, plan.starts, worker.seconds_to_first_answer)
        held = _in_turn(both, plan.drains, lambda store: attacks.measure(store, next(firsts)))
        drains = _drains(both, plan)
        idles = _in_turn(both, plan.idles, lambda store: worker.idle(store, plan.idle_seconds))
    reached = [*goals.of_intake(received), *goals.of_attacks(held), *goals.of_start(starts)]
    reached += [*goals.of_worker(drains), *goals.of_idling(idles)]
    head = ("goal", "", SQLITE, "met", POSTGRES, "met")
    text = [table(head, [goal.row() for goal in reached]), _of_intake(received)]
    return "\n\n".join([*text, *(_of_drains(drains, at_once) for at_once in goals.BOUNDS)])


def _drains(both: list[Store], plan: Plan) -> Drains:
    measured: Drains = defaultdict(list)
    for _ in range(plan.drains):
        for at_once in goals.BOUNDS:
            for store in both:
                measured[store.name, at_once].append(worker.drain(store, plan.orders, at_once))
    return measured


def _in_turn[T](both: list[Store], rounds: int, measure: Callable[[Store], T]) -> dict[str, list[T]]:
    """Measure one database and then the other, and all of that again *rounds* times."""
    measured: dict[str, list[T]] = {store.name: [] for store in both}
    for _ in range(rounds):
        for store in both:
            measured[store.name].append(measure(store))
    return measured


def _of_intake(received: intake.Rounds) -> str:
    head = ("webhooks to", "connections", "a second", "p50 ms", "p99 ms", "server µs", "database µs", "client µs")
    rows = [_round(name, connections, of) for (name, connections), of in received.items()]
    return table((*head, "orders a commit"), rows)


def _round(name: str, connections: int, rounds: list[intake.Round]) -> tuple[str, ...]:
    return (
        name,
        str(connections),
        spread([each.rate for each in rounds], 0),
        spread([each.p50 for each in rounds], 1),
        spread([each.p99 for each in rounds], 1),
        spread([each.cpu for each in rounds], 0),
        spread([each.database_cpu for each in rounds], 0) if any(each.database_cpu for each in rounds) else "–",
        spread([each.client_cpu for each in rounds], 0),
        spread([1 / each.commits for each in rounds], 1) if rounds[0].commits else "–",
    )


def _of_drains(drains: Drains, at_once: int) -> str:
    rows = {
        "webhooks a second, while the worker is at work": (lambda each: each.rate, 0),
        "p99 of their answers, ms": (lambda each: each.p99, 0),
        "all on the campaign after, s": (lambda each: each.seconds, 1),
        "CPU of web, s": (lambda each: each.web, 1),
        "CPU of the worker, s": (lambda each: each.worker, 1),
        "CPU of the database server, s": (lambda each: each.database, 1),
        "CPU of all, s": (lambda each: each.cpu, 1),
    }
    head = (f"orders with {at_once} jobs at once", SQLITE, POSTGRES, "ratio")
    here = {store: drains[store, at_once] for store in NAMES}
    return table(head, [_compared(text, here, of, digits) for text, (of, digits) in rows.items()])


def _compared(
    text: str, drains: Mapping[str, list[Drain]], of: Callable[[Drain], float], digits: int
) -> tuple[str, ...]:
    sqlite, postgres = ([of(each) for each in drains[name]] for name in (SQLITE, POSTGRES))
    ratio = f"{median(postgres) / median(sqlite):.2f}" if median(sqlite) else "–"
    return text, spread(sqlite, digits), spread(postgres, digits), ratio


if __name__ == "__main__":
    main()
