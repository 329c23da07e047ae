"""An app that may not read customers: the shop is read all the same, and nothing is lost or made up.

The fake Shopify answers over HTTP, and denies the customer as Shopify does to a token without read_customers.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from house import House
from ordercall.errors import CredentialsRefused
from ordercall.sandbox.orders import make_order
from ordercall.storage.records.reconciliations import Run

MOBILE, CORRECTED = "+919000000041", "+919000000042"
ORDERS_ALONE = ("read_orders", "write_orders")


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"SHOPIFY_ADMIN_API": "graphql"}


@pytest.fixture(autouse=True)
def begun(house: House) -> None:
    """The first run marks where reading begins; an hour passes after it. Then the app has the old scopes."""
    read(house)
    house.pass_time(hours=1)
    house.shopify.tokens.scopes = ORDERS_ALONE


def read(house: House) -> Run:
    run = house.reconcile.run()
    assert run is not None
    return run


def in_shop(house: House, number: int = 1, *, phone_of_customer: str | None = None, **changes: Any) -> dict[str, Any]:
    """Place an order in Shopify of which no webhook tells."""
    at = (house.now - timedelta(minutes=5)).isoformat(timespec="seconds")
    order = make_order(number, **{"created_at": at, "updated_at": at, "contact_email": None} | changes)
    if phone_of_customer:
        order["customer"] |= {"phone": phone_of_customer}
    house.shopify.add(order)
    return order


def known_by_customer(house: House) -> dict[str, Any]:
    """Place an order whose webhook brought its phone and name with its customer alone, as that is not denied."""
    order = in_shop(house, phone=None, phone_of_customer=MOBILE)
    order["customer"] |= {"first_name": "Asha", "last_name": "Iyer"}
    house.shopify.add(order)
    house.receive(order)
    assert house.order(order["id"]).customer_phone == MOBILE
    return order


def personal(house: House, order: dict[str, Any]) -> tuple[Any, ...]:
    row = house.order(order["id"])
    return (row.customer_phone, row.phone_source, row.first_name, row.last_name, row.phone_fault)


def changed(house: House, order: dict[str, Any], **changes: Any) -> dict[str, Any]:
    house.pass_time(minutes=20)
    at = (house.now - timedelta(minutes=3)).isoformat(timespec="seconds")
    after = order | {"updated_at": at} | changes
    house.shopify.add(after)
    return after


def test_the_orders_are_read_and_called_by_the_phone_that_is_shown(house: House) -> None:
    order = in_shop(house, phone=MOBILE)

    run = read(house)

    assert (run.seen, run.missed_orders, run.fault) == (1, 1, None)
    assert house.states() == {order["id"]: ("queued", None)}


def test_a_change_is_taken_in_and_the_customer_stays_as_it_was_known(house: House) -> None:
    order = known_by_customer(house)
    before = personal(house, order)
    changed(house, order, name="#1-changed", email=None)

    assert read(house).missed_changes == 1

    assert house.order(order["id"]).order_name == "#1-changed"
    assert personal(house, order) == before
    assert house.states() == {order["id"]: ("queued", None)}


def test_an_order_that_stays_as_it_is_is_no_change_each_time(house: House) -> None:
    known_by_customer(house)

    assert [read(house).missed_changes for _ in range(2)] == [0, 0]


def test_an_order_that_was_edited_is_read_again_without_its_customer(house: House) -> None:
    order = known_by_customer(house)
    before = personal(house, order)
    changed(house, order, fulfillment_status="fulfilled")

    house.reconcile.read_again(order["id"])

    assert personal(house, order) == before
    assert house.states() == {order["id"]: ("not_called", "shipped")}


def test_a_phone_that_is_not_shown_is_not_called_missing_and_is_rung_once_it_is_shown(house: House) -> None:
    order = in_shop(house, phone=None, phone_of_customer=MOBILE)
    read(house)
    assert house.states() == {order["id"]: ("not_called", "phone_hidden")}
    assert not any("no usable phone" in message for message in house.messages(order["id"]))

    house.shopify.tokens.scopes = (*ORDERS_ALONE, "read_customers")
    read(house)

    assert house.order(order["id"]).customer_phone == MOBILE
    assert house.states() == {order["id"]: ("queued", None)}


def test_what_is_shown_still_corrects_what_is_known(house: House) -> None:
    order = known_by_customer(house)
    changed(house, order, phone=CORRECTED)

    read(house)

    assert personal(house, order) == (CORRECTED, "order", "Asha", "Iyer", None)


def test_an_order_without_any_phone_has_none_even_if_other_fields_are_denied(house: House) -> None:
    house.shopify.tokens.scopes = (*ORDERS_ALONE, "read_customers")
    order = in_shop(house, phone=None)

    read(house)

    assert house.states() == {order["id"]: ("not_called", "no_phone")}


def test_orders_that_may_not_be_read_at_all_are_a_fault_that_names_the_scope(house: House) -> None:
    house.shopify.tokens.scopes = ("read_customers",)
    in_shop(house)

    with pytest.raises(CredentialsRefused, match="Required access: `read_orders` access scope"):
        read(house)
