"""What a courier needs of an order: its lines and the second line of its address, from a webhook or from GraphQL."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bodies import read
from graphql import OperationDefinitionNode, parse

from makers import make_address, make_body
from ordercall.domain.parcels.parcel import ParcelLine, grams_of, lines_of, parcel_lines
from ordercall.providers.shopify.graphql import LINES, LIST, ONE, REST_OF_LINES
from ordercall.providers.shopify.order_shape import ORDER, order_body
from ordercall.providers.shopify.payload import read_order
from ordercall.providers.shopify.query_budget import FIRST
from ordercall.sandbox.graphql_cost import LARGEST, Pricing
from ordercall.sandbox.graphql_views import order_view
from ordercall.sandbox.orders import make_order

SMALLEST_BUCKET = 1_000
"""Points that Shopify gave an app of its cheapest plan, of which 50 came back each second."""

LAMP = ParcelLine("BRA-01", "Brass Lamp", "Large", 2, Decimal("499.50"), 850, ships=True)


def body_line(**changes: Any) -> dict[str, Any]:
    told = {"title": "Brass Lamp", "name": "Brass Lamp - Large", "variant_title": "Large", "sku": "BRA-01"}
    return {**told, "price": "499.50", "grams": 850, "quantity": 3, "current_quantity": 2, **changes}


READ: dict[str, tuple[dict[str, Any], ParcelLine]] = {
    "as it is": ({}, LAMP),
    "of a product without variants": ({"variant_title": "Default Title"}, LAMP._replace(variant=None)),
    "without a SKU": ({"sku": ""}, LAMP._replace(sku=None)),
    "that was never weighed": ({"grams": None}, LAMP._replace(grams=None)),
    "with a price that is none": ({"price": "free"}, LAMP._replace(price=None)),
    "with a price that is a number": ({"price": 499.5}, LAMP),
    "that was taken back": ({"current_quantity": 0}, LAMP._replace(quantity=0)),
    "that does not ship": ({"requires_shipping": False}, LAMP._replace(ships=False)),
    "that is a gift card": ({"gift_card": True}, LAMP._replace(ships=False)),
    "with a price that is no price": ({"price": "-1"}, LAMP._replace(price=None)),
    "with a SKU that is a number": ({"sku": 1234}, LAMP._replace(sku="1234")),
    "with a SKU that is none": ({"sku": ["A"]}, LAMP._replace(sku=None)),
    "with a title in two lines": ({"title": "Brass\nLamp"}, LAMP),
}


@pytest.mark.parametrize(("changes", "line"), READ.values(), ids=list(READ))
def test_a_line_is_kept(changes: dict[str, Any], line: ParcelLine) -> None:
    assert lines_of(read(line_items=[body_line(**changes)])) == [line]


def test_every_line_is_kept_and_those_that_are_left_to_ship_go_in_the_parcel() -> None:
    fee, gone = body_line(title="COD fee", requires_shipping=False), body_line(title="Bowl", current_quantity=0)
    order = read(line_items=[fee, body_line(), gone])

    assert [line.title for line in lines_of(order) or []] == ["COD fee", "Brass Lamp", "Bowl"]
    assert parcel_lines(order) == [LAMP]
    assert grams_of([LAMP, LAMP._replace(quantity=1, grams=None)]) == 1_700


def test_an_order_without_lines_has_an_empty_parcel() -> None:
    assert parcel_lines(read(line_items=None)) == []


def test_lines_that_cannot_be_written_are_not_known() -> None:
    assert read(line_items=[body_line(sku="half of an emoji: \ud83d")]).lines is None


@pytest.mark.parametrize("name", ["title", "sku", "variant_title", "price", "grams"])
def test_lines_that_lack_a_field_leave_the_lines_open(name: str) -> None:
    bare = {key: value for key, value in body_line().items() if key != name}
    order = read(line_items=[body_line(), bare])

    assert order.lines is None
    assert "lines" in order.absent


def test_the_second_line_of_the_address_is_kept() -> None:
    order = read(shipping_address=make_address(address2=" Opposite the temple "))

    assert (order.address2, order.absent) == ("Opposite the temple", frozenset())


def test_an_address_without_its_second_line_leaves_that_open() -> None:
    address = make_address()
    del address["address2"]

    assert read(shipping_address=address).absent == {"address2"}


@pytest.mark.parametrize(
    ("query", "asked", "most"),
    [
        (LIST + ORDER, {"first": FIRST, "lines": LINES}, SMALLEST_BUCKET / 4),  # three quarters are left to holds
        (ONE + ORDER, {"lines": LINES}, SMALLEST_BUCKET / 20),
        (REST_OF_LINES, {}, LARGEST),
    ],
)
def test_a_reading_stays_within_what_one_request_may_cost(query: str, asked: dict[str, int], most: float) -> None:
    document = parse(query)
    operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))

    assert Pricing(document, asked).requested(operation) <= most


UNITS = [("GRAMS", 850.0, 850), ("KILOGRAMS", 0.85, 850), ("POUNDS", 1.5, 680), ("OUNCES", 8, 227), ("STONES", 1, None)]


@pytest.mark.parametrize(("unit", "value", "grams"), UNITS)
def test_a_weight_of_graphql_is_kept_in_grams(unit: str, value: float, grams: int | None) -> None:
    line = {"title": "Lamp", "sku": None, "variant_title": None, "quantity": 1, "requires_shipping": True}
    money = {"price": {"shopMoney": {"amount": "499.5"}}, "grams": {"unit": unit, "value": value}}

    body = order_body({"id": "1"}, [line | money], ZoneInfo("Asia/Kolkata"))

    assert (body["line_items"][0]["price"], body["line_items"][0]["grams"]) == ("499.50", grams)


def test_a_webhook_and_graphql_tell_the_same_of_a_line() -> None:
    sent = make_order(1001, line_items=[body_line()])
    [shown] = order_view(sent)["lineItems"](None, first=5)["nodes"]
    asked = {
        **{"title": shown["title"], "sku": shown["sku"], "variant_title": shown["variantTitle"], "vendor": "V"},
        **{"quantity": shown["quantity"], "current_quantity": shown["currentQuantity"], "gift_card": False},
        **{"requires_shipping": True, "price": shown["originalUnitPriceSet"], "grams": shown["weight"]},
    }
    told = order_body({"id": str(sent["id"])}, [asked], ZoneInfo("Asia/Kolkata"))

    read_back = read_order(json.dumps(told).encode(), from_shop=True)

    assert read_back.lines == read_order(make_body(line_items=[body_line()])).lines
