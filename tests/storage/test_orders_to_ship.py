"""The list of what waits for its parcel: exactly what the rule says, the oldest answer first, over its own index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, event, insert, text, update

from ordercall.domain.orders.order import CancelState, Fulfilment, Status
from ordercall.storage.engine.database import Database
from ordercall.storage.reads import counters, reports
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.reads.order_lists import PAGE, Sort, neighbours, page, position, walk
from ordercall.storage.records import orders
from ordercall.storage.tables import order_holds
from ordercall.storage.tables import orders as table
from properties import few

TO_SHIP = OrderFilter(to_ship=True)
A_TIME = st.none() | st.just("2026-11-24T12:00:00+05:30")
ROWS = st.fixed_dictionaries(
    {
        "confirmation_status": st.just("Success") | st.sampled_from([*Status, "success", None]),
        "fulfillment_status": st.none() | st.sampled_from([*Fulfilment, "partially_fulfilled", "on_hold", ""]),
        "cancel_state": st.none() | st.sampled_from([*CancelState, "a word of tomorrow"]),
        "shopify_cancelled_at": A_TIME,
        "closed_at": A_TIME,
        "shopify_deleted_at": st.none() | st.just(1.0),
        "units_left": st.sampled_from([None, 0, 1, 7]),
        "is_test": st.just(0) | st.sampled_from([0, 1]),
        "address_waits": st.just(0) | st.sampled_from([0, 1]),
        "financial_status": st.sampled_from(["pending", "pending", "paid", "voided", "expired", "refunded", None]),
        "status_changed_at": st.none() | st.floats(0, 2e9),
    }
)


@pytest.fixture
def tx(module_database: Database) -> Iterator[Connection]:
    with module_database.engine.connect() as tx:
        yield tx


def store(tx: Connection, *rows: dict[str, Any]) -> None:
    """Store orders with the ids 1, 2, 3 …, which are Success unless their columns say otherwise."""
    for shopify_id, columns in enumerate(rows, 1):
        tx.execute(insert(table).values({"shopify_id": shopify_id, "confirmation_status": "Success"} | columns))


def answered(*times: float | None) -> list[dict[str, Any]]:
    return [{"status_changed_at": time} for time in times]


def listed(tx: Connection, sort: Sort = Sort.OLDEST, **where: Any) -> list[int]:
    return [row.shopify_id for row in page(tx, TO_SHIP, sort, **({"before": None, "after": None} | where)).rows]


@few(40)
@given(rows=st.lists(ROWS, max_size=20))
def test_in_the_list_are_exactly_those_that_the_rule_says(
    module_database: Database, rows: list[dict[str, Any]]
) -> None:
    with module_database.engine.connect() as tx:
        store(tx, *rows)

        found = listed(tx)

        expected = [order.shopify_id for order in orders.find_all(tx, range(1, len(rows) + 1)) if order.is_to_ship]
        assert sorted(found) == sorted(expected)
        assert counters.number(tx, TO_SHIP) == reports.count_to_ship(tx, TO_SHIP)[0] == len(found)


def test_what_others_hold_is_counted_beside_the_list_and_not_in_it(tx: Connection) -> None:
    store(tx, *answered(1.0, 2.0, 3.0), {"confirmation_status": "Placed"})
    for shopify_id, by_others in ((1, 1), (2, 0), (4, 1)):
        row = {"shopify_id": shopify_id, "wanted_at": 1.0, "held": "[]", "by_others": by_others, "again": 0}
        tx.execute(insert(order_holds).values(row))

    assert listed(tx) == [2, 3]
    assert (counters.number(tx, TO_SHIP), reports.count_held_by_others(tx)) == (2, 1)


def test_the_oldest_answer_comes_first_whenever_the_order_was_placed(tx: Connection) -> None:
    store(
        tx,
        {"status_changed_at": 30.0, "placed_at": 1.0},
        {"status_changed_at": 20.0, "placed_at": 2.0},
        *answered(25.0),
    )

    assert listed(tx) == [2, 3, 1]
    assert listed(tx, Sort.NEWEST) == [1, 3, 2]


def test_pages_follow_each_other_by_the_time_of_the_answer(tx: Connection) -> None:
    store(tx, *answered(None, *(float(number // 3) for number in range(2 * PAGE))))

    first = listed(tx)
    second = listed(tx, before=first[-1])
    third = listed(tx, before=second[-1])

    assert [first, second, third] == [[*range(1, 26)], [*range(26, 51)], [51]]
    assert listed(tx, after=third[0]) == second


def test_an_order_has_its_place_between_its_neighbours_in_the_list(tx: Connection) -> None:
    store(tx, *answered(30.0, 10.0, 20.0))

    assert neighbours(tx, 3, TO_SHIP) == (2, 1)
    assert position(tx, 3, TO_SHIP) == (2, 3)


@pytest.mark.parametrize(("number", "counted"), [(1, (1, False)), (2, (2, False)), (3, (2, True)), (4, (2, True))])
def test_counting_ends_where_the_number_helps_nobody(
    tx: Connection, monkeypatch: pytest.MonkeyPatch, number: int, counted: tuple[int, bool]
) -> None:
    monkeypatch.setattr(counters, "MOST_TO_SHIP", 2)
    store(tx, *answered(*map(float, range(number))))

    assert reports.count_to_ship(tx, TO_SHIP) == counted


def test_list_and_number_read_the_index_of_just_these_orders(tx: Connection) -> None:
    store(tx, *answered(*map(float, range(3))))
    asked: list[tuple[str, Any]] = []
    event.listen(tx, "before_cursor_execute", lambda _c, _u, said, values, *_r: asked.append((said, values)))

    listed(tx)
    reports.count_to_ship(tx, TO_SHIP)

    plans = [plan(tx, *one) for one in tuple(asked) if "shopify_cancelled_at IS NULL" in one[0]]
    assert len(plans) == 3
    assert all("orders_to_ship" in each for each in plans)


def plan(tx: Connection, statement: str, values: Any) -> str:
    """Return how the database would answer; a few rows Postgres would rather read one by one."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SET LOCAL enable_seqscan = off"))
    explain = {"postgresql": "EXPLAIN", "sqlite": "EXPLAIN QUERY PLAN"}[tx.dialect.name]
    return str(tx.exec_driver_sql(f"{explain} {statement}", values).all())


def test_a_list_goes_on_behind_an_order_that_was_answered_anew_meanwhile(tx: Connection) -> None:
    store(tx, *answered(1.0, 2.0, 3.0, 4.0))
    first, place = walk(tx, TO_SHIP, Sort.OLDEST, behind=None, limit=2)
    tx.execute(update(table).where(table.c.shopify_id == 2).values(status_changed_at=99.0))

    rest, _ = walk(tx, TO_SHIP, Sort.OLDEST, behind=place, limit=5)

    assert [order.shopify_id for order in (*first, *rest)] == [1, 2, 3, 4, 2]
