"""What a page costs the database does not depend on how many orders there are.

Counted are the steps of SQLite's machine, which are the same on every computer and at any load.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

import history
from makers import make_settings
from ordercall.storage.reads import search
from web_app import NOON, Shop

STEPS = 50
"""SQLite tells of every so many steps."""

MOST = 1.5
DAY = 86_400
TODAY, MONTH, OLDER = 200, 800, 9_000


class Counted:
    """A shop and a person who looks at its pages. ``oldest``: the id of its first order."""

    def __init__(self, shop: Shop, oldest: int) -> None:
        self.shop, self.person, self.oldest, self.steps = shop, shop.person(), oldest, 0

    def cost(self, address: str) -> int:
        """Return how many steps a page takes."""
        self.steps = 0
        answer = self.person.get(address.format(oldest=self.oldest))
        assert answer.status_code == 200, address
        return self.steps

    def step(self) -> None:
        self.steps += STEPS


def counted(path: Path, *, older: int) -> Counted:
    """Open a shop in which the same 1,000 orders came within the last weeks, and so many others before them."""
    shop = Shop(make_settings(path))
    today = NOON.replace(hour=0).timestamp()
    with shop.db.begin() as tx:
        if older:
            history.store(tx, older, start=today - 400 * DAY, end=today - 40 * DAY, waiting=False)
        history.store(tx, MONTH, start=today - 25 * DAY, end=today, first=OLDER)
        history.store(tx, TODAY, start=today, end=NOON.timestamp(), first=OLDER + MONTH)
        while search.index_some(tx, 5_000):
            pass
    result = Counted(shop, oldest=history.FIRST_ID + (0 if older else OLDER))
    shop.db.engine.dispose()
    event.listen(shop.db.engine, "connect", lambda driver, _: driver.set_progress_handler(result.step, STEPS))
    return result


@pytest.fixture(scope="module")
def young(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    shop = counted(tmp_path_factory.mktemp("young") / "orders.db", older=0)
    yield shop
    shop.shop.close()


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    shop = counted(tmp_path_factory.mktemp("old") / "orders.db", older=OLDER)
    yield shop
    shop.shop.close()


LISTS = [
    f"/?range={period}&status={status}&sort={sort}"
    for period in ("today", "all")
    for status in ("", "Success", "off-campaign")
    for sort in ("-placed", "total", "-name")
]
DEEP = [f"{address}&{side}={{oldest}}" for address in LISTS if "=all" in address for side in ("before", "after")]
SEARCHES = [
    f"/?range={period}&q={text}" for period in ("today", "all") for text in ("someone", "so", "z", "someone9050")
]
OTHERS = [
    "/?range=all&status=Success&q=someone&sort=-total",
    "/?range=yesterday&hour=9",
    "/?range=30d&sort=name",
    "/?status=off-campaign&reason=no_phone&sort=total",
    "/?status=to-ship",
    "/?status=to-ship&range=7d&q=someone",
    "/reports/success?range=30d",
    "/needs-you",
    "/deliveries",
    "/live?since=1",
    "/live?since=1&range=all&q=someone",
    "/orders/{oldest}?from=%3Frange%3Dall%26status%3Doff-campaign",
    "/privacy",
]


@pytest.mark.parametrize("addresses", [LISTS, DEEP, SEARCHES, OTHERS], ids=["lists", "deep", "searches", "others"])
def test_ten_times_the_orders_cost_no_page_more(young: Counted, old: Counted, addresses: list[str]) -> None:
    costs = {address: (young.cost(address), old.cost(address)) for address in addresses}

    assert {address: cost for address, cost in costs.items() if cost[1] > MOST * cost[0]} == {}
