"""The numbers that stand in the text of a phone field, or why there is none.

A wrong number rings a stranger: a field whose digits can be read in more than one way gives none, and so does one
whose digits are not parted as those of one number are, because some may be lost and others be no part of it.
"""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple

import phonenumbers
from phonenumbers import UNKNOWN_REGION, PhoneNumberFormat

from ordercall.domain.phones.countries import HOME_REGION, region_of
from ordercall.domain.phones.digits import (
    BROKEN_MOBILE,
    INDIAN_DIGITS,
    INDIAN_HEAD,
    INDIAN_MOBILE,
    LONGEST_NUMBER,
    SHORTEST_NUMBER,
    dialled,
    indian,
    is_indian_mobile,
    is_of_two_countries,
    is_placeholder,
    is_valid,
)
from ordercall.domain.phones.text import (
    AROUND_ALL,
    DISOWNED,
    LONGEST_FIELD,
    WRITTEN_APART,
    PhoneFault,
    Piece,
    pieces_of,
)

MOBILE_GROUPS = {(10,), (5, 5), (4, 6), (3, 3, 4), (3, 4, 3), (4, 3, 3)}
"""As people part the ten digits of a mobile. A group of one or two digits may be no part of it: "98765432 12"."""

EVEN_GROUPS = {(2,) * 5, (1,) * 10}
"""Where all groups are alike none is a stray one; yet a first 91 may be the code of a mobile that lost two digits."""

BEHIND_A_CODE = (2, 3, 5)
"""Without the code the first two digits may be a flat."""

UNKNOWN_GROUPS = {(10,), (5, 5), (3, 3, 4), (3, 4, 3), (2, 8), (3, 7), (2, 4, 4)}
"""Those of a number that the numbering data does not know: four and six may be a house number and its postal code."""

NO_SUBSCRIBER_BEGINS = "0189"
"""By India's numbering plan. What stands before such digits is no area code."""

MOBILE_BEGINS, LONGEST_AREA_CODE = re.compile("0*[6-9]"), 4
"""Where no code stands before all, digits before such ones may be anything: "55 98765432" is a flat and a mobile that
lost two."""

LONGEST_PART = 5
"""Digits of a group, in a number of abroad that is written in short ones. Behind a longer group three may be stray."""

PLAIN = re.compile(r"(?:(?P<code>\+91)|91|0)?[ -]?(?P<half>[0-9]{5})[ -]?(?P<rest>[0-9]{5})")

SHORTEST_WITH_MORE = 12
"""Characters: the ten digits of India, what parts them, and a digit."""

IN_A_LIST = re.compile(r"[/,;&|\n ]+|\W*(?:or|and|alt|alternate|या|और|અને|કે)\W*", re.IGNORECASE)
"""What parts the numbers of two people, or of one person's two phones."""


class Reading(NamedTuple):
    """The numbers of a text in their order. With a fault, those that stand within it and may be nobody's without it."""

    numbers: list[str]
    fault: PhoneFault | None = None


NOTHING = Reading([])


def read(text: str | None, country: str | None) -> Reading:
    """Return what a text says, its numbers read as dialled in *country*, an ISO code or a name."""
    if not text:
        return NOTHING
    if number := plain_mobile(text, country):
        return Reading([number])
    region = region_of(country)
    if numbers := _plain_but_for_its_hours(text, region):
        return Reading(numbers)
    pieces, fault = pieces_of(text)
    reading = Reading([], fault) if fault else _numbers_among(pieces, region)
    if reading.fault:
        return Reading(_numbers_within(pieces, region), reading.fault)
    return Reading(reading.numbers, PhoneFault.DISOWNED) if DISOWNED.search(text) else reading


def plain_mobile(text: str, country: str | None) -> str | None:
    """Return the mobile of India that a text is, if it is written as nearly all are: any other way is read in full."""
    if INDIAN_MOBILE.fullmatch(text):
        return text
    plain = PLAIN.fullmatch(text)
    if plain is None or not (plain["code"] or country is None or country == HOME_REGION):
        return None
    number = f"+91{plain['half']}{plain['rest']}"
    return number if INDIAN_MOBILE.fullmatch(number) else None


def _plain_but_for_its_hours(text: str, region: str) -> list[str]:
    """Return the mobiles of a text that is nothing but those, hours to ring at and a plus between two; else none."""
    if len(text) > LONGEST_FIELD:
        return []
    around = [AROUND_ALL.fullmatch(part) for part in text.split(" + ")]
    numbers = [number for each in around if each and (number := plain_mobile(each["phone"], region))]
    return numbers if len(numbers) == len(around) else []


def may_hold_more(text: object) -> bool:
    """Return whether more may stand in a field than one plain number."""
    return isinstance(text, str) and len(text) >= SHORTEST_WITH_MORE and not PLAIN.fullmatch(text)


