"""From a webhook's body to an order. Every field may be null, missing or of another type than Shopify's.

One odd field costs that field; only a body that is no order at all is refused. What is named here is asked of REST as
well; GraphQL is asked for it in ``order_shape``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from ordercall.domain.characters import JOINERS, is_kept
from ordercall.domain.orders import LARGEST_ID, PHONE_NOT_SHOWN, Fulfilment, Order
from ordercall.domain.outside_json import NestedTooDeeply, read_json, refuse_deep_nesting
from ordercall.domain.payment import pays_on_delivery
from ordercall.domain.phones import Candidate, Phone, first_usable, is_valid, why_unusable

LONGEST_TEXT = 500
"""Characters; no name and no line of an address comes near it, and the agent reads them out."""

LONGEST_NUMBER = 30
"""Digits; an id has 19. Python takes ever longer to read more, and refuses thousands."""

LARGEST_AMOUNT = Decimal(10) ** 15
"""No order costs as much in any currency, and in thousandths, as the counters sum, it fits 64 bits."""


PHONE_FIELDS = ("order", "shipping address", "billing address", "customer", "default address")
"""Where a phone may stand, in the order in which they are read."""


class UnreadableBody(Exception):
    """The body is signed but is no order. The message says what it is instead, without quoting it."""


class _Address(msgspec.Struct):
    """Of an address, what this program uses, whatever stands in it."""

    first_name: Any = UNSET
    last_name: Any = UNSET
    address1: Any = UNSET
    city: Any = UNSET
    zip: Any = UNSET
    province: Any = UNSET
    province_code: Any = UNSET
    country: Any = UNSET
    country_code: Any = UNSET
    phone: Any = UNSET


class _Customer(msgspec.Struct):
    """Of a customer, the same."""

    first_name: Any = UNSET
    last_name: Any = UNSET
    email: Any = UNSET
    phone: Any = UNSET
    default_address: _Address | None = None  # one that has none has no key for it either


class _Line(msgspec.Struct):
    """Of a line item, the same."""

    title: Any = None
    name: Any = None


class _Body(msgspec.Struct):
    """Of an order, the same. What is not named here is skipped unread, which takes a third of the time."""

    id: Any = None
    admin_graphql_api_id: Any = None
    name: Any = None
    total_price: Any = None
    currency: Any = None
    total_outstanding: Any = None
    email: Any = UNSET
    contact_email: Any = None
    phone: Any = UNSET
    created_at: Any = None
    updated_at: Any = None
    cancelled_at: Any = None
    test: Any = None
    gateway: Any = None
    payment_gateway_names: Any = None
    financial_status: Any = None
    fulfillment_status: Any = None
    customer: _Customer | UnsetType | None = UNSET
    shipping_address: _Address | UnsetType | None = UNSET
    billing_address: _Address | UnsetType | None = UNSET
    line_items: list[_Line] | None = None
    order_id: Any = UNSET  # stands in a refund, a fulfilment and the like
    shop_owner: Any = UNSET  # stands in a shop


OF_ANOTHER = ("order_id", "shop_owner")
"""What shows that a body is no order."""

ORDER_FIELDS = tuple(field.name for field in msgspec.structs.fields(_Body) if field.name not in OF_ANOTHER)
"""What is read of an order, by the names in a webhook."""

_decode = msgspec.json.Decoder(_Body, float_hook=str).decode
"""A number with a point or an exponent stays as it is written: as a float it would hide which digits are rounded."""
_SHOWS_NOTHING = f" {JOINERS}"
_NOBODY = _Customer(first_name=None, last_name=None, email=None, phone=None)
_NOWHERE = _Address(**dict.fromkeys(_Address.__struct_fields__))
_SOMEWHERE = _Address()
_UNKNOWN = _Customer(default_address=_SOMEWHERE)
"""A customer and an address of which nothing is told, unlike those that are null."""


def read_order(body: bytes) -> Order:
    """Return the order that stands in a webhook's body.

    Raises:
        UnreadableBody: it is not JSON, not an object, of another resource, or without a usable id.
    """
    raw = _read_json(body)
    shopify_id = _read_id(raw)
    _refuse_other_resources(raw)
    customer = _UNKNOWN if raw.customer is UNSET else raw.customer or _NOBODY
    shipping, billing = _address(raw.shipping_address), _address(raw.billing_address)
    phone = first_usable(_phones(raw, customer, shipping, billing))
    phone_fault = None if phone else _phone_fault(raw, customer, shipping, billing)
    total, outstanding, placed_at = _money(raw.total_price), _money(raw.total_outstanding), _time(raw.created_at)
    gateways, payment = list(_gateways(raw)), _text(raw.financial_status)
    lines = raw.line_items or []
    return Order(
        shopify_id=shopify_id,
        order_name=_text(raw.name),
        product_title=next((title for line in lines if (title := _text(line.title or line.name))), None),
        item_count=len(lines),
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
        fulfillment_status=Fulfilment.of(_text(raw.fulfillment_status)),
        is_cod=pays_on_delivery(gateways, payment, outstanding),
        total_outstanding=outstanding,
        is_test=raw.test is True or _text(raw.test) == "true",
        shopify_cancelled_at=_text(raw.cancelled_at),
        remarks=tuple(_remarks(raw, total, placed_at)),
        unknown=frozenset(_unknown(raw, customer, shipping, billing, phone)),
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
    objects = {name: _object(raw.get(name)) for name in ("shipping_address", "billing_address")} | {
        "customer": customer
    }
    there = {name: value for name, value in objects.items() if name in raw}
    return raw | there | {"line_items": _objects(raw.get("line_items"))}


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
    if raw.order_id is not UNSET or raw.shop_owner is not UNSET:
        raise UnreadableBody("The body is not an order: it has the fields of a shop or of a part of an order.")


def _address(address: _Address | UnsetType | None) -> _Address:
    return _SOMEWHERE if address is UNSET else address or _NOWHERE


def _unknown(
    raw: _Body, customer: _Customer, shipping: _Address, billing: _Address, phone: Phone | None
) -> Iterator[str]:
    """Yield the facts of which the body does not tell what they are.

    A fact is taken from the first of some fields that holds something; one that is absent there might have held it.
    So it is with the country that a phone is dialled in.
    """
    there = (raw.email, raw.phone, *map(msgspec.structs.astuple, (customer, shipping, billing)))
    if UNSET not in there and not any(UNSET in fields for fields in there[2:]):
        return
    for name, fields in {
        "customer_email": (raw.email, raw.contact_email, customer.email),
        "first_name": (customer.first_name, shipping.first_name, billing.first_name),
        "last_name": (customer.last_name, shipping.last_name, billing.last_name),
        "address": (shipping.address1,),
        "city": (shipping.city,),
        "zip": (shipping.zip,),
        "state": (shipping.province, shipping.province_code),
        "province_code": (shipping.province_code,),
        "country": (shipping.country_code, shipping.country),
    }.items():
        if _absent_first(fields):
            yield name
    default = customer.default_address or _NOWHERE
    countries = [country for each in (shipping, billing, default) for country in (each.country_code, each.country)]
    phones = _phone_fields(raw, customer, shipping, billing)
    read = phones[: PHONE_FIELDS.index(phone.source)] if phone and is_valid(phone.number) else phones
    if UNSET in read or _absent_first(countries):
        yield from ("customer_phone", "phone_source", "phone_fault")


def _phone_fields(raw: _Body, customer: _Customer, shipping: _Address, billing: _Address) -> tuple[Any, ...]:
    """Return what stands in each of :data:`PHONE_FIELDS`."""
    default = customer.default_address or _NOWHERE
    return (raw.phone, shipping.phone, billing.phone, customer.phone, default.phone)


def _phone_fault(raw: _Body, customer: _Customer, shipping: _Address, billing: _Address) -> str | None:
    """Return why there is no phone: a field that is not shown may hold one, whatever stands in the others."""
    if UNSET in _phone_fields(raw, customer, shipping, billing):
        return PHONE_NOT_SHOWN
    return why_unusable(_phones(raw, customer, shipping, billing))


def _absent_first(fields: Iterable[Any]) -> bool:
    return next((field is UNSET for field in fields if field is UNSET or _text(field)), False)


def _phones(raw: _Body, customer: _Customer, shipping: _Address, billing: _Address) -> Iterator[Candidate]:
    default = customer.default_address or _NOWHERE
    home = _country(shipping) or _country(billing) or _country(default)
    of_order, of_shipping, of_billing, of_customer, of_default = PHONE_FIELDS
    yield Candidate(of_order, _text(raw.phone), home)
    # Shopify copies a phone into many fields; an international one says the same in each, and is read once.
    copied = raw.phone if isinstance(raw.phone, str) and raw.phone.startswith("+") else None
    if shipping.phone != copied:
        yield Candidate(of_shipping, _text(shipping.phone), _country(shipping) or home)
    if billing.phone != copied:
        yield Candidate(of_billing, _text(billing.phone), _country(billing) or home)
    if customer.phone != copied:
        yield Candidate(of_customer, _text(customer.phone), home)
    if default.phone != copied:
        yield Candidate(of_default, _text(default.phone), _country(default) or home)


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
    if not isinstance(value, str):
        if value is None or isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        value = str(value)
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
