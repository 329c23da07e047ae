"""How much of an order has left is read alike by both of Shopify's APIs, whatever is held, cancelled or added."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as some

from house import House
from ordercall.domain.orders.order import CancelState, Fulfilment, Status
from ordercall.providers.shopify.addresses import ShopAddresses
from ordercall.providers.shopify.admin import ShopifyAdmin, shopify_http
from ordercall.providers.shopify.graphql import GraphQLOrders
from ordercall.providers.shopify.parcels import ShopParcels
from ordercall.providers.shopify.payload import read_order
from ordercall.providers.shopify.rest import RestOrders
from ordercall.providers.shopify.tokens import PermanentToken
from ordercall.sandbox.fulfilment_orders import ANOTHER_APP, Refused
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.shopify import FakeShopify
from properties import few

PLACED_AT = "2026-11-24T11:00:00+05:30"
Act = tuple[str, int]
NEW_NUMBERS = count(1)


@pytest.fixture
def admin(house: House) -> Iterator[ShopifyAdmin]:
    token = PermanentToken(house.settings.shopify_access_token)
    with closing(ShopifyAdmin(house.settings, shopify_http(house.settings), token)) as admin:
        house.shopify.rest_bucket.size = house.shopify.graphql_bucket.size = 10**9
        yield admin


def in_two_parts(shopify: FakeShopify, number: int) -> int:
    """Add an order of four pieces, one of which is in a fulfilment order of its own."""
    order = make_order(number, created_at=PLACED_AT)
    order["line_items"][0] |= {"quantity": 4, "current_quantity": 4}
    shopify.add(order)
    shopify.fulfilment.split(shopify.fulfilment.of_order(order["id"])[0].id)
    return int(order["id"])


def waiting(shopify: FakeShopify, order_id: int) -> list[int]:
    return [one.id for one in shopify.fulfilment.of_order(order_id) if one.waits]


def ship_one_and_hold_the_rest(shopify: FakeShopify, order_id: int) -> None:
    shipped, held = waiting(shopify, order_id)
    shopify.fulfilment.ship(shipped)
    shopify.fulfilment.hold(held, app=ANOTHER_APP)


def test_an_order_of_which_the_rest_is_held_has_left_in_part(admin: ShopifyAdmin, house: House) -> None:
    order_id = in_two_parts(house.shopify, 1)

    ship_one_and_hold_the_rest(house.shopify, order_id)

    asked = admin.graphql(
        "look", "query($id: ID!) { order(id: $id) { displayFulfillmentStatus } }", {"id": gid(order_id)}
    )
    assert asked.data["order"]["displayFulfillmentStatus"] == "ON_HOLD"
    assert all_readings(admin, house.shopify, order_id) == {Fulfilment.PART}


@pytest.mark.parametrize("shopify_settings", [{"SHOPIFY_ADMIN_API": api} for api in ("graphql", "rest")])
def test_an_order_of_which_the_rest_is_held_is_not_cancelled(house: House) -> None:
    order_id = in_two_parts(house.shopify, 1)
    house.receive(house.shopify.book.order(order_id) or {})
    ship_one_and_hold_the_rest(house.shopify, order_id)  # of which no webhook has come

    house.orders.change_status(order_id, Status.FAILED, by="the agent")
    house.worker.cancels.cancel(order_id)

    asked = [str(call.body) + call.path for call in house.shopify.calls]
    assert house.order(order_id).cancel_state == CancelState.REFUSED
    assert not [each for each in asked if "orderCancel" in each or "cancel.json" in each]


acts = some.lists(
    some.tuples(
        some.sampled_from(["ship", "split", "hold", "held by others", "release", "take back", "edit", "ship all"]),
        some.integers(0, 3),
    ),
    max_size=8,
)


@few(25)
@given(acts=acts)
def test_both_apis_are_read_alike(admin: ShopifyAdmin, house: House, acts: list[Act]) -> None:
    order_id = in_two_parts(house.shopify, next(NEW_NUMBERS))
    for act in acts:
        do(house.shopify, order_id, *act)

    order = house.shopify.book.order(order_id) or {}
    has_left = any(made["status"] == "success" for made in order["fulfillments"])
    everything = has_left and not waiting(house.shopify, order_id)

    expected = Fulfilment.ALL if everything else Fulfilment.PART if has_left else Fulfilment.NOTHING
    assert all_readings(admin, house.shopify, order_id) == {expected}


def do(shopify: FakeShopify, order_id: int, act: str, which: int) -> None:
    """Have something happen to one of the order's parts, if it has one to which it can happen."""
    left = waiting(shopify, order_id)
    gone = [place for place, made in enumerate((shopify.book.order(order_id) or {})["fulfillments"]) if is_gone(made)]
    if act == "edit":
        shopify.book.edit(order_id)
    elif act == "ship all" and left:
        shopify.ship(order_id)
    elif act == "take back" and gone:
        shopify.fulfilment.take_back(order_id, gone[which % len(gone)])
    elif left and act in OF_A_PART:
        OF_A_PART[act](shopify, left[which % len(left)])


def is_gone(made: dict[str, object]) -> bool:
    return made["status"] == "success"


def hold(shopify: FakeShopify, number: int, app: str) -> None:
    try:
        shopify.fulfilment.hold(number, handle="ordercall", app=app)
    except Refused:
        return  # it holds it already


def split(shopify: FakeShopify, number: int) -> None:
    if shopify.fulfilment.find(number).units > 1:
        shopify.fulfilment.split(number)


OF_A_PART: dict[str, Callable[[FakeShopify, int], object]] = {
    "ship": lambda shopify, number: shopify.fulfilment.ship(number),
    "split": split,
    "hold": lambda shopify, number: hold(shopify, number, "this app"),
    "held by others": lambda shopify, number: hold(shopify, number, ANOTHER_APP),
    "release": lambda shopify, number: shopify.fulfilment.release(number, None),
}


def all_readings(admin: ShopifyAdmin, shopify: FakeShopify, order_id: int) -> set[Fulfilment | None]:
    """Return what each reading of an order says of how much has left; those that say only whether, as they can."""
    body, webhook = GraphQLOrders(admin).read_order_body(order_id), shopify.book.order(order_id)
    rest, parcels, place = (
        RestOrders(admin).read_order_body(order_id),
        ShopParcels(admin).of_order(order_id),
        ShopAddresses(admin).read(order_id),
    )
    assert parcels
    assert place
    told = {read_order(json.dumps(each).encode()).fulfillment_status for each in (body, webhook, rest)}
    told |= {place.fulfilment}
    for orders in (GraphQLOrders(admin), RestOrders(admin)):
        found = orders.read_order(order_id)
        assert found
        assert {found.shipped} == {each.has_left for each in told if each}
    assert {parcels.waits} == {each is not Fulfilment.ALL for each in told}
    return set(told)


def gid(order_id: int) -> str:
    return f"gid://shopify/Order/{order_id}"
