"""The address that a customer gave in a call: what was said, what a person makes of it, and whether Shopify may get it.

Nothing that a program heard changes an address: it is a proposal, kept as it was said, until a person has approved it.
Shopify itself takes another address of an order at any time, also when its parcel has left; so that is refused here.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from phonenumbers import UNKNOWN_REGION

from ordercall.domain.characters import one_line
from ordercall.domain.orders.order import Fulfilment, OrderFacts
from ordercall.domain.phones.choosing import to_e164
from ordercall.domain.phones.countries import region_of
from ordercall.domain.places.pins import pin_fault, pin_of
from ordercall.domain.places.provinces import indian_province
from ordercall.domain.places.states_of_india import NAMES
from ordercall.domain.reports.report import plain_word
from ordercall.domain.transitions import Transitions
from ordercall.domain.words import Word

LONGEST_PART = 255
"""Characters of a line or a name: as many as a field of Shopify's has."""

MOST_FURTHER = 10
"""Values beside those that have a place, such as a landmark; more than a person reads is no address."""

INDIA = "IN"
KEYS = {
    **dict.fromkeys(("line1", "address", "street"), "address1"),
    **dict.fromkeys(("line2",), "address2"),
    **dict.fromkeys(("pincode", "pin", "postal_code"), "zip"),
    **dict.fromkeys(("province_code", "state", "state_code"), "province"),
    **dict.fromkeys(("country_code",), "country"),
}
"""What agents call the parts of an address, beside Shopify's own names for them."""

PARTS = ("name", "address1", "address2", "city", "province", "zip", "country", "phone")
FURTHER = "further"
"""Under which the rest stands that was said, one value a line."""

type Said = Mapping[str, str]
"""What was said of an address, by the names of PARTS; what has no name of these is under FURTHER."""


class State(Word):
    """How far the address of a call got; in a few words, and in a sentence."""

    short: str
    sentence: str

    PROPOSED = "proposed", "Address to approve", "The customer gave another address in a call."
    APPROVED = "approved", "Address on its way", "It is on its way to Shopify."
    # Stored before the request leaves: after a crash it means "look there first".
    SENT = "sent", "Address sent", "Shopify was asked for it, and has not shown it yet."
    REFUSED = "refused", "Address not corrected", "It was not corrected in Shopify."
    CHANGED = "changed", "Address changed meanwhile", "The address was changed in Shopify meanwhile: decide anew."
    SEEN = "seen", "Address corrected", "It was seen in Shopify."
    REJECTED = "rejected", "Address rejected", "The address stays as it was."
    REPLACED = "replaced", "Address replaced", "A later one took its place."


FOR_A_PERSON = frozenset({State.PROPOSED, State.REFUSED, State.CHANGED})
UNDER_WAY = frozenset({State.APPROVED, State.SENT})
OPEN = FOR_A_PERSON | UNDER_WAY

