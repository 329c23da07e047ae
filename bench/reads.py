"""What the pages cost with 1,000, 100,000 and 1,000,000 orders.

The shops are made once, in the folder that is given (the largest takes 2 GB and some minutes). Every page is asked for
from the application in this process, each shop in turn, so that the machine's other work falls on all alike.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from shop import NOW, History, make_shop

from makers import make_settings
from ordercall.storage.sqlite_database import SQLiteDatabase
from web_app import Shop

SIZES = (1_000, 100_000, 1_000_000)
ROUNDS = 5
PAGES = {
    "dashboard, today": "/",
    "dashboard, all dates": "/?range=all",
    "a tab, all dates": "/?range=all&status=Failed",
    "all dates by total": "/?range=all&sort=-total",
    "the last page": "/?range=all&sort=placed&before={second}",
    "a search for a common name": "/?range=all&q=sharma",
    "a search for an order": "/?range=all&q=1042",
    "a search for nothing": "/?range=all&q=zzzyx",
    "a report of 14 days": "/reports/success",
    "Needs you": "/needs-you",
    "an order": "/orders/{second}?from=%3Frange%3Dall",
    "live, something new": "/live?since=1",
    "CSV, the first slice": "/orders.csv?range=all",
}


def opened(folder: Path, size: int) -> Shop:
    path = folder / f"{size}.db"
    if not path.exists():
        db = SQLiteDatabase(path)
        db.upgrade()
        make_shop(db, History(size))
        db.close()
    return Shop(make_settings(path), now=NOW)


def asked(shop: Shop, address: str) -> float:
    """Return the milliseconds that a page took, the first part of it where it comes in parts."""
    second = shop.rows("SELECT shopify_id FROM orders ORDER BY placed_at LIMIT 1 OFFSET 1")[0][0]
    person, started = shop.person(), time.process_time()
    answer = person.get(address.format(second=second), buffered=False)
    next(iter(answer.response))
    taken = (time.process_time() - started) * 1_000
    assert answer.status_code == 200, address
    answer.close()
    return taken


def main() -> None:
    shops = {size: opened(Path(sys.argv[1]), size) for size in SIZES}
    taken: dict[tuple[str, int], list[float]] = {}
    for _ in range(ROUNDS + 1):
        for name, address in PAGES.items():
            for size, shop in shops.items():
                taken.setdefault((name, size), []).append(asked(shop, address))
    sys.stdout.write(f"| ms, median of {ROUNDS} (least-most) | {' | '.join(f'{size:,}' for size in SIZES)} | ratio |\n")
    for name in PAGES:
        rounds = [taken[name, size][1:] for size in SIZES]
        cells = " | ".join(f"{median(some):.1f} ({min(some):.1f}-{max(some):.1f})" for some in rounds)
        sys.stdout.write(f"| {name} | {cells} | {median(rounds[-1]) / median(rounds[0]):.2f} |\n")


if __name__ == "__main__":
    main()
