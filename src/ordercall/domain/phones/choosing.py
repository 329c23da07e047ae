"""Which of an order's phone numbers is rung: each field gives those that stand in it, and one of them is chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberType

from ordercall.domain.phones.digits import INDIAN_MOBILE, SOUND_MOBILE, is_sound, is_valid
from ordercall.domain.phones.reading import Reading, may_hold_more, plain_mobile, read
from ordercall.domain.phones.text import PhoneFault

CALLERS = re.compile(r"\+911[46]0[0-9]{7}")
"""The series of India from which businesses ring; nobody answers there."""


class PhoneKind(StrEnum):
    """What kind of line a number is, in a person's words."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    TOLL_FREE = "toll-free number"
    PREMIUM = "premium number"
    CALLER = "number of a calling business"
    FOREIGN = "foreign number"


_KINDS = {
    PhoneNumberType.FIXED_LINE: PhoneKind.LANDLINE,
    PhoneNumberType.TOLL_FREE: PhoneKind.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: PhoneKind.PREMIUM,
    PhoneNumberType.SHARED_COST: PhoneKind.PREMIUM,
}


class Candidate(NamedTuple):
    """A text of the order that should hold a phone number.

    ``source`` names the field, ``country`` is the ISO code or the name in the address beside it, if any.
    """

    source: str
    text: str | None
    country: str | None = None


class Phone(NamedTuple):
    """A number that can be dialled: E.164, and the field it came from."""

    number: str
    source: str


def is_beyond_doubt(text: object, beside: Iterable[object]) -> bool:
    """Return whether a field is a mobile of India in full which no field beside it holds with an extension.

    So it is in most orders, and to see that takes a tenth of reading all the fields.
    """
    if not isinstance(text, str) or not SOUND_MOBILE.fullmatch(text):
        return False
    return not any(other != text and may_hold_more(other) for other in beside)


def first_usable(candidates: Iterable[Candidate]) -> Phone | None:
    """Return the first number that somebody has, else the first of a possible length, or None.

    A number that people also type who give none comes after all others that somebody has. One that stands with an
    extension in any field is another person's without it, in every field.
    """
    fields = [field for field in candidates if field[1]]
    if not fields:
        return None
    source, text, country = fields[0]
    number = plain_mobile(text or "", country)
    if number and is_beyond_doubt(number, (field[1] for field in fields)):
        return Phone(number, source)
    return _best_of(fields)


def _best_of(fields: list[Candidate]) -> Phone | None:
    readings = _read_all(fields)
    bound = {number for _, reading in readings for number in _bound_in(reading)}
    found = [
        Phone(number, source)
        for source, reading in readings
        for number in reading.numbers
        if not reading.fault and number not in bound
    ]
    return min(found, key=_rank) if len({phone.number for phone in found}) > 1 else next(iter(found), None)


def _read_all(fields: list[Candidate]) -> list[tuple[str, Reading]]:
    """Return what stands in each field. Shopify copies a phone into many, so the same text is read once."""
    known = {at: read(*at) for at in {(text, country) for _, text, country in fields}}
    return [(source, known[text, country]) for source, text, country in fields]


def _rank(phone: Phone) -> int:
    """Return how good a number is, the best the least: that takes a look into the numbering data."""
    return 0 if is_sound(phone.number) else 1 if is_valid(phone.number) else 2


def _bound_in(reading: Reading) -> list[str]:
    """Return the numbers that may be another person's without what stands beside them.

    Behind a mobile that can be anything, such as a flat's number, unless it is called an extension.
    """
    if reading.fault in (None, PhoneFault.EXTENSION, PhoneFault.DISOWNED):
        return reading.numbers if reading.fault else []
    return [number for number in reading.numbers if kind_of(number) is not PhoneKind.MOBILE]


def why_unusable(candidates: Iterable[Candidate]) -> str | None:
    """Return what each field holds in place of a usable number, in a sentence; None where nothing stands in any."""
    readings = _read_all([field for field in candidates if field.text])
    faults = [f"{source}: {(reading.fault or PhoneFault.EXTENSION).told}" for source, reading in readings]
    return f"{'; '.join(faults)}.".capitalize() if faults else None


def to_e164(text: str | None, country: str | None = None) -> str | None:
    """Return the number that stands in *text*, read as dialled in *country* (else India), as E.164, or None."""
    phone = first_usable([Candidate("", text, country)])
    return phone.number if phone else None


def numbers_in(text: str | None, country: str | None) -> list[str]:
    """Return the numbers of a field in their order, also those of which it says that they are not to be rung."""
    reading = read(text, country)
    return reading.numbers if reading.fault in (None, PhoneFault.DISOWNED) else []


def kind_of(number: str) -> PhoneKind | None:
    """Return what kind of line an E.164 number is, or None for one that nobody knows of."""
    if not number.startswith("+91"):
        return PhoneKind.FOREIGN
    if CALLERS.fullmatch(number):
        return PhoneKind.CALLER
    mobile = PhoneKind.MOBILE if INDIAN_MOBILE.fullmatch(number) else None
    return _KINDS.get(phonenumbers.number_type(phonenumbers.parse(number)), mobile)
