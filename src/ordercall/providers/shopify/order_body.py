"""The body of an order's webhook: what this program uses of it, whatever stands there, and what is absent.

Absent is not null: a subscription with ``include_fields`` sends only what that names, be it one line of an address.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import msgspec
from msgspec import UNSET

from ordercall.domain.outside_json import NestedTooDeeply, read_json, refuse_deep_nesting

LONGEST_NUMBER = 30
"""Digits; an id has 19. Python takes ever longer to read more, and refuses thousands."""


XML = "The body is XML: its webhook has the format XML. Set it to JSON in Shopify, or run: ordercall shopify connect"


class UnreadableBody(Exception):
    """The body is signed but is no order. The message says what it is instead, without quoting it."""


class OtherResource(UnreadableBody):
    """The body is signed and is something else of Shopify's than an order."""


class Address(msgspec.Struct):
    """Of an address, what this program uses. UNSET: it is absent; None: it is empty."""

    first_name: Any = UNSET
    last_name: Any = UNSET
    address1: Any = UNSET
    address2: Any = UNSET
    city: Any = UNSET
    zip: Any = UNSET
    province: Any = UNSET
    province_code: Any = UNSET
    country: Any = UNSET
    country_code: Any = UNSET
    phone: Any = UNSET


class Customer(msgspec.Struct):
    """Of a customer, the same."""

    first_name: Any = UNSET
    last_name: Any = UNSET
    email: Any = UNSET
    phone: Any = UNSET
    default_address: Address | None = None  # which a customer who has none may lack


class Line(msgspec.Struct):
    """Of a line item, the same."""

    title: Any = UNSET
    name: Any = UNSET
    sku: Any = UNSET
    variant_title: Any = UNSET
    price: Any = UNSET
    grams: Any = UNSET
    quantity: Any = UNSET
    current_quantity: Any = UNSET
    requires_shipping: Any = UNSET
    gift_card: Any = UNSET
    product_exists: Any = UNSET
    vendor: Any = UNSET  # null where the line is no product of the shop


class Fulfillment(msgspec.Struct):
    """Of a parcel, the same."""

    status: Any = UNSET


class OrderBody(msgspec.Struct):
    """Of an order, the same. What is not named here is skipped unread, which takes a third of the time."""

    id: Any = UNSET
    admin_graphql_api_id: Any = UNSET
    name: Any = UNSET
    total_price: Any = UNSET
    currency: Any = UNSET
    total_outstanding: Any = UNSET
    current_total_price: Any = UNSET
    current_total_price_set: Any = UNSET
    email: Any = UNSET
    contact_email: Any = UNSET
    phone: Any = UNSET
    created_at: Any = UNSET
    processed_at: Any = UNSET
    updated_at: Any = UNSET
    cancelled_at: Any = UNSET
    closed_at: Any = UNSET
    source_name: Any = UNSET
    test: Any = UNSET
    gateway: Any = UNSET
    payment_gateway_names: Any = UNSET
    financial_status: Any = UNSET
    fulfillment_status: Any = UNSET
    fulfillments: list[Fulfillment] | msgspec.UnsetType | None = UNSET
    customer: Customer | msgspec.UnsetType | None = UNSET
    shipping_address: Address | msgspec.UnsetType | None = UNSET
    billing_address: Address | msgspec.UnsetType | None = UNSET
    line_items: list[Line] | msgspec.UnsetType | None = UNSET
    total_outstanding_set: Any = UNSET  # GraphQL alone tells it
    order_id: Any = UNSET  # stands in a refund, a fulfilment and the like
    shop_owner: Any = UNSET  # stands in a shop


ORDER_FIELDS = tuple(field.name for field in msgspec.structs.fields(OrderBody))[:-3]
"""What is read of an order, by the names in a webhook; neither what shows that a body is none nor what REST lacks."""

NOBODY, NOWHERE = Customer(None, None, None, None), Address(*[None] * len(msgspec.structs.fields(Address)))
"""What stands for a customer and an address that are null: then all of theirs is, too."""

ADDRESSES = ("shipping_address", "billing_address")

_MAY_LACK = {
    **dict.fromkeys(("gateway", "contact_email", "total_outstanding", "total_outstanding_set", "default_address")),
    **dict.fromkeys(("current_total_price", "current_total_price_set", "fulfillments", "status")),
    **dict.fromkeys(("order_id", "shop_owner", "address2"), UNSET),
}
"""What a whole body need not have, and what stands for it: it came or went with a version of Shopify, or GraphQL does
not have it, or it is not an order's, or a courier alone needs it."""

_A_LINE_MAY_LACK = {
    **dict.fromkeys(("name", "quantity", "current_quantity", "requires_shipping", "gift_card", "product_exists")),
    **dict.fromkeys(("vendor", "sku", "variant_title", "price", "grams"), UNSET),
}
"""The same of a line in it."""


class _AnyBody(OrderBody):
    """An order's body that may lack anything, and what else shows that it is another resource's."""

    token: Any = UNSET
    order_number: Any = UNSET
    abandoned_checkout_url: Any = UNSET
    invoice_url: Any = UNSET
    variants: Any = UNSET
    orders_count: Any = UNSET


