"""Shopify hides who the customers are: no phone is called missing, nothing known is lost, and all comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from house import House
from ordercall.domain.hidden_customers import ENOUGH, Hidden
from ordercall.sandbox.orders import make_order, without_customer
from ordercall.storage.reads.hidden_customers import hidden_now

MOBILE = "+919000000041"
CONTACT = ("phone", "email", "contact_email", "customer")
READERS = {"by GraphQL": {"SHOPIFY_ADMIN_API": "graphql"}, "by REST": {"SHOPIFY_ADMIN_API": "rest"}}


@pytest.fixture(params=READERS.values(), ids=READERS)
def shopify_settings(request: pytest.FixtureRequest) -> dict[str, str]:
    settings: dict[str, str] = request.param
    return settings


@pytest.fixture(autouse=True)
def begun(house: House) -> None:
    """The first run marks where reading begins; an hour passes after it."""
    house.reconcile.run()
    house.pass_time(hours=1)


def placed(house: House, number: int, *, minutes_ago: float = 5, **changes: Any) -> dict[str, Any]:
    """Place an order of which no webhook tells."""
    at = (house.now - timedelta(minutes=minutes_ago)).isoformat(timespec="seconds")
    order = make_order(number, **{"phone": MOBILE, "created_at": at, "updated_at": at} | changes)
    house.shopify.add(order)
    return order


def hide(house: House, orders: int = ENOUGH, *, first: int = 1) -> list[int]:
    """Have Shopify hide the customers, and bring so many orders."""
    house.shopify.hides_customers = True
    return [house.receive(house.shopify.shown(placed(house, number))) for number in range(first, first + orders)]


def hidden(house: House) -> Hidden | None:
    with house.db.read() as tx:
        return hidden_now(tx)


def without_phone(order: dict[str, Any]) -> dict[str, Any]:
    """Return an order as an app reads it that has access to names and addresses, and none to phones."""
    parts = {name: order[name] and order[name] | {"phone": None} for name in ("shipping_address", "billing_address")}
    customer = order["customer"] and without_default_phone(order["customer"] | {"phone": None})
    return order | parts | {"phone": None, "customer": customer}


def without_default_phone(customer: dict[str, Any]) -> dict[str, Any]:
    address = customer.get("default_address")
    return customer | ({"default_address": address | {"phone": None}} if address else {})


def hide_phones(house: House, orders: int = ENOUGH, *, first: int = 1) -> list[int]:
    """Bring so many orders of which Shopify shows all but the phone."""
    return [house.receive(without_phone(placed(house, number))) for number in range(first, first + orders)]


def after(order: dict[str, Any], house: House, **changes: Any) -> dict[str, Any]:
    house.pass_time(minutes=1)
    return order | {"updated_at": house.now.isoformat(timespec="seconds")} | changes


def who(house: House, order_id: int) -> tuple[Any, ...]:
    row = house.order(order_id)
    return (row.customer_phone, row.customer_email, row.first_name, row.last_name, row.address, row.zip, row.state)


def test_a_single_order_without_its_customer_has_no_phone(house: House) -> None:
    (order_id,) = hide(house, 1)

    assert not hidden(house)
    assert house.states()[order_id] == ("not_called", "no_phone")


def test_once_it_is_clear_that_customers_are_hidden_no_phone_is_called_missing(house: House) -> None:
    ids = hide(house, ENOUGH + 1)

    assert hidden(house)
    assert set(house.states().values()) == {("not_called", "phone_hidden")}
    assert [message for message in house.messages(ids[-1]) if "no usable phone" in message] == []
    assert "Not called: Shopify does not show this app the customer's phone." in house.messages(ids[0])


def test_orders_that_come_together_are_explained_as_those_that_come_one_by_one(house: House) -> None:
    house.shopify.hides_customers = True
    for number in range(1, ENOUGH + 2):
        placed(house, number)

    house.reconcile.run()

    assert set(house.states().values()) == {("not_called", "phone_hidden")}


def test_an_order_that_shows_somebody_and_has_no_phone_keeps_its_own_reason(house: House) -> None:
    order_id = house.receive(placed(house, 100, phone=None))

    hide(house)

    assert house.states()[order_id] == ("not_called", "no_phone")


def test_it_ends_by_itself_with_the_first_order_that_shows_somebody(house: House) -> None:
    hide(house)
    house.shopify.hides_customers = False

    order_id = house.receive(placed(house, 50, minutes_ago=1))

    assert not hidden(house)
    assert house.states()[order_id] == ("queued", None)


def test_test_orders_and_erased_ones_prove_nothing(house: House) -> None:
    hide(house, ENOUGH - 1)
    house.receive(without_customer(placed(house, 60, test=True)))
    erased = house.receive(placed(house, 61))
    house.request_erasure(erased)
    house.do_erasures()

    assert not hidden(house)


def test_what_was_known_of_a_customer_is_not_wiped_by_what_is_hidden_later(house: House) -> None:
    order = placed(house, 100, minutes_ago=30)
    house.receive(order)
    known = who(house, order["id"])
    hide(house)

    house.receive(without_customer(after(order, house, name="#100-a")), "orders/updated")

    assert who(house, order["id"]) == known
    assert house.order(order["id"]).order_name == "#100-a"
    assert house.states()[order["id"]] == ("queued", None)


def test_the_first_that_is_hidden_may_be_a_change_of_an_order_whose_call_is_still_to_come(house: House) -> None:
    order = placed(house, 100)
    house.receive(order)
    known = who(house, order["id"])

    house.receive(without_customer(after(order, house)), "orders/updated")

    assert not hidden(house)
    assert who(house, order["id"]) == known
    assert house.states()[order["id"]] == ("queued", None)


PARTS = {
    "all that is personal": (*CONTACT, "shipping_address", "billing_address"),
    "the customer alone": ("customer",),
    "its contact and where it goes": (*CONTACT, "shipping_address"),
}


@pytest.mark.parametrize("fields", PARTS.values(), ids=PARTS)
def test_the_first_that_is_hidden_may_be_a_part_of_an_order_that_is_known(
    house: House, fields: tuple[str, ...]
) -> None:
    order = placed(house, 100)
    house.receive(order)
    known = who(house, order["id"])
    changed = after(order, house, name="#100-a")

    house.receive(
        without_customer({name: changed[name] for name in ("id", "updated_at", "name", *fields)}), "orders/updated"
    )

    assert who(house, order["id"]) == known
    assert house.order(order["id"]).order_name == "#100-a"
    assert house.states()[order["id"]] == ("queued", None)


@pytest.mark.parametrize(("hides", "kept"), [(False, False), (True, True)])
def test_an_older_order_is_emptied_as_its_body_says_unless_the_shop_hides_its_customers(
    house: House, hides: bool, kept: bool
) -> None:
    order = placed(house, 100)
    house.receive(order)
    house.pass_time(hours=24 * 11)
    if hides:
        hide(house)

    house.receive(without_customer(after(order, house)), "orders/updated")

    assert (house.order(order["id"]).customer_phone == MOBILE) is kept


def test_a_phone_alone_that_is_taken_out_of_an_order_is_gone(house: House) -> None:
    order = placed(house, 100)
    house.receive(order)
    bare = make_order(100, **{"created_at": order["created_at"], "phone": None})

    house.receive(after(bare, house), "orders/updated")

    assert house.order(order["id"]).customer_phone is None
    assert house.states()[order["id"]] == ("not_called", "no_phone")


def test_reading_a_shop_that_hides_its_customers_finds_nothing_that_was_missed(house: House) -> None:
    known = placed(house, 100)
    house.receive(known)
    hide(house)
    house.pass_time(minutes=5)

    runs = [house.reconcile.run() for _ in range(2)]

    assert [run and (run.fault, run.missed_orders, run.missed_changes) for run in runs] == [(None, 0, 0)] * 2
    assert house.states()[known["id"]] == ("queued", None)


def test_what_came_hidden_is_called_once_it_is_read_with_its_customer(house: House) -> None:
    ids = hide(house)
    house.shopify.hides_customers = False

    house.reconcile.run(since=house.now - timedelta(days=1))

    assert not hidden(house)
    assert {house.order(order_id).customer_phone for order_id in ids} == {MOBILE}
    assert set(house.states().values()) == {("queued", None)}


def test_a_change_of_an_order_that_came_hidden_leaves_its_reason(house: House) -> None:
    ids = hide(house)
    order = house.shopify.order(ids[0])
    assert order is not None

    house.receive(without_customer(after(order, house, name="#1-a")), "orders/updated")

    assert house.states()[ids[0]] == ("not_called", "phone_hidden")
    assert house.order(ids[0]).order_name == "#1-a"


def test_while_customers_are_hidden_a_paid_order_without_any_place_has_no_other_reason(house: House) -> None:
    hide(house)
    bare = {"shipping_address": None, "billing_address": None, "customer": None, "email": None, "contact_email": None}
    paid = {"payment_gateway_names": ["Razorpay"], "financial_status": "paid", "total_outstanding": "0.00"}

    order_id = house.receive(placed(house, 90, phone=None, **bare, **paid))

    assert house.states()[order_id] == ("not_called", "phone_hidden")


def test_a_shop_that_hides_phones_alone_says_so_of_every_order(house: House) -> None:
    ids = hide_phones(house, ENOUGH + 1)

    assert hidden(house) is Hidden.PHONES
    assert set(house.states().values()) == {("not_called", "phone_hidden")}
    assert house.order(ids[-1]).first_name
    assert [message for message in house.messages(ids[-1]) if "no usable phone" in message] == []


def test_fewer_orders_without_a_phone_than_that_are_orders_without_a_phone(house: House) -> None:
    hide_phones(house, ENOUGH - 1)

    assert hidden(house) is None
    assert set(house.states().values()) == {("not_called", "no_phone")}


@pytest.mark.parametrize("phone", [MOBILE, "ask at the gate"])
def test_an_order_with_a_phone_ends_it_be_the_phone_usable_or_not(house: House, phone: str) -> None:
    hide_phones(house)
    shown = without_phone(placed(house, 50, minutes_ago=1)) | {"phone": phone}

    order_id = house.receive(shown)

    assert hidden(house) is None
    assert house.states()[order_id][1] != "phone_hidden"


@pytest.mark.parametrize(("hides", "kept"), [(False, False), (True, True)])
def test_a_phone_that_was_known_is_wiped_by_a_body_without_it_unless_the_shop_hides_phones(
    house: House, hides: bool, kept: bool
) -> None:
    order = placed(house, 100, minutes_ago=30)
    house.receive(order)
    if hides:
        hide_phones(house)

    house.receive(without_phone(after(order, house, name="#100-a")), "orders/updated")

    assert (house.order(order["id"]).customer_phone == MOBILE) is kept
    assert house.order(order["id"]).order_name == "#100-a"


def test_what_came_without_phones_is_called_once_it_is_read_with_them(house: House) -> None:
    hide_phones(house)

    house.reconcile.run(since=house.now - timedelta(days=1))

    assert hidden(house) is None
    assert set(house.states().values()) == {("queued", None)}
