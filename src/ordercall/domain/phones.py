"""Which of an order's phone numbers is rung: each field gives the numbers that stand in it, and one of them is chosen.

A wrong number rings a stranger, so a field whose digits can be read in more than one way gives none. Google's numbering
data judges the digits as they were read and is never let repair them: it reads letters as digits and strips what it
does not know.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import NamedTuple

import phonenumbers
from babel import Locale
from phonenumbers import PhoneNumberType

from ordercall.domain.phone_text import PhoneFault, Piece, pieces_of

HOME_REGION = "IN"

NO_PLACEHOLDER = r"(?!(..)\1{4}|(.)\2{4}(.)\3{4}|1234512345|1234567890)"
FULL_INDIAN = re.compile(rf"\+91{NO_PLACEHOLDER}[2-9][0-9]{{9}}")
"""Nearly all that come, and as they must be already. To see that takes half a microsecond; the numbering data, 17."""

INDIAN_MOBILE = re.compile(rf"\+91{NO_PLACEHOLDER}[6-9][0-9]{{9}}")
"""By India's numbering plan, which opens series before numbering data knows them."""

INDIAN_HEAD = re.compile(r"(?:0{0,2}91)?(?:0{0,2}91|0)?")
"""All that people write before the ten digits of an Indian number: its country code, even twice, and a trunk zero."""

CALLERS = re.compile(r"\+911[46]0[0-9]{7}")
"""The series of India from which businesses ring; nobody answers there."""

SHORTEST_NUMBER, LONGEST_NUMBER = 7, 15
"""Digits. Fewer beside a number may be its extension; more has no number of the world (E.164)."""

OTHER_ENDING = 2
"""Digits behind a slash by which a second line of the same house ends. An extension has more."""

INDIAN_DIGITS = 10
"""Of a mobile, and of a landline with its area code, by India's numbering plan."""

USUAL_GROUPS = {(10,), (5, 5), (3, 3, 4), (3, 4, 3), (2, 8), (3, 7), (2, 4, 4)}
"""Of the ten digits of a phone. Four and six, or four, three and three, may be a house number and its postal code."""

