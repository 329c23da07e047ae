"""What the pages count and sum up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert

from ordercall.domain.orders.order import Status
from ordercall.storage.engine.database import Database
from ordercall.storage.reads import order_lists, reports
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.reads.order_lists import Sort
from ordercall.storage.reads.reports import Sum
from ordercall.storage.tables import deliveries, logs, orders

ALL = OrderFilter()
CAME_BACK = OrderFilter(start=10, end=20, by_change=True)
RECEIVED = "Shopify_Webhook_Received"
CHANGED = "Order_Status_Updated"


@pytest.fixture(scope="module")
def database(module_database: Database) -> Database:
    return module_database


@pytest.fixture
def tx(database: Database) -> Iterator[Connection]:
    """Give a transaction that is undone, so that each test finds the tables empty."""
    with database.engine.connect() as tx:
        yield tx


def store(tx: Connection, shopify_id: int, status: str = "Placed", **columns: Any) -> None:
    """Store an order in rupees that is queued for its call, unless the columns say otherwise."""
    usual = {"placed_at": 0.0, "calling_state": "queued", "currency": "INR", "total_price": 100.0}
    row = {"shopify_id": shopify_id, "confirmation_status": status}
    tx.execute(insert(orders).values(row | usual | columns))


def log(tx: Connection, shopify_id: int | None, event: str, timestamp: str = "2026-11-24T06:30:00+00:00") -> int:
    """Write an entry and return its id."""
    entry = {"shopify_id": shopify_id, "event_type": event, "timestamp": timestamp, "message": ""}
    return int(tx.execute(insert(logs).values(entry)).inserted_primary_key[0])


def keep(tx: Connection, number: int, outcome: str, **columns: Any) -> None:
    row = {"webhook_id": f"w-{number}", "body_digest": "d", "headers": "{}", "secret_name": "current"}
    tx.execute(insert(deliveries).values(row | {"received_at": float(number), "outcome": outcome} | columns))


# -- counts


def test_what_was_decided_in_a_period_is_counted_whenever_it_was_placed(tx: Connection) -> None:
    store(tx, 1, "Returned", status_changed_at=10.0)
    store(tx, 2, "Success", status_changed_at=19.0)
    store(tx, 3, "Returned", status_changed_at=20.0, placed_at=15.0)
    store(tx, 4, status_changed_at=15.0, placed_at=15.0)

    counted = reports.counts(tx, CAME_BACK)

    assert (counted.all, counted.of[Status.RETURNED], counted.decided) == (2, 1, 2)


@pytest.mark.sqlite
def test_what_was_decided_in_a_period_is_found_without_reading_the_rest(tx: Connection) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(tx, "before_cursor_execute", lambda _tx, _cursor, said, values, *_: asked.append((said, values)))

    reports.counts(tx, CAME_BACK)
    order_lists.page(tx, replace(CAME_BACK, status=Status.RETURNED), Sort.NEWEST, before=None, after=None)

    plans = [tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values).all() for said, values in (asked[0], asked[-2])]
    search = "orders_by_change (confirmation_status=? AND status_changed_at>? AND status_changed_at<?)"
    assert [plan[0][3].replace("COVERING ", "") for plan in plans] == [f"SEARCH orders USING INDEX {search}"] * 2


def test_an_empty_shop_has_none_of_everything(tx: Connection) -> None:
    counted = reports.counts(tx, ALL)

    assert counted.of == {Status.PLACED: 0, Status.SUCCESS: 0, Status.RETURNED: 0, Status.FAILED: 0}
    assert (counted.all, counted.decided, counted.on_campaign, counted.off_campaign) == (0, 0, 0, 0)


def test_orders_are_counted_by_status_and_by_their_call(tx: Connection) -> None:
    store(tx, 1)
    store(tx, 2, calling_state="failed")
    store(tx, 3, "Success", calling_state="on_campaign")
    store(tx, 4, "Failed", calling_state="on_campaign")

    counted = reports.counts(tx, ALL)

    assert counted.of == {Status.PLACED: 2, Status.SUCCESS: 1, Status.RETURNED: 0, Status.FAILED: 1}
    assert (counted.all, counted.decided, counted.on_campaign, counted.off_campaign) == (4, 2, 2, 1)


def test_the_counts_of_a_tab_are_those_of_all_tabs(tx: Connection) -> None:
    store(tx, 1)
    store(tx, 2, "Success")

    assert reports.counts(tx, OrderFilter(status=Status.SUCCESS)).all == 2


def test_the_counts_follow_period_and_search(tx: Connection) -> None:
    store(tx, 1, placed_at=10, city="Pune")
    store(tx, 2, placed_at=10, city="Surat")
    store(tx, 3, placed_at=99, city="Pune")

    assert reports.counts(tx, OrderFilter(start=0, end=50, text="pune")).all == 1


# -- money


def test_money_is_summed_by_currency_and_never_across(tx: Connection) -> None:
    store(tx, 1, total_price=999.0)
    store(tx, 2, total_price=1.5)
    store(tx, 3, "Success", currency="AED", total_price=60.0)

    assert reports.revenue(tx, ALL) == {
        "INR": {Status.PLACED: Sum(Decimal("1000.5"), 2)},
        "AED": {Status.SUCCESS: Sum(Decimal("60.0"), 1)},
    }


def test_a_sum_holds_no_dust_of_floating_points(tx: Connection) -> None:
    for number in range(1, 11):
        store(tx, number, total_price=0.1)

    assert reports.revenue(tx, ALL)["INR"][Status.PLACED].amount == Decimal("1.0")


def test_the_currency_of_most_orders_stands_first(tx: Connection) -> None:
    store(tx, 1, currency="AED")
    store(tx, 2, currency="USD")
    store(tx, 3, currency="USD")

    assert list(reports.revenue(tx, ALL)) == ["USD", "AED"]


@pytest.mark.parametrize("columns", [{"total_price": None}, {"currency": None}, {"is_test": 1}])
def test_what_is_no_revenue_is_not_summed(tx: Connection, columns: dict[str, Any]) -> None:
    store(tx, 1, **columns)

    assert reports.revenue(tx, ALL) == {}


# -- time


def test_orders_are_counted_by_the_slot_they_fall_in(tx: Connection) -> None:
    for number, placed_at in enumerate((1_000, 1_059.9, 1_060, 1_119), start=1):
        store(tx, number, "Success" if number == 4 else "Placed", placed_at=placed_at)

    slots = reports.by_interval(tx, [1_000, 1_060, 1_120], ALL)

    assert slots[0][Status.PLACED] == 2
    assert (slots[1][Status.PLACED], slots[1][Status.SUCCESS]) == (1, 1)


def test_the_time_to_a_decision_is_the_median(tx: Connection) -> None:
    for number, minutes in enumerate((1, 5, 600), start=1):
        store(tx, number, "Success", status_changed_at=minutes * 60.0, status_changed_by="API")

    assert reports.minutes_to_decision(tx, ALL) == 5


def test_what_nobody_decided_has_no_time_to_decision(tx: Connection) -> None:
    store(tx, 1, status_changed_at=60.0)

    assert reports.minutes_to_decision(tx, ALL) is None


def test_an_order_of_unknown_time_does_not_spoil_the_median(tx: Connection) -> None:
    store(tx, 1, "Success", status_changed_at=60.0, status_changed_by="API")
    store(tx, 2, "Success", status_changed_at=60.0, status_changed_by="API", placed_at=None)

    assert reports.minutes_to_decision(tx, ALL) == 1


# -- what is most frequent


def test_the_most_frequent_come_first_and_then_by_name(tx: Connection) -> None:
    for number, state in enumerate(("Kerala", "Goa", "Punjab", "Punjab", None), start=1):
        store(tx, number, state=state)

    assert reports.most_frequent(tx, ALL, "state") == [("Punjab", 2), ("Goa", 1), ("Kerala", 1)]
    assert reports.most_frequent(tx, ALL, "state", limit=1) == [("Punjab", 2)]


# -- signs of life


def test_a_silent_shop_has_no_signs_of_life(tx: Connection) -> None:
    nothing = reports.Health(last_webhook=None, last_report=None, last_kalimera=None, waiting=0, unreadable=0)
    assert reports.health(tx) == nothing


def test_the_health_tells_the_last_of_each_side_and_what_waits(tx: Connection) -> None:
    store(tx, 1)
    store(tx, 2, calling_state="on_campaign")
    keep(tx, 10, "stored")
    keep(tx, 20, "unreadable")
    log(tx, 1, "Kalimera_Contact_Created", "2026-11-24T06:30:00+00:00")
    log(tx, 1, CHANGED, "2026-11-24T06:40:00+00:00")

    assert reports.health(tx) == reports.Health(
        last_webhook=20.0,
        last_report=None,
        last_kalimera="2026-11-24T06:30:00+00:00",
        waiting=1,
        unreadable=1,
    )


def test_a_shop_is_empty_until_its_first_order(tx: Connection) -> None:
    assert not reports.any_order(tx)
    store(tx, 1)
    assert reports.any_order(tx)


# -- what is new


def test_the_newest_entry_of_an_empty_log_is_none(tx: Connection) -> None:
    assert reports.newest_log(tx) == 0


def test_an_order_that_arrived_and_changed_counts_as_arrived(tx: Connection) -> None:
    store(tx, 1)
    store(tx, 2)
    seen = log(tx, 2, RECEIVED)
    log(tx, 1, RECEIVED)
    log(tx, 1, "Kalimera_Sync_Success")
    log(tx, 2, CHANGED)
    log(tx, 2, CHANGED)

    assert reports.changes_since(tx, seen, OrderFilter()) == (1, 1)
    assert reports.changes_since(tx, reports.newest_log(tx), OrderFilter()) == (0, 0)


def test_an_entry_about_no_order_changes_no_order(tx: Connection) -> None:
    seen = reports.newest_log(tx)
    log(tx, None, RECEIVED)

    assert reports.changes_since(tx, seen, OrderFilter()) == (0, 0)


# -- deliveries from which no order came


def test_the_unreadable_come_first_then_the_unused_each_newest_first(tx: Connection) -> None:
    keep(tx, 1, "unreadable", topic="orders/create", reason="The body is not JSON.", body=b"xx", repeats=2)
    keep(tx, 2, "unused")
    keep(tx, 3, "unreadable")
    keep(tx, 4, "stored")

    odd = reports.odd_deliveries(tx)

    assert [row.received_at for row in odd] == [3.0, 1.0, 2.0]
    assert (odd[1].topic, odd[1].reason, odd[1].size, odd[1].repeats) == (
        "orders/create",
        "The body is not JSON.",
        2,
        2,
    )


def test_of_many_odd_deliveries_only_the_latest_are_read(tx: Connection) -> None:
    for number in range(1, 6):
        keep(tx, number, "unused")

    assert [row.received_at for row in reports.odd_deliveries(tx, limit=2)] == [5.0, 4.0]
