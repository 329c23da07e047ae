"""Many orders are held in Shopify and released again: ``python bench/holds.py 10000 --faster 10``; nothing is written.

At the pace of Shopify's points: 100 a second, or so many times as many. How fast each thousand is held and released,
and how soon a release leaves that somebody asks for while thousands of holds wait.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from datetime import timedelta
from itertools import batched
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from flask import request

from installation import Installation, mixed_orders
from load import fire
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.server import run_in_thread
from ordercall.sandbox.shopify import FakeShopify
from waiting import until

HOLD, RELEASE = "mutation hold(", "mutation release("
Times = dict[str, list[float]]
"""When each reached Shopify, the first one first."""

EACH = 1_000
LONGEST = 3_600.0


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("orders", type=int)
    asked.add_argument("--faster", type=float, default=1.0, help="so many times Shopify's 100 points a second")
    given = asked.parse_args()
    kalimera, shopify = FakeKalimera(), FakeShopify()
    shopify.fulfilment.after = timedelta(0)
    shopify.graphql_bucket.size *= given.faster
    shopify.graphql_bucket.rate *= given.faster
    times: Times = defaultdict(list)

    def note() -> None:
        for mutation in (HOLD, RELEASE):
            if mutation in request.get_data(as_text=True):
                times[mutation].append(time.time())

    app = create_sandbox(kalimera, shopify)
    app.before_request(note)
    with run_in_thread(app) as sandbox, tempfile.TemporaryDirectory() as folder:
        shop = Installation(Path(folder), sandbox.url, KALIMERA_REQUESTS_PER_SECOND="1")
        try:
            _measure(shop, shopify, given.orders, times)
        finally:
            shop.clean_up()


def _measure(shop: Installation, shopify: FakeShopify, number: int, times: Times) -> None:
    shop.start()
    _publish(shop, holds=True)
    shop.wait_for_workers()
    orders = mixed_orders(number)
    for order in orders:
        shopify.add(order)
    arrived = fire(shop.url, shop.webhooks(orders), connections=16)
    print(f"{number} webhooks in {arrived.elapsed:.0f} s", flush=True)  # noqa: T201
    for share in (0.2, 0.4, 0.6, 0.8):
        until(lambda share=share: len(times[HOLD]) >= number * share, "holds are made", seconds=LONGEST)
        print(f"release amid the holds: {_urgent(shop, times[RELEASE]):.2f} s", flush=True)  # noqa: T201
    until(lambda: _held(shop) == 0, "all are held", seconds=LONGEST)
    _tell("held", times[HOLD])
    amid = len(times[RELEASE])
    _publish(shop, holds=False)
    shop.look_now("look_at_holds")
    until(lambda: _left(shop) == 0, "all are released", seconds=LONGEST)
    _tell("released", times[RELEASE][amid:])
    still = sum(bool(one.holds) for order in orders for one in shopify.fulfilment.of_order(order["id"]))
    print(f"still on hold in Shopify: {still}", flush=True)  # noqa: T201


def _publish(shop: Installation, *, holds: bool) -> None:
    (shop.folder / "policy.toml").write_text(f"[hold]\nuntil_answered = {str(holds).lower()}\n")
    shop.run("policy", "publish", "policy.toml", "--yes")


def _urgent(shop: Installation, released: list[float]) -> float:
    """Confirm an order that is held, and return how many seconds later its release reaches Shopify."""
    [(order_id,)] = shop.rows(
        "SELECT shopify_id FROM order_holds JOIN orders USING (shopify_id)"
        " WHERE held_at > 0 AND confirmation_status = 'Placed' LIMIT 1"
    )
    asked_at, before = time.time(), len(released)
    shop.set_status(order_id, "Success")
    until(lambda: len(released) > before, "it is released", seconds=LONGEST)
    return released[-1] - asked_at


def _held(shop: Installation) -> int:
    return int(shop.rows("SELECT count(*) FROM order_holds WHERE held_at IS NULL AND released_at IS NULL")[0][0])


def _left(shop: Installation) -> int:
    return int(shop.rows("SELECT count(*) FROM order_holds WHERE released_at IS NULL")[0][0])


def _tell(what: str, times: list[float]) -> None:
    print(f"{len(times)} {what} in {times[-1] - times[0]:.0f} s", flush=True)  # noqa: T201
    for some in batched(times, EACH):
        print(f"  {len(some)}: {len(some) / max(some[-1] - some[0], 0.001):.1f} a second", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
