"""What an order's lines say: what is still ordered, and which line is the product that people speak of.

Shops and their apps sell more than goods: a tip, a fee, an insurance of the parcel and a gift wrap are lines as well.
Beside another line none of them is the product, and where only they are left of an order, nothing is left to deliver.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

LINES_TOLD = 20
"""More than anybody reads out on the phone; the rest is counted."""


class Kind(IntEnum):
    """What a line stands for; of two lines the product is the one whose kind comes first."""

    GOODS = 0
    NOT_SHIPPED = 1  # a gift card, a download, a booking
    GIFT_WRAP = 2
    PROTECTION = 3
    SERVICE = 4  # neither sent nor in the catalogue: a tip, a fee or a service in whatever language
    FEE = 5
    TIP = 6

    @property
    def is_extra(self) -> bool:
        """Whether it only goes with something else."""
        return self >= Kind.GIFT_WRAP


_BEFORE = r"(?:[^\W\d_]+ ){0,3}"
_AFTER = r"(?: (?:fees?|charges?|service|option|add ?on|plus|plan))*(?: by(?: \w+){1,2})?"
_PARCEL = r"(?:ship(?:ping|ment)|package|parcel|order|delivery|transit|route|checkout|purchase|returns?)"
_PAID_FOR = (
    r"(?:cod|c o d|(?:cash|pay) on delivery|handling|convenience|processing|platform|service|packing|packaging|shipping"
    r"|delivery|payment|transaction|surge|rush|express|small (?:order|cart)|environmental|eco|customs|forwarding|rain)"
)
_INDIC = "[\u0900-\u0dff]+"
_EXTRAS = {
    Kind.GIFT_WRAP: rf"{_BEFORE}gift ?(?:wrap(?:ping|ped)?|packing|packaging|message|note){_AFTER}"
    r"|(?:गिफ्ट|ગિફ્ટ) (?:रैप|रैपिंग|पैकिंग|રેપ|રેપિંગ|પેકિંગ)",
    Kind.PROTECTION: rf"{_BEFORE}{_PARCEL}(?: (?:and )?(?:{_PARCEL}|theft|damage|loss))*"
    rf" (?:protection|protect|insurance|guarantee){_AFTER}|worry free (?:purchase|delivery)",
    Kind.FEE: rf"{_BEFORE}{_PAID_FOR}(?: (?:and )?{_PAID_FOR})* (?:fees?|charges?|surcharges?)|cod|cash on delivery"
    r"|(?:(?:free|express|priority|standard|fast) )*(?:shipping|delivery)|[cs]?gst|tax|round(?:ing)?(?: off)?"
    rf"|(?:{_INDIC} ){{1,3}}(?:शुल्क|चार्ज|फीस|શુલ્ક|ચાર્જ|ફી)",
    Kind.TIP: r"(?:(?:a|your|\d+|delivery|driver|rider|staff|team|support) )*(?:tips?|gratuity|gratuities|tipping)"
    r"(?: (?:for|to)(?: \w+){1,3})?|trinkgeld|pourboire|propina|mancia|fooi|टिप|बख्शीश",
}
"""How such lines are titled, each as a whole title: a felt tip pen and a box for gift wrap are goods."""
_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _EXTRAS.items())


class Line(NamedTuple):
    """A line of an order.

    Attributes:
        name: its title with the variant, as the agent reads it out.
        pieces: how many are still ordered; a line that does not say it is one.
        ships: whether it goes in a parcel; what is not known to be otherwise does.
        catalogued: whether it is a product of the shop, or a line that was made up for this order.
    """

    title: str | None
    name: str | None
    pieces: int = 1
    ships: bool = True
    catalogued: bool = True

    @property
    def kind(self) -> Kind:
        return _kind(self.title or self.name or "", self.ships, self.catalogued)


class Ordered(NamedTuple):
    """What is ordered, as it stands now. Where nothing is left, title and number are those of what there was.

    Attributes:
        product: the title of the product.
        item_count: the lines, without those that only go with another.
        items: pieces and names of all lines, to be read out, the goods first; None where nothing is left.
        units_left: the pieces of the counted lines that are still ordered; None where the order has no lines.
    """

    product: str | None
    item_count: int
    items: str | None
    units_left: int | None


def read_lines(lines: Sequence[Line]) -> Ordered:
    """Return what these lines of an order come to."""
    real = lines
    if any(line.kind for line in lines):  # not all of them are goods: those come first then
        lines = sorted(lines, key=lambda line: line.kind)
        real = [line for line in lines if not line.kind.is_extra] or lines
    left = [line for line in real if line.pieces]
    spoken_of = left or real
    return Ordered(
        product=next((title for line in spoken_of if (title := line.title or line.name)), None),
        item_count=len(spoken_of),
        items=_told(lines),
        units_left=sum([line.pieces for line in left]) if lines else None,
    )


def _told(lines: Sequence[Line]) -> str | None:
    named = [f"{line.pieces} × {line.name or line.title or 'item'}" for line in lines if line.pieces]
    if len(named) > LINES_TOLD:
        named[LINES_TOLD:] = [f"{len(named) - LINES_TOLD} more"]
    return ", ".join(named) or None


@lru_cache(maxsize=4_096)
def _kind(title: str, ships: bool, catalogued: bool) -> Kind:
    """Return the kind of a line. A shop has its products, and they come again and again."""
    head = re.split(r"\s+[-–—|]\s+|[(:\[]|[$₹€£]|\brs\.?\s*\d", title.casefold(), maxsplit=1)[0]
    words = " ".join(re.sub(r"[^\w\u0900-\u0dff]+", " ", head).split())
    otherwise = Kind.GOODS if ships else Kind.NOT_SHIPPED if catalogued else Kind.SERVICE
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(words)), otherwise)
