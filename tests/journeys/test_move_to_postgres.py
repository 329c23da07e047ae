"""A shop moves from SQLite to Postgres in the middle of its work, and goes on there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from installation import Installation, mixed_orders
from load import fire
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.provider import Mode
from outcomes import created_twice, wrongly_listed
from waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.postgres]


def test_orders_that_waited_and_jobs_that_died_go_on_after_the_move(
    install: Callable[..., Installation], place: dict[str, str], kalimera: FakeKalimera
) -> None:
    orders = mixed_orders(60)
    kalimera.mode, kalimera.slow_seconds = Mode.SLOW, 3.0
    before = install(DATABASE_URL="")
    before.start()
    fire(before.url, before.webhooks(orders), connections=16)
    until(lambda: kalimera.calls, "calls are under way")
    before.kill()
    kalimera.mode = Mode.NORMAL
    until(lambda: len(kalimera.contacts) == len(kalimera.calls), "Kalimera is done with what it was asked")
    with closing(sqlite3.connect(before.database)) as file:
        states = dict(file.execute("SELECT status, count(*) FROM procrastinate_jobs GROUP BY status"))
    assert states["doing"] > 0
    assert states["todo"] > 0

    before.run("db", "copy", "--to", place["DATABASE_URL"])
    after = install()
    after.start()

    until(lambda: after.on_campaign() == 60, "all are on the campaign")
    assert len(kalimera.contacts) == 60
    assert wrongly_listed(orders, kalimera) == []
    assert created_twice(kalimera) == []
