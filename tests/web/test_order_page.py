"""An order's page: what is known of it, and the way to the next one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from reporting import report, ring

from makers import make_address
from ordercall.sandbox.orders import make_order
from reading import ANANYA, decide, look
from web_app import Shop


def test_an_order_is_shown_with_all_that_is_known(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, person=ANANYA, total_price="1299.00")

    page = look(person, f"/orders/{order_id}")

    assert page.one("h1").text == "#1001"
    assert page.one(id="customer-title").text == "Ananya Iyer"
    assert page.one("address").text == "14 Lake View Road, AdyarChennai, Tamil Nadu 600020"
    assert page.has("a", href="tel:+915550001001")
    assert page.has("a", href="mailto:customer1001@example.com")
    for text in ("Steel Tiffin, Three Tiers", "₹1,299", "To collect on delivery", "24 Nov 2026, 12:00:00 pm IST"):
        assert text in page.text


@pytest.mark.parametrize(
    ("phone", "source"),
    [
        ("+919876543210", "from the order"),
        ("+915550001001", "from the order"),
        ("022-23456789", "from the order, a landline"),
        ("1800 123 4567", "from the order, a toll-free number"),
        ("+44 20 7946 0958", "from the order, a foreign number"),
    ],
)
def test_a_phone_that_is_no_mobile_says_what_it_is(shop: Shop, person: FlaskClient, phone: str, source: str) -> None:
    page = look(person, f"/orders/{shop.receive(1001, phone=phone, shipping_address=None, billing_address=None)}")

    assert f"{source} " in f"{page.text} "
    assert (f"{source}, a" in page.text) is False


def test_an_order_without_a_usable_phone_says_what_each_field_holds(
    shop: Shop, person: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    order_id = shop.receive(
        1001,
        phone=None,
        customer=None,
        shipping_address=make_address(phone="+1 469-555-0134 ext. 40321"),
        billing_address=make_address(phone="000-000-0000"),
    )

    told = (
        "Shipping address: a number with an extension, which without it may reach somebody else;"
        " billing address: a placeholder."
    )
    for path in (f"/orders/{order_id}", "/needs-you"):
        page = look(person, path).text
        assert told in page
        assert "40321" not in page
    assert "40321" not in caplog.text


RAZORPAY = {"payment_gateway_names": ["Razorpay"]}
COD_PAYMENT = "Payment Cash on Delivery (COD), "


@pytest.mark.parametrize(
    ("body", "way", "shown"),
    [
        ({}, "COD", COD_PAYMENT + "pending To collect on delivery ₹1,299"),
        (
            {"financial_status": "partially_paid", "total_outstanding": "499.00"},
            "COD",
            COD_PAYMENT + "partially paid To collect on delivery ₹499",
        ),
        (
            {"financial_status": "paid", "total_outstanding": "0.00"},
            "COD",
            COD_PAYMENT + "paid To collect on delivery ₹0",
        ),
        (
            {"financial_status": "partially_paid", "total_outstanding": None},
            "COD",
            COD_PAYMENT + "partially paid To collect on delivery unknown",
        ),
        (RAZORPAY | {"financial_status": "paid", "total_outstanding": "0.00"}, "Prepaid", "Payment Razorpay, paid"),
        (
            RAZORPAY | {"financial_status": "paid", "total_outstanding": "200.00"},
            "Prepaid",
            "Payment Razorpay, paid Still to be paid ₹200",
        ),
        ({"payment_gateway_names": [], "financial_status": None}, None, "Payment unknown Still to be paid ₹1,299"),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_how_an_order_is_paid_and_what_is_due_are_two_things(
    shop: Shop, person: FlaskClient, body: dict[str, object], way: str | None, shown: str
) -> None:
    order_id = shop.receive(1001, total_price="1299.00", **body)

    page = look(person, f"/orders/{order_id}")

    assert page.one("section", aria_labelledby="item-title").one("dl").text == shown
    assert [badge.text for badge in page.one("header", css="mb-5").all(css="bdg")][2:] == ([way] if way else [])


def test_an_e_mail_address_adds_nothing_to_the_letter(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, email="a+b@example.com?bcc=thief@example.com&body=x")

    page = look(person, f"/orders/{order_id}")

    assert page.has("a", href="mailto:a%2Bb@example.com%3Fbcc%3Dthief@example.com%26body%3Dx")


def test_an_order_tells_its_place_in_the_list_it_was_opened_from(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    order_id = shop.receive(1002)
    shop.receive(1003)
    decide(shop, shop.receive(1004), "Success")

    assert look(person, f"/orders/{order_id}").one("nav", aria_label="Breadcrumb").has("span", text="3 of 4")
    placed = look(person, f"/orders/{order_id}?from=%3Fstatus%3DPlaced")
    assert placed.one("nav", aria_label="Breadcrumb").has("span", text="2 of 3")


def test_the_other_orders_of_the_same_phone_are_shown(shop: Shop, person: FlaskClient) -> None:
    phone = "+915550009999"
    earlier = shop.receive(1001, phone=phone, created_at="2026-10-01T12:00:00+05:30")
    decide(shop, earlier, "Returned")
    shop.receive(1002)
    order_id = shop.receive(1003, phone=phone)

    others = look(person, f"/orders/{order_id}").one("section", aria_labelledby="customer-title").all("ul")[1]

    assert [link.text for link in others.all("a")] == ["#1001"]
    assert others.has(css="b-Returned")


def test_an_order_without_a_phone_has_no_others(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, phone=None)

    page = look(person, f"/orders/{shop.receive(1002, phone=None)}")

    assert page.has("li", text="No usable phone number")
    assert not page.has("h3", text="Other orders from this phone")


def test_one_can_go_to_the_next_order_of_the_list(mixed: Shop, person: FlaskClient) -> None:
    link = look(person, "/?status=Placed").one("a", css="go", text="#1002").attrs["href"]

    page = look(person, link)
    newer, older = page.one("a", rel="prev").attrs["href"], page.one("a", rel="next").attrs["href"]

    assert look(person, newer).one("h1").text == "#1006"
    assert look(person, older).one("h1").text == "#1001"


def test_one_can_go_to_the_next_order_of_a_report(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, created_at="2026-11-20T12:00:00+05:30")
    shop.receive(1002, created_at="2026-11-21T12:00:00+05:30")
    link = look(person, "/reports/placed").one("a", css="go", text="#1002").attrs["href"]

    older = look(person, link).one("a", rel="next").attrs["href"]

    assert look(person, older).one("h1").text == "#1001"


NO_ORDERS = ["1", "0", "-1", "abc", "1.5", str(2**63), "9" * 5_000, "%FF", "٣"]


@pytest.mark.parametrize("text", NO_ORDERS, ids=lambda text: text[:20])
def test_an_unknown_order_has_a_page_that_says_so(person: FlaskClient, text: str) -> None:
    page = look(person, f"/orders/{text}", status=404)

    assert page.one("h1").text.startswith("No order has the Shopify id")
    assert page.one("a", css="btn").attrs["href"] == "/"


def test_times_are_shown_where_the_shop_is(shop: Shop, person: FlaskClient) -> None:
    moment = datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC).isoformat()

    page = look(person, f"/orders/{shop.receive(1001, created_at=moment)}")

    assert "24 Nov 2026, 8:34:05 am IST" in page.one("header", css="mb-5").text


def test_an_order_is_shown_with_each_of_its_lines_and_the_second_line_of_its_address(
    shop: Shop, person: FlaskClient
) -> None:
    lamp = make_order(1001)["line_items"][0] | {"title": "Lamp", "variant_title": "Large", "sku": "LMP-1", "grams": 850}
    fee = lamp | {"title": "COD fee", "variant_title": None, "sku": None, "grams": 0, "requires_shipping": False}
    lines = [lamp | {"quantity": 2, "current_quantity": 2, "price": "499.50"}, fee | {"price": "50.00"}]
    address = make_order(1001)["shipping_address"] | {"address2": "Opposite the temple"}

    page = look(person, f"/orders/{shop.receive(1001, line_items=lines, shipping_address=address)}")

    shown = next(one for one in page.all("ul") if one.attrs.get("aria-label") == "Lines")
    assert [" ".join(line.text.split()) for line in shown.all("li")] == [
        "2 × Lamp - Large LMP-1 · 850 g ₹499.50",
        "1 × COD fee not shipped ₹50",
    ]
    assert "Weighs 1,700 g" in page.text
    assert "Opposite the temple" in page.one("address").text


def test_an_earlier_order_is_shown_without_its_lines(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, lines=None)

    assert [
        one for one in look(person, f"/orders/{order_id}").all("ul") if one.attrs.get("aria-label") == "Lines"
    ] == []


def test_a_call_stands_with_what_its_customer_said(shop: Shop, person: FlaskClient) -> None:
    order_id = ring(shop)
    report(shop, shopify_id=order_id, answer="refused", reason="price", quote="mehenga hai", duration_seconds=65)

    calls = look(person, f"/orders/{order_id}").one("section", aria_labelledby="calls-title")

    assert "price. “mehenga hai” Talked for 1 min 5 s." in calls.text
