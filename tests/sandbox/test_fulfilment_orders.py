"""The fake shop holds and releases fulfilment orders, and refuses in Shopify's words."""

from __future__ import annotations

from typing import Any

import pytest
from shop_talk import ask, graphql, order_gid

from ordercall.sandbox.fulfilment_orders import ANOTHER_APP
from ordercall.sandbox.orders import make_order

THIRD = "write_third_party_fulfillment_orders"
READ = """
query($id: ID!) { order(id: $id) { fulfillmentOrders(first: 10) { nodes {
  id status supportedActions { action } deliveryMethod { methodType }
  fulfillmentHolds { id handle reasonNotes heldByRequestingApp } } } } }
"""
HOLD = """
mutation($id: ID!, $handle: String) {
  fulfillmentOrderHold(id: $id, fulfillmentHold: {reason: OTHER, reasonNotes: "waits", handle: $handle}) {
    fulfillmentHold { id } userErrors { field message code } } }
"""
RELEASE = """
mutation($id: ID!, $holds: [ID!]) {
  fulfillmentOrderReleaseHold(id: $id, holdIds: $holds) { fulfillmentOrder { status } userErrors { message code } } }
"""
HELD = 'query { fulfillmentOrders(first: 10, query: "status:ON_HOLD") { nodes { orderId } } }'


@pytest.fixture
def order(shopify, clock):
    order = make_order(1001, created_at=clock.minutes_ago(5))
    shopify.add(order)
    return order


def found(to_shopify, order) -> list[dict[str, Any]]:
    return list(ask(to_shopify, READ, id=order_gid(order))["fulfillmentOrders"]["nodes"])


def actions(one: dict[str, Any]) -> set[str]:
    return {each["action"] for each in one["supportedActions"]}


def number(gid: str) -> int:
    return int(gid.rpartition("/")[2])


def hold(to_shopify, one: dict[str, Any], handle: str = "ours") -> dict[str, Any]:
    return dict(ask(to_shopify, HOLD, id=one["id"], handle=handle))


def test_fulfilment_orders_come_some_seconds_after_their_order(to_shopify, shopify, clock, order):
    young = make_order(1002, created_at=clock.minutes_ago(0))
    shopify.add(young)

    before = found(to_shopify, young)
    clock.forward(seconds=2)

    assert (before, [one["status"] for one in found(to_shopify, young)]) == ([], ["OPEN"])


def test_a_hold_is_made_once_for_each_handle(to_shopify, order):
    [one] = found(to_shopify, order)

    first, again = hold(to_shopify, one), hold(to_shopify, one)
    [now] = found(to_shopify, order)

    assert (first["userErrors"], again["fulfillmentHold"]) == ([], None)
    assert [(error["field"], error["code"]) for error in again["userErrors"]] == [
        (["fulfillmentHold", "handle"], "DUPLICATE_FULFILLMENT_HOLD_HANDLE")
    ]
    assert now["status"] == "ON_HOLD"
    assert actions(now) == {"RELEASE_HOLD", "HOLD", "MOVE"}
    assert now["fulfillmentHolds"] == [
        {"id": first["fulfillmentHold"]["id"], "handle": "ours", "reasonNotes": "waits", "heldByRequestingApp": True}
    ]


def test_an_app_has_ten_holds_at_most(to_shopify, order):
    [one] = found(to_shopify, order)

    answers = [hold(to_shopify, one, f"number {place}") for place in range(11)]

    assert [answer["userErrors"] for answer in answers[:10]] == [[]] * 10
    assert answers[10]["userErrors"][0]["code"] == "FULFILLMENT_ORDER_HOLD_LIMIT_REACHED"
    assert "HOLD" not in actions(found(to_shopify, order)[0])


def test_a_release_by_id_leaves_the_holds_of_others(to_shopify, shopify, order):
    [one] = found(to_shopify, order)
    shopify.fulfilment.hold(number(one["id"]), handle="flow", app=ANOTHER_APP)
    mine = hold(to_shopify, one)["fulfillmentHold"]["id"]

    released = ask(to_shopify, RELEASE, id=one["id"], holds=[mine])
    again = ask(to_shopify, RELEASE, id=one["id"], holds=[mine])

    assert released == again == {"fulfillmentOrder": {"status": "ON_HOLD"}, "userErrors": []}
    assert [each["heldByRequestingApp"] for each in found(to_shopify, order)[0]["fulfillmentHolds"]] == [False]


def test_a_release_without_ids_frees_everybodys(to_shopify, shopify, order):
    [one] = found(to_shopify, order)
    shopify.fulfilment.hold(number(one["id"]), handle="flow", app=ANOTHER_APP)

    assert ask(to_shopify, RELEASE, id=one["id"])["fulfillmentOrder"] == {"status": "OPEN"}


