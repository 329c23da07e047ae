"""Looking a text up: in what the worker has put into the index, and in what came since."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, insert, text, update

from databases import rows_read
from ordercall.storage.engine.database import Database
from ordercall.storage.reads import search
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.tables import orders

ANANYA = {
    "first_name": "Ananya",
    "last_name": "Iyer",
    "order_name": "#KL1001",
    "city": "Chennai",
    "customer_email": "ananya.iyer@example.com",
    "customer_phone": "+915550001001",
}


@pytest.fixture
def tx(module_database: Database) -> Iterator[Connection]:
    """Give a transaction that is undone, so that each test finds the tables empty."""
    with module_database.engine.connect() as tx:
        yield tx


@pytest.fixture(params=[True, False], ids=["in the index", "not yet in the index"])
def settled(request: pytest.FixtureRequest, tx: Connection) -> Any:
    """Return what puts the orders into the index, or leaves them for later."""
    return (lambda: search.index_some(tx)) if request.param else (lambda: None)


def store(tx: Connection, shopify_id: int, placed_at: float | None = 0.0, **columns: Any) -> None:
    row = {"shopify_id": shopify_id, "placed_at": placed_at, "confirmation_status": "Placed"}
    tx.execute(insert(orders).values(row | columns))


def found(tx: Connection, sought: str, **wanted: Any) -> tuple[int, ...]:
    result = search.look_up(tx, OrderFilter(text=sought, **wanted)).found
    assert result is not None
    return result


FINDING = [
    *("ananya iyer", "KL10", "Chenn", "iyer@", "nanya", "NAI", "#KL1001", "kl1001"),
    *("00 1001", "+91 55500-01001", "05550001001", "0091 55500", "915550"),
    *("an", "A", "iy", "kl", "#k", "ch", "#"),
]


@pytest.mark.parametrize("sought", FINDING)
def test_a_search_finds_what_was_meant(tx: Connection, settled: Any, sought: str) -> None:
    store(tx, 1, **ANANYA)
    store(tx, 2, first_name="Ravi", customer_phone="+915559999999")
    settled()

    assert found(tx, sought) == (1,)


@pytest.mark.parametrize(
    "sought", ["iyer ananya", "nn", "zz", "42", "5550001001555", '"', "a* OR b", "words : a", "%", "_"]
)
def test_a_search_finds_nothing_else(tx: Connection, settled: Any, sought: str) -> None:
    store(tx, 1, **ANANYA)
    settled()

    assert found(tx, sought) == ()


def test_a_name_in_another_script_is_found(tx: Connection, settled: Any) -> None:
    store(tx, 1, first_name="आरव", last_name="शर्मा")
    settled()

    assert found(tx, "शर्मा") == (1,)


def test_a_search_stays_in_its_period(tx: Connection, settled: Any) -> None:
    for number, placed_at in enumerate((99.9, 100.0, 199.9, 200.0, None), start=1):
        store(tx, number, placed_at, city="Pune")
    settled()

    assert found(tx, "pune", start=100.0, end=200.0) == (2, 3)
    assert found(tx, "pune") == (1, 2, 3, 4, 5)


def test_what_stands_in_many_orders_is_found_in_the_latest(
    tx: Connection, settled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_FOUND", 2)
    for number in range(1, 6):
        store(tx, number, 100.0 * number, city="Pune")
    settled()

    looked_up = search.look_up(tx, OrderFilter(text="pune"))

    assert (looked_up.found, looked_up.found_more) == ((4, 5), True)
    assert search.look_up_all(tx, OrderFilter(text="pune")).found is None


@pytest.mark.postgres
def test_a_search_on_postgres_can_go_from_the_newest_order_until_enough_are_found(tx: Connection) -> None:
    many = {"customer_email": "somebody@example.com", "confirmation_status": "Placed"}
    tx.execute(insert(orders), [many | {"shopify_id": number, "placed_at": number} for number in range(1, 1_501)])
    for other_way in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
        tx.exec_driver_sql(f"SET LOCAL {other_way} = off")
    before = rows_read(tx, "orders")

    assert len(found(tx, "example")) == search.MOST_FOUND
    assert rows_read(tx, "orders") - before == search.MOST_FOUND + 1


def test_an_order_is_found_by_its_number_however_many_contain_it(
    tx: Connection, settled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_FOUND", 2)
    for number in range(1, 6):
        store(tx, number, 100.0 * number, order_name=f"#42{number if number > 1 else ''}")
    settled()

    assert found(tx, "42") == (1, 4, 5)


NUMBERS = [
    "#1002",
    "＃1002",
    "１００２",
    "＃１００２",
    "Order #1002",
    "order 1002",
    "# 1002",
    "No. 1002",
    "1002.",
    "#१००२",
]


@pytest.mark.parametrize("sought", NUMBERS)
def test_an_order_is_found_by_its_number_as_people_write_it(tx: Connection, settled: Any, sought: str) -> None:
    store(tx, 1, order_name="#1002")
    store(tx, 2, order_name="#1003")
    settled()

    assert found(tx, sought) == (1,)


@pytest.mark.parametrize(
    "sought",
    [
        *("5550001001", "５５５０００１００１", "gid://shopify/Order/5550001001", "GID://Shopify/Order/5550001001"),
        "gid://shopify/Order/5550001001?key=1",
        "https://admin.shopify.com/store/lamps/orders/5550001001",
        "https://admin.shopify.com/store/lamps/orders/5550001001?orderListBeta=true#timeline",
        "lamps.myshopify.com/admin/orders/5550001001/",
        "https://lamps.myshopify.com/admin/api/2026-01/orders/5550001001.json",
    ],
)
def test_an_order_is_found_by_its_id_and_nobody_by_the_digits_of_an_address(
    tx: Connection, settled: Any, sought: str
) -> None:
    store(tx, 5550001001, order_name="#1002")
    store(tx, 2, **ANANYA)
    settled()

    others = {2} if ":" not in sought and "/" not in sought else set()  # bare digits may be a phone's
    assert set(found(tx, sought)) == {5550001001} | others


@pytest.mark.parametrize(
    "sought", ["gid://shopify/Order/42", "gid://shopify/Customer/5550001001", "/orders/", f"/orders/{10**25}"]
)
def test_an_address_of_something_else_finds_no_order_by_its_id(tx: Connection, settled: Any, sought: str) -> None:
    store(tx, 5550001001, order_name="#1002")
    settled()

    assert found(tx, sought) == ()


# -- what changes and what goes


def test_a_corrected_name_is_found_and_the_wrong_one_no_more(tx: Connection, settled: Any) -> None:
    store(tx, 1, **ANANYA)
    settled()
    tx.execute(update(orders).values(first_name="Anaya", customer_phone="+915550002002"))
    settled()

    assert (found(tx, "anaya"), found(tx, "ananya iyer"), found(tx, "2002"), found(tx, "kl1001")) == (
        (1,),
        (),
        (1,),
        (1,),
    )


def test_an_order_that_is_gone_is_not_found(tx: Connection, settled: Any) -> None:
    store(tx, 1, **ANANYA)
    settled()
    tx.exec_driver_sql("DELETE FROM orders")

    assert found(tx, "ananya") == ()
    assert search.index_some(tx) == 0


@pytest.mark.sqlite
def test_many_orders_go_into_the_index_a_slice_at_a_time(tx: Connection) -> None:
    for number in range(1, 6):
        store(tx, number, city="Pune")

    assert [search.index_some(tx, 2) for _ in range(4)] == [2, 2, 1, 0]
    assert found(tx, "pune") == (1, 2, 3, 4, 5)


@pytest.mark.sqlite
def test_what_was_erased_does_not_stay_behind_in_the_index(tx: Connection) -> None:
    store(tx, 1, **ANANYA)
    store(tx, 2, first_name="Qzwxv")
    search.index_some(tx, 1)
    search.index_some(tx, 1)
    assert b"zwx" in everything(tx)
    tx.execute(update(orders).where(orders.c.shopify_id == 2).values(first_name=None))
    search.index_some(tx)

    more = search.drop_old_words(tx, begin=True)
    while more:
        more = search.drop_old_words(tx, begin=False)

    assert b"zwx" not in everything(tx)
    assert found(tx, "ananya") == (1,)


def everything(tx: Connection) -> bytes:
    """Return all that the index keeps."""
    return b"".join(tx.execute(text("SELECT block FROM search_words_data")).scalars())


WHERE_IT_GOES = ["Gujarat", "gujar", "ahmedabad", "380015", "Steel Tiffin", "गुजरात"]


@pytest.mark.parametrize("sought", WHERE_IT_GOES)
def test_a_search_finds_what_was_ordered_and_where_it_goes(tx: Connection, settled: Any, sought: str) -> None:
    store(tx, 1, state="Gujarat", city="Ahmedabad", zip="380015", product_title="Steel Tiffin, Three Tiers")
    store(tx, 2, state="Kerala", city="Kochi", zip="682001", product_title="Lamp")
    settled()

    assert found(tx, sought) == (1,)


def test_a_search_finds_the_new_place_of_an_order_that_moved(tx: Connection) -> None:
    store(tx, 1, state="Gujarat", zip="380015")
    search.index_some(tx)
    tx.execute(update(orders).values(state="Kerala", zip="682001"))
    search.index_some(tx)

    assert (found(tx, "380015"), found(tx, "682001"), found(tx, "kerala")) == ((), (1,), (1,))
