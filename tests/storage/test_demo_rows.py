"""Which orders the sandbox placed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from old_files import an_order, ask, upgrade, write_original

from makers import NOW, make_body
from ordercall.domain.calls.calling import CallingState
from ordercall.domain.orders.order import Status
from ordercall.providers.shopify.payload import read_order
from ordercall.storage.engine.database import Database
from ordercall.storage.records import demo, orders
from ordercall.storage.records.orders import NewOrder


def store(database: Database, number: int, *, is_demo: bool) -> int:
    order = read_order(make_body(number))
    new = NewOrder(
        order=order, status=Status.PLACED, calling=CallingState.QUEUED, reason=None, received_at=NOW, demo=is_demo
    )
    with database.begin() as tx:
        orders.add_all(tx, [new])
    return order.shopify_id


@pytest.mark.parametrize(
    ("stored", "real", "number"),
    [([], False, 0), ([True], False, 1), ([False], True, 0), ([True, False, True], True, 2)],
    ids=["none", "the sandbox's", "a real one", "both"],
)
def test_real_orders_and_the_sandboxs_are_told_apart(
    open_database: Callable[..., Database], stored: list[bool], real: bool, number: int
) -> None:
    database = open_database()
    ids = [store(database, place, is_demo=is_demo) for place, is_demo in enumerate(stored, start=1)]

    with database.read() as tx:
        assert (demo.any_real(tx), demo.number(tx)) == (real, number)
        assert demo.some(tx, 10) == [shopify_id for shopify_id, is_demo in zip(ids, stored, strict=True) if is_demo]


def made_by_an_older_version(path: Path) -> None:
    """Take back what the last migration did."""
    upgrade(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "DROP TABLE refused_credentials; DROP TABLE call_orders; DROP TABLE calls;"
            " DROP TABLE reports; DROP TABLE report_words; DROP TABLE look_ups;"
            " DROP INDEX orders_of_the_sandbox; ALTER TABLE orders DROP COLUMN is_demo;"
            "UPDATE alembic_version SET version_num = '0022';"
        )


OF_THE_SANDBOX = {
    "customer_email": "customer1001@example.com",
    "customer_phone": "+915550001001",
    "shop": "sandbox-shop.myshopify.com",
}


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, 1),
        ({"customer_phone": None}, 1),
        ({"customer_email": "asha@shop.example"}, 0),
        ({"customer_email": None}, 0),
        ({"customer_phone": "+919876543210"}, 0),
        ({"shop": "sari-house.myshopify.com"}, 0),
        ({"shop": None}, 0),
    ],
)
def test_an_order_of_before_is_the_sandboxs_where_everything_says_so(
    path: Path, other: dict[str, str | None], expected: int
) -> None:
    made_by_an_older_version(path)
    email, phone, shop = (OF_THE_SANDBOX | other).values()
    ask(path, "INSERT INTO orders (shopify_id, customer_email, customer_phone) VALUES (1, ?, ?)", email, phone)
    ask(
        path,
        "INSERT INTO deliveries (webhook_id, body_digest, received_at, headers, secret_name, outcome, shopify_id, shop)"
        " VALUES ('a', 'b', 1, '{}', '', 'recorded', 1, ?)",
        shop,
    )

    upgrade(path)

    assert ask(path, "SELECT is_demo FROM orders") == [(expected,)]


@pytest.mark.sqlite
def test_every_order_of_the_original_program_is_real(path: Path) -> None:
    write_original(path, an_order(customer_email="customer1@example.com", customer_phone="+915550000001"))

    upgrade(path)

    assert ask(path, "SELECT is_demo FROM orders") == [(0,)]
