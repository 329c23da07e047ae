"""A draft of the policy played over 100,000 orders: ``python bench/trials.py``, on SQLite and on Postgres.

One thread plays it in the worker's steps, with the rests in which the other threads of a worker have their turn, by a
draft with every field in use. The orders have no calls, so few of them differ from what was done, and little is stored.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from databases import open_at
from decisions import FULL
from makers import make_settings
from ordercall.services.policy_trial import MOST_DAYS
from processes import machine
from shop import NOW, History, make_shop
from stores import Store, stores
from web_app import Shop

NUMBER = 100_000
MOST_SECONDS = 30.0


def seconds(store: Store, number: int) -> float:
    """Make a shop of so many orders, play the draft over all of them, and return how long that took."""
    place = store.place()
    with closing(open_at(place)) as database:
        make_shop(database, History(number))
    with closing(Shop(make_settings(**place), now=NOW)) as shop:
        service = shop.context.trials
        trial_id = service.make(FULL, made_from=1, days=MOST_DAYS, by="bench", queued=False)
        begun, here = time.perf_counter(), time.process_time()
        while service.play(trial_id):
            pass
        taken, cpu = time.perf_counter() - begun, time.process_time() - here
        trial = service.find(trial_id)
        tell(f"{store.name}: {trial.done:,} orders in {taken:.1f} s, {cpu:.1f} s of the processor here")
        tell(f"  would be called {trial.tally.called:,}, otherwise than it was done {trial.tally.differing:,}")
        assert trial.done == trial.number == number
        return taken


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--orders", type=int, default=NUMBER)
    many = asked.parse_args().orders
    tell(machine())
    with stores() as both:
        slow = [store.name for store in both if seconds(store, many) > MOST_SECONDS]
    assert not slow, f"more than {MOST_SECONDS:.0f} s on {' and '.join(slow)}"
