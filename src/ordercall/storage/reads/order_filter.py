"""Which orders a list, its numbers, its export and its bulk runs are about."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Column, ColumnElement, TextClause, literal_column, or_, text

from ordercall.domain.characters import in_ascii_digits
from ordercall.domain.orders.order import LARGEST_ID, Status
from ordercall.domain.places.provinces import indian_province
from ordercall.domain.places.states_of_india import NAMES
from ordercall.storage.reads import facets, predicates
from ordercall.storage.reads.facets import Facets
from ordercall.storage.records import holds
from ordercall.storage.tables import DECIDED, OFF_CAMPAIGN, TO_SHIP, orders

PAID_FOR = text(predicates.paid_for())
OUTCOMES = (Status.SUCCESS, Status.RETURNED, Status.FAILED)

Demand = ColumnElement[bool] | TextClause

_NAMED = re.compile(r"(?:gid://shopify/Order|(?:^|/)(?:admin/)?orders)/(\d{1,19})(?!\d)(?:$|[/?#.\s])", re.IGNORECASE)
"""An order's id in Shopify's GraphQL and in the addresses of its admin and of its REST."""

_ITS_NUMBER = re.compile(r"^(?:(?:order|no|nr)\b)?[\s.:]*#?\s*(?=\w*\d)|[\s.,;]+$", re.IGNORECASE)
"""What people write around an order's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders a page is about.

    Attributes:
        status: only these; None for all.
        off_campaign: only orders that still are Placed and on whose campaign nobody will call them.
        to_ship: only orders that wait for their parcel and that nobody else holds; start and end are about the time of
            their answer.
        facets: only orders of which all of this is so.
        text: part of a name, phone, order number, city or e-mail address.
        contacts: whether the text is also looked for in phones and e-mails; who may not see them must not guess them.
        start, end: placed in [start, end), unix seconds; None leaves that side open.
        by_change: only decided ones, and start and end are about the time of that and not about the placing.
        found: the ids of the orders in which the text was found, when it was looked up (see ``search.look_up``).
        found_more: the text stands in more orders; those with these ids are the latest of them.
        cut: the period has earlier orders than *start*, which were not looked through.
    """

    status: Status | None = None
    off_campaign: bool = False
    to_ship: bool = False
    facets: Facets = field(default_factory=Facets)
    text: str = ""
    contacts: bool = True
    start: float | None = None
    end: float | None = None
    by_change: bool = False
    found: tuple[int, ...] | None = None
    found_more: bool = False
    cut: bool = False

    @property
    def moment(self) -> Column[Any]:
        """The time that start and end are about."""
        return orders.c.status_changed_at if self.by_change or self.to_ship else orders.c.placed_at

    def everywhere(self) -> OrderFilter:
        """Return the filter without its status: what the counts on the tabs are about."""
        return replace(self, status=None, off_campaign=False, to_ship=False)

    @property
    def always(self) -> bool:
        """Whether it lets orders of any time through, also those of which the time is not known."""
        return self.start is None and self.end is None


def conditions(wanted: OrderFilter) -> list[Demand]:
    """Return what an order must fulfil to pass the filter."""
    demanded = list(_of_its_state(wanted))
    if wanted.start is not None:
        demanded.append(wanted.moment >= wanted.start)
    if wanted.end is not None:
        demanded.append(wanted.moment < wanted.end)
    if wanted.found is not None:
        demanded.append(orders.c.shopify_id.in_(wanted.found))
    elif wanted.text:
        demanded.append(contains(wanted.text, contacts=wanted.contacts))
    return demanded


def _of_its_state(wanted: OrderFilter) -> Iterator[Demand]:
    if wanted.by_change:
        yield DECIDED
    if wanted.status:
        yield orders.c.confirmation_status == wanted.status
    elif wanted.by_change:
        yield orders.c.confirmation_status.in_(OUTCOMES)  # one search of the index for each, not a walk
    if wanted.off_campaign:
        yield OFF_CAMPAIGN
    if wanted.to_ship:
        yield TO_SHIP
        yield PAID_FOR
        yield orders.c.shopify_id.not_in(holds.held_by_others())
    yield from facets.demands(wanted.facets)


def index_of(wanted: OrderFilter) -> str:
    """Return the index of the orders of the filter's status and period, by time."""
    if wanted.by_change:
        return "orders_by_change"
    if wanted.to_ship:
        return "orders_to_ship"
    if wanted.facets:
        return facets.INDEX
    if wanted.off_campaign:
        return "orders_off_campaign"
    return "orders_by_status" if wanted.status else "orders_by_time"


def contains(text: str, *, contacts: bool = True) -> ColumnElement[bool]:
    """Match the text anywhere in a name, order number, city or e-mail address, and its digits in the phone.

    Two letters match where a word begins and one where a name, number, city or address does: anywhere else they
    would find nearly everything.

    Args:
        contacts: False leaves e-mail address and phone out.
    """
    columns = [one for one in predicates.WORD_COLUMNS if contacts or one != "customer_email"]
    words: ColumnElement[str] = literal_column(f"({predicates.words(columns=columns)})")
    found = [words.icontains(pattern, autoescape=True) for pattern in word_patterns(text)]
    digits = phone_digits(text) if contacts else ""
    if digits:
        found.append(orders.c.customer_phone.contains(digits))
    return or_(*found)


def word_patterns(text: str) -> list[str]:
    """Return what must stand in an order's words, one of these: the text, or the beginning of a word or a number.

    Digits of another script stand there as they are written, and in an order's number as 0 to 9; a state of India in
    whichever script its customer wrote it, and mostly as Shopify offers it.
    """
    if len(text) > 2:
        return list(dict.fromkeys((text, in_ascii_digits(text), in_usual_signs(text), *_state_in_english(text))))
    return [f" {text}", f"#{text}"] if len(text) == 2 else [f"  {text}", f" #{text}"]


def _state_in_english(text: str) -> Iterator[str]:
    province = None if text.isascii() else indian_province(text, None, None)
    if province:
        yield NAMES[province][0]


def phone_digits(text: str) -> str:
    """Return the digits of a text as they stand in a phone in international form; less than three are no phone."""
    digits = "".join(sign for sign in in_ascii_digits(text) if "0" <= sign <= "9")
    return digits.removeprefix("00").removeprefix("0") if len(digits) >= 3 else ""


def in_usual_signs(text: str) -> str:
    """Return the text with the wide signs of East Asian keyboards and the digits of every script as in ASCII."""
    return text if text.isascii() else in_ascii_digits(unicodedata.normalize("NFKC", text))


def addressed_id(text: str) -> int | None:
    """Return the id of the order whose GraphQL id, or address in Shopify's admin, a text is."""
    named = _NAMED.search(in_usual_signs(text))
    return _id(named[1]) if named else None


def is_numbered(text: str) -> ColumnElement[bool]:
    """Match the order whose number or id a text is, which would otherwise drown in longer ones."""
    usual = in_usual_signs(text).strip()
    bare = _ITS_NUMBER.sub("", usual)
    numbers = {text, usual, usual.upper(), bare, bare.upper()} - {""}
    is_called = orders.c.order_name.in_(sorted({name for number in numbers for name in (number, f"#{number}")}))
    shopify_id = addressed_id(text) or _id(usual)
    return or_(is_called, orders.c.shopify_id == shopify_id) if shopify_id else is_called


def _id(text: str) -> int | None:
    usable = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_ID)) and int(text) <= LARGEST_ID
    return int(text) if usable else None
