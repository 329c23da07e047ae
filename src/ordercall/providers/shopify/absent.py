"""Which facts of an order a body leaves open, because fields are absent that tell them.

A fact that several fields may tell is told by the first that does, as far as none before it is absent.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from msgspec import UNSET, UnsetType

from ordercall.domain.phones.choosing import Phone
from ordercall.domain.phones.digits import is_sound
from ordercall.providers.shopify.order_body import Line, OrderBody

_TOLD_BY: dict[str, tuple[str, ...]] = {
    "order_name": ("name",),
    "total_price": ("total_price",),
    "currency": ("currency",),
    "total_outstanding": ("total_outstanding",),
    "customer_email": ("email", "contact_email", "customer.email"),
    "first_name": ("customer.first_name", "shipping_address.first_name", "billing_address.first_name"),
    "last_name": ("customer.last_name", "shipping_address.last_name", "billing_address.last_name"),
    "ship_first_name": ("shipping_address.first_name",),
    "ship_last_name": ("shipping_address.last_name",),
    "address": ("shipping_address.address1",),
    "address2": ("shipping_address.address2",),
    "city": ("shipping_address.city",),
    "zip": ("shipping_address.zip",),
    "state": ("shipping_address.province", "shipping_address.province_code"),
    "province_code": ("shipping_address.province_code",),
    "country": ("shipping_address.country_code", "shipping_address.country"),
    "gateways": ("payment_gateway_names",),
    "financial_status": ("financial_status",),
    "fulfillment_status": ("fulfillment_status",),
    "is_test": ("test",),
    "shopify_updated_at": ("updated_at",),
    "created_at": ("created_at",),
    "placed_at": ("created_at",),
    "shopify_cancelled_at": ("cancelled_at",),
    "closed_at": ("closed_at",),
    "source_name": ("source_name",),
}
_told_to_a_courier = attrgetter(
    *("title", "sku", "variant_title", "quantity", "current_quantity", "price", "grams", "requires_shipping")
)
_PHONES = {
    "order": "phone",
    "shipping address": "shipping_address.phone",
    "billing address": "billing_address.phone",
    "customer": "customer.phone",
    "default address": "customer.default_address.phone",
}
"""By what the source of a phone is called, in the order in which they are looked at."""

_COUNTRIES = tuple(
    f"{address}.{name}"
    for address in ("shipping_address", "billing_address", "customer.default_address")
    for name in ("country_code", "country")
)
"""Where the country of a phone stands that is written without one, in the order in which they are looked at."""


def absent_facts(body: OrderBody, phone: Phone | None) -> frozenset[str]:
    """Return the facts that a body leaves open.

    Args:
        phone: what was read from the fields that are there.
    """
    absent = {fact for fact, fields in _TOLD_BY.items() if _is_open(body, fields)}
    if "gateways" in absent or "financial_status" in absent:
        absent.add("is_cod")
    if not _tells_the_money_now(body):
        absent |= {"current_total_price", "current_outstanding", "presentment_currency"}
    absent |= _open_about_the_lines(body.line_items)
    if body.processed_at is UNSET:
        absent.add("placed_at")  # an imported order was created today
    return frozenset(absent | _open_about_the_phone(body, phone))


def tells_of_a_phone(body: OrderBody) -> bool:
    """Return whether a field for a phone is there, be it empty."""
    return any(_at(body, field) is not UNSET for field in _PHONES.values())


def tells_all_of_the_phone(body: OrderBody) -> bool:
    """Return whether each field for a phone is there, be it empty."""
    return all(_at(body, field) is not UNSET for field in _PHONES.values())


def _tells_the_money_now(body: OrderBody) -> bool:
    """Return whether the body has the order's total after every edit, with its currency; all three come of one body."""
    has_total = body.current_total_price is not UNSET
    return body.current_total_price_set is not UNSET or (has_total and body.currency is not UNSET)


def _open_about_the_lines(lines: list[Line] | UnsetType | None) -> set[str]:
    """Return what is open about the lines: what is left of one that does not say how many is no news."""
    if isinstance(lines, UnsetType):
        return {"product_title", "item_count", "items", "units_left", "lines"}
    lines = lines or []
    titles = {"product_title", "items"} if lines and all(line.title is UNSET for line in lines) else set()
    pieces = {"items", "units_left"} if any(line.current_quantity is UNSET for line in lines) else set()
    is_told = not any(UNSET in _told_to_a_courier(line) for line in lines)
    return titles | pieces | (set() if is_told else {"lines"})


def _open_about_the_phone(body: OrderBody, phone: Phone | None) -> set[str]:
    """Return what is open about the phone. Where it certainly is the one of its field, that field is told all the same.

    No field that is absent may give another phone: one that is sound wins over all behind it.
    """
    sources = list(_PHONES)
    wins = phone is not None and is_sound(phone.number)
    looked_at = [_PHONES[each] for each in (sources[: sources.index(phone.source) + 1] if phone and wins else sources)]
    is_sure = all(_is_read_the_same_anywhere(body, field, phone) for field in looked_at)
    if is_sure and all(_at(body, field) is not UNSET for field in looked_at):
        return set()
    return {"customer_phone", "phone_fault"} | (set() if phone and is_sure else {"phone_source"})


def _is_read_the_same_anywhere(body: OrderBody, field: str, phone: Phone | None) -> bool:
    """Return whether a field holds no number, or the phone in full, or the country whose way of writing it follows."""
    text, address = _at(body, field), field.rpartition(".")[0]
    own = tuple(country for country in _COUNTRIES if "address" in address and country.startswith(address))
    return not text or (phone is not None and text == phone.number) or not _is_open(body, (*own, *_COUNTRIES))


def _is_open(body: OrderBody, fields: Iterable[str]) -> bool:
    """Return whether the first of the fields that holds something comes after one that is absent, or there is none."""
    for field in fields:
        value = _at(body, field)
        if value is UNSET:
            return True
        if value not in (None, ""):
            return False
    return False


def _at(body: OrderBody, path: str) -> Any:
    """Return what stands at a path; of what is null all is null, and of what is absent all is absent."""
    value: Any = body
    for name in path.split("."):
        if value is None or value is UNSET:
            return value
        value = getattr(value, name)
    return value
