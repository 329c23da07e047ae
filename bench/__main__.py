"""Measure the program on this machine: ``make bench`` writes RESULTS.md, ``make bench-quick`` only tells.

Everything is real: the program's own processes, HTTP, and every commit on the disk. What is compared runs in the same
round, one after the other, so that whatever else the machine does falls on both; the ratios are what carries over.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import goals
import worker
from processes import machine
from report import spread, table, write

import intake

TITLE = "Intake and worker"
ABOUT = """\
`make bench`: medians of {rounds} interleaved rounds, in brackets the least and the most. Bodies of 10 to 11 KB. The
empty view is a Flask view that reads the body and does nothing, on the same server with the same threads; the literal
description runs on Flask's own server and makes its three calls of 100 ms inside the request."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="fewer rounds, and nothing is written")
    quick = asked.parse_args().quick
    before = machine()
    text = _measured(rounds=2 if quick else 5, quick=quick)
    sys.stdout.write(text + "\n")
    if not quick:
        write(TITLE, f"{before}\n\n{ABOUT.format(rounds=5)}\n\n{text}")


def _measured(*, rounds: int, quick: bool) -> str:
    received = intake.measure(rounds, intake.QUICK_LOADS if quick else intake.LOADS)
    reached = list(goals.of_intake(received))
    reached += goals.of_start([worker.seconds_to_first_answer() for _ in range(rounds)])
    drains = [worker.drain() for _ in range(1 if quick else 3)]
    reached += goals.of_worker(drains)
    reached += goals.of_idling([worker.idle(5.0 if quick else worker.IDLE_SECONDS) for _ in range(1 if quick else 2)])
    return "\n\n".join((table(("goal", "", "measured", "met"), [goal.row() for goal in reached]), _detail(received)))


def _detail(received: intake.Rounds) -> str:
    head = ("server", "connections", "webhooks/s", "p50 ms", "p99 ms", "server µs", "client µs", "orders a commit")
    return table(head, [_row(name, connections, of) for (name, connections), of in sorted(received.items())])


def _row(name: str, connections: int, rounds: list[intake.Round]) -> tuple[str, ...]:
    return (
        name,
        str(connections),
        spread([each.rate for each in rounds], 0),
        spread([each.p50 for each in rounds], 1),
        spread([each.p99 for each in rounds], 1),
        spread([each.cpu for each in rounds], 0),
        spread([each.client_cpu for each in rounds], 0),
        spread([1 / each.commits for each in rounds], 1) if rounds[0].commits else "–",
    )


if __name__ == "__main__":
    main()
