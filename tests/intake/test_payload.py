"""From a webhook's body to an order: what real shops send, and what nobody should."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from makers import NUMBER, ORDER_ID, make_address, make_body
from ordercall.domain.orders import LARGEST_ID, Order
from ordercall.intake.payload import UnreadableBody, _Body, read_order
from ordercall.sandbox.orders import fictional_phone, make_order

FIELDS = [field.name for field in msgspec.structs.fields(_Body)]
ODD_VALUES = [None, [], {}, "", "x", 0, -1, 1.5, True, {"a": [1]}, ["x", None]]
BEYOND_A_FLOAT = 2**53 + 1


def read(**changes: Any) -> Order:
    return read_order(make_body(**changes))


def with_amount(written: str) -> bytes:
    """Return a body whose total is *written* as it stands here, quoted or not."""
    return make_body(total_price="TOTAL").replace(b'"TOTAL"', written.encode())


def with_id(written: str) -> bytes:
    return make_body(admin_graphql_api_id=None).replace(b'"id": %d' % ORDER_ID, b'"id": ' + written.encode(), 1)


def test_an_order_is_read_with_all_that_its_calling_needs() -> None:
    order = read(name="#1001")

    assert (order.shopify_id, order.name, order.phone) == (ORDER_ID, "#1001", fictional_phone(NUMBER))
    assert (order.first_name, order.city, order.state, order.country) == ("Jignesh", "Surat", "Gujarat", "IN")
    assert (order.product_title, order.item_count, order.remarks) == ("Steel Tiffin, Three Tiers", 1, ())


def test_a_total_is_kept_as_the_decimal_that_shopify_wrote() -> None:
    assert read(total_price="6779.10").total_price == Decimal("6779.10")


def test_a_creation_time_is_kept_as_text_and_as_an_aware_time() -> None:
    order = read(created_at="2026-01-17T11:58:57+05:30")

    assert order.created_at == "2026-01-17T11:58:57+05:30"
    assert order.placed_at == datetime(2026, 1, 17, 6, 28, 57, tzinfo=UTC)


def test_a_phone_that_stands_in_the_billing_address_only_is_used() -> None:
    order = read(phone=None, billing_address=make_address(phone="090000 00002", country_code="IN"))

    assert (order.phone, order.phone_source) == ("+919000000002", "billing address")


@pytest.mark.parametrize(
    ("places", "source"),
    [
        ({"phone": "+919000000001"}, "order"),
        ({"shipping_address": {"phone": "+919000000001"}}, "shipping address"),
        ({"billing_address": {"phone": "+919000000001"}}, "billing address"),
        ({"customer": {"phone": "+919000000001"}}, "customer"),
        ({"customer": {"default_address": {"phone": "+919000000001"}}}, "default address"),
    ],
)
def test_a_phone_is_found_wherever_it_stands(places: dict[str, Any], source: str) -> None:
    empty = {"phone": None, "shipping_address": None, "billing_address": None, "customer": None}

    order = read(**empty | places)

    assert (order.phone, order.phone_source) == ("+919000000001", source)


def test_the_first_usable_phone_of_several_is_used() -> None:
    order = read(
        phone="call my wife",
        shipping_address=make_address(phone="12"),
        billing_address=make_address(phone="90000 00003"),
        customer={"phone": "90000 00004"},
    )

    assert order.phone == "+919000000003"


def test_a_local_phone_is_read_as_dialled_in_the_country_of_its_address() -> None:
    order = read(phone=None, shipping_address=make_address(phone="050 123 4567", country_code="AE"))

    assert order.phone == "+971501234567"


def test_an_order_without_customer_and_addresses_is_read() -> None:
    order = read(phone=None, customer=None, shipping_address=None, billing_address=None)

    assert (order.shopify_id, order.phone, order.first_name, order.state) == (ORDER_ID, None, None, None)
    assert order.email == f"customer{NUMBER}@example.com"


def test_an_order_whose_fields_are_missing_altogether_is_read() -> None:
    order = read_order(b'{"id": 42}')

    assert order == Order(shopify_id=42, remarks=("Its total could not be read.",))


def test_a_digital_order_is_prepaid_and_has_nobody_to_call() -> None:
    order = read(
        phone=None,
        customer=None,
        shipping_address=None,
        billing_address=None,
        financial_status="paid",
        payment_gateway_names=["Razorpay Secure (UPI, Cards, Wallets, NetBanking)"],
        total_outstanding="0.00",
    )

    assert (order.is_cod, order.phone) == (False, None)


def test_an_email_comes_from_the_contact_or_the_customer_where_the_order_has_none() -> None:
    assert read(email="", contact_email="contact@example.com").email == "contact@example.com"
    assert read(email=None, contact_email=None, customer={"email": "own@example.com"}).email == "own@example.com"


def test_names_come_from_an_address_where_the_customer_has_none() -> None:
    order = read(customer={"first_name": "", "last_name": None})

    assert (order.first_name, order.last_name) == ("Jignesh", "Shah")


def test_an_order_of_120_line_items_names_the_first_and_counts_all() -> None:
    lines = [{"title": f"Item {number}", "price": "890.00"} for number in range(1, 121)]

    order = read(line_items=lines)

    assert (order.product_title, order.item_count) == ("Item 1", 120)


def test_a_line_whose_properties_are_an_object_is_read() -> None:
    order = read(line_items=[{"title": "Engraved pen", "properties": {"Engraving": "For Asha", "Gift": {"wrap": 1}}}])

    assert (order.product_title, order.item_count) == ("Engraved pen", 1)


def test_an_order_of_nothing_for_nothing_is_read() -> None:
    order = read(line_items=[], total_price="0.00")

    assert (order.product_title, order.item_count, order.total_price) == (None, 0, Decimal("0.00"))
    assert order.remarks == ()


def test_the_shops_own_currency_is_kept_when_the_customer_paid_in_another() -> None:
    order = read(currency="INR", presentment_currency="AED", total_price="6779.00")

    assert (order.currency, order.total_price) == ("INR", Decimal("6779.00"))


def test_a_euro_order_of_a_custom_item_is_read() -> None:
    item = {"title": "Custom engraving", "product_id": None, "variant_id": None, "sku": None, "price": "238.47"}

    order = read(currency="EUR", total_price="238.47", payment_gateway_names=[""], line_items=[item])

    assert (order.currency, order.total_price, order.gateways) == ("EUR", Decimal("238.47"), None)
    assert order.product_title == "Custom engraving"


def test_an_order_that_is_paid_partly_at_the_door_is_cash_on_delivery() -> None:
    order = read(
        payment_gateway_names=["Cash on Delivery (COD)", "Razorpay"],
        financial_status="partially_paid",
        total_outstanding="6479.00",
    )

    assert (order.gateways, order.is_cod) == ("Cash on Delivery (COD), Razorpay", True)


@pytest.mark.parametrize(
    ("gateways", "status", "outstanding", "expected"),
    [
        (["Cash on Delivery (COD)"], "pending", "999.00", True),
        (["cash_on_delivery"], "authorized", "999.00", True),
        (["Cash on Delivery (COD)"], "paid", "0.00", False),
        (["Cash on Delivery (COD)"], "voided", "0.00", False),
        (["manual"], "pending", "6779.00", True),
        (["manual"], "pending", "0.00", False),
        (["manual"], "paid", "6779.00", False),
        (["Razorpay"], "pending", "6779.00", False),
        ([], None, None, False),
    ],
)
def test_what_counts_as_cash_on_delivery(
    gateways: list[str], status: str | None, outstanding: str | None, expected: bool
) -> None:
    order = read(payment_gateway_names=gateways, financial_status=status, total_outstanding=outstanding)

    assert order.is_cod is expected


@pytest.mark.parametrize(("written", "expected"), [(True, True), ("true", True), (False, False), (None, False)])
def test_a_test_order_is_known_as_one(written: Any, expected: bool) -> None:
    assert read(test=written).is_test is expected


def test_a_cancelled_order_keeps_the_time_of_its_cancellation() -> None:
    order = read(cancelled_at="2026-01-17T12:30:00+05:30", financial_status="voided")

    assert order.cancelled_at == "2026-01-17T12:30:00+05:30"


def test_a_name_keeps_its_hash_slash_and_spaces() -> None:
    assert read(name="D-77/2026 #1003").name == "D-77/2026 #1003"


def test_a_text_over_several_lines_becomes_one_line() -> None:
    assert (
        read(shipping_address=make_address(address1="12 Lake Road\r\nAdyar\x00\t2")).address == "12 Lake Road Adyar 2"
    )


def test_a_name_keeps_the_joiners_that_its_script_writes_with() -> None:
    mohan = "മോഹന്\u200d"

    assert read(shipping_address=make_address(city=mohan)).city == mohan
    assert read(shipping_address=make_address(city="\u200d \u200c")).city is None
    assert read(shipping_address=make_address(city="Kochi\u202e!")).city == "Kochi !"


def test_a_very_long_text_is_cut() -> None:
    name = read(name="#" * 100_000).name

    assert name is not None
    assert len(name) == 500


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
        pytest.param(b"[" * 20_000 + b"]" * 20_000, id="20,000 nested brackets"),
        pytest.param(b'{"id": 42, "customer": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", id="brackets in a field"),
        pytest.param(b'{"a":' * 20_000 + b"1" + b"}" * 20_000, id="20,000 nested objects"),
        pytest.param(b'{"id": 42, "name": "\xff\xfe"}', id="invalid UTF-8"),
        pytest.param(b"\x00\x01\x02", id="bytes"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableBody):
        read_order(body)


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
    json.dumps([order.name], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "written",
    [
        "NaN", "Infinity", "-Infinity", "1e999", '"NaN"', '"Infinity"', '"1e999"', '"sNaN"', '"-1e400"', '"12,50"',
        '"free"', '"₹ 999"', "null", "true", "[]", "{}", '""', "1e15", "9" * 5_000, '"' + "9" * 5_000 + '"',
    ],
)  # fmt: skip
def test_an_amount_that_cannot_be_read_is_kept_as_none_and_told(written: str) -> None:
    order = read_order(with_amount(written))

    assert order.total_price is None
    assert order.remarks == ("Its total could not be read.",)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("999", "999"),
        ("99.99", "99.99"),
        ('" 99.99 "', "99.99"),
        ('"-5.00"', "-5.00"),
        ('"1e3"', "1000"),
        ('"0.1"', "0.1"),
        ("0", "0"),
    ],
)
def test_an_amount_may_be_a_number_or_a_text(written: str, expected: str) -> None:
    assert read_order(with_amount(written)).total_price == Decimal(expected)


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


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1", 1),
        ('"42"', 42),
        (str(BEYOND_A_FLOAT), BEYOND_A_FLOAT),
        (f'"{BEYOND_A_FLOAT}"', BEYOND_A_FLOAT),
        (str(LARGEST_ID), LARGEST_ID),
        (f'"{LARGEST_ID}"', LARGEST_ID),
    ],
)
def test_an_id_comes_out_exact(written: str, expected: int) -> None:
    assert read_order(with_id(written)).shopify_id == expected


def test_an_id_beyond_a_float_stays_exact_in_a_body_that_is_read_a_second_time() -> None:
    body = with_id(str(BEYOND_A_FLOAT)).replace(b'"tags": ""', b'"tags": NaN')

    assert read_order(body).shopify_id == BEYOND_A_FLOAT


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
