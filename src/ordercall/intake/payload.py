"""From a webhook's body to an order. Every field may be null, missing or of another type than Shopify's.

One odd field costs that field; only a body that is no order at all is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from ordercall.domain.orders import LARGEST_ID, Order, pays_on_delivery
from ordercall.domain.outside_json import NestedTooDeeply, read_json, refuse_deep_nesting
from ordercall.domain.phones import Candidate, first_usable
from ordercall.domain.texts import JOINERS, is_kept

LONGEST_TEXT = 500
LONGEST_NUMBER = 30
LARGEST_AMOUNT = Decimal(10) ** 15


class UnreadableBody(Exception):
    """The body is signed but is no order. The message says what it is instead, without quoting it."""


class _Address(msgspec.Struct):
    """Of an address, what this program uses, whatever stands in it."""

    first_name: Any = None
    last_name: Any = None
    address1: Any = None
    city: Any = None
    province: Any = None
    province_code: Any = None
    country: Any = None
    country_code: Any = None
    phone: Any = None


class _Customer(msgspec.Struct):
    """Of a customer, likewise."""

    first_name: Any = None
    last_name: Any = None
    email: Any = None
    phone: Any = None
    default_address: _Address | None = None


class _Line(msgspec.Struct):
    """Of a line item, likewise."""

    title: Any = None
    name: Any = None


class _Body(msgspec.Struct):
    """Of an order, likewise. What is not named here is skipped unread, which takes a third of the time."""

    id: Any = None
    admin_graphql_api_id: Any = None
    name: Any = None
    total_price: Any = None
    currency: Any = None
    total_outstanding: Any = None
    email: Any = None
    contact_email: Any = None
    phone: Any = None
    created_at: Any = None
    updated_at: Any = None
    cancelled_at: Any = None
    test: Any = None
    gateway: Any = None
    payment_gateway_names: Any = None
    financial_status: Any = None
    fulfillment_status: Any = None
    customer: _Customer | None = None
    shipping_address: _Address | None = None
    billing_address: _Address | None = None
    line_items: list[_Line] | None = None
    order_id: Any = msgspec.UNSET  # stands in a refund, a fulfilment and the like
    shop_owner: Any = msgspec.UNSET  # stands in a shop


_decode = msgspec.json.Decoder(_Body).decode
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
    total, placed_at = _money(raw.total_price), _time(raw.created_at)
    gateways = list(_gateways(raw))
    lines = raw.line_items or []
    return Order(
        shopify_id=shopify_id,
        name=_text(raw.name),
        product_title=next((title for line in lines if (title := _text(line.title or line.name))), None),
        item_count=len(lines),
        total_price=total,
        currency=_text(raw.currency),
        email=_text(raw.email) or _text(raw.contact_email) or _text(customer.email),
        phone=phone.number if phone else None,
        phone_source=phone.source if phone else None,
        created_at=_text(raw.created_at),
        placed_at=placed_at,
        updated_at=_time(raw.updated_at),
        first_name=_text(customer.first_name) or _text(shipping.first_name) or _text(billing.first_name),
        last_name=_text(customer.last_name) or _text(shipping.last_name) or _text(billing.last_name),
        address=_text(shipping.address1),
        city=_text(shipping.city),
        state=_text(shipping.province) or _text(shipping.province_code),
        country=_text(shipping.country_code) or _text(shipping.country),
        gateways=", ".join(gateways) or None,
        financial_status=_text(raw.financial_status),
        fulfillment_status=_text(raw.fulfillment_status),
        is_cod=pays_on_delivery(gateways, _text(raw.financial_status), _money(raw.total_outstanding)),
        is_test=raw.test is True or _text(raw.test) == "true",
        cancelled_at=_text(raw.cancelled_at),
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
        return msgspec.convert(_tamed(read_json(body, parse_int=_int)), _Body)


def _tamed(raw: Any) -> Any:
    if not isinstance(raw, dict):
        return raw
    customer = _object(raw.get("customer"))
    if customer:
        customer = customer | {"default_address": _object(customer.get("default_address"))}
    addresses = {name: _object(raw.get(name)) for name in ("shipping_address", "billing_address")}
    return raw | addresses | {"customer": customer, "line_items": _objects(raw.get("line_items"))}


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
    yield Candidate("shipping address", _text(shipping.phone), _country(shipping) or home)
    yield Candidate("billing address", _text(billing.phone), _country(billing) or home)
    yield Candidate("customer", _text(customer.phone), home)
    yield Candidate("default address", _text(default.phone), _country(default) or home)


def _country(address: _Address) -> str | None:
    return _text(address.country_code)


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
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    text = value[:LONGEST_TEXT]
    if not text.isprintable():
        text = "".join(char if is_kept(char) else " " for char in text)
    line = " ".join(text.split())
    return line if line.strip(f" {JOINERS}") else None


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
