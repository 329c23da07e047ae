"""The fake shop takes tags and metafields as Shopify does, and refuses in its codes."""

from __future__ import annotations

from typing import Any

import pytest
from shop_talk import ask, graphql, order_gid

from ordercall.sandbox.orders import make_order

UNTAG = (
    "mutation($id: ID!, $tags: [String!]!) { tagsRemove(id: $id, tags: $tags) { node { id } userErrors { message } } }"
)
TAG = "mutation($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { field message } } }"
SET = """
mutation($fields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $fields) { metafields { key value } userErrors { field message code } } }
"""
READ = 'query($id: ID!) { order(id: $id) { metafield(namespace: "ordercall", key: "status") { type value } } }'


@pytest.fixture
def order(shopify):
    made = make_order(1, tags="vip, cod")
    shopify.add(made)
    return made


def status(of: dict[str, Any], value: str = "pending", kind: str = "single_line_text_field") -> dict[str, str]:
    return {"ownerId": order_gid(of), "namespace": "ordercall", "key": "status", "type": kind, "value": value}


def test_a_tag_is_taken_away_in_any_case_and_the_others_stay(to_shopify, shopify, order):
    removed = ask(to_shopify, UNTAG, id=order_gid(order), tags=["COD", "nobody's"])

    assert removed == {"node": {"id": order_gid(order)}, "userErrors": []}
    assert shopify.order(order["id"])["tags"] == "vip"


def test_a_tag_that_is_not_there_is_no_change(to_shopify, shopify, clock, order):
    clock.forward(minutes=5)

    ask(to_shopify, UNTAG, id=order_gid(order), tags=["gone"])

    assert shopify.order(order["id"])["updated_at"] == order["updated_at"]


def test_a_tag_that_is_too_long_is_refused(to_shopify, order):
    [error] = ask(to_shopify, TAG, id=order_gid(order), tags=["x" * 41])["userErrors"]

    assert error["field"] == ["tags"]


def test_metafields_are_set_and_read(to_shopify, order):
    ask(to_shopify, SET, fields=[status(order), status(order, "confirmed")])

    assert ask(to_shopify, READ, id=order_gid(order))["metafield"] == {
        "type": "single_line_text_field",
        "value": "confirmed",
    }


def test_setting_metafields_tells_the_change_of_the_order_once(to_shopify, shopify, order):
    sent: list[str] = []
    shopify.book.on_event.append(lambda topic, _body: sent.append(topic))

    for _ in range(2):
        ask(to_shopify, SET, fields=[status(order), status(order) | {"key": "attempts"}])

    assert sent == ["orders/updated"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"type": "number_integer"}, "INVALID_TYPE"), ({"ownerId": "gid://shopify/Order/7"}, "INVALID")],
)
def test_one_metafield_that_cannot_be_set_keeps_all_from_being_set(to_shopify, shopify, order, changes, code):
    shopify.metafields.definitions["ordercall", "status"] = "single_line_text_field"

    answer = ask(to_shopify, SET, fields=[status(order) | {"key": "language"}, status(order) | changes])

    assert (answer["metafields"], answer["userErrors"][0]["code"]) == (None, code)
    assert shopify.metafields.told(order["id"]) == {}


@pytest.mark.parametrize("mutation", [UNTAG, SET])
def test_without_the_scope_nothing_is_written(to_shopify, shopify, order, mutation):
    shopify.tokens.scopes = ("read_orders",)

    answer = graphql(to_shopify, mutation, id=order_gid(order), tags=["cod"], fields=[status(order)])

    assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
