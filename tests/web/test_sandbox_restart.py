"""What a sandbox that starts again is told of the orders in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ordercall.bootstrap import demo
from ordercall.bootstrap.demo import earlier_orders
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.server import Earlier
from reading import decide
from web_app import Shop, deliver


@pytest.fixture
def sandboxed(new_shop: Callable[..., Shop]) -> Shop:
    return new_shop(ORDERCALL_SANDBOXED="1")


def told(earlier: Earlier) -> list[tuple[Any, str]]:
    return [(body["name"], status) for body, status in earlier.orders]


def test_in_an_empty_database_a_first_order_is_placed(sandboxed: Shop) -> None:
    assert earlier_orders(sandboxed.settings) == Earlier(orders=[], last_number=0, place_first=True)


def test_beside_an_order_no_first_one_is_placed_however_it_ended(sandboxed: Shop) -> None:
    decide(sandboxed, sandboxed.receive(1001), "Success")

    earlier = earlier_orders(sandboxed.settings)

    assert (earlier.place_first, earlier.last_number) == (False, 1001)
    assert told(earlier) == [("#1001", "Success")]


def test_in_a_real_shop_nothing_is_placed_nor_known(shop: Shop) -> None:
    assert not earlier_orders(shop.settings).place_first
    shop.receive(4711)

    assert earlier_orders(shop.settings) == Earlier(orders=[], last_number=0, place_first=False)


def test_an_order_is_told_as_it_last_was_whichever_webhook_came_last(sandboxed: Shop) -> None:
    first = make_order(1001, created_at=sandboxed.now.isoformat())
    shipped = first | {
        "updated_at": (sandboxed.now + timedelta(minutes=2)).isoformat(),
        "fulfillment_status": "fulfilled",
    }
    paid = first | {"updated_at": (sandboxed.now + timedelta(minutes=1)).isoformat(), "financial_status": "paid"}
    for order, topic in ((first, "orders/create"), (shipped, "orders/fulfilled"), (paid, "orders/paid")):
        deliver(sandboxed.client(), order, topic)

    [(body, _)] = earlier_orders(sandboxed.settings).orders

    assert body["fulfillment_status"] == "fulfilled"


def test_a_cancellation_is_known_that_no_webhook_told_of(sandboxed: Shop) -> None:
    order_id = sandboxed.receive(1001)
    sandboxed.change(order_id, shopify_cancelled_at="2026-11-24T12:05:00+05:30")

    [(body, _)] = earlier_orders(sandboxed.settings).orders

    assert body["cancelled_at"] == "2026-11-24T12:05:00+05:30"


def test_the_number_is_known_also_of_an_order_whose_body_is_not_kept(sandboxed: Shop) -> None:
    sandboxed.receive(1001)
    with sandboxed.db.begin() as tx:
        tx.exec_driver_sql("UPDATE deliveries SET body = NULL")

    assert earlier_orders(sandboxed.settings) == Earlier(orders=[], last_number=1001, place_first=False)


def test_of_many_orders_the_latest_are_told_the_oldest_of_them_first(
    sandboxed: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "RECALLED", 2)
    for number in (1001, 1002, 1003):
        sandboxed.receive(number)

    earlier = earlier_orders(sandboxed.settings)

    assert told(earlier) == [("#1002", "Placed"), ("#1003", "Placed")]
    assert earlier.last_number == 1003
