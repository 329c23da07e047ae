"""Whether customers are hidden is asked for each page, so it must cost next to nothing in a shop of any size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert

from ordercall.domain.hidden_customers import ENOUGH, LOOKED_AT, Hidden
from ordercall.storage.engine.database import Database
from ordercall.storage.reads.hidden_customers import hidden_now
from ordercall.storage.tables import orders

SHOWN = {"first_name": "Asha", "customer_phone": "+919000000041"}


@pytest.fixture(scope="module")
def database(module_database: Database) -> Database:
    return module_database


@pytest.fixture
def tx(database: Database) -> Iterator[Connection]:
    """Give a transaction that is undone, so that each test finds the tables empty."""
    with database.engine.connect() as tx:
        yield tx


def store(tx: Connection, numbers: range, **columns: Any) -> None:
    rows = [{"shopify_id": number, "placed_at": float(number), "city": "Pune"} | columns for number in numbers]
    tx.execute(insert(orders), rows)


def test_the_newest_orders_decide(tx: Connection) -> None:
    store(tx, range(1, 100), **SHOWN)
    seen = [hidden_now(tx)]
    store(tx, range(100, 100 + ENOUGH))
    seen.append(hidden_now(tx))
    store(tx, range(200, 200 + ENOUGH), first_name="Asha")
    seen.append(hidden_now(tx))
    store(tx, range(300, 301), **SHOWN)

    assert [*seen, hidden_now(tx)] == [None, Hidden.CUSTOMERS, Hidden.PHONES, None]


@pytest.mark.parametrize("column", [{"is_test": 1}, {"erased_at": 5.0}, {"city": None}], ids=str)
def test_orders_that_prove_nothing_neither_begin_nor_end_it(tx: Connection, column: dict[str, Any]) -> None:
    store(tx, range(1, 1 + ENOUGH - 1))
    store(tx, range(20, 30), **column)
    before = hidden_now(tx)
    store(tx, range(30, 31))

    assert (before, hidden_now(tx)) == (None, Hidden.CUSTOMERS)


def test_orders_of_unknown_time_are_not_the_newest(tx: Connection) -> None:
    store(tx, range(1, 1 + ENOUGH))
    store(tx, range(50, 60), placed_at=None, **SHOWN)

    assert hidden_now(tx) is Hidden.CUSTOMERS


def test_no_more_orders_are_looked_at_than_that(tx: Connection) -> None:
    store(tx, range(1, 1 + ENOUGH))
    store(tx, range(100, 100 + LOOKED_AT), is_test=1)

    assert not hidden_now(tx)


@pytest.mark.sqlite
def test_it_reads_an_index_and_not_the_orders(tx: Connection) -> None:
    store(tx, range(1, 1 + ENOUGH))
    asked: list[tuple[str, Any]] = []
    event.listen(tx, "before_cursor_execute", lambda _tx, _cursor, said, values, *_: asked.append((said, values)))

    assert hidden_now(tx)

    plans = [tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values).all() for said, values in asked[:2]]
    assert all(any("USING INDEX orders_by_time" in line[3] for line in plan) for plan in plans)
