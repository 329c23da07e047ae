"""The counters say what counting the orders would say, whatever happened to the orders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, delete, insert, select, update

from databases import rows_read
from ordercall.cli import cli
from ordercall.domain.orders.order import Status
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.reads import counters, recount, reports
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.reads.recount import Difference
from ordercall.storage.tables import orders

MOMENT = 1_795_500_000.0
ALL = OrderFilter()


@pytest.fixture
def tx(module_database: Database) -> Iterator[Connection]:
    """Give a transaction that is undone, so that each test finds the tables empty."""
    with module_database.engine.connect() as tx:
        yield tx


def store(tx: Connection, shopify_id: int, placed_at: float | None = MOMENT, **columns: Any) -> None:
    usual = {"confirmation_status": "Placed", "calling_state": "queued", "currency": "INR", "total_price": 100.0}
    tx.execute(insert(orders).values({"shopify_id": shopify_id, "placed_at": placed_at} | usual | columns))


def change(tx: Connection, shopify_id: int, **columns: Any) -> None:
    tx.execute(update(orders).where(orders.c.shopify_id == shopify_id).values(columns))


def one(tx: Connection) -> counters.Tally:
    (tally,) = counters.tallies(tx, ALL)
    return tally


# -- kept with every change

CHANGES: list[tuple[str, list[Any]]] = [
    ("confirmation_status", [*Status, "Paid"]),
    ("calling_state", ["queued", "on_campaign", "failed", "not_called"]),
    ("currency", ["INR", "AED", None]),
    ("total_price", [0.1, 999.999, None, 0.0, 1e15]),
    ("is_test", [0, 1]),
    ("placed_at", [None, MOMENT, MOMENT + 899.9, MOMENT - 1_000_000, 0.0, -1.5]),
    ("city", ["Pune"]),
]


def test_whatever_happens_to_orders_the_counters_are_right(tx: Connection) -> None:
    dice = Random(7)  # noqa: S311 - the same orders each time
    for _ in range(400):
        shopify_id = dice.randrange(1, 40)
        column, values = dice.choice(CHANGES)
        if tx.execute(select(orders.c.shopify_id).where(orders.c.shopify_id == shopify_id)).first() is None:
            store(tx, shopify_id, **{column: dice.choice(values)})
        elif dice.random() < 0.1:
            tx.execute(delete(orders).where(orders.c.shopify_id == shopify_id))
        else:
            change(tx, shopify_id, **{column: dice.choice(values)})

    assert recount.differences(tx) == []
    assert counters.number(tx, ALL) == len(tx.execute(select(orders.c.shopify_id)).all())


def test_an_order_moves_from_one_counter_to_the_other(tx: Connection) -> None:
    store(tx, 1, total_price=99.5)
    change(tx, 1, confirmation_status="Success", calling_state="on_campaign")

    assert one(tx) == counters.Tally(0, "Success", "INR", 1, 1, 0, 1, 99_500)


def test_on_the_campaign_and_off_it_are_not_opposites(tx: Connection) -> None:
    store(tx, 1, calling_state="on_campaign")
    store(tx, 2, calling_state="failed")
    store(tx, 3, calling_state="queued")
    store(tx, 4, calling_state="failed", is_test=1)

    assert (one(tx).orders, one(tx).on_campaign, one(tx).off_campaign) == (4, 1, 1)


@pytest.mark.parametrize("columns", [{"is_test": 1}, {"total_price": None}, {"total_price": 1e13}], ids=str)
def test_what_brings_no_money_is_an_order_all_the_same(tx: Connection, columns: dict[str, Any]) -> None:
    store(tx, 1, **columns)

    assert (one(tx).orders, one(tx).paid_orders, one(tx).thousandths) == (1, 0, 0)


# -- read for any period


def test_an_order_without_a_time_counts_in_all_dates_alone(tx: Connection) -> None:
    store(tx, 1, placed_at=None)

    assert counters.number(tx, ALL) == 1
    assert counters.number(tx, OrderFilter(end=1e12)) == 0


def brute(tx: Connection, start: float | None, end: float | None) -> int:
    times = tx.execute(select(orders.c.placed_at)).scalars()
    return sum(1 for at in times if (start is None or at >= start) and (end is None or at < end))


def test_any_period_is_counted_exactly(tx: Connection) -> None:
    dice = Random(3)  # noqa: S311 - the same orders each time
    moments = [MOMENT + dice.randrange(0, 3 * 86_400) for _ in range(200)] + [
        MOMENT // 900 * 900,
        MOMENT // 10_800 * 10_800,
    ]
    for number, moment in enumerate(moments, start=1):
        store(tx, number, moment)
    for _ in range(60):
        start, end = sorted(MOMENT + dice.choice((1, 60, 900, 10_800)) * dice.randrange(0, 300) for _ in range(2))
        for period in ((start, end), (None, end), (start, None)):
            wanted = OrderFilter(start=period[0], end=period[1])
            assert counters.number(tx, wanted) == brute(tx, *period), period


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu", "UTC", "Australia/Lord_Howe", "America/St_Johns"])
def test_the_days_and_hours_of_a_zone_are_its_own(tx: Connection, zone: str) -> None:
    midnight = datetime(
        2026, 4, 5, tzinfo=ZoneInfo(zone)
    )  # the day on which Lord Howe's clocks go back by half an hour
    tomorrow = midnight + timedelta(days=1)
    for number, moment in enumerate(
        (midnight.timestamp() - 1, midnight.timestamp(), tomorrow.timestamp() - 1), start=1
    ):
        store(tx, number, moment)

    (day,) = reports.by_interval(tx, [midnight.timestamp(), tomorrow.timestamp()], ALL)
    hours = reports.by_interval(tx, [midnight.timestamp() + hour * 3_600 for hour in range(3)], ALL)

    assert day[Status.PLACED] == 2
    assert [hour[Status.PLACED] for hour in hours] == [1, 0]


def test_a_week_reads_few_counters_and_a_minute_none(tx: Connection) -> None:
    week = list(counters._whole_slots(0, (MOMENT, MOMENT + 7 * 86_400)))

    assert sum((part.end - part.first) // part.span for part in week) <= 7 * 8 + 24
    assert list(counters._whole_slots(0, (MOMENT + 1, MOMENT + 60))) == []


@pytest.mark.postgres
def test_a_sum_on_postgres_reads_the_counters_of_its_slots_alone(tx: Connection) -> None:
    everywhere = "SELECT 900, n * 900, 'Placed', 'INR', 1, 1, 1, 1, 1 FROM generate_series(1, 20000) AS n"
    tx.exec_driver_sql(f"INSERT INTO order_counts_settled {everywhere}")
    tx.exec_driver_sql("ANALYZE order_counts_settled")
    hours = [(900_000.0 + hour * 3_600, 903_600.0 + hour * 3_600) for hour in range(24)]
    before = rows_read(tx, "order_counts_settled")

    found = counters.tallies(tx, ALL, hours)

    assert [tally.orders for tally in found] == [4] * 24
    assert rows_read(tx, "order_counts_settled") - before == 4 * 24


@pytest.mark.postgres
def test_what_was_written_down_for_the_counters_is_added_up(tx: Connection) -> None:
    store(tx, 1)
    change(tx, 1, confirmation_status="Success")
    before = counters.tallies(tx, ALL)

    dialect(tx).settle_counters(tx)

    assert counters.tallies(tx, ALL) == before
    assert tx.exec_driver_sql("SELECT count(*) FROM order_counts_changes").scalar() == 0
    assert recount.differences(tx) == []


# -- counting anew


def break_counter(tx: Connection, wrong: Difference) -> None:
    """Add to a counter what no order is behind."""
    recount.repair(tx, [wrong])


def test_a_counter_that_is_wrong_is_told_and_put_right(tx: Connection) -> None:
    store(tx, 1)
    store(tx, 2, confirmation_status="Success")
    break_counter(tx, Difference(0, 0, "Placed", "INR", 2, 0, 0, 0, 0))
    break_counter(tx, Difference(900, int(MOMENT // 900 * 900), "Success", "INR", -1, 0, 0, -1, -100_000))

    found = recount.differences(tx)
    recount.repair(tx, found)

    zone = ZoneInfo("Asia/Kolkata")
    assert [difference.in_words(zone) for difference in found] == [
        "All dates, Placed, INR: 2 orders too many",
        "15 minutes from 2026-11-24 11:30, Success, INR:"
        " 1 orders missing, 1 paid orders missing, 100,000 thousandths missing",
    ]
    assert recount.differences(tx) == []


def test_what_is_counted_while_counters_are_put_right_stays_counted(tx: Connection) -> None:
    store(tx, 1)
    break_counter(tx, Difference(0, 0, "Placed", "INR", 5, 0, 0, 0, 0))
    found = recount.differences(tx)
    store(tx, 2)
    change(tx, 1, confirmation_status="Failed")

    recount.repair(tx, found)

    assert recount.differences(tx) == []
    assert reports.counts(tx, ALL).of == {Status.PLACED: 1, Status.SUCCESS: 0, Status.RETURNED: 0, Status.FAILED: 1}


def test_the_command_says_what_was_wrong_and_then_that_all_is_right(
    open_database: Callable[..., Database], place: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in place.items():
        monkeypatch.setenv(name, value)
    with open_database().begin() as tx:
        store(tx, 1)
        break_counter(tx, Difference(0, 0, "Placed", "INR", -1, 0, 0, 0, 0))

    first, second = (CliRunner().invoke(cli, ["db", "recount"]).output.splitlines() for _ in range(2))

    assert first == ["All dates, Placed, INR: 1 orders missing", "Counters that were wrong and are right now: 1."]
    assert second == ["All counters are right."]
