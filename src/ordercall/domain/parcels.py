"""What goes into an order's parcel: its lines as they are still ordered, kept with the order as one text of JSON."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from ordercall.domain.orders import OrderFacts

NO_VARIANT = "Default Title"
"""What Shopify calls the one variant of a product that has none."""


class ParcelLine(NamedTuple):
    """A line of an order as a courier needs it.

    Attributes:
        variant: None where the product has none.
        quantity: how many are still ordered.
        price: of one, in the shop's currency, before every discount; None where it could not be read.
        grams: of one; None where the shop never weighed it.
        ships: whether it goes in a parcel.
    """

    sku: str | None
    title: str | None
    variant: str | None
    quantity: int
    price: float | None
    grams: int | None
    ships: bool

    @property
    def name(self) -> str:
        """Its title with the variant."""
        return " - ".join(filter(None, (self.title, self.variant))) or "item"

    @property
    def amount(self) -> Decimal | None:
        """Its price as Shopify wrote it."""
        return None if self.price is None else Decimal(str(self.price))


_decode = msgspec.json.Decoder(list[ParcelLine]).decode
_encode = msgspec.json.Encoder().encode


def written_lines(lines: Sequence[ParcelLine]) -> str:
    """Return lines as they are stored."""
    return _encode(lines).decode()


def lines_of(order: OrderFacts) -> list[ParcelLine] | None:
    """Return an order's lines, also those that do not ship; None where nobody has told them yet."""
    return None if order.lines is None else _decode(order.lines)


def parcel_lines(order: OrderFacts) -> list[ParcelLine] | None:
    """Return what goes into an order's parcel; None where nobody has told its lines yet."""
    lines = lines_of(order)
    return None if lines is None else [line for line in lines if line.ships and line.quantity]


def grams_of(lines: Sequence[ParcelLine]) -> int:
    """Return what these lines weigh in all, as far as they were weighed."""
    return sum(line.quantity * (line.grams or 0) for line in lines)