_BY_A_PERSON = frozenset({State.APPROVED, State.REJECTED, State.REPLACED, State.SEEN})
TRANSITIONS: Transitions[State] = {
    # SEEN: the shop wrote it itself.
    **dict.fromkeys(FOR_A_PERSON, _BY_A_PERSON),
    # SENT again: its answer was lost, and it is not there. APPROVED, REJECTED: it never arrives, and a person looks.
    **dict.fromkeys(UNDER_WAY, _BY_A_PERSON | {State.SENT, State.REFUSED, State.CHANGED}),
    **dict.fromkeys((State.SEEN, State.REJECTED, State.REPLACED), frozenset()),
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Address:
    """Where a parcel goes, in the fields of Shopify; an empty one is none. It has no repr: all of it is personal.

    Attributes:
        name: empty where the name is to stay as Shopify has it.
        province: its code, as Shopify writes it.
        country: its code.
    """

    name: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    province: str = ""
    zip: str = ""
    country: str = INDIA

    def is_at(self, other: Address) -> bool:
        """Return whether both are the same place, however it is written; names are not compared."""
        return not differences(self, other)

    def has_name_of(self, wanted: Address) -> bool:
        """Return whether it bears the name that is wanted; none is wanted where the name is to stay."""
        return not wanted.name or _plain(self.name) == _plain(wanted.name)


PLACE = tuple(each.name for each in fields(Address) if each.name != "name")
NEEDED = {"address1": "the first line", "city": "the city", "zip": "the PIN code", "country": "the country"}
"""Without which no parcel arrives. What else a country needs, Shopify says."""


def differences(one: Address, other: Address) -> frozenset[str]:
    """Return the parts of the place in which two addresses differ."""
    return frozenset(name for name in PLACE if _compared(one, name) != _compared(other, name))


def read_said(address: Mapping[str, Any]) -> dict[str, str]:
    """Return what a report says of an address; nothing where none of it is a text."""
    found: dict[str, str] = {}
    further: list[str] = []
    for key, text in _texts(address):
        part = KEYS.get(plain_word(key), plain_word(key))
        if part in PARTS and part not in found:
            found[part] = text
        else:
            further.append(one_line(text if part == "text" else f"{key}: {text}", LONGEST_PART))
    if further:
        found[FURTHER] = "\n".join(further[:MOST_FURTHER])
    return found


def said_together(earlier: Said, later: Said) -> Said:
    """Return what two calls said of an address, of which nobody has decided the earlier: an address in two halves.

    The later one wins. Another first line stands for both lines.
    """
    is_same_line = _plain(later.get("address1", "")) in ("", _plain(earlier.get("address1", "")))
    return {part: text for part, text in earlier.items() if part != "address2" or is_same_line} | dict(later)


def of_order(order: OrderFacts) -> Address:
    """Return where an order ships to, as it is known here."""
    return Address(
        address1=order.address or "",
        address2=order.address2 or "",
        city=order.city or "",
        province=order.province_code or indian_province(order.state, None, order.country) or order.state or "",
        zip=order.zip or "",
        country=country_code(order.country) if order.country else "",
    )


def proposed(said: Said, known: Address) -> Address:
    """Return the address that is meant: what was said, and for the rest what was known.

    Another first line stands for both lines: the second of the old address belongs to the first of it. A PIN code is
    written as couriers read it, in six digits, whatever script it was heard in.
    """
    country = country_code(said.get("country", known.country))
    code = said.get("zip", known.zip)
    first = said.get("address1", known.address1)
    second = said.get("address2", known.address2 if _plain(first) == _plain(known.address1) else "")
    province = _province(said["province"], country) if "province" in said else known.province
    return Address(
        name=said.get("name", ""),
        address1=first,
        address2=second,
        city=said.get("city", known.city),
        province=province or known.province,
        zip=(country == INDIA and pin_of(code)) or code,
        country=country,
    )


def is_news(said: Said, order: OrderFacts, coming: Address | None = None) -> bool:
    """Return whether anything was said that is not known of the order already.

    Args:
        coming: the address that is on its way to Shopify, in the place of the order's.
    """
    known = coming or of_order(order)
    customer = " ".join(filter(None, (order.first_name, order.last_name)))
    names = {_plain(name) for name in (customer, known.name, "")}
    other_phone = "phone" in said and (to_e164(said["phone"]) or said["phone"]) != order.customer_phone
    other_name = _plain(said.get("name", "")) not in names
    return bool(said.get(FURTHER)) or other_phone or other_name or not proposed(said, known).is_at(known)


def warning(address: Address) -> str | None:
    """Return what speaks against the PIN code and the state of an address in India; None: nothing does."""
    if address.country != INDIA:
        return None
    return pin_fault(address.zip, indian_province(None, address.province, INDIA))


def country_code(named: str) -> str:
    """Return the ISO code of a country that a person names by code or name, India where they name none.

    What nobody knows stays as it is, for a person to correct.
    """
    code = region_of(named)
    return named if code == UNKNOWN_REGION else code


def missing(address: Address) -> list[str]:
    """Return what a parcel needs and the address lacks, in words: a country that nobody knows is none."""
    known = replace(address, country="") if region_of(address.country) == UNKNOWN_REGION else address
    return [words for name, words in NEEDED.items() if not getattr(known, name)]


def first_and_last(name: str) -> tuple[str, str]:
    """Return a name in two parts; who has one name has it as the last, without which Shopify takes no address."""
    first, _, last = name.rpartition(" ")
    return first, last


def _province(text: str, country: str) -> str | None:
    return indian_province(text, None, country) if country == INDIA else text


def _texts(address: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what stands in it, a list of lines as the two lines of an address."""
    for key, value in address.items():
        if plain_word(key) == "lines" and isinstance(value, list):
            lines = [text for each in value[:MOST_FURTHER] if (text := _text(each))]
            both = (*lines[:1], *filter(None, [one_line(", ".join(lines[1:]), LONGEST_PART)]))
            yield from zip(("address1", "address2"), both, strict=False)
        elif text := _text(value):
            yield one_line(key, LONGEST_PART), text


def _text(value: Any) -> str:
    return one_line(str(value), LONGEST_PART) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _compared(address: Address, name: str) -> str:
    value: str = getattr(address, name)
    if name == "province" and address.country == INDIA:
        return indian_province(value, value, INDIA) or _plain(value)
    return _plain(value).replace(" ", "") if name == "zip" else _plain(value)


def _plain(text: str) -> str:
    """Return a text without what is the same to a courier: case, blanks, punctuation and how letters are composed."""
    return " ".join(re.sub(r"[\s,.;]+", " ", unicodedata.normalize("NFKC", text).casefold()).split())


# -- what Shopify may be asked for


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Shown:
    """What an order is in Shopify, when its address is to be corrected.

    Attributes:
        is_packed: somebody is at it, or has it on their list.
    """

    place: Address
    is_cancelled: bool = False
    fulfilment: Fulfilment = Fulfilment.NOTHING
    is_packed: bool = False


class Step(StrEnum):
    """What comes next."""

    SEND = "send"
    SEEN = "seen"
    REFUSE = "refuse"
    ASK = "ask"


def against(fulfilment: Fulfilment, *, is_cancelled: bool = False, is_packed: bool = False) -> str | None:
    """Return why an address is corrected no more, in a sentence or two; None: it may be."""
    if is_cancelled:
        return "The order is cancelled in Shopify."
    if fulfilment is Fulfilment.ALL:
        return "All of it has shipped: its parcel goes to the old address. Tell the courier."
    if fulfilment is Fulfilment.PART:
        return "A part of it has shipped, to the old address. Tell the courier, and correct the rest in Shopify."
    if is_packed:
        return "It is being packed: tell who packs it, and correct it in Shopify or take it out of their work first."
    return None


def next_step(wanted: Address, before: Address, shown: Shown | None) -> tuple[Step, str]:
    """Return what comes next for an approved address, and why, where it is not sent.

    Args:
        before: the address in the place of which it was approved.
        shown: the order as Shopify shows it now; None: it shows none.
    """
    if shown is None:
        return Step.REFUSE, "Shopify does not show the order."
    if shown.place.is_at(wanted) and shown.place.has_name_of(wanted):
        return Step.SEEN, ""
    if why := against(shown.fulfilment, is_cancelled=shown.is_cancelled, is_packed=shown.is_packed):
        return Step.REFUSE, why
    return (Step.SEND if shown.place.is_at(before) else Step.ASK), ""


def once_shown(
    state: State, place: Address, *, before: Address | None, after: Address | None, is_news: bool
) -> State | None:
    """Return what an open proposal becomes when its order is shown at this place; None: nothing.

    Args:
        before, after: the order's address when a person approved, and what they approved.
        is_news: what was said is not known of the order yet.
    """
    if after is not None and before is not None and place.is_at(after) and not before.is_at(after):
        return State.SEEN
    if state in FOR_A_PERSON:
        return None if is_news else State.SEEN
    is_elsewhere = before is not None and not place.is_at(before)
    return State.CHANGED if state is State.SENT and is_elsewhere else None


def fingerprint(place: Address) -> str:
    """Return what tells an address from any other, however it is written, and nothing of it."""
    parts = "\n".join(_compared(place, name) for name in PLACE)
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def states() -> list[tuple[str, str]]:
    """Return the states of India with their codes, by name."""
    return sorted(((code, names[0]) for code, names in NAMES.items()), key=lambda one: one[1])


def version(number: int, state: State, changed_at: datetime) -> str:
    """Return what tells a proposal as it is now from what it was before."""
    return f"{number} {state} {changed_at.timestamp()!r}"
