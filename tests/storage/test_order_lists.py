"""The lists of orders: which orders pass a filter, in which order, and how the list is cut into pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from ordercall.domain.orders.order import LARGEST_ID, Status
from ordercall.storage.engine.database import Database
from ordercall.storage.reads import order_lists
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.reads.order_lists import PAGE, Sort, earlier_of_phone, neighbours, page, position
from ordercall.storage.records import orders
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.storage.tables import orders as table

PHONE = "+915550001001"


@pytest.fixture(scope="module")
def database(module_database: Database) -> Database:
    return module_database


@pytest.fixture
def tx(database: Database) -> Iterator[Connection]:
    """Give a transaction that is undone, so that each test finds the table empty."""
    with database.engine.connect() as tx:
        yield tx


def store(tx: Connection, shopify_id: int, placed_at: float = 0.0, **columns: Any) -> int:
    """Store an order that is Placed and queued, unless the columns say otherwise."""
    row = {"shopify_id": shopify_id, "placed_at": placed_at, "confirmation_status": "Placed", "calling_state": "queued"}
    tx.execute(insert(table).values(row | columns))
    return shopify_id


def ids(rows: list[StoredOrder]) -> list[int]:
    return [row.shopify_id for row in rows]


def listed(tx: Connection, sort: Sort = Sort.NEWEST, **wanted: Any) -> list[int]:
    """Return the ids of the first page."""
    return ids(page(tx, OrderFilter(**wanted), sort, before=None, after=None).rows)


def found(tx: Connection, shopify_id: int) -> StoredOrder:
    row = orders.find(tx, shopify_id)
    assert row is not None
    return row


# -- which orders


def test_a_filter_for_nothing_lets_everything_through(tx: Connection) -> None:
    store(tx, 1, placed_at=10)
    store(tx, 2, placed_at=20, confirmation_status="Failed", is_test=1)

    assert listed(tx) == [2, 1]


@pytest.mark.parametrize(("placed_at", "inside"), [(99.9, False), (100.0, True), (199.9, True), (200.0, False)])
def test_a_period_holds_its_start_and_not_its_end(tx: Connection, placed_at: float, inside: bool) -> None:
    store(tx, 1, placed_at=placed_at)

    assert bool(listed(tx, start=100.0, end=200.0)) is inside


@pytest.mark.parametrize(
    ("columns", "waits"),
    [
        ({"calling_state": "failed"}, True),
        ({"calling_state": "not_called"}, True),
        ({"calling_state": "queued"}, False),
        ({"calling_state": "on_campaign"}, False),
        ({"calling_state": "failed", "confirmation_status": "Success"}, False),
        ({"calling_state": "not_called", "is_test": 1}, False),
    ],
)
def test_off_the_campaign_are_those_who_should_be_rung_and_will_not(
    tx: Connection, columns: dict[str, Any], waits: bool
) -> None:
    store(tx, 1, **columns)

    assert bool(listed(tx, off_campaign=True)) is waits


@pytest.mark.parametrize("text", ["ananya iyer", "KL10", "Chenn", "iyer@", "00 1001", "+91 55500-01001", "05550001001"])
def test_a_search_looks_at_name_number_city_address_and_phone(tx: Connection, text: str) -> None:
    store(
        tx,
        1,
        first_name="Ananya",
        last_name="Iyer",
        order_name="#KL1001",
        city="Chennai",
        customer_email="ananya.iyer@example.com",
        customer_phone=PHONE,
    )
    store(tx, 2)

    assert listed(tx, text=text) == [1]


def test_a_search_matches_a_name_of_which_only_one_half_is_known(tx: Connection) -> None:
    store(tx, 1, last_name="Iyer")

    assert listed(tx, text="iyer") == [1]


def test_two_digits_are_no_phone(tx: Connection) -> None:
    store(tx, 1, customer_phone=PHONE)

    assert listed(tx, text="55") == []


# -- in which order


def test_orders_of_one_moment_are_told_apart_by_their_ids(tx: Connection) -> None:
    for shopify_id in (2, 3, 1):
        store(tx, shopify_id, placed_at=10)

    assert listed(tx, Sort.NEWEST) == [3, 2, 1]
    assert listed(tx, Sort.OLDEST) == [1, 2, 3]


def test_an_order_without_a_total_or_a_name_is_sorted_with_the_others(tx: Connection) -> None:
    store(tx, 1, total_price=5.0, order_name="#1")
    store(tx, 2)

    assert listed(tx, Sort.DEAREST) == [1, 2]
    assert listed(tx, Sort.CHEAPEST) == [2, 1]
    assert listed(tx, Sort.NAME) == [2, 1]


# -- page by page


@pytest.fixture
def many(tx: Connection) -> list[int]:
    """Two pages and a bit, three orders in each second; return their ids, the newest first."""
    return [store(tx, number, placed_at=number // 3) for number in range(1, 2 * PAGE + 4)][::-1]


@pytest.mark.parametrize("sort", Sort)
def test_turning_older_meets_every_order_once(tx: Connection, many: list[int], sort: Sort) -> None:
    seen: list[int] = []
    current = page(tx, OrderFilter(), sort, before=None, after=None)
    while current.has_older:
        seen += ids(current.rows)
        current = page(tx, OrderFilter(), sort, before=seen[-1], after=None)

    assert sorted(seen + ids(current.rows), reverse=True) == many


def test_turning_newer_comes_back_to_the_same_page(tx: Connection, many: list[int]) -> None:
    second = page(tx, OrderFilter(), Sort.NEWEST, before=many[PAGE - 1], after=None)
    third = page(tx, OrderFilter(), Sort.NEWEST, before=many[2 * PAGE - 1], after=None)
    back = page(tx, OrderFilter(), Sort.NEWEST, before=None, after=third.rows[0].shopify_id)

    assert ids(back.rows) == ids(second.rows)
    assert (back.has_newer, back.has_older) == (True, True)


@pytest.mark.parametrize("unknown", [{"before": 999, "after": None}, {"before": None, "after": 999}])
def test_the_id_of_no_order_begins_at_the_first_page(tx: Connection, many: list[int], unknown: dict[str, Any]) -> None:
    first = page(tx, OrderFilter(), Sort.NEWEST, **unknown)

    assert ids(first.rows) == many[:PAGE]
    assert (first.has_newer, first.has_older) == (False, True)


def test_a_page_may_begin_at_an_order_that_no_longer_passes_the_filter(tx: Connection) -> None:
    store(tx, 3, placed_at=30, confirmation_status="Success")
    store(tx, 2, placed_at=20)

    assert ids(page(tx, OrderFilter(status=Status.PLACED), Sort.NEWEST, before=3, after=None).rows) == [2]


def test_ids_beyond_the_exact_floats_stay_apart(tx: Connection) -> None:
    for shopify_id in (LARGEST_ID, LARGEST_ID - 1, 2**53 + 1, 2**53):
        store(tx, shopify_id)

    assert listed(tx) == [LARGEST_ID, LARGEST_ID - 1, 2**53 + 1, 2**53]
    assert ids(page(tx, OrderFilter(), Sort.NEWEST, before=LARGEST_ID - 1, after=None).rows) == [2**53 + 1, 2**53]


# -- around one order


def test_the_neighbours_of_an_order_are_those_of_its_list(tx: Connection) -> None:
    store(tx, 1, placed_at=10)
    store(tx, 2, placed_at=20, confirmation_status="Success")
    store(tx, 3, placed_at=30)

    assert neighbours(tx, 1, OrderFilter()) == (2, None)
    assert neighbours(tx, 1, OrderFilter(status=Status.PLACED)) == (3, None)
    assert neighbours(tx, 2, OrderFilter(status=Status.PLACED)) == (3, 1)


def test_the_place_of_an_order_is_that_in_its_list(tx: Connection) -> None:
    store(tx, 1, placed_at=10)
    store(tx, 2, placed_at=20, confirmation_status="Success")
    store(tx, 3, placed_at=20)

    assert [position(tx, number, OrderFilter()) for number in (3, 2, 1)] == [(1, 3), (2, 3), (3, 3)]
    assert position(tx, 1, OrderFilter(status=Status.PLACED)) == (2, 2)


def test_an_order_that_the_list_does_not_show_has_no_place_in_it(tx: Connection) -> None:
    store(tx, 1, placed_at=10)
    store(tx, 2, placed_at=None)

    assert position(tx, 1, OrderFilter(status=Status.FAILED)) is None
    assert position(tx, 2, OrderFilter()) is None


@pytest.mark.parametrize(("longest", "place"), [(3, (3, 3)), (2, None)])
def test_nobody_counts_in_a_list_that_is_too_long(
    tx: Connection, monkeypatch: pytest.MonkeyPatch, longest: int, place: tuple[int, int] | None
) -> None:
    monkeypatch.setattr(order_lists, "COUNTED", longest)
    for number in (1, 2, 3):
        store(tx, number, placed_at=number)

    assert position(tx, 1, OrderFilter()) == place


def test_the_other_orders_of_a_phone_come_newest_first_and_not_all(tx: Connection) -> None:
    mine = store(tx, 9, placed_at=90, customer_phone=PHONE)
    for number in range(1, 8):
        store(tx, number, placed_at=number, customer_phone=PHONE)
    store(tx, 8, placed_at=80, customer_phone="+915550009999")

    assert ids(earlier_of_phone(tx, found(tx, mine))) == [7, 6, 5, 4, 3]


def test_an_order_of_a_phone_whose_time_nobody_knows_comes_last(tx: Connection) -> None:
    mine = store(tx, 9, placed_at=90, customer_phone=PHONE)
    tx.execute(insert(table).values(shopify_id=1, placed_at=None, customer_phone=PHONE))
    store(tx, 2, placed_at=20, customer_phone=PHONE)

    assert ids(earlier_of_phone(tx, found(tx, mine))) == [2, 1]


def test_orders_without_a_phone_have_no_phone_in_common(tx: Connection) -> None:
    store(tx, 1)
    store(tx, 2)

    assert earlier_of_phone(tx, found(tx, 1)) == []
