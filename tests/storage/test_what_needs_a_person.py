"""What waits for a person, found without reading what does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, insert

from ordercall.storage.engine.database import Database
from ordercall.storage.reads import needs_you
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.reads.order_lists import PAGE, Page
from ordercall.storage.records.orders import latest_placed
from ordercall.storage.tables import orders

ROW = {"confirmation_status": "Placed", "calling_state": "queued", "calling_reason": None, "cancel_state": None}


@pytest.fixture(scope="module")
def database(module_database: Database) -> Database:
    return module_database


@pytest.fixture
def tx(database: Database) -> Iterator[Connection]:
    """Give a transaction that is undone, so that each test finds the table empty."""
    with database.engine.connect() as tx:
        yield tx


def add(tx: Connection, number: int, **columns: object) -> None:
    tx.execute(insert(orders).values(ROW | {"shopify_id": number, "is_test": 0} | columns))


WAITING = [
    {"calling_state": "failed", "calling_reason": "kalimera_refused"},
    {"calling_state": "failed", "calling_reason": "outcome_unknown"},
    {"calling_state": "failed", "calling_reason": None},
    {"calling_state": "not_called", "calling_reason": "no_phone"},
    {"calling_state": "not_called", "calling_reason": "too_old"},
    {"calling_state": "not_called", "calling_reason": "partly_known"},
    {"calling_state": "not_called", "calling_reason": "do_not_call"},
    {"calling_state": "on_campaign", "calling_reason": "do_not_call"},
    {"calling_state": "on_campaign", "calling_reason": "not_heard"},
    {"confirmation_status": "Failed", "cancel_state": "refused"},
]
NOT_WAITING = [
    {},
    {"calling_state": "failed", "confirmation_status": "Success"},
    {"calling_state": "failed", "is_test": 1},
    {"calling_state": "not_called", "calling_reason": "earlier_program"},
    {"confirmation_status": "Failed", "cancel_state": "queued"},
    {"confirmation_status": "Placed", "cancel_state": "refused"},
]


@pytest.mark.parametrize(
    ("columns", "expected"), [*((one, [7]) for one in WAITING), *((one, []) for one in NOT_WAITING)], ids=str
)
def test_an_order_waits_when_nothing_but_a_person_brings_it_on(
    tx: Connection, columns: dict[str, object], expected: list[int]
) -> None:
    add(tx, 7, **columns)

    found = needs_you.page(tx, before=None, after=None)

    assert [row.shopify_id for row in found.rows] == expected
    assert needs_you.count(tx, datetime.now(UTC)).orders == len(expected)


def test_the_pages_are_cut_by_key_and_outlast_what_is_dealt_with(tx: Connection) -> None:
    for number in range(1, 2 * PAGE + 2):
        add(tx, number, calling_state="failed")
    first = needs_you.page(tx, before=None, after=None)
    tx.exec_driver_sql("UPDATE orders SET calling_state = 'on_campaign' WHERE shopify_id = 27")

    second = needs_you.page(tx, before=27, after=None)
    back = needs_you.page(tx, before=None, after=26)

    assert (ends(first), first.has_newer, first.has_older) == ((51, 27), False, True)
    assert (ends(second), second.has_newer, second.has_older) == ((26, 2), True, True)
    assert (ends(back), back.has_newer, back.has_older) == ((51, 26), False, True)


def test_orders_of_unknown_time_are_the_last_to_say_why_nobody_rings(tx: Connection) -> None:
    add(tx, 1, calling_state="failed", calling_reason="crashed", placed_at=None)
    add(tx, 2, calling_state="failed", calling_reason="kalimera_refused", placed_at=20.0)
    add(tx, 3, calling_state="not_called", calling_reason="no_phone", placed_at=10.0)

    assert needs_you.why_off_campaign(tx, OrderFilter(), limit=2) == [("kalimera_refused", 1), ("no_phone", 1)]
    assert ("crashed", 1) in needs_you.why_off_campaign(tx, OrderFilter())


def test_orders_of_unknown_time_are_the_last_to_be_late(tx: Connection) -> None:
    add(tx, 1, placed_at=None, calling_changed_at=30.0)
    add(tx, 2, placed_at=20.0, calling_changed_at=40.0)

    assert needs_you.late(tx, datetime.fromtimestamp(50, UTC), limit=1) == (1, 40.0)


def test_an_order_that_nobody_knows_when_it_came_is_not_the_latest_one(tx: Connection) -> None:
    add(tx, 2, webhook_timestamp=None)
    assert latest_id(tx) == 2

    add(tx, 1, webhook_timestamp=10.0)
    assert latest_id(tx) == 1


def latest_id(tx: Connection) -> int:
    found = latest_placed(tx)
    assert found is not None
    return int(found["shopify_id"])


def ends(page: Page) -> tuple[int, int]:
    return page.rows[0].shopify_id, page.rows[-1].shopify_id
