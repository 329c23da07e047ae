"""Bodies that no shop should send: read as far as they can be, refused where they are no order, never guessed."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from bodies import read, with_amount, with_id

from makers import NUMBER, ORDER_ID, make_body, nested
from ordercall.domain.orders.order import LARGEST_ID, Order
from ordercall.domain.outside_json import DEEPEST
from ordercall.providers.shopify.order_body import OrderBody, UnreadableBody
from ordercall.providers.shopify.payload import read_order
from ordercall.sandbox.orders import make_order

FIELDS = [field.name for field in msgspec.structs.fields(OrderBody)]
ODD_VALUES = [None, [], {}, "", "x", 0, -1, 1.5, True, {"a": [1]}, ["x", None]]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"hello", id="a word"),
        pytest.param(b"id=42&name=%231001", id="a form"),
        pytest.param(b'{"id": 42', id="half an object"),
        pytest.param(b'{"id": 42} {"id": 43}', id="two objects"),
        pytest.param(b"[1, 2, 3]", id="an array"),
        pytest.param(b'[{"id": 42}]', id="an order in an array"),
        pytest.param(b"42", id="a number"),
        pytest.param(b"null", id="null"),
        pytest.param(b"NaN", id="not a number"),
        pytest.param(b'"order"', id="a text"),
        pytest.param(b"[" * 20_000, id="20,000 open brackets"),
        pytest.param(nested(20_000), id="20,000 nested brackets"),
        pytest.param(b'{"id": 42, "customer": %s}' % nested(20_000), id="brackets in a field"),
        pytest.param(b'{"id": 42, "note": %s}' % nested(DEEPEST), id="one level too many in a field that nobody reads"),
        pytest.param(b'{"a":' * 20_000 + b"1" + b"}" * 20_000, id="20,000 nested objects"),
        pytest.param(b'{"id": 42, "name": "\xff\xfe"}', id="invalid UTF-8"),
        pytest.param(b"\x00\x01\x02", id="bytes"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableBody):
        read_order(body)


@pytest.mark.parametrize("field", ["note", "name", "customer"])
def test_an_order_with_the_deepest_level_that_is_allowed_is_read(field: str) -> None:
    assert read_order(b'{"id": 42, "%s": %s}' % (field.encode(), nested(DEEPEST - 1))).shopify_id == 42


def test_a_refusal_does_not_quote_the_body() -> None:
    with pytest.raises(UnreadableBody) as refused:
        read_order(b'{"id": "asha@example.com", "phone": "+919000000001"}')

    assert str(refused.value) == "The body has no usable order id."


@pytest.mark.parametrize(
    "text", [pytest.param('"\\ud83d"', id="half an emoji"), pytest.param('"\\udcff Asha"', id="a lone low half")]
)
def test_an_order_with_half_a_character_in_a_text_is_read_without_it(text: str) -> None:
    order = read_order(make_body(name="NAME").replace(b'"NAME"', text.encode()))

    assert order.shopify_id == ORDER_ID
    json.dumps([order.order_name], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "written",
    [
        "NaN", "Infinity", "-Infinity", "1e999", '"NaN"', '"Infinity"', '"1e999"', '"sNaN"', '"-1e400"', '"12,50"',
        '"free"', '"₹ 999"', "null", "true", "[]", "{}", '""', "1e15", "9" * 5_000, '"' + "9" * 5_000 + '"',
        '"1e1000000"', '"-1e1000000"', '"1e9999999"', '"-1e999999"', "1e9999999",
    ],
)  # fmt: skip
def test_an_amount_that_cannot_be_read_is_kept_as_none_and_told(written: str) -> None:
    order = read_order(with_amount(written))

    assert order.total_price is None
    assert order.remarks == ("Its total could not be read.",)


@pytest.mark.parametrize(
    "written", ["yesterday", "2026-13-45T00:00:00Z", "2026-11-23T12:00:00", "0001-01-01T00:00:00Z"]
)
def test_a_creation_time_that_cannot_be_read_is_told(written: str) -> None:
    order = read(created_at=written)

    assert (order.created_at, order.placed_at) == (written, None)
    assert order.remarks == ("Its creation time could not be read; the time of receipt stands in.",)


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_at_the_edge_of_the_calendar_is_read_or_told(written: str) -> None:
    order = read(created_at=written, updated_at=written)

    assert order.shopify_id == ORDER_ID


@pytest.mark.parametrize(
    "written",
    [
        "0", "-1", "-6300000001001", "1.5", "6300000001001.0", "6.3e12", "true", "false", "null", '""', '"x"', '"-5"',
        '"1.5"', '"٤٢"', '"²"', "[]", "{}", '{"id": 1}', "NaN", "1e999", str(LARGEST_ID + 1), str(2**64),
        f'"{LARGEST_ID + 1}"', "9" * 5_000, '"' + "9" * 5_000 + '"',
    ],
)  # fmt: skip
def test_an_id_that_no_order_can_have_is_refused(written: str) -> None:
    with pytest.raises(UnreadableBody):
        read_order(with_id(written))


def test_a_number_of_5000_digits_in_a_field_nobody_reads_costs_nothing() -> None:
    body = make_body(tags="TAGS").replace(b'"TAGS"', b"9" * 5_000)

    assert read_order(body).shopify_id == ORDER_ID


def test_a_number_of_5000_digits_costs_only_the_field_it_stands_in() -> None:
    body = make_body(name="NAME").replace(b'"NAME"', b"9" * 5_000)

    assert read_order(body).shopify_id == ORDER_ID


@pytest.mark.parametrize(
    "resource", ["gid://shopify/Product/42", "gid://shopify/DraftOrder/42", "gid://shopify/Shop/1"]
)
def test_a_body_of_another_resource_is_refused(resource: str) -> None:
    with pytest.raises(UnreadableBody, match="another resource"):
        read(admin_graphql_api_id=resource)


@pytest.mark.parametrize("value", ODD_VALUES, ids=json.dumps)
@pytest.mark.parametrize("field", FIELDS)
def test_any_value_in_any_field_gives_an_order_or_an_unreadable_body(field: str, value: Any) -> None:
    body = json.dumps(make_order(NUMBER) | {field: value}).encode()

    try:
        order = read_order(body)
    except UnreadableBody:
        assert field in ("id", "admin_graphql_api_id", "order_id", "shop_owner")
    else:
        assert isinstance(order, Order)


@pytest.mark.parametrize("value", ODD_VALUES, ids=json.dumps)
@pytest.mark.parametrize("place", ["customer", "shipping_address", "billing_address"])
def test_any_value_inside_an_address_or_customer_gives_an_order(place: str, value: Any) -> None:
    names = ["phone", "email", "first_name", "last_name", "address1", "city", "province", "province_code"]
    odd = dict.fromkeys([*names, "country", "country_code", "default_address"], value)

    order = read(phone=None, **{place: odd})

    assert order.shopify_id == ORDER_ID


@pytest.mark.parametrize("value", ODD_VALUES, ids=json.dumps)
def test_any_value_inside_a_line_gives_an_order(value: Any) -> None:
    order = read(line_items=[value, {"title": value, "name": value, "properties": value}])

    assert order.shopify_id == ORDER_ID


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"order_edit": {"id": 1, "order_id": ORDER_ID, "line_items": {"additions": []}}}, id="an edit"),
        pytest.param({"order": {"id": ORDER_ID}, "notice": "Cancelled"}, id="the answer to a cancellation"),
        pytest.param({"shop_id": 1, "customer": {"id": 2}, "orders_to_redact": [ORDER_ID]}, id="a privacy request"),
    ],
)
def test_a_body_that_only_speaks_of_an_order_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(UnreadableBody, match="no usable order id"):
        read_order(json.dumps(body).encode())


@pytest.mark.parametrize("field", ["order_id", "shop_owner"])
def test_a_shop_or_a_refund_is_not_taken_for_an_order(field: str) -> None:
    with pytest.raises(UnreadableBody, match="not an order"):
        read_order(json.dumps(make_order(NUMBER) | {field: None}).encode())
