"""From a webhook's body to an order. Every field may be null, missing or of another type than Shopify's.

One odd field costs that field; only a body that is no order at all is refused. What is named here is asked of REST as
well; GraphQL is asked for it in ``order_shape``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import UNSET

from ordercall.domain.calls.calling import INDIA
from ordercall.domain.characters import JOINERS, is_kept
from ordercall.domain.orders.lines import Line, read_lines
from ordercall.domain.orders.order import LARGEST_ID, PHONE_NOT_SHOWN, Fulfilment, Order
from ordercall.domain.orders.payment import MoneyNow, in_one_text, pays_on_delivery
from ordercall.domain.parcels.parcel import written_lines
from ordercall.domain.phones.choosing import Candidate, Phone, first_usable, is_beyond_doubt, why_unusable
from ordercall.providers.json_values import part
from ordercall.providers.shopify.absent import absent_facts, tells_all_of_the_phone, tells_of_a_phone
from ordercall.providers.shopify.ids import read_id
from ordercall.providers.shopify.marks import read_marks
from ordercall.providers.shopify.order_body import (
    NOBODY,
    NOWHERE,
    Address,
    Customer,
    OrderBody,
    UnreadableBody,
    read_body,
)
from ordercall.providers.shopify.order_body import Line as LineBody

LONGEST_TEXT = 500
"""Characters; no name and no line of an address comes near it, and the agent reads them out."""

LARGEST_AMOUNT = Decimal(10) ** 15
"""No order costs as much in any currency, and in thousandths, as the counters sum, it fits 64 bits."""

EARLIEST = datetime(2004, 1, 1, tzinfo=UTC)
"""When the first shop of what became Shopify opened; 1970 and year 1 are how programs write no time at all."""

_PARTED_ZONE = re.compile(r"\s+(?=[+-]\d\d:?\d\d$)")
"""The blank before the zone, as Ruby writes it."""

_SHOWS_NOTHING = f" {JOINERS}"


def read_order(body: bytes, *, from_shop: bool = False) -> Order:
    """Return the order that stands in a webhook's body.

    Args:
        from_shop: the shop was asked for it, so there is no more to be had of it.

    Raises:
        UnreadableBody: it is not JSON, not an object, of another resource, or without a usable id.
    """
    raw, is_whole = read_body(body)
    shopify_id = _read_id(raw)
    customer = raw.customer or NOBODY
    shipping, billing = raw.shipping_address or NOWHERE, raw.billing_address or NOWHERE
    phone = _phone(raw, customer, shipping, billing)
    phone_fault = None if phone else why_unusable(_phones(raw, customer, shipping, billing))
    total, outstanding, placed_at = _money(raw.total_price), _money(raw.total_outstanding), _placed_at(raw)
    gateways, payment = list(_gateways(raw)), _word(raw.financial_status)
    lines = [*map(_line, raw.line_items or [])]
    ordered, now, marks = read_lines(lines), _money_now(raw, outstanding), read_marks(raw, final=from_shop)
    order = Order(
        shopify_id=shopify_id,
        order_name=_text(raw.name),
        product_title=ordered.product,
        item_count=ordered.item_count,
        items=ordered.items,
        units_left=ordered.units_left,
        lines=_written_lines(raw, lines),
        total_price=total,
        currency=_text(raw.currency),
        customer_email=_text(raw.email) or _text(raw.contact_email) or _text(customer.email),
        customer_phone=phone.number if phone else None,
        phone_source=phone.source if phone else None,
        phone_fault=phone_fault,
        created_at=_text(raw.created_at),
        placed_at=placed_at,
        shopify_updated_at=_time(raw.updated_at),
        first_name=_text(customer.first_name) or _text(shipping.first_name) or _text(billing.first_name),
        last_name=_text(customer.last_name) or _text(shipping.last_name) or _text(billing.last_name),
        ship_first_name=_text(shipping.first_name),
        ship_last_name=_text(shipping.last_name),
        address=_text(shipping.address1),
        address2=_text(shipping.address2),
        city=_text(shipping.city),
        zip=_text(shipping.zip),
        state=_text(shipping.province) or _text(shipping.province_code),
        province_code=_text(shipping.province_code),
        country=_text(shipping.country_code) or _text(shipping.country),
        gateways=in_one_text(gateways),
        financial_status=payment,
        fulfillment_status=_fulfilment(raw),
        is_cod=pays_on_delivery(gateways, payment, outstanding),
        total_outstanding=outstanding,
        current_total_price=now.total,
        current_outstanding=now.outstanding,
        presentment_currency=now.currency,
        closed_at=marks.closed_at,
        source_name=_word(raw.source_name),
        is_test=marks.is_test,
        shopify_cancelled_at=marks.cancelled_at,
        remarks=tuple(_remarks(raw, total, placed_at)),
        is_final=from_shop,
        unreadable=marks.unreadable,
    )
    is_whole = is_whole and not marks.unreadable and order.lines is not None and shipping.address2 is not UNSET
    return order if is_whole else _in_part(order, raw, phone)


def _in_part(order: Order, raw: OrderBody, phone: Phone | None) -> Order:
    """Return an order with what its body leaves open; nothing is concluded from a field that is not there."""
    absent = absent_facts(raw, phone) | order.unreadable
    hides_phone = order.is_final and not phone and not tells_all_of_the_phone(raw)
    unclear = "shopify_updated_at" in absent or ("customer_phone" in absent and tells_of_a_phone(raw))
    return replace(
        order,
        absent=absent,
        phone_fault=PHONE_NOT_SHOWN if hides_phone else order.phone_fault,
        to_be_read=not order.is_final and (unclear or bool(order.unreadable)),
        is_cod=None if "is_cod" in absent else order.is_cod,
    )


def read_order_if_any(body: bytes) -> Order | None:
    """Return the order that the shop shows, or None for a body that holds none."""
    try:
        return read_order(body, from_shop=True)
    except UnreadableBody:
        return None


def _read_id(raw: OrderBody) -> int:
    found = read_id(raw.id, "Order") or read_id(raw.admin_graphql_api_id, "Order")
    if found is None:
        raise UnreadableBody("The body has no usable order id.")
    return found


def _phone(raw: OrderBody, customer: Customer, shipping: Address, billing: Address) -> Phone | None:
    default = customer.default_address or NOWHERE
    if is_beyond_doubt(raw.phone, (shipping.phone, billing.phone, customer.phone, default.phone)):
        return Phone(raw.phone, "order")
    return first_usable(_phones(raw, customer, shipping, billing))


def _phones(raw: OrderBody, customer: Customer, shipping: Address, billing: Address) -> Iterator[Candidate]:
    default = customer.default_address or NOWHERE
    home = _country(shipping) or _country(billing) or _country(default)
    yield Candidate("order", _lines(raw.phone), home)
    # Shopify copies a phone into many fields; an international one says the same in each, and is read once.
    copied = raw.phone if isinstance(raw.phone, str) and raw.phone.startswith("+") else None
    if shipping.phone != copied:
        yield Candidate("shipping address", _lines(shipping.phone), _country(shipping) or home)
    if billing.phone != copied:
        yield Candidate("billing address", _lines(billing.phone), _country(billing) or home)
    if customer.phone != copied:
        yield Candidate("customer", _lines(customer.phone), home)
    if default.phone != copied:
        yield Candidate("default address", _lines(default.phone), _country(default) or home)


def _line(raw: LineBody) -> Line:
    current = _count(raw.current_quantity)
    pieces = _count(raw.quantity) if current is None else current
    ships = raw.requires_shipping is not False and raw.gift_card is not True
    catalogued = raw.gift_card is True or (raw.vendor is not None and raw.product_exists is not False)
    return Line(_text(raw.title), _text(raw.name), 1 if pieces is None else pieces, ships, catalogued)


def _written_lines(raw: OrderBody, lines: list[Line]) -> str | None:
    """Return what the body says of the lines, as it is kept; None where a field is absent that a courier needs."""
    if raw.line_items is UNSET:
        return None
    return written_lines(
        [
            (told.sku, told.title, told.variant_title, line.pieces, told.price, told.grams, line.ships)
            for told, line in zip(raw.line_items or [], lines, strict=True)
        ]
    )


def _fulfilment(raw: OrderBody) -> Fulfilment:
    return Fulfilment.shown(raw.fulfillment_status, (parcel.status for parcel in raw.fulfillments or []))


def _placed_at(raw: OrderBody) -> datetime | None:
    """Return when the order was placed: an imported one was created today, and processed when it was."""
    created = _time(raw.created_at)
    if raw.processed_at == raw.created_at:
        return created
    return min(filter(None, (created, _processed_at(raw.processed_at, created))), default=None)


def _processed_at(value: Any, created: datetime | None) -> datetime | None:
    """Return the time that another program may have set, as programs write times.

    Without a zone it is in that of the creation. One of before Shopify stands for a time that is not known, in an
    order that is none of today's.
    """
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(_PARTED_ZONE.sub("", value.strip().replace(" UTC", "Z")))
    except ValueError:
        return None
    zone = created.tzinfo if created else INDIA
    return max(moment if moment.tzinfo else moment.replace(tzinfo=zone), EARLIEST)


def _money_now(raw: OrderBody, outstanding: Decimal | None) -> MoneyNow:
    """Read the money in the currency in which the customer pays; in the shop's, where the body says no other.

    A webhook says what is due in the shop's currency alone. In another it is known where it is all or nothing, and is
    never worked out: nobody is told an amount that Shopify does not ask for.
    """
    in_shop, shops = _money(raw.current_total_price), _text(raw.currency)
    shown = part(raw.current_total_price_set, "presentment_money")
    currency = _text(shown.get("currency_code"))
    total = _money(shown.get("amount")) if currency else None
    if total is None:
        return MoneyNow(None, None, None) if in_shop is None else MoneyNow(in_shop, outstanding, shops)
    if in_shop is not None and in_shop <= 0:
        total = in_shop  # nothing is nothing in every currency
    if currency == shops or outstanding == 0:
        return MoneyNow(total, outstanding, currency)
    due = part(raw.total_outstanding_set, "presentment_money")
    if _text(due.get("currency_code")) == currency:
        return MoneyNow(total, _money(due.get("amount")), currency)
    return MoneyNow(total, total if outstanding is not None and outstanding == in_shop else None, currency)


def _count(value: Any) -> int | None:
    """Return a number of pieces, also one that is written as 0.0; below zero it says as little as what is none."""
    if type(value) is int:  # as in nearly all bodies
        return value if 0 <= value <= LARGEST_ID else None
    pieces = _money(value)
    return int(pieces) if pieces is not None and pieces >= 0 and pieces == pieces.to_integral_value() else None


def _country(address: Address) -> str | None:
    return _text(address.country_code) or _text(address.country)


def _gateways(raw: OrderBody) -> Iterator[str]:
    names = raw.payment_gateway_names
    for name in [*(names if isinstance(names, list) else [names]), raw.gateway]:
        if text := _text(name):
            yield text


def _remarks(raw: OrderBody, total: Decimal | None, placed_at: datetime | None) -> Iterator[str]:
    if total is None:
        yield "Its total could not be read."
    if raw.created_at not in (None, UNSET) and placed_at is None:
        yield "Its creation time could not be read; the time of receipt stands in."


def _text(value: Any) -> str | None:
    """Return a text in one line without control characters, or None for what is no text and for an empty one."""
    if value is None:
        return None
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        value = str(value)
    elif len(value) <= LONGEST_TEXT and "  " not in value and value.isprintable() and value.strip() == value:
        return value or None  # as nearly all are: no joiner is printable, and no blank but this one
    text = value[:LONGEST_TEXT]
    if not text.isprintable():
        text = "".join(char if is_kept(char) else " " for char in text)
    line = " ".join(text.split())
    return line if line.strip(_SHOWS_NOTHING) else None


def _word(value: Any) -> str | None:
    """Return a word of Shopify's in small letters: its GraphQL, and what forwards its webhooks, write them large."""
    text = _text(value)
    return text and text.casefold()


def _lines(value: Any) -> str | None:
    """Return a text as :func:`_text` does, but with its line breaks: behind one another number may begin."""
    text = _text(value)
    is_of_lines = text is not value and text is not None and isinstance(value, str) and len(value.splitlines()) > 1
    return value.strip() if is_of_lines else text


def _money(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and -LARGEST_AMOUNT < amount < LARGEST_AMOUNT else None


def _time(value: Any) -> datetime | None:
    """Return an aware time; one without a zone is not a time that can be compared."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and moment.year > 1970 else None
