"""A shop that was renamed in Shopify: its webhooks come in another name, and only Shopify can say that it is ours."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from house import SECRET, House
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.webhooks import signed_headers

NEW, OTHER = "new-name.myshopify.com", "dev-store.myshopify.com"


def deliver(house: House, order: dict[str, Any], shop: str) -> Any:
    body = json.dumps(order).encode()
    headers = signed_headers(body, topic="orders/create", secret=SECRET, shop=shop)
    return house.reception.answer(headers.items(), body).body["outcome"]


def order_in_shop(house: House, number: int) -> dict[str, Any]:
    at = (house.now - timedelta(minutes=5)).isoformat(timespec="seconds")
    order = make_order(number, created_at=at, updated_at=at)
    house.shopify.add(order)
    return order


def rename(house: House) -> None:
    house.shopify.shop_domain = NEW


def asked_for_the_name(house: House) -> int:
    return sum("query shop " in str(call.body) for call in house.shopify.calls)


@pytest.fixture(autouse=True)
def begun(house: House) -> None:
    """The shop was read once under the name that is set, and an hour passes."""
    house.reconcile.run()
    house.pass_time(hours=1)


def test_an_order_in_the_new_name_is_found_by_the_next_reading_and_the_following_ones_are_taken_in(
    house: House,
) -> None:
    rename(house)
    first, second = order_in_shop(house, 1), order_in_shop(house, 2)
    assert deliver(house, first, NEW) == "unused"

    house.reconcile.run()

    assert house.states()[first["id"]] == ("queued", None)
    assert deliver(house, second | {"id": 7_000_000_000_001, "admin_graphql_api_id": None}, NEW) == "recorded"


def test_another_shop_stays_another_however_often_ours_is_read(house: House) -> None:
    order = make_order(1)
    assert deliver(house, order, OTHER) == "unused"

    house.reconcile.run()

    assert deliver(house, order | {"note": "again"}, OTHER) == "unused"
    assert house.states() == {}


def test_the_name_is_asked_for_only_when_something_came_in_another_one(house: House) -> None:
    house.shopify.forget_calls()

    house.reconcile.run()
    assert asked_for_the_name(house) == 0
    deliver(house, make_order(1), OTHER)
    house.reconcile.run()
    house.pass_time(minutes=15)
    house.reconcile.run()

    assert asked_for_the_name(house) == 1


def test_a_shop_that_does_not_tell_its_name_is_read_all_the_same(house: House) -> None:
    deliver(house, make_order(9), OTHER)
    order = order_in_shop(house, 1)
    house.shopify.fail_next(1, "unprocessable")

    run = house.reconcile.run()

    assert run is not None
    assert (run.fault, house.states()) == (None, {order["id"]: ("queued", None)})