ASCENDING = "01234567890"


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

    ``source`` names the field, ``country`` is the ISO code or the English name in the address beside it, if any.
    """

    source: str
    text: str | None
    country: str | None = None


class Phone(NamedTuple):
    """A number that can be dialled: E.164, and the field it came from."""

    number: str
    source: str


def first_usable(candidates: Iterable[Candidate]) -> Phone | None:
    """Return the first number that somebody can have, else the first of a possible length, or None.

    The second judgement is for numbers that differ, so most orders never need it.
    """
    found: list[Phone] = []
    for source, text, country in candidates:
        if not found and text and INDIAN_MOBILE.fullmatch(text):
            return Phone(text, source)
        found += [Phone(number, source) for number in numbers_in(text, country)]
        if found and INDIAN_MOBILE.fullmatch(found[0].number):
            return found[0]
    if len({phone.number for phone in found}) > 1:
        return next((phone for phone in found if is_valid(phone.number)), found[0])
    return found[0] if found else None


def why_unusable(candidates: Iterable[Candidate]) -> str | None:
    """Return what each field holds in place of a number, in a sentence; None where nothing stands in any."""
    told = [
        f"{each.source}: {fault.told}"
        for each in candidates
        if each.text and isinstance(fault := _read(each.text, each.country), PhoneFault)
    ]
    return f"{'; '.join(told)}.".capitalize() if told else None


def to_e164(text: str | None, country: str | None = None) -> str | None:
    """Return the number that stands in *text*, read as dialled in *country* (else India), as E.164, or None."""
    phone = first_usable([Candidate("", text, country)])
    return phone.number if phone else None


def is_valid(number: str) -> bool:
    """Return whether somebody can have this E.164 number, which is more than being of a possible length."""
    return bool(INDIAN_MOBILE.fullmatch(number)) or phonenumbers.is_valid_number(phonenumbers.parse(number))


def kind_of(number: str) -> PhoneKind | None:
    """Return what kind of line an E.164 number is, or None for one that nobody knows of."""
    if not number.startswith("+91"):
        return PhoneKind.FOREIGN
    if CALLERS.fullmatch(number):
        return PhoneKind.CALLER
    mobile = PhoneKind.MOBILE if INDIAN_MOBILE.fullmatch(number) else None
    return _KINDS.get(phonenumbers.number_type(phonenumbers.parse(number)), mobile)


def numbers_in(text: str | None, country: str | None) -> list[str]:
    """Return the numbers of a field in their order."""
    if not text:
        return []
    if FULL_INDIAN.fullmatch(text):
        return [text]
    read = _read(text, country)
    return read if isinstance(read, list) else []


def _read(text: str, country: str | None) -> list[str] | PhoneFault:
    """Return the numbers of a text in their order, or why there is none."""
    pieces = pieces_of(text)
    if isinstance(pieces, PhoneFault):
        return pieces
    return _numbers_among(pieces, _region_of(country))


def _region_of(country: str | None) -> str:
    code = (country or HOME_REGION).upper()
    return code if code in phonenumbers.SUPPORTED_REGIONS else _regions_by_name().get(code, HOME_REGION)


@cache
def _regions_by_name() -> dict[str, str]:
    names = Locale("en").territories
    return {names[code].upper(): code for code in phonenumbers.SUPPORTED_REGIONS if code in names}


def _numbers_among(pieces: list[Piece], region: str) -> list[str] | PhoneFault:
    """Digits left over beside a number make all of them unusable: behind one extension sits another person."""
    numbers: list[str] = []
    left_over, before = len(pieces) > 1 and _is_parted_mobile(pieces), None
    for piece in pieces:
        found = _numbers_of(piece, region)
        left_over |= not found and not _stands_alone(piece, numbers, before, region)
        numbers, before = numbers + found, piece
    if numbers:
        return PhoneFault.MORE_DIGITS if left_over else numbers
    return _fault_of(max(pieces, key=lambda piece: len(piece.digits)), region)


def _is_parted_mobile(pieces: list[Piece]) -> bool:
    """Return whether a slash parts one mobile, whose halves a small country takes for two short numbers."""
    starts = itertools.accumulate(group for piece in pieces for group in piece.groups)
    return any(_is_indian_mobile(start) for start in starts if len(start) > len(pieces[0].digits))


def _numbers_of(piece: Piece, region: str) -> list[str]:
    number = _number(piece.digits, plus=piece.plus, region=region)
    if number is None:
        return _one_after_another(piece.groups, plus=piece.plus, region=region)
    return [number] if _is_likely(number, piece) and not _has_number_before_its_end(piece, region) else []


def _is_likely(number: str, piece: Piece) -> bool:
    """Return whether a number of India is known to be one or written as one: "1000 400001" is house and postal code."""
    if not number.startswith("+91") or is_valid(number):
        return True
    return number[3] not in "01" and (piece.plus or _last_ten_by_group(piece.groups) in USUAL_GROUPS)


def _last_ten_by_group(groups: list[str]) -> tuple[int, ...]:
    """Return how many of the last ten digits each group has."""
    ends = itertools.accumulate((len(group) for group in reversed(groups)), initial=0)
    within = [min(end, INDIAN_DIGITS) for end in ends]
    return tuple(end - start for start, end in itertools.pairwise(within) if end > start)[::-1]


def _has_number_before_its_end(piece: Piece, region: str) -> bool:
    """Return whether the last digits may be an extension: "9160000000 - 10" is one number with, or another without."""
    starts = list(itertools.accumulate(piece.groups[:-1]))
    if any(_indian(start, plus=piece.plus, region=region) for start in starts):
        return True
    lacks_91 = not piece.digits.startswith("91") if region == HOME_REGION else not piece.plus
    return lacks_91 and any(map(_is_indian_mobile, starts))


def _one_after_another(groups: list[str], *, plus: bool, region: str) -> list[str]:
    """Return the Indian mobiles that the groups of digits are, with only blanks between them; none if one is not."""
    for end in range(1, len(groups) + 1):
        number = _indian("".join(groups[:end]), plus=plus, region=region)
        if number and INDIAN_MOBILE.fullmatch(number):
            rest = _one_after_another(groups[end:], plus=False, region=region)
            if rest or end == len(groups):
                return [number, *rest]
    return []


def _stands_alone(piece: Piece, numbers: list[str], before: Piece | None, region: str) -> bool:
    """Return whether a piece that is no number is no part of one either: a broken number, or how a second one ends."""
    if numbers and not numbers[-1].startswith("+91"):
        return False
    if len(piece.digits) >= SHORTEST_NUMBER or not numbers or before is None:
        return len(piece.digits) >= SHORTEST_NUMBER
    is_whole = not _indian(before.digits + piece.digits, plus=before.plus, region=region)
    return piece.parted_by == "/" and len(piece.digits) <= OTHER_ENDING and is_whole


# -- judging


def _number(digits: str, *, plus: bool, region: str) -> str | None:
    """Return the digits as E.164, or None if that cannot be dialled."""
    if len(digits) < SHORTEST_NUMBER or _is_placeholder(digits):
        return None
    plus = plus and not digits.startswith("0")  # no country's code does
    if number := _indian(digits, plus=plus, region=region):
        return number
    if _is_of_two_countries(digits, plus=plus, region=region):
        return None
    return _by_numbering_data(digits, plus=plus, region=region)


def _indian(digits: str, *, plus: bool, region: str) -> str | None:
    head, ten = digits[:-INDIAN_DIGITS], digits[-INDIAN_DIGITS:]
    named = head.startswith("91") if plus else region == HOME_REGION or head.startswith("0091")
    if not named or len(ten) < INDIAN_DIGITS or ten.startswith("0") or _is_placeholder(ten):
        return None
    return f"+91{ten}" if INDIAN_HEAD.fullmatch(head) else None


def _is_indian_mobile(digits: str) -> bool:
    """Return whether this is how a mobile is written in India, at whatever address it stands."""
    number = _indian(digits, plus=False, region=HOME_REGION)
    return number is not None and INDIAN_MOBILE.fullmatch(number) is not None


def _is_of_two_countries(digits: str, *, plus: bool, region: str) -> bool:
    """Return whether digits that do not say that they are India's may be the numbers of two people.

    An Indian writes a plus and forgets the code, or the Indian number at an address abroad; and without a plus the
    first digits may be another country's code.
    """
    if plus and region != HOME_REGION:
        return False
    here = None if plus or region == HOME_REGION else _by_numbering_data(digits, plus=False, region=region)
    national = len(digits) <= INDIAN_DIGITS or digits.startswith("0")
    if national and here and _is_mobile(here):  # as people write the mobiles of where they live
        return False
    if _is_indian_mobile(digits):
        return True
    if plus or region == HOME_REGION:
        return False
    abroad = _by_numbering_data(digits, plus=True, region=region)
    return abroad is not None and is_valid(abroad) and abroad != here


def _is_mobile(number: str) -> bool:
    """Return whether this is a valid mobile. Nearly any digits are a valid landline of some countries."""
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def _by_numbering_data(digits: str, *, plus: bool, region: str) -> str | None:
    """Of India these are numbers that have not ten digits, such as 1800 123 4567: there a length alone says nothing."""
    try:
        number = phonenumbers.parse(f"+{digits}" if plus else digits, region)
    except phonenumbers.NumberParseException:
        return None
    national = str(number.national_number)
    if not digits.endswith(national) or _is_placeholder(national):
        return None
    is_sure = phonenumbers.is_valid_number(number)
    # A number that is possible only within its own town has no area code: as E.164 it would be another's.
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    if not is_sure and (not possible or number.country_code == 91 or digits.startswith("00")):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_placeholder(digits: str) -> bool:
    """Return whether this is what people type who give no number, such as 9999999999, 1212121212 and 1234567890.

    9876543210 is none: it has an owner, and is as good a number as any.
    """
    if len(set(digits)) > 2:
        return digits in ASCENDING or digits == ASCENDING[1:6] * 2
    half = len(digits) // 2
    two_by_two = digits[2:] == digits[:-2]
    return two_by_two or len(set(digits[:half])) == len(set(digits[half:])) == 1


def _fault_of(piece: Piece, region: str) -> PhoneFault:
    digits = piece.digits
    if len(digits) >= SHORTEST_NUMBER and (_is_placeholder(digits) or _is_placeholder(digits[-INDIAN_DIGITS:])):
        return PhoneFault.PLACEHOLDER
    if _is_of_two_countries(digits, plus=piece.plus, region=region):
        return PhoneFault.TWO_NUMBERS
    if len(digits) < INDIAN_DIGITS:
        return PhoneFault.TOO_SHORT
    return PhoneFault.TOO_LONG if len(digits) > LONGEST_NUMBER else PhoneFault.IMPOSSIBLE
