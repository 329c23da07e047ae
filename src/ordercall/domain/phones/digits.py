"""Digits as a number that can be dialled, or as none: India's by its numbering plan, others by Google's numbering data.

The data judges the digits as they were read and is never let repair them: it reads letters as digits and strips what
it does not know.
"""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import UNKNOWN_REGION, PhoneNumberFormat, PhoneNumberType, ValidationResult

from ordercall.domain.phones.countries import HOME_REGION

SHORTEST_NUMBER, LONGEST_NUMBER = 7, 15
"""Digits. Fewer beside a number may be its extension; more has no number of the world (E.164)."""

INDIAN_DIGITS = 10
"""Of a mobile, and of a landline with its area code, by India's numbering plan."""

ASCENDING = "01234567890123456789"

_TYPED_FOR_NONE = r"(?:(?P<two>..)(?P=two){4}|(?P<a>.)(?P=a){4}(?P<b>.)(?P=b){4}|1234512345|1234567890)"
_PATTERNED = rf"""(?:
    (?P<c>.)(?P=c)*(?P<d>.)(?P=d)*\Z | (?:(?P<e>.)(?P=e)+)+\Z
    | (?P<three>...)(?P=three){{2}} | (?P<five>.....)(?P=five)
    | {"|".join(ASCENDING[start : start + INDIAN_DIGITS] for start in range(10))}
)"""

INDIAN_MOBILE = re.compile(rf"\+91(?!{_TYPED_FOR_NONE})[6-9][0-9]{{9}}")
"""By India's numbering plan, which opens series before numbering data knows them."""

PATTERNED = re.compile(rf"\+91{_PATTERNED}", re.VERBOSE)
"""What people also type who give no number: 9000000000, 9998887777, 1231231234, 9876598765, 7890123456. Yet somebody
has it, so it is the last choice."""

SOUND_MOBILE = re.compile(rf"\+91(?!{_TYPED_FOR_NONE}|{_PATTERNED})[6-9][0-9]{{9}}", re.VERBOSE)

INDIAN_HEAD = re.compile(r"(?:0{0,2}91)?(?:0{0,2}91|0)?")
"""All that people write before the ten digits of an Indian number: its country code, even twice, and a trunk zero."""

BROKEN_MOBILE = re.compile(r"(?:0{0,2}91|0)?[6-9](?:[0-9]{7,8}|[0-9]{10})")
"""One of India that lost a digit or two, or has one too many."""


def is_valid(number: str) -> bool:
    """Return whether somebody can have this E.164 number, which is more than being of a possible length."""
    return bool(INDIAN_MOBILE.fullmatch(number)) or phonenumbers.is_valid_number(phonenumbers.parse(number))


def is_sound(number: str) -> bool:
    """Return whether an E.164 number is valid and none that people type in place of their own."""
    return bool(SOUND_MOBILE.fullmatch(number)) or (is_valid(number) and not PATTERNED.match(number))


def dialled(digits: str, *, plus: bool, region: str) -> str | None:
    """Return the digits as E.164, or None if that cannot be dialled."""
    if len(digits) < SHORTEST_NUMBER or is_placeholder(digits):
        return None
    if region == UNKNOWN_REGION and digits.startswith("00"):
        digits, plus = digits[2:], True
    plus = plus and not digits.startswith("0")  # no country's code does
    if number := indian(digits, plus=plus, region=region):
        return number
    if is_of_two_countries(digits, plus=plus, region=region):
        return None
    return _by_numbering_data(digits, plus=plus, region=region)


def indian(digits: str, *, plus: bool, region: str) -> str | None:
    """Return the digits as ten of India's, or None where they are not, or do not say so at an address abroad."""
    head, ten = digits[:-INDIAN_DIGITS], digits[-INDIAN_DIGITS:]
    named = head.startswith("91") if plus else region == HOME_REGION or head.startswith("0091")
    if not named or len(ten) < INDIAN_DIGITS or ten.startswith("0") or is_placeholder(ten):
        return None
    return f"+91{ten}" if INDIAN_HEAD.fullmatch(head) else None


def is_indian_mobile(digits: str) -> bool:
    """Return whether this is how a mobile is written in India, at whatever address it stands."""
    number = indian(digits, plus=False, region=HOME_REGION)
    return number is not None and INDIAN_MOBILE.fullmatch(number) is not None


def is_of_two_countries(digits: str, *, plus: bool, region: str) -> bool:
    """Return whether digits that do not say that they are India's may be the numbers of two people.

    An Indian writes a plus and forgets the code, or the Indian number at an address abroad; and without a plus the
    first digits may be another country's code.
    """
    may_be_home = region in (HOME_REGION, UNKNOWN_REGION)
    if may_be_home and digits.startswith("00"):
        digits, plus = digits[2:], True
    if plus:
        return may_be_home and (is_indian_mobile(digits) or _lost_digits(digits) or _is_indian_abroad(digits))
    here = None if may_be_home else _by_numbering_data(digits, plus=False, region=region)
    national = len(digits) <= INDIAN_DIGITS or digits.startswith("0")
    if national and here and _is_mobile(here):  # as people write the mobiles of where they live
        return False
    if is_indian_mobile(digits):
        return True
    if region == HOME_REGION:
        return False
    abroad = _by_numbering_data(digits, plus=True, region=region)
    return abroad is not None and is_valid(abroad) and abroad != here


def _lost_digits(digits: str) -> bool:
    return len(digits) < INDIAN_DIGITS and BROKEN_MOBILE.fullmatch(digits) is not None


def _is_indian_abroad(digits: str) -> bool:
    """Return whether a mobile of India stands behind the code of a country in which nobody has that number."""
    number = _by_numbering_data(digits, plus=True, region=UNKNOWN_REGION)
    return number is not None and is_indian_mobile(digits[-INDIAN_DIGITS:]) and not is_valid(number)


def _is_mobile(number: str) -> bool:
    """Return whether this is a valid mobile. Nearly any digits are a valid landline of some countries."""
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def _by_numbering_data(digits: str, *, plus: bool, region: str) -> str | None:
    """Of India these are numbers that have not ten digits, such as 1800 123 4567: there a length alone says nothing."""
    try:
        number = phonenumbers.parse(f"+{digits}" if plus else digits, region)
    except phonenumbers.NumberParseException:
        return None
    national = str(number.national_number)
    if not digits.endswith(national) or is_placeholder(national):
        return None
    is_sure = phonenumbers.is_valid_number(number)
    # A number that is possible only within its own town has no area code: as E.164 it would be another's.
    possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    if not is_sure and (not possible or number.country_code == 91 or digits.startswith("00")):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def is_placeholder(digits: str) -> bool:
    """Return whether this is what people type who give no number, such as 9999999999, 1212121212 and 1234567890.

    9876543210 is none: it has an owner, and is as good a number as any.
    """
    if len(set(digits)) > 2:
        return digits in ASCENDING[:11] or digits == ASCENDING[1:6] * 2
    half = len(digits) // 2
    two_by_two = digits[2:] == digits[:-2]
    return two_by_two or len(set(digits[:half])) == len(set(digits[half:])) == 1
