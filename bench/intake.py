"""How fast webhooks are answered and orders reach the campaign: ``make bench``.

Everything is real: the installation's own processes, HTTP, SQLite with every commit on the disk, and the sandbox as
Kalimera. Load and sandbox run on the same machine and take their share of it, so compare figures of one machine only.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from installation import KALIMERA_TOKEN, Installation, mixed_orders, until
from load import Result, fire
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.provider import Mode
from ordercall.sandbox.server import run_in_thread

ROUNDS = 5
ORDERS = 1_000
CONNECTIONS = 16


def intake(mode: Mode) -> Result:
    """Send webhooks over 16 connections while Kalimera is slow (3 s a call) or dead."""
    kalimera = FakeKalimera(token=KALIMERA_TOKEN)
    kalimera.mode, kalimera.slow_seconds = mode, 3.0
    with tempfile.TemporaryDirectory() as folder, run_in_thread(create_sandbox(kalimera)) as sandbox:
        shop = Installation(Path(folder), sandbox.url)
        shop.start()
        try:
            result = fire(shop.url, shop.webhooks(mixed_orders(ORDERS)), connections=CONNECTIONS)
        finally:
            shop.kill()
    assert set(result.statuses) == {200}, result.statuses
    return result


def drain() -> tuple[float, float]:
    """Return the seconds until 300 orders at once are on the campaign, and Kalimera's calls an order."""
    kalimera = FakeKalimera(token=KALIMERA_TOKEN)
    kalimera.delay = 0.05
    with tempfile.TemporaryDirectory() as folder, run_in_thread(create_sandbox(kalimera)) as sandbox:
        shop = Installation(Path(folder), sandbox.url)
        shop.start()
        try:
            requests = shop.webhooks(mixed_orders(300))
            started = time.monotonic()
            fire(shop.url, requests, connections=CONNECTIONS)
            until(lambda: shop.on_campaign() == 300, "all are on the campaign", seconds=120)
            return time.monotonic() - started, len(kalimera.calls) / 300
        finally:
            shop.kill()


def show(name: str, unit: str, values: list[float]) -> None:
    sys.stdout.write(f"{name:55}{min(values):8.1f}{median(values):8.1f}{max(values):8.1f}  {unit}\n")


def main() -> None:
    sys.stdout.write(f"{ROUNDS} rounds, interleaved{'min':>39}{'median':>8}{'max':>8}\n")
    slow, dead, drained = [], [], []
    for _ in range(ROUNDS):
        slow.append(intake(Mode.SLOW))
        dead.append(intake(Mode.DOWN))
        drained.append(drain())
    for name, results in (("slow", slow), ("dead", dead)):
        label = f"{ORDERS} webhooks, {CONNECTIONS} connections, Kalimera {name}:"
        show(f"{label} p50", "ms", [result.percentile(0.5) * 1000 for result in results])
        show(f"{label} p99", "ms", [result.percentile(0.99) * 1000 for result in results])
    show("300 orders, 50 ms Kalimera calls: all on the campaign", "s", [seconds for seconds, _ in drained])
    show("300 orders, 50 ms Kalimera calls: calls an order", "", [calls for _, calls in drained])


if __name__ == "__main__":
    main()
