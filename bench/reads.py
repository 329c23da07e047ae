"""What the pages cost with 1,000, 100,000 and 1,000,000 orders: ``make bench-reads`` writes its section of RESULTS.md.

Every page is asked for from the application in this process, each shop in turn, so that the machine's other work falls
on all alike. What is measured is the processor, which other work changes little.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from processes import machine
from report import spread, table, write
from shops import SIZES, Kept, kept_shops
from stores import NAMES
from timed import Stopwatch

TITLE = "Reads"
ROUNDS = 5
SMALL, MIDDLE, LARGE = SIZES
MOST_OF_PAGE, MOST_OF_SQL = 1.5, 2.5
EVERYWHERE = "a search for what stands in every order"
PAGES = {
    "dashboard, today": "/",
    "dashboard, all dates": "/?range=all",
    "a tab, all dates": "/?range=all&status=Failed",
    "all dates by total": "/?range=all&sort=-total",
    "half way down": "/?range=all&before={middle}",
    "the last page": "/?range=all&sort=placed&before={second}",
    EVERYWHERE: "/?range=all&q=example",
    "a search for a common name": "/?range=all&q=sharma",
    "a search for an order": "/?range=all&q=1042",
    "a search for nothing": "/?range=all&q=zzzyx",
    "a report of 14 days": "/reports/success",
    "Needs you": "/needs-you",
    "an order": "/orders/{second}?from=%3Frange%3Dall",
    "live, something new": "/live?since=1",
    "CSV, the first slice": "/orders.csv?range=all",
}
AS_MUCH = {
    "a search for a common name": (SMALL, EVERYWHERE),
    "a search for an order": (SMALL, EVERYWHERE),
    "a report of 14 days": (MIDDLE, "a report of 14 days"),
}
"""Pages on which 1,000 orders of one day have less to show, and where as much is shown as with 1,000,000."""

ABOUT = """\
`make bench-reads`: medians of {rounds} rounds, in brackets the least and the most, all shops in turn. A thousand orders
a day behind each other. Milliseconds of the processor; Postgres' own counts as much as the program's. A shop of one day
finds fewer orders and has fewer days, so the last column compares with a page that shows as much in a smaller shop: a
search with one that finds 1,000 of 1,000 orders, a report with its 14 days in a shop of 100,000. The goal is at most
{page} for a page and {sql} for its statements; what is beyond it in the last column is bold."""


@dataclass(frozen=True)
class Cost:
    """Milliseconds of the processor: of the whole page, and of the database for its statements."""

    page: float
    sql: float


Costs = dict[tuple[str, int, str], list[Cost]]
"""By database, orders and page."""


class Reader:
    """A person who looks at the pages of one shop."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self._person = kept.shop.person()
        self._watch = Stopwatch(kept.shop.db.engine)
        middle, second = (self._order_at(place) for place in (kept.size // 2, 1))
        self._orders = {"middle": middle, "second": second}

    def read(self, address: str) -> Cost:
        """Ask for a page, or for the first part of it where it comes in parts."""
        elsewhere, inside, started = self.kept.database_cpu(), self._watch.milliseconds, time.process_time()
        answer = self._person.get(address.format(**self._orders), buffered=False)
        next(iter(answer.response))
        here = (time.process_time() - started) * 1_000
        assert answer.status_code == 200, address
        answer.close()
        there = self.kept.database_cpu() - elsewhere
        return Cost(page=here + there, sql=there or self._watch.milliseconds - inside)

    def _order_at(self, place: int) -> int:
        ordered = "SELECT shopify_id FROM orders ORDER BY placed_at, shopify_id LIMIT 1 OFFSET ?"
        return int(self.kept.shop.rows(ordered, place)[0][0])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    rounds, before = asked.parse_args().rounds, machine()
    with kept_shops() as shops:
        costs = _measured([Reader(kept) for kept in shops], rounds)
    text = "\n\n".join(_of_store(store, costs) for store in NAMES)
    sys.stdout.write(text + "\n")
    about = ABOUT.format(rounds=rounds, page=MOST_OF_PAGE, sql=MOST_OF_SQL)
    write(TITLE, f"{before}\n\n{about}\n\n{text}")


def _measured(readers: list[Reader], rounds: int) -> Costs:
    costs: Costs = defaultdict(list)
    for number in range(rounds + 1):
        for name, address in PAGES.items():
            for reader in readers:
                cost = reader.read(address)
                if number:  # the first round fills the caches
                    costs[reader.kept.store, reader.kept.size, name].append(cost)
    return costs


def _of_store(store: str, costs: Costs) -> str:
    def part(title: str, of: Callable[[Cost], float], most: float) -> str:
        head = (title, *(f"{size:,}" for size in SIZES), "ratio", "as much shown")
        return table(head, [_row(name, store, costs, of, most) for name in PAGES])

    whole = part(f"{store}: the page, ms", lambda cost: cost.page, MOST_OF_PAGE)
    return "\n\n".join((whole, part(f"{store}: its statements, ms", lambda cost: cost.sql, MOST_OF_SQL)))


def _row(name: str, store: str, costs: Costs, of: Callable[[Cost], float], most: float) -> list[str]:
    def values(size: int, page: str) -> list[float]:
        return [of(cost) for cost in costs[store, size, page]]

    largest = median(values(LARGE, name))
    ratio = largest / median(values(SMALL, name))
    fair = largest / median(values(*AS_MUCH[name])) if name in AS_MUCH else ratio
    cells = [spread(values(size, name), 1) for size in SIZES]
    return [name, *cells, f"{ratio:.2f}", f"{fair:.2f}" if fair <= most else f"**{fair:.2f}**"]


if __name__ == "__main__":
    main()
