"""What goes into an order's parcel: its lines, kept with the order as one text of JSON.

They are kept as their body tells them and read when a person or a courier wants them: nearly no order is looked at as
often as one comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import msgspec

from ordercall.domain.characters import is_kept
from ordercall.domain.orders.order import OrderFacts

NO_VARIANT = "Default Title"
"""What Shopify calls the one variant of a product that has none."""
LONGEST_TEXT = 500
"""Characters; Shopify's titles have 255."""

_encode = msgspec.json.Encoder().encode


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
    price: Decimal | None
    grams: int | None
    ships: bool

    @property
    def name(self) -> str:
        """Its title with the variant."""
        return " - ".join(filter(None, (self.title, self.variant))) or "item"


def written_lines(lines: Sequence[tuple[Any, ...]]) -> str | None:
    """Return lines as they are kept, each with the values of a :class:`ParcelLine`.

    None: a value is absent (``msgspec.UNSET``), or is nothing that can be written, as a half of an emoji.
    """
    try:
        return _encode(lines).decode()
    except (TypeError, ValueError):
        return None


def lines_of(order: OrderFacts) -> list[ParcelLine] | None:
    """Return an order's lines, also those that do not ship; None where nobody has told them yet."""
    return None if order.lines is None else [_read(*line) for line in msgspec.json.decode(order.lines)]


def parcel_lines(order: OrderFacts) -> list[ParcelLine] | None:
    """Return what goes into an order's parcel; None where nobody has told its lines yet."""
    lines = lines_of(order)
    return None if lines is None else [line for line in lines if line.ships and line.quantity]


def in_words(lines: Sequence[ParcelLine]) -> str:
    """Return lines as one text: how many of each, what it is, its SKU, and what one costs before discounts."""
    return "; ".join(
        f"{line.quantity} × {line.name}"
        + (f" (SKU {line.sku})" if line.sku else "")
        + ("" if line.price is None else f" at {line.price:.2f}")
        for line in lines
    )


def grams_of(lines: Sequence[ParcelLine]) -> int:
    """Return what these lines weigh in all, as far as they were weighed."""
    return sum(line.quantity * (line.grams or 0) for line in lines)


def _read(sku: Any, title: Any, variant: Any, quantity: int, price: Any, grams: Any, ships: bool) -> ParcelLine:
    weight, kind = _amount(grams), _text(variant)
    return ParcelLine(
        _text(sku),
        _text(title),
        None if kind == NO_VARIANT else kind,
        quantity,
        _amount(price),
        None if weight is None else int(weight),
        ships,
    )


def _text(value: Any) -> str | None:
    written = str(value)[:LONGEST_TEXT] if isinstance(value, (str, int)) else ""
    return " ".join("".join(char if is_kept(char) else " " for char in written).split()) or None


def _amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None
