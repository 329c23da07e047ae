"""From a webhook's body to an order. Every field may be null, missing or of another type than Shopify's.

One odd field costs that field; only a body that is no order at all is refused. What is named here is asked of REST as
well; GraphQL is asked for it in ``order_shape``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from ordercall.domain.characters import JOINERS, is_kept
from ordercall.domain.order_lines import Line, read_lines
from ordercall.domain.orders import LARGEST_ID, Fulfilment, Order
from ordercall.domain.outside_json import NestedTooDeeply, read_json, refuse_deep_nesting
from ordercall.domain.payment import MoneyNow, pays_on_delivery
from ordercall.domain.phones import Candidate, first_usable, why_unusable
from ordercall.providers.json_values import part

LONGEST_TEXT = 500
"""Characters; no name and no line of an address comes near it, and the agent reads them out."""

LONGEST_NUMBER = 30
"""Digits; an id has 19. Python takes ever longer to read more, and refuses thousands."""

LARGEST_AMOUNT = Decimal(10) ** 15
"""No order costs as much in any currency, and in thousandths, as the counters sum, it fits 64 bits."""


class UnreadableBody(Exception):
    """The body is signed but is no order. The message says what it is instead, without quoting it."""


class _Address(msgspec.Struct):
    """Of an address, what this program uses, whatever stands in it."""

    first_name: Any = None
    last_name: Any = None
    address1: Any = None
    city: Any = None
    zip: Any = None
    province: Any = None
    province_code: Any = None
    country: Any = None
    country_code: Any = None
    phone: Any = None


class _Customer(msgspec.Struct):
    """Of a customer, the same."""

    first_name: Any = None
    last_name: Any = None
    email: Any = None
    phone: Any = None
    default_address: _Address | None = None


class _Line(msgspec.Struct):
    """Of a line item, the same."""

    title: Any = None
    name: Any = None
    quantity: Any = None
    current_quantity: Any = None
    requires_shipping: Any = None
    gift_card: Any = None
    product_exists: Any = None
    vendor: Any = msgspec.UNSET  # null where the line is no product of the shop


class _Fulfillment(msgspec.Struct):
    """Of a parcel, the same."""

    status: Any = None


class _Body(msgspec.Struct):
    """Of an order, the same. What is not named here is skipped unread, which takes a third of the time."""

    id: Any = None
    admin_graphql_api_id: Any = None
    name: Any = None
    total_price: Any = None
    currency: Any = None
    total_outstanding: Any = None
    current_total_price: Any = None
    current_total_price_set: Any = None
    email: Any = None
    contact_email: Any = None
    phone: Any = None
    created_at: Any = None
    processed_at: Any = None
    updated_at: Any = None
    cancelled_at: Any = None
    closed_at: Any = None
    source_name: Any = None
    test: Any = None
    gateway: Any = None
    payment_gateway_names: Any = None
    financial_status: Any = None
    fulfillment_status: Any = None
    fulfillments: list[_Fulfillment] | None = None
    customer: _Customer | None = None
    shipping_address: _Address | None = None
    billing_address: _Address | None = None
    line_items: list[_Line] | None = None
    total_outstanding_set: Any = msgspec.UNSET  # GraphQL alone tells it
    order_id: Any = msgspec.UNSET  # stands in a refund, a fulfilment and the like
    shop_owner: Any = msgspec.UNSET  # stands in a shop


ORDER_FIELDS = tuple(field.name for field in msgspec.structs.fields(_Body) if field.default is not msgspec.UNSET)
"""What is read of an order, by the names in a webhook; neither what shows that a body is none nor what REST lacks."""

_decode = msgspec.json.Decoder(_Body, float_hook=str).decode
"""A number with a point or an exponent stays as it is written: as a float it would hide which digits are rounded."""
_SHOWS_NOTHING = f" {JOINERS}"
_NOBODY = _Customer()
_NOWHERE = _Address()


def read_order(body: bytes) -> Order:
    """Return the order that stands in a webhook's body.

    Raises:
        UnreadableBody: it is not JSON, not an object, of another resource, or without a usable id.
    """
    raw = _read_json(body)
    shopify_id = _read_id(raw)
    _refuse_other_resources(raw)
    customer = raw.customer or _NOBODY
    shipping, billing = raw.shipping_address or _NOWHERE, raw.billing_address or _NOWHERE
    phone = first_usable(_phones(raw, customer, shipping, billing))
    phone_fault = None if phone else why_unusable(_phones(raw, customer, shipping, billing))
    total, outstanding, placed_at = _money(raw.total_price), _money(raw.total_outstanding), _placed_at(raw)
    gateways, payment = list(_gateways(raw)), _text(raw.financial_status)
    ordered, now = read_lines([*map(_line, raw.line_items or [])]), _money_now(raw, outstanding)
    return Order(
        shopify_id=shopify_id,
        order_name=_text(raw.name),
        product_title=ordered.product,
        item_count=ordered.item_count,
        items=ordered.items,
        units_left=ordered.units_left,
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
        address=_text(shipping.address1),
        city=_text(shipping.city),
        zip=_text(shipping.zip),
        state=_text(shipping.province) or _text(shipping.province_code),
        province_code=_text(shipping.province_code),
        country=_text(shipping.country_code) or _text(shipping.country),
        gateways=", ".join(gateways) or None,
        financial_status=payment,
        fulfillment_status=_fulfilment(raw),
        is_cod=pays_on_delivery(gateways, payment, outstanding),
        total_outstanding=outstanding,
        current_total_price=now.total,
        current_outstanding=now.outstanding,
        presentment_currency=now.currency,
        closed_at=_text(raw.closed_at),
        source_name=_source(raw),
        is_test=raw.test is True or _text(raw.test) == "true",
        shopify_cancelled_at=_text(raw.cancelled_at),
        remarks=tuple(_remarks(raw, total, placed_at)),
    )


def read_order_if_any(body: bytes) -> Order | None:
    """Return the order that stands in a body, or None for a body that holds none."""
    try:
        return read_order(body)
    except UnreadableBody:
        return None


def _read_json(body: bytes) -> _Body:
    try:
        return _read_leniently(body)
    except msgspec.ValidationError as error:
        raise UnreadableBody("The body is JSON, but not an object with an order's fields.") from error
    except NestedTooDeeply as error:
        raise UnreadableBody("The body is nested too deeply to be an order.") from error
    except ValueError as error:
        raise UnreadableBody("The body is not JSON.") from error


def _read_leniently(body: bytes) -> _Body:
    """Read strictly and fast; what is odd but still JSON (half an emoji, NaN, 1e999) is read a second time.

    So is a body in which something else stands where an address, a customer or a line must be; it is left out then.
    """
    refuse_deep_nesting(body)
    try:
        return _decode(body)
    except msgspec.DecodeError:
        return msgspec.convert(_tamed(read_json(body, parse_int=_int, parse_float=str)), _Body)


def _tamed(raw: Any) -> Any:
    if not isinstance(raw, dict):
        return raw
    customer = _object(raw.get("customer"))
    if customer:
        customer = customer | {"default_address": _object(customer.get("default_address"))}
    addresses = {name: _object(raw.get(name)) for name in ("shipping_address", "billing_address")}
    lists = {name: _objects(raw.get(name)) for name in ("line_items", "fulfillments")}
    return raw | addresses | lists | {"customer": customer}


def _object(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _objects(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _int(digits: str) -> int | None:
    """Read a whole number; thousands of digits are no number that stands in an order."""
    return int(digits) if len(digits) <= LONGEST_NUMBER else None


def _read_id(raw: _Body) -> int:
    """Return the id; it may be written as digits in a text, but never as a fraction or a negative number."""
    value = int(raw.id) if isinstance(raw.id, str) and raw.id.isascii() and _digits(raw.id) else raw.id
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST_ID:
        raise UnreadableBody("The body has no usable order id.")
    return value


def _digits(text: str) -> bool:
    return text.isdigit() and len(text) <= 19


def _refuse_other_resources(raw: _Body) -> None:
    """Headers are not signed, so the body itself must be an order."""
    resource = _text(raw.admin_graphql_api_id)
    if resource and "/Order/" not in resource:
        raise UnreadableBody("The body is not an order: its admin_graphql_api_id names another resource.")
    if raw.order_id is not msgspec.UNSET or raw.shop_owner is not msgspec.UNSET:
        raise UnreadableBody("The body is not an order: it has the fields of a shop or of a part of an order.")


def _phones(raw: _Body, customer: _Customer, shipping: _Address, billing: _Address) -> Iterator[Candidate]:
    default = customer.default_address or _NOWHERE
    home = _country(shipping) or _country(billing) or _country(default)
    yield Candidate("order", _text(raw.phone), home)
    # Shopify copies a phone into many fields; an international one says the same in each, and is read once.
    copied = raw.phone if isinstance(raw.phone, str) and raw.phone.startswith("+") else None
    if shipping.phone != copied:
        yield Candidate("shipping address", _text(shipping.phone), _country(shipping) or home)
    if billing.phone != copied:
        yield Candidate("billing address", _text(billing.phone), _country(billing) or home)
    if customer.phone != copied:
        yield Candidate("customer", _text(customer.phone), home)
    if default.phone != copied:
        yield Candidate("default address", _text(default.phone), _country(default) or home)


def _line(raw: _Line) -> Line:
    current = _count(raw.current_quantity)
    pieces = _count(raw.quantity) if current is None else current
    ships = raw.requires_shipping is not False and raw.gift_card is not True
    catalogued = raw.gift_card is True or (raw.vendor is not None and raw.product_exists is not False)
    return Line(_text(raw.title), _text(raw.name), 1 if pieces is None else pieces, ships, catalogued)


def _fulfilment(raw: _Body) -> Fulfilment:
    """Return how much has left; a parcel whose fulfilment was cancelled has not."""
    parcels = raw.fulfillments or []
    taken_back = parcels and all(_text(parcel.status) == "cancelled" for parcel in parcels)
    return Fulfilment.NOTHING if taken_back else Fulfilment.of(_text(raw.fulfillment_status))


def _source(raw: _Body) -> str | None:
    name = _text(raw.source_name)
    return name and name.casefold()


def _placed_at(raw: _Body) -> datetime | None:
    """Return when the order was placed: an imported one was created today, and processed when it was."""
    created = _time(raw.created_at)
    if raw.processed_at == raw.created_at:
        return created
    return min(filter(None, (created, _time(raw.processed_at))), default=None)


def _money_now(raw: _Body, outstanding: Decimal | None) -> MoneyNow:
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
    if currency == shops or outstanding == 0:
        return MoneyNow(total, outstanding, currency)
    due = part(raw.total_outstanding_set, "presentment_money")
    if _text(due.get("currency_code")) == currency:
        return MoneyNow(total, _money(due.get("amount")), currency)
    return MoneyNow(total, total if outstanding is not None and outstanding == in_shop else None, currency)


def _count(value: Any) -> int | None:
    """Return a number of pieces; one below zero says as little as one that is no number."""
    if isinstance(value, str) and value.isascii() and _digits(value):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_ID else None


def _country(address: _Address) -> str | None:
    return _text(address.country_code) or _text(address.country)


def _gateways(raw: _Body) -> Iterator[str]:
    names = raw.payment_gateway_names
    for name in [*(names if isinstance(names, list) else [names]), raw.gateway]:
        if text := _text(name):
            yield text


def _remarks(raw: _Body, total: Decimal | None, placed_at: datetime | None) -> Iterator[str]:
    if total is None:
        yield "Its total could not be read."
    if raw.created_at is not None and placed_at is None:
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


def _money(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < LARGEST_AMOUNT else None


def _time(value: Any) -> datetime | None:
    """Return an aware time; one without a zone is not a time that can be compared."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and moment.year > 1970 else None