def _numbers_among(pieces: list[Piece], region: str) -> Reading:
    """Digits left over beside a number make all of them unusable: behind one extension sits another person."""
    numbers: list[str] = []
    left_over = len(pieces) > 1 and _is_parted_mobile(pieces)
    line = None
    for piece, after in itertools.zip_longest(pieces, pieces[1:]):
        found = _numbers_of(piece, region)
        if not found and numbers:
            line = _next_line(piece, line or numbers[-1])
            left_over |= line is None and not _is_placeholder(piece)
        elif not found:
            left_over |= not _is_placeholder(piece) and not _is_broken(piece, after)
        numbers += found
    if numbers:
        return Reading(numbers, PhoneFault.MORE_DIGITS if left_over else None)
    return Reading([], _fault_of(max(pieces, key=lambda piece: len(piece.digits)), region))


def _numbers_within(pieces: list[Piece], region: str) -> list[str]:
    """Return each number that some of the digits of a piece are, from one group to another."""
    runs = {
        (piece.plus and start == 0, "".join(piece.groups[start:end]))
        for piece in pieces
        for start, end in itertools.combinations(range(len(piece.groups) + 1), 2)
    }
    whole = sorted((plus, digits) for plus, digits in runs if SHORTEST_NUMBER <= len(digits) <= LONGEST_NUMBER)
    return [number for plus, digits in whole if (number := dialled(digits, plus=plus, region=region))]


def _is_parted_mobile(pieces: list[Piece]) -> bool:
    """Return whether what parts the pieces parts one number, whose halves a small country takes for two short ones."""
    starts = itertools.accumulate(group for piece in pieces for group in piece.groups)
    longer = (start for start in starts if len(start) > len(pieces[0].digits))
    return any(indian(start, plus=False, region=HOME_REGION) for start in longer)


def _is_placeholder(piece: Piece) -> bool:
    """Return whether it stands for a whole number of India, which is none."""
    head, ten = piece.digits[:-INDIAN_DIGITS], piece.digits[-INDIAN_DIGITS:]
    return len(ten) == INDIAN_DIGITS and is_placeholder(ten) and INDIAN_HEAD.fullmatch(head) is not None


def _is_broken(piece: Piece, after: Piece | None) -> bool:
    """Return whether it is the first phone of a list, mistyped. Behind a number the same digits may be its PIN."""
    in_a_list = after is not None and IN_A_LIST.fullmatch(after.parted_by)
    return bool(in_a_list and BROKEN_MOBILE.fullmatch(piece.digits))


def _next_line(piece: Piece, line: str) -> str | None:
    """Return the number that follows *line* if that is what the piece ends as: "022-23456789/90" are two of a house."""
    following = f"+{int(line) + 1}"
    is_short = 2 <= len(piece.digits) < INDIAN_DIGITS and piece.parted_by == "/"
    return following if is_short and line.startswith("+91") and following.endswith(piece.digits) else None


def _numbers_of(piece: Piece, region: str) -> list[str]:
    number = dialled(piece.digits, plus=piece.plus, region=region)
    if number is None:
        return _one_after_another(piece.groups, plus=piece.plus, region=region)
    is_one = _is_written_as_one(number, piece.groups, plus=piece.plus)
    return [number] if is_one and not _has_number_before_its_end(piece, region) else []


def _has_number_before_its_end(piece: Piece, region: str) -> bool:
    """Return whether the last digits may be an extension: "9160000000 - 10" is one number with, or another without."""
    starts = list(itertools.accumulate(piece.groups[:-1]))
    if any(indian(start, plus=piece.plus, region=region) for start in starts):
        return True
    lacks_91 = not piece.digits.startswith("91") if region == HOME_REGION else not piece.plus
    return lacks_91 and any(map(is_indian_mobile, starts))


def _one_after_another(groups: list[str], *, plus: bool, region: str) -> list[str]:
    """Return the Indian mobiles that the groups of digits are, with only blanks between them; none if one is not."""
    for end in range(1, len(groups) + 1):
        number = indian("".join(groups[:end]), plus=plus, region=region)
        if number and INDIAN_MOBILE.fullmatch(number) and _is_written_as_one(number, groups[:end], plus=plus):
            rest = _one_after_another(groups[end:], plus=False, region=region)
            if rest or end == len(groups):
                return [number, *rest]
    return []


# -- how the digits are parted