def test_an_id_that_cannot_be_one_is_no_user_error(to_shopify, order):
    answer = graphql(to_shopify, HOLD, id="gid://shopify/FulfillmentOrder/0", handle="ours")

    assert answer["errors"][0]["extensions"]["code"] == "RESOURCE_NOT_FOUND"
    assert answer["data"] == {"fulfillmentOrderHold": None}


def test_an_unknown_fulfilment_order_is_a_user_error(to_shopify, order):
    refused = ask(to_shopify, HOLD, id="gid://shopify/FulfillmentOrder/7", handle="ours")

    assert refused["userErrors"][0]["code"] == "FULFILLMENT_ORDER_NOT_FOUND"


def test_without_a_scope_fulfilment_orders_are_missing_without_a_word(to_shopify, shopify, order):
    [one] = found(to_shopify, order)
    shopify.fulfilment.move(number(one["id"]))
    shopify.tokens.scopes = tuple(scope for scope in shopify.tokens.scopes if scope != THIRD)
    without_third = found(to_shopify, order)
    shopify.tokens.scopes = ("read_orders",)

    assert [one["status"] for one in without_third] == ["CLOSED"]
    assert found(to_shopify, order) == []
    assert graphql(to_shopify, HOLD, id=one["id"], handle="o")["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


@pytest.mark.parametrize(
    ("happens", "before", "now"),
    [
        ("ship", "CLOSED", []),
        ("split", "ON_HOLD", ["OPEN"]),
        ("move", "CLOSED", ["OPEN"]),
        ("cancel", "CANCELLED", ["OPEN"]),
    ],
)
def test_what_happens_in_the_shop_makes_fulfilment_orders_without_a_hold(
    to_shopify, shopify, clock, happens, before, now
):
    order = make_order(1005, created_at=clock.minutes_ago(5))  # two pieces
    shopify.add(order)
    [one] = found(to_shopify, order)
    hold(to_shopify, one)

    getattr(shopify.fulfilment, happens)(number(one["id"]))

    old, *new = found(to_shopify, order)
    assert (old["status"], [each["status"] for each in new]) == (before, now)
    assert all(each["fulfillmentHolds"] == [] for each in new)


def test_shipping_the_last_fulfilment_order_ships_the_order(to_shopify, shopify, order):
    shopify.book.edit(order["id"])
    [one] = found(to_shopify, order)
    shopify.fulfilment.split(number(one["id"]))

    states = []
    for each in found(to_shopify, order):
        shopify.fulfilment.ship(number(each["id"]))
        states.append(shopify.order(order["id"])["fulfillment_status"])

    assert states == ["partial", "fulfilled"]


def test_what_an_edit_adds_comes_in_a_new_fulfilment_order(to_shopify, shopify, order):
    [one] = found(to_shopify, order)
    hold(to_shopify, one)

    shopify.book.edit(order["id"])

    assert [each["status"] for each in found(to_shopify, order)] == ["ON_HOLD", "OPEN"]


@pytest.mark.parametrize("ends", ["cancel", "ship"])
def test_an_order_that_ends_closes_its_fulfilment_orders(to_shopify, shopify, order, ends):
    [one] = found(to_shopify, order)
    hold(to_shopify, one)

    getattr(shopify, ends)(order["id"])

    [closed] = found(to_shopify, order)
    assert (closed["status"], closed["supportedActions"], closed["fulfillmentHolds"]) == ("CLOSED", [], [])


def test_what_a_fulfilment_service_packs_offers_no_hold(to_shopify, shopify, order):
    [one] = found(to_shopify, order)
    shopify.fulfilment.accept(number(one["id"]))

    assert "HOLD" not in actions(found(to_shopify, order)[0])
    assert "in_progress" in hold(to_shopify, one)["userErrors"][0]["message"]


def test_what_is_on_hold_is_found_across_orders(to_shopify, shopify, clock, order):
    shopify.add(make_order(1002, created_at=clock.minutes_ago(5)))
    hold(to_shopify, found(to_shopify, order)[0])

    assert ask(to_shopify, HELD)["nodes"] == [{"orderId": order_gid(order)}]


def test_what_may_be_packed_is_found_by_when_it_was_changed(to_shopify, shopify, clock, order):
    [one] = found(to_shopify, order)
    made_at = clock()
    clock.forward(minutes=5)

    def since(when) -> list[Any]:
        query = f"status:OPEN updated_at:>='{when.isoformat()}'"
        asked = "query($query: String) { fulfillmentOrders(first: 10, query: $query) { nodes { orderId } } }"
        return list(ask(to_shopify, asked, query=query)["nodes"])

    assert (len(since(made_at)), since(clock())) == (1, [])
    hold(to_shopify, one)
    assert since(made_at) == []
