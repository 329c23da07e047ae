"""What a courier's columns may hold: a fixed list of facts about an order and its lines, and how each is written.

There is no language for expressions on purpose: what a shop writes down once must be right for every order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import Enum
from typing import Any

from babel import Locale

from ordercall.domain.orders.order import OrderFacts
from ordercall.domain.orders.payment import AUTHORIZED
from ordercall.domain.parcels.parcel import ParcelLine, grams_of
from ordercall.domain.places.pins import pin_of

INDIA = "+91"
MOBILE_DIGITS = 10
"""Of a number in India without its country; a mobile begins with 6 to 9."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """An order with what is left of it to ship. Money is in the shop's currency and never below zero."""

    order: OrderFacts
    lines: list[ParcelLine]

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def grams(self) -> int:
        return grams_of(self.lines)

    @property
    def total(self) -> Decimal:
        """What the order costs now."""
        return max(self.order.money_now.total or Decimal(0), Decimal(0))

    @property
    def to_collect(self) -> Decimal:
        return max(self.order.to_collect or Decimal(0), Decimal(0))

    @property
    def advance(self) -> Decimal:
        """What was paid before."""
        return max(self.total - self.to_collect, Decimal(0))

    @property
    def charges(self) -> Decimal:
        """What the order costs beyond the goods in the parcel: shipping, fees and lines that do not ship."""
        return max(self.total - self._goods, Decimal(0))

    @property
    def discount(self) -> Decimal:
        """What the order costs less than the goods in the parcel."""
        return max(self._goods - self.total, Decimal(0))

    @property
    def _goods(self) -> Decimal:
        return sum((line.quantity * (line.price or Decimal(0)) for line in self.lines), Decimal(0))


class Kind(Enum):
    """What a value is, and with it how it can be written; the first way is meant where a column names none."""

    TEXT = ("text",)
    NUMBER = ("number",)
    TIME = ("dd-mm-yyyy HH:MM", "dd-mm-yyyy", "yyyy-mm-dd")
    PHONE = ("+91", "10 digits")
    MONEY = ("rupees",)
    WEIGHT = ("kg", "grams")
    PAYMENT = ("COD/Prepaid", "cod/prepaid")


@dataclass(frozen=True, slots=True)
class Value:
    """One of the facts that a column may hold.

    Attributes:
        of_line: it is a line's, which a file with one row an order has no place for.
    """

    kind: Kind
    of: Callable[[Any], Any]
    of_line: bool = False


def _of(name: str, kind: Kind = Kind.TEXT) -> Value:
    return Value(kind, lambda parcel: getattr(parcel.order, name))


def _sum(name: str, kind: Kind) -> Value:
    return Value(kind, lambda parcel: getattr(parcel, name))


def _line(name: str, kind: Kind = Kind.TEXT) -> Value:
    return Value(kind, lambda line: getattr(line, name), of_line=True)


VALUES: Mapping[str, Value] = {
    "order": Value(Kind.TEXT, lambda parcel: parcel.order.order_name or str(parcel.order.shopify_id)),
    "shopify_id": _of("shopify_id", Kind.NUMBER),
    "placed_at": _of("placed_at", Kind.TIME),
    "name": Value(Kind.TEXT, lambda parcel: _joined(" ", *parcel.order.recipient)),
    "first_name": Value(Kind.TEXT, lambda parcel: parcel.order.recipient[0]),
    "last_name": Value(Kind.TEXT, lambda parcel: parcel.order.recipient[1]),
    "phone": _of("customer_phone", Kind.PHONE),
    "email": _of("customer_email"),
    "address": _of("address"),
    "address2": _of("address2"),
    "whole_address": Value(Kind.TEXT, lambda parcel: _joined(", ", parcel.order.address, parcel.order.address2)),
    "city": _of("city"),
    "state": _of("state"),
    "zip": Value(Kind.TEXT, lambda parcel: pin_of(parcel.order.zip or "") or parcel.order.zip),
    "country": Value(Kind.TEXT, lambda parcel: _country(parcel.order.country)),
    "payment": _sum("to_collect", Kind.PAYMENT),
    "to_collect": _sum("to_collect", Kind.MONEY),
    "total": _sum("total", Kind.MONEY),
    "advance": _sum("advance", Kind.MONEY),
    "charges": _sum("charges", Kind.MONEY),
    "discount": _sum("discount", Kind.MONEY),
    "weight": _sum("grams", Kind.WEIGHT),
    "pieces": _sum("pieces", Kind.NUMBER),
    "products": Value(Kind.TEXT, lambda parcel: ", ".join(f"{one.quantity} × {one.name}" for one in parcel.lines)),
    "skus": Value(Kind.TEXT, lambda parcel: ", ".join(one.sku for one in parcel.lines if one.sku)),
    "sku": _line("sku"),
    "product": _line("name"),
    "quantity": _line("quantity", Kind.NUMBER),
    "price": _line("price", Kind.MONEY),
}
"""By the name under which a file asks for it. docs/couriers.md explains each."""


def is_paid(order: OrderFacts) -> bool | None:
    """Return whether nothing of an order is due, as of one whose money is promised; None where nobody can tell."""
    return True if order.financial_status == AUTHORIZED else None if order.due is None else order.due == 0


def to_collect(order: OrderFacts) -> Decimal | None:
    """Return what a courier is to collect; None where nobody can tell, or the customer still pays otherwise."""
    return order.to_collect if order.is_cod or is_paid(order) else None


def is_indian_mobile(phone: str | None, *, invented: bool = False) -> bool:
    """Return whether a number in E.164 can be written with ten digits and still be rung.

    Args:
        invented: it is one of the sandbox's, which begin as no mobile does so that nobody has them.
    """
    digits = (phone or "").removeprefix(INDIA)
    has_ten = digits != phone and len(digits) == MOBILE_DIGITS and digits.isdecimal()
    return has_ten and (invented or digits[0] in "6789")


def written(value: Any, way: str, zone: tzinfo, *, at_least: int = 0) -> str:
    """Return a value in one of the ways of its kind; nothing for what is not known.

    Args:
        at_least: the grams that are written in place of fewer.
    """
    if value is None:
        return ""
    how = _WAYS.get(way)
    return how(value, zone, at_least) if how else str(value)


def _time(pattern: str) -> Callable[[datetime, tzinfo, int], str]:
    return lambda moment, zone, _: moment.astimezone(zone).strftime(pattern)


_WAYS: Mapping[str, Callable[[Any, tzinfo, int], str]] = {
    "dd-mm-yyyy HH:MM": _time("%d-%m-%Y %H:%M"),
    "dd-mm-yyyy": _time("%d-%m-%Y"),
    "yyyy-mm-dd": _time("%Y-%m-%d"),
    "10 digits": lambda phone, *_: phone.removeprefix(INDIA),
    "rupees": lambda amount, *_: f"{amount:.2f}",
    "kg": lambda grams, _, at_least: f"{Decimal(max(grams, at_least)) / 1_000:.3f}",
    "grams": lambda grams, _, at_least: str(max(grams, at_least)),
    "COD/Prepaid": lambda to_collect, *_: "COD" if to_collect else "Prepaid",
    "cod/prepaid": lambda to_collect, *_: "cod" if to_collect else "prepaid",
}


def _joined(between: str, *texts: str | None) -> str | None:
    return between.join(filter(None, texts)) or None


def _country(code: str | None) -> str | None:
    """Return a country's English name, as couriers write it."""
    return Locale("en").territories.get(code, code) if code else None
