"""The fake Shopify gives an order another address, whole, and refuses it in Shopify's words."""

from __future__ import annotations

import pytest
from shop_talk import ask, graphql, order_gid

from ordercall.sandbox.orders import make_order

UPDATE = """
mutation update($id: ID!, $address: MailingAddressInput) {
  orderUpdate(input: {id: $id, shippingAddress: $address}) {
    order { shippingAddress { firstName lastName company address1 address2 city province provinceCode zip } }
    userErrors { field message }
  }
}
"""
ADDRESS = {"lastName": "Nair", "address1": "7 Street", "city": "Kochi", "provinceCode": "KL", "zip": "682031"}
WHOLE = ADDRESS | {"countryCode": "IN"}


@pytest.fixture
def order(shopify):
    made = make_order(1001)
    shopify.add(made)
    return made


def update(to_shopify, order, address):
    return ask(to_shopify, UPDATE, id=order_gid(order), address=address)


def test_an_address_takes_the_place_of_the_whole_old_one(to_shopify, shopify, order):
    shopify.ship(order["id"])

    answer = update(to_shopify, order, WHOLE)

    empty = {"firstName": None, "company": None, "address2": None, "province": "Kerala"}
    assert answer == {"order": {"shippingAddress": ADDRESS | empty}, "userErrors": []}
    assert shopify.order(order["id"])["shipping_address"]["name"] == "Nair"


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"lastName": ""}, "lastName", "Enter a last name"),
        ({"zip": ""}, "zip", "Enter a ZIP code"),
        ({"provinceCode": "ON"}, "province", "State is not a valid state in India"),
    ],
)
def test_an_address_that_lacks_something_is_a_user_error_and_changes_nothing(
    to_shopify, shopify, order, changes, field, message
):
    answer = update(to_shopify, order, WHOLE | changes)

    assert answer["userErrors"] == [{"field": ["shippingAddress", field], "message": message}]
    assert shopify.order(order["id"])["shipping_address"] == order["shipping_address"]


def test_an_unknown_order_and_an_update_of_nothing_are_user_errors(to_shopify, order):
    unknown = ask(to_shopify, UPDATE, id="gid://shopify/Order/5", address=WHOLE)

    assert unknown["userErrors"] == [{"field": ["id"], "message": "Order does not exist"}]
    assert update(to_shopify, order, None)["userErrors"] == [
        {"field": None, "message": "No valid update parameters have been provided"}
    ]


def test_an_app_that_may_not_write_orders_is_denied(to_shopify, shopify, order):
    shopify.tokens.scopes = ("read_orders",)

    answer = graphql(to_shopify, UPDATE, id=order_gid(order), address=WHOLE)

    assert "Required access: `write_orders` access scope." in answer["errors"][0]["message"]
