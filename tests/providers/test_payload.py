"""From a webhook's body to an order: what real shops send."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from bodies import read, with_amount, with_id

from makers import NUMBER, ORDER_ID, make_address
from ordercall.domain.orders.order import LARGEST_ID, Fulfilment, Order
from ordercall.providers.shopify.payload import read_order
from ordercall.sandbox.orders import fictional_phone

BEYOND_A_FLOAT = 2**53 + 1


def test_an_order_is_read_with_all_that_its_calling_needs() -> None:
    order = read(name="#1001")

    assert (order.shopify_id, order.order_name, order.customer_phone) == (ORDER_ID, "#1001", fictional_phone(NUMBER))
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

    assert (order.customer_phone, order.phone_source) == ("+919000000002", "billing address")


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

    assert (order.customer_phone, order.phone_source) == ("+919000000001", source)


def test_the_first_usable_phone_of_several_is_used() -> None:
    order = read(
        phone="call my wife",
        shipping_address=make_address(phone="12"),
        billing_address=make_address(phone="90000 00003"),
        customer={"phone": "90000 00004"},
    )

    assert order.customer_phone == "+919000000003"


def test_a_line_end_in_a_phone_field_ends_the_number() -> None:
    assert read(phone="98765432\n12", shipping_address=None, billing_address=None, customer=None).customer_phone is None
    assert read(phone=" 98123 45670\r\nRaj").customer_phone == "+919812345670"


def test_a_number_that_another_field_holds_with_its_extension_is_not_rung() -> None:
    order = read(phone="+918047101234", shipping_address=make_address(phone="080 4710 1234 PIN 40321"), customer=None)

    assert (order.customer_phone, order.phone_source) == (None, None)
    assert "extension" in (order.phone_fault or "")


def test_a_country_that_nobody_knows_is_not_india() -> None:
    address = make_address(phone="6505550134", country="Estados Unidos", country_code=None)

    assert read(phone=None, shipping_address=address, customer=None).customer_phone is None


def test_a_local_phone_is_read_as_dialled_in_the_country_of_its_address() -> None:
    order = read(phone=None, shipping_address=make_address(phone="050 123 4567", country_code="AE"))

    assert order.customer_phone == "+971501234567"


def test_a_local_phone_is_read_by_the_name_of_its_country_where_no_code_stands() -> None:
    address = make_address(phone="050 123 4567", country="United Arab Emirates", country_code=None)

    assert read(phone=None, shipping_address=address).customer_phone == "+971501234567"


def test_a_valid_phone_wins_over_a_possible_one_that_stands_before_it() -> None:
    order = read(phone="+91 55500 00001", shipping_address=make_address(phone="98765 43210"))

    assert (order.customer_phone, order.phone_source, order.phone_fault) == ("+919876543210", "shipping address", None)


@pytest.mark.parametrize(
    ("number", "phone"),
    [
        ("9876543210", "+919876543210"),
        ("919876543210", "+919876543210"),
        ("9876543210.0", "+919876543210"),
        ("9.876543210E9", "+919876543210"),
        ("9.87654E+09", None),
        ("9.87654321e9", None),
        ("987654321.0", None),
        ("9876543210.5", None),
        ("1e400", None),
        ("true", None),
        ('"9.87654E+09"', None),
        ("[9876543210]", None),
    ],
)
@pytest.mark.parametrize("also", ["", ', "note": NaN'], ids=["strict", "lenient"])
def test_a_phone_that_is_a_json_number_keeps_its_digits_or_is_none(number: str, phone: str | None, also: str) -> None:
    assert read_order(f'{{"id": 42, "phone": {number}{also}}}'.encode()).customer_phone == phone


def test_each_field_that_gives_no_phone_is_named() -> None:
    order = read(
        phone="+1 469-555-0134 ext. 40321",
        shipping_address=make_address(phone="98765 4321"),
        billing_address=None,
        customer={"phone": "9999999999", "default_address": {"phone": "ask my son"}},
    )

    assert (order.customer_phone, order.phone_source) == (None, None)
    assert order.phone_fault == (
        "Order: a number with an extension, which without it may reach somebody else; shipping address: too few digits;"
        " customer: a placeholder; default address: no number."
    )


def test_the_code_of_the_province_is_kept_beside_its_name() -> None:
    order = read(shipping_address=make_address(province="ગુજરાત", province_code="GJ"))

    assert (order.state, order.province_code) == ("ગુજરાત", "GJ")


def test_an_order_without_customer_and_addresses_is_read() -> None:
    order = read(phone=None, customer=None, shipping_address=None, billing_address=None)

    assert (order.shopify_id, order.customer_phone, order.first_name, order.state) == (ORDER_ID, None, None, None)
    assert order.customer_email == f"customer{NUMBER}@example.com"


def test_an_order_whose_fields_are_missing_altogether_is_read() -> None:
    order = read_order(b'{"id": 42}')

    assert order == Order(shopify_id=42, item_count=0, remarks=("Its total could not be read.",))


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

    assert (order.is_cod, order.customer_phone) == (False, None)


def test_an_email_comes_from_the_contact_or_the_customer_where_the_order_has_none() -> None:
    assert read(email="", contact_email="contact@example.com").customer_email == "contact@example.com"
    assert (
        read(email=None, contact_email=None, customer={"email": "own@example.com"}).customer_email == "own@example.com"
    )


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


def test_what_is_still_due_is_kept_as_shopify_wrote_it() -> None:
    assert read(total_outstanding="6479.10").total_outstanding == Decimal("6479.10")
    assert read(total_outstanding=None).total_outstanding is None


def test_an_order_that_was_paid_at_the_door_was_paid_there() -> None:
    assert read(financial_status="paid", total_outstanding="0.00").is_cod is True


def test_a_body_that_says_nothing_of_the_payment_leaves_the_way_of_it_open() -> None:
    assert read(payment_gateway_names=[], financial_status=None).is_cod is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [(True, True), ("true", True), ("True ", True), (1, True), ("1", True), (False, False), (0, False), (None, False)],
)
def test_a_test_order_is_known_as_one(written: Any, expected: bool) -> None:
    assert read(test=written).is_test is expected


def test_a_cancelled_order_keeps_the_time_of_its_cancellation() -> None:
    order = read(cancelled_at="2026-01-17T12:30:00+05:30", financial_status="voided")

    assert order.shopify_cancelled_at == "2026-01-17T12:30:00+05:30"


@pytest.mark.parametrize(("financial", "fulfilment"), [("VOIDED", "FULFILLED"), ("Voided ", " Fulfilled")])
def test_a_status_is_known_in_letters_of_any_size(financial: str, fulfilment: str) -> None:
    order = read(financial_status=financial, fulfillment_status=fulfilment)

    assert (order.financial_status, order.fulfillment_status) == ("voided", Fulfilment.ALL)


def test_a_part_that_left_is_known_by_the_word_of_graphql_too() -> None:
    assert read(fulfillment_status="PARTIALLY_FULFILLED").fulfillment_status is Fulfilment.PART


def test_what_costs_nothing_now_in_the_shops_currency_was_emptied_whatever_the_other_says() -> None:
    shown = {"presentment_money": {"amount": "1149.00", "currency_code": "INR"}}

    order = read(current_total_price="0.00", total_outstanding="0.00", current_total_price_set=shown)

    assert order.is_empty


def test_a_name_keeps_its_hash_slash_and_spaces() -> None:
    assert read(name="D-77/2026 #1003").order_name == "D-77/2026 #1003"


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
    name = read(name="#" * 100_000).order_name

    assert name is not None
    assert len(name) == 500


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
