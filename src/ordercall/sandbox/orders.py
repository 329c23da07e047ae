"""Shopify orders of an Indian shop that sells cash on delivery, as a webhook carries them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

FIRST_ID = 6_300_000_000_000  # of the length that Shopify's ids have today
OWN_PHONE = "the number's own"
INDIA = ZoneInfo("Asia/Kolkata")
CASH_ON_DELIVERY = "Cash on Delivery (COD)"
PERSONAL = frozenset(
    (
        "first_name",
        "last_name",
        "address1",
        "address2",
        "zip",
        "phone",
        "email",
        "contact_email",
        "latitude",
        "longitude",
    )
)
"""What Shopify hides from an app without access to protected customer data."""


class Person(NamedTuple):
    """A buyer; made up."""

    first_name: str
    last_name: str
    address: str
    city: str
    state: str
    state_code: str
    pin_code: str


class Product(NamedTuple):
    """Something the shop sells, with its price in whole rupees."""

    title: str
    variant: str
    price: int
    grams: int


PEOPLE = (
    Person("Ananya", "Iyer", "14 Lake View Road, Adyar", "Chennai", "Tamil Nadu", "TN", "600020"),
    Person("Hetal", "Patel", "B-402 Shanti Heights, SG Highway", "Ahmedabad", "Gujarat", "GJ", "380015"),
    Person("आरव", "शर्मा", "27 मालवीय नगर", "Jaipur", "Rajasthan", "RJ", "302017"),
    Person("Rohan", "Deshmukh", "Flat 8, Sahyadri Society, Kothrud", "Pune", "Maharashtra", "MH", "411038"),
    Person("Kavya", "Reddy", "3-5-112 Jubilee Lane", "Hyderabad", "Telangana", "TG", "500033"),
    Person("Jignesh", "Shah", "21 Ring Road Market", "Surat", "Gujarat", "GJ", "395007"),
    Person("प्रिया", "वर्मा", "9 हज़रतगंज", "Lucknow", "Uttar Pradesh", "UP", "226001"),
    Person("Arjun", "Nair", "Rose Villa, Marine Drive", "Kochi", "Kerala", "KL", "682031"),
    Person("Simran", "Kaur", "112 Model Town", "Ludhiana", "Punjab", "PB", "141002"),
    Person("Debjani", "Mukherjee", "6/1 Ballygunge Place", "Kolkata", "West Bengal", "WB", "700019"),
    Person("किशन", "पटेल", "5 अलकापुरी सोसायटी", "Vadodara", "Gujarat", "GJ", "390007"),
    Person("Meera", "Rao", "44 12th Cross, Indiranagar", "Bengaluru", "Karnataka", "KA", "560038"),
)

PRODUCTS = (
    Product("Block Print Cotton Kurta", "M / Indigo", 1299, 320),
    Product("Brass Table Lamp", "Antique", 2450, 1800),
    Product("Kolhapuri Chappal", "UK 8 / Tan", 999, 600),
    Product("Handloom Bedsheet, Double", "Marigold", 1849, 1400),
    Product("Masala Chai Gift Box", "Six tins", 749, 900),
    Product("Steel Tiffin, Three Tiers", "Large", 1149, 1100),
)


def make_order(
    number: int,
    *,
    person: Person | None = None,
    state: str | None = None,
    phone: str | None = OWN_PHONE,
    **changes: Any,
) -> dict[str, Any]:
    """Return the REST body of order ``#number``; the same arguments give the same order, but for its time.

    Args:
        number: 1001 gives ``#1001``. It also picks person, product, phone and id.
        person: the buyer.
        state: the province of both addresses. Without *person* it picks somebody who lives there, if anybody does.
        phone: of the order and of its addresses; None for an order without one. Default: see :func:`fictional_phone`.
        changes: top-level fields that replace or add to those of the order: ``id``, ``test``, ``created_at`` … Where
            ``total_price`` is among them, that is what it costs now, and all of it is due.
    """
    neighbours = [somebody for somebody in PEOPLE if somebody.state == state] or PEOPLE
    buyer = person or neighbours[number % len(neighbours)]
    if state:
        buyer = buyer._replace(state=state, state_code=buyer.state_code if buyer.state == state else "")
    rung = fictional_phone(number) if phone == OWN_PHONE else phone
    order_id = changes.get("id", FIRST_ID + number)
    written = changes.get("created_at") or datetime.now(INDIA).isoformat(timespec="seconds")
    product = PRODUCTS[number % len(PRODUCTS)]
    quantity = 2 if number % 5 == 0 else 1
    body = _head(number, order_id, written) | _money(product, quantity) | _who(number, buyer, rung)
    body["line_items"] = [_line(order_id, product, quantity)]
    total = changes.get("total_price", body["total_price"])
    now = changes.get("current_total_price", total)
    money = {"total_outstanding": total, "current_total_price": now, "current_total_price_set": in_rupees(now)}
    return body | money | {"processed_at": changes.get("created_at", written)} | changes


def fictional_phone(number: int) -> str:
    """Return an E.164 number that cannot ring anybody.

    No Indian number begins with 555: the numbering plan assigns the range to nobody. The length is right, so
    ``phonenumbers`` calls it possible, and not valid. The last hundred are those of ``talks.CUSTOMERS``.
    """
    return f"+91555{number % 9_999_900:07d}"


def buyer(order: dict[str, Any]) -> Person:
    """Return the buyer of an order, by its shipping address."""
    address = order["shipping_address"]
    names = ("first_name", "last_name", "address1", "city", "province", "province_code", "zip")
    return Person(*(address[name] or "" for name in names))


def _head(number: int, order_id: int, written: str) -> dict[str, Any]:
    return {
        "id": order_id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order_id}",
        "name": f"#{number}",
        "number": number - 1000,
        "order_number": number,
        "confirmed": True,
        "created_at": written,
        "updated_at": written,
        "cancelled_at": None,
        "cancel_reason": None,
        "closed_at": None,
        "financial_status": "pending",
        "fulfillment_status": None,
        "fulfillments": [],
        "refunds": [],
        "payment_gateway_names": [CASH_ON_DELIVERY],
        "source_name": "web",
        "tags": "",
        "note": None,
        "note_attributes": [],
        "discount_codes": [],
        "test": False,
    }


def _money(product: Product, quantity: int) -> dict[str, Any]:
    total = f"{product.price * quantity}.00"
    return {
        "currency": "INR",
        "presentment_currency": "INR",
        "taxes_included": True,
        "total_line_items_price": total,
        "subtotal_price": total,
        "total_price": total,
        "total_price_set": in_rupees(total),
        "total_discounts": "0.00",
        "total_tip_received": "0.00",
        "total_shipping_price_set": in_rupees("0.00"),
        "total_weight": product.grams * quantity,
        "shipping_lines": [{"title": "Free delivery", "price": "0.00", "code": "Free delivery"}],
    }


def _who(number: int, person: Person, phone: str | None) -> dict[str, Any]:
    email = f"customer{number}@example.com"
    address = _address(person, phone)
    return {
        "email": email,
        "contact_email": email,
        "phone": phone,
        "customer_locale": "en-IN",
        "customer": {
            "id": FIRST_ID + 900_000_000_000 + number,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": email,
            "phone": phone,
            "default_address": address | {"default": True},
        },
        "billing_address": address,
        "shipping_address": address,
    }


def _address(person: Person, phone: str | None) -> dict[str, Any]:
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "name": f"{person.first_name} {person.last_name}",
        "company": None,
        "address1": person.address,
        "address2": None,
        "city": person.city,
        "province": person.state,
        "province_code": person.state_code or None,
        "zip": person.pin_code,
        "country": "India",
        "country_code": "IN",
        "phone": phone,
    }


def _line(order_id: int, product: Product, quantity: int) -> dict[str, Any]:
    return {
        "id": order_id + 7_000_000_000_000,
        "title": product.title,
        "variant_title": product.variant,
        "name": f"{product.title} - {product.variant}",
        "quantity": quantity,
        "current_quantity": quantity,
        "price": f"{product.price}.00",
        "grams": product.grams,
        "sku": "-".join(word[:3].upper() for word in product.title.split() if word.isalpha()),
        "vendor": "Sandbox Shop",
        "requires_shipping": True,
        "gift_card": False,
        "fulfillment_status": None,
        "properties": [],
        "tax_lines": [],
    }


def in_rupees(amount: Any) -> dict[str, Any]:
    """Return an amount as it stands in each ``…_set``: in the shop's currency and in the customer's."""
    money = {"amount": amount, "currency_code": "INR"}
    return {"shop_money": money, "presentment_money": money}


def without_customer(body: Any) -> Any:
    """Return a body in which all that says who the customer is, is null, at any depth; places stay."""
    if isinstance(body, list):
        return [without_customer(each) for each in body]
    if not isinstance(body, dict):
        return body
    return {name: None if name in PERSONAL else without_customer(value) for name, value in body.items()} | (
        {"name": None} if "address1" in body else {}
    )