_RESOURCES = {
    "abandoned_checkout_url": "a checkout",
    "invoice_url": "a draft order",
    "variants": "a product",
    "orders_count": "a customer",
}
"""What is told by a field that no order has."""


def _decoder(kind: Any) -> Callable[[bytes], Any]:
    """A number with a point or exponent stays as it is written: as a float it would hide which digits are rounded."""
    return msgspec.json.Decoder(kind, float_hook=str).decode


def _whole(kind: type[msgspec.Struct], may_lack: dict[str, Any] = _MAY_LACK, **types: Any) -> Any:
    """Return a struct of the same fields that must all be there: so it costs nothing to see that a body is whole."""
    fields = [(each.name, types.get(each.name, Any)) for each in msgspec.structs.fields(kind)]
    required = [field for field in fields if field[0] not in may_lack]
    optional = [(*field, may_lack[field[0]]) for field in fields if field not in required]
    return msgspec.defstruct(kind.__name__, [*required, *optional])


def _decoder_of_whole_bodies() -> Callable[[bytes], Any]:
    address = _whole(Address) | None
    customer = _whole(Customer, default_address=address) | None
    line: Any = _whole(Line, _A_LINE_MAY_LACK)
    parcel: Any = _whole(Fulfillment)
    lists: dict[str, Any] = {"line_items": list[line] | None, "fulfillments": list[parcel] | None}
    return _decoder(_whole(OrderBody, customer=customer, **lists, **dict.fromkeys(ADDRESSES, address)))


_decode_whole = _decoder_of_whole_bodies()
_decode_any = _decoder(_AnyBody)


def read_body(body: bytes) -> tuple[OrderBody, bool]:
    """Return an order's body, and whether it lacks nothing that a whole one has.

    Raises:
        UnreadableBody: it is not JSON, not an object, or another resource's.
    """
    try:
        refuse_deep_nesting(body)
        whole = _decode_if_whole(body)
        any_body = whole if whole and _names_an_order(whole) else _read_leniently(body)
    except msgspec.ValidationError as error:
        raise UnreadableBody("The body is JSON, but not an object with an order's fields.") from error
    except NestedTooDeeply as error:
        raise UnreadableBody("The body is nested too deeply to be an order.") from error
    except ValueError as error:
        raise UnreadableBody(why_not_json(body)) from error
    _refuse_other_resources(any_body)
    return any_body, whole is not None


def why_not_json(body: bytes) -> str:
    """Return what a body is that is no JSON, as a sentence; XML may begin with the mark of its encoding."""
    return XML if body.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<") else "The body is not JSON."


def _decode_if_whole(body: bytes) -> OrderBody | None:
    try:
        return cast(OrderBody, _decode_whole(body))
    except msgspec.DecodeError:
        return None


def _read_leniently(body: bytes) -> _AnyBody:
    """Read what lacks something; what is odd but still JSON (half an emoji, NaN, 1e999) is read once more.

    So is a body in which something else stands where an address, a customer or a line must be; it is left out then.
    """
    try:
        return cast(_AnyBody, _decode_any(body))
    except msgspec.DecodeError:
        return msgspec.convert(_tamed(read_json(body, parse_int=_int, parse_float=str)), _AnyBody)


def _tamed(raw: Any) -> Any:
    if not isinstance(raw, dict):
        return raw
    tamed: dict[str, Any] = {name: _object(raw[name]) for name in ("customer", *ADDRESSES) if name in raw}
    if customer := tamed.get("customer"):
        tamed["customer"] = customer | {"default_address": _object(customer.get("default_address"))}
    return raw | tamed | {name: _objects(raw[name]) for name in ("line_items", "fulfillments") if name in raw}


def _object(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _objects(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _int(digits: str) -> int | None:
    """Read a whole number; thousands of digits are no number that stands in an order."""
    return int(digits) if len(digits) <= LONGEST_NUMBER else None


def _names_an_order(body: OrderBody) -> bool:
    return isinstance(body.admin_graphql_api_id, str) and "/Order/" in body.admin_graphql_api_id


def _refuse_other_resources(body: OrderBody) -> None:
    """Headers are not signed, so the body itself must be an order."""
    if isinstance(body, _AnyBody):
        _refuse_what_names_no_order(body)
    if body.order_id is not UNSET or body.shop_owner is not UNSET:
        raise OtherResource("The body is not an order: it has the fields of a shop or of a part of an order.")


def _refuse_what_names_no_order(body: _AnyBody) -> None:
    if _names_an_order(body):
        return
    if isinstance(body.admin_graphql_api_id, str) and body.admin_graphql_api_id.strip():
        raise OtherResource("The body is not an order: its admin_graphql_api_id names another resource.")
    checkout = "a checkout" if body.token is not UNSET and body.order_number is UNSET else None
    if resource := next((words for name, words in _RESOURCES.items() if getattr(body, name) is not UNSET), checkout):
        raise OtherResource(f"The body is not an order but {resource}.")