def _is_written_as_one(number: str, groups: list[str], *, plus: bool) -> bool:
    """Return whether digits are parted as those of this number are: no stray digit completes one that lost some."""
    if len(number) != len("+91") + INDIAN_DIGITS or not number.startswith("+91"):
        return _is_parted_as_usual(number, groups) or _is_parted_as_abroad(number, groups)
    parts = _last_by_group(groups, INDIAN_DIGITS)
    is_mobile = INDIAN_MOBILE.fullmatch(number) is not None
    if len(parts) == 1:
        return is_valid(number) or (number[3] not in "01" and not _may_be_a_longer_mobile(groups, plus=plus))
    if not _begins_behind_its_code(groups, plus=plus, is_mobile=is_mobile):
        return False
    is_known, is_bare = is_valid(number), sum(map(len, groups)) == INDIAN_DIGITS
    if is_mobile and (parts in MOBILE_GROUPS or _is_mobile_in_short_groups(number, parts, is_bare=is_bare)):
        return True
    may_be_stray = parts[0] <= LONGEST_AREA_CODE and (is_bare or not is_known)
    if may_be_stray and MOBILE_BEGINS.match(number, 3 + parts[0]):
        return False
    if is_known:
        has_subscriber = number[3 + parts[0]] not in NO_SUBSCRIBER_BEGINS
        return has_subscriber and parts[0] == _usual_groups(number)[0] and _is_parted_as_usual(number, groups)
    return number[3] not in "01" and (parts in UNKNOWN_GROUPS or (plus and parts in MOBILE_GROUPS))


def _may_be_a_longer_mobile(groups: list[str], *, plus: bool) -> bool:
    """Return whether digits in one group may be a mobile with two too many: its own 91 is then no code."""
    return not plus and len(groups) == 1 and is_indian_mobile(groups[0][:INDIAN_DIGITS]) and groups[0].startswith("91")


def _is_mobile_in_short_groups(number: str, parts: tuple[int, ...], *, is_bare: bool) -> bool:
    fits = parts in EVEN_GROUPS or (parts == BEHIND_A_CODE and not is_bare)
    return fits and not number.startswith("+9191")


def _begins_behind_its_code(groups: list[str], *, plus: bool, is_mobile: bool) -> bool:
    """Return whether the ten digits begin where a group does, or its code and nothing else of the number stands there.

    "+91 (0) 91858 990 8867" may be 91858 990.., which lost two digits, and no 858 990 8867 behind a code.
    """
    digits = "".join(groups)
    head = digits[:-INDIAN_DIGITS]
    begin = max(start for start in itertools.accumulate(map(len, groups), initial=0) if start <= len(head))
    if not digits[begin : len(head)].endswith("91"):
        return True
    return (plus and head == "91") or (is_mobile and (head in WRITTEN_APART or (plus and head == "9191")))


def _is_parted_as_usual(number: str, groups: list[str]) -> bool:
    """Return whether digits are parted nowhere but where the numbering data parts this number."""
    usual = _usual_groups(number)
    parts = _last_by_group(groups, sum(usual))
    return set(itertools.accumulate(parts[:-1])) <= set(itertools.accumulate(usual))


def _is_parted_as_abroad(number: str, groups: list[str]) -> bool:
    """Return whether a number of another country is parted as people of some country part theirs."""
    parts = _last_by_group(groups, sum(_usual_groups(number)))
    has_tail = parts[-1] > 3 or (parts[-1] == 3 and max(parts) <= LONGEST_PART)
    return not number.startswith("+91") and parts[0] > 1 and has_tail


def _usual_groups(number: str) -> list[int]:
    written = phonenumbers.format_number(phonenumbers.parse(number), PhoneNumberFormat.RFC3966)
    return [len(group) for group in written.split("-")[1:]]


def _last_by_group(groups: list[str], digits: int) -> tuple[int, ...]:
    """Return how many of the last digits each group has."""
    ends = itertools.accumulate((len(group) for group in reversed(groups)), initial=0)
    within = [min(end, digits) for end in ends]
    return tuple(end - start for start, end in itertools.pairwise(within) if end > start)[::-1]


def _fault_of(piece: Piece, region: str) -> PhoneFault:
    digits = piece.digits
    if len(digits) >= SHORTEST_NUMBER and (is_placeholder(digits) or is_placeholder(digits[-INDIAN_DIGITS:])):
        return PhoneFault.PLACEHOLDER
    if dialled(digits, plus=piece.plus, region=region):
        return PhoneFault.PARTED
    if len(digits) < INDIAN_DIGITS:
        return PhoneFault.TOO_SHORT
    if region == UNKNOWN_REGION and len(digits) <= LONGEST_NUMBER:
        return PhoneFault.NO_COUNTRY
    if is_of_two_countries(digits, plus=piece.plus, region=region):
        return PhoneFault.TWO_NUMBERS
    return PhoneFault.TOO_LONG if len(digits) > LONGEST_NUMBER else PhoneFault.IMPOSSIBLE
