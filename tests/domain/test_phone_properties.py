"""Whatever is done to a phone number, it is read as that number or as none: anything else rings a stranger."""

from __future__ import annotations

import operator

import phonenumbers
from hypothesis import assume, given
from hypothesis import strategies as st

from ordercall.domain.phones.choosing import Candidate, first_usable, is_valid, to_e164
from properties import always

COUNTRIES = [None, *sorted(phonenumbers.SUPPORTED_REGIONS)]
HEADS = ["", "0", "91", "0091", "+91", "+91 0", "+91 91", "(+91) ", "+91-", "91 0", "+91 (0) "]
LABELS = ["1) ", "1. ", "(1) ", "(1)"]
SEPARATORS = ["", " ", "-", ".", "  ", " - ", "\u00a0", "\u200b", "–", ") ", " (", "(", "/", "_"]
ZEROS = ["0", "०", "૦", "０", "٠", "০"]
BETWEEN_DIGITS = st.lists(st.sampled_from([*[""] * len(SEPARATORS), *SEPARATORS]), min_size=9, max_size=9)
"""Every second one is nothing. A list is drawn many times as fast as its members one by one."""

WORDS = st.text(st.characters(categories=["L", "Zs", "P", "S", "Mn", "Cf"], exclude_characters="+＋﹢"), max_size=12)

mobiles = st.from_regex(r"[6-9][0-9]{9}", fullmatch=True)
foreign = st.sampled_from(
    ["+971501234567", "+447911123456", "+14155552671", "+6591234567", "+61412345678", "+8613912345678"]
)


@st.composite
def dressed(draw: st.DrawFn, ten: str) -> str:
    """Write ten digits as people do: grouped anyhow, in some script, with something before them."""
    zero = ord(draw(st.sampled_from(ZEROS)))
    grouped = "".join(map(operator.add, ten, [*draw(BETWEEN_DIGITS), ""]))
    written = draw(st.sampled_from(HEADS + LABELS)) + grouped
    return "".join(chr(zero + int(sign)) if "0" <= sign <= "9" else sign for sign in written)


@always
@given(data=st.data(), ten=mobiles, before=WORDS, after=WORDS)
def test_a_dressed_number_is_itself_or_none(data: st.DataObject, ten: str, before: str, after: str) -> None:
    text = f"{before}{data.draw(dressed(ten))}{after}"

    assert to_e164(text) in (f"+91{ten}", None)


def assert_itself_or_none(found: str | None, ten: str, country: str | None) -> None:
    """Ten digits are also a mobile of the country where they stand, with its code or without, if it has such ones."""
    if found in (f"+91{ten}", None):
        return
    number = phonenumbers.parse(found)
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    assert ten in (str(number.national_number), found.removeprefix("+"))
    assert phonenumbers.number_type(number) in kinds
    assert phonenumbers.country_code_for_region(country or "IN") == number.country_code


@always
@given(
    data=st.data(),
    ten=mobiles,
    country=st.sampled_from(COUNTRIES),
    after=st.sampled_from(["", " 91", "/91", " (91)", ", Raj", " (IN)"]),
)
def test_a_mobile_of_india_is_itself_or_none_at_an_address_anywhere(
    data: st.DataObject, ten: str, country: str | None, after: str
) -> None:
    assert_itself_or_none(to_e164(f"{data.draw(dressed(ten))}{after}", country), ten, country)


@always
@given(ten=mobiles, country=st.sampled_from(COUNTRIES), head=st.sampled_from(["", "0", "91", "0091", "910", "9191"]))
def test_so_is_one_of_digits_alone(ten: str, country: str | None, head: str) -> None:
    assert_itself_or_none(to_e164(head + ten, country), ten, country)


@always
@given(ten=mobiles, parted_by=st.sampled_from(["", " ", "-"]))
def test_a_mobile_with_a_plus_but_without_its_code_is_none_in_india(ten: str, parted_by: str) -> None:
    assert to_e164(f"+{ten[:5]}{parted_by}{ten[5:]}", "IN") is None


@always
@given(pin=st.integers(100_000, 899_999), house=st.from_regex(r"[01][0-9]{3}", fullmatch=True))
def test_a_house_number_and_a_postal_code_ring_nobody_without_a_number(pin: int, house: str) -> None:
    number = to_e164(f"{house} {pin}")

    assert number is None or is_valid(number)


@always
@given(
    ten=mobiles.filter(lambda ten: len(set(ten)) > 2),
    head=st.sampled_from(HEADS),
    word=st.from_regex(r"[A-Za-z]{2,8}", fullmatch=True),
)
def test_a_number_with_a_word_beside_it_is_found(ten: str, head: str, word: str) -> None:
    if word.lower().startswith(("ext", "xtn")):
        word = "Raj"

    assert to_e164(f"{head}{ten[:5]} {ten[5:]} {word}") == to_e164(f"{word} {head}{ten}") == f"+91{ten}"


@always
@given(
    data=st.data(),
    one=mobiles,
    other=mobiles,
    between=st.sampled_from([" / ", ", ", "; ", " ", "/", "\n", " & ", " or ", "+", " Raj ", "-"]),
)
def test_of_two_numbers_one_is_chosen(data: st.DataObject, one: str, other: str, between: str) -> None:
    text = f"{data.draw(dressed(one))}{between}{data.draw(dressed(other))}"

    assert to_e164(text) in (f"+91{one}", f"+91{other}", None)


@always
@given(number=foreign, at=st.data())
def test_whatever_is_put_into_a_foreign_number_rings_nobody_else(number: str, at: st.DataObject) -> None:
    place = at.draw(st.integers(0, len(number)))
    put = at.draw(
        st.text(st.characters(categories=["L", "Zs", "P", "S"], exclude_characters="+＋﹢"), min_size=1, max_size=5)
    )

    assert to_e164(number[:place] + put + number[place:]) in (number, None)


@always
@given(ten=mobiles, digits=st.integers(1, 9))
def test_a_rounded_number_is_none_or_itself(ten: str, digits: int) -> None:
    rounded = f"{float(ten):.{digits}E}"

    assert to_e164(rounded) in (f"+91{ten}", None)
    assert to_e164(str(float(ten))) in (f"+91{ten}", None)


@always
@given(
    ten=mobiles,
    extension=st.integers(0, 9_999_999),
    by=st.sampled_from([" ext. ", " x", "x", ",,", " #", ";", " (", " ext ", " p", " - ", " "]),
)
def test_a_number_never_loses_its_extension(ten: str, extension: int, by: str) -> None:
    assert to_e164(f"+1 469-555-0134{by}{extension}") is None
    assert to_e164(f"+91 {ten}{by}{extension}") in (None, *([f"+91{ten}"] if len(str(extension)) > 6 else []))


@always
@given(first=st.text(max_size=30), second=st.text(max_size=30), ten=mobiles.filter(lambda ten: len(set(ten)) > 2))
def test_any_text_before_it_leaves_the_number_of_another_field_or_is_one_itself(
    first: str, second: str, ten: str
) -> None:
    fields = [Candidate("order", first), Candidate("billing address", second), Candidate("customer", ten)]

    chosen = first_usable(fields)

    assert chosen is not None
    assert chosen.number in (f"+91{ten}", to_e164(first), to_e164(second))


GAPS = [" ", "-", " - ", ".", " (", "(", ", ", "\n", "/", " / ", ";", " flat ", " No. ", ") ", "_", " & ", "\t", " +"]
BEHIND = ["", ")", "nd floor", " floor", "th", " B", "-A", "/", "."]
PLAIN_WAYS = ["{}{}", "{} {}", "{}-{}", "0{}{}", "0{} {}", "91{}{}", "91 {} {}", "+91{}{}", "+91 {} {}", "+91-{}-{}"]


@always
@given(
    ten=mobiles,
    lost=st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True),
    head=st.sampled_from([*HEADS, "91 ", "0 ", "+91 (", "Mob: "]),
    halved=st.booleans(),
    stray=st.from_regex(r"[0-9]{1,6}", fullmatch=True),
    by=st.sampled_from(GAPS),
    behind=st.sampled_from(BEHIND),
    before=st.booleans(),
)
def test_what_is_left_of_a_number_is_never_completed_by_digits_near_it(
    ten: str, lost: list[int], head: str, halved: bool, stray: str, by: str, behind: str, before: bool
) -> None:
    left = [digit for at, digit in enumerate(ten) if at not in lost]
    number = head + ("".join([*left[:5], " ", *left[5:]]) if halved else "".join(left))
    assume(left[:2] != ["9", "1"])  # such a rest may have its country's code before it
    assume(not before or stray[0] not in "01")  # 0 and 1800 begin a number themselves
    text = f"{stray}{by}{number}" if before else f"{number}{by}{stray}{behind}"

    found = to_e164(text)

    assert found is None or found.removeprefix("+91") in text


A_MOBILE = "9513886363"
RELAYS = ["08047101234", "+918047101234", "080-4710 1234", "+1 469-555-0134", "1800 123 4567", A_MOBILE]
CALLED_PINS = [" PIN ", " pin: ", " Pin-", " code ", " OTP ", " ext ", " x", ",,", "#"]
NOT_CALLED_SO = [",", ", ", ";", " ", " - ", " (", "\n", "/", " / "]


@always
@given(
    relay=st.sampled_from(RELAYS),
    pins=st.integers(1, 12).flatmap(
        lambda size: st.lists(st.from_regex(rf"[0-9]{{{size}}}", fullmatch=True), min_size=2, max_size=2, unique=True)
    ),
    by=st.sampled_from([*CALLED_PINS, *NOT_CALLED_SO]),
    bare=st.booleans(),
    bare_first=st.booleans(),
)
def test_two_pins_of_a_relay_are_never_one_contact(
    relay: str, pins: list[str], by: str, bare: bool, bare_first: bool
) -> None:
    assume(not any(map(to_e164, pins)))  # such a number may be another person's: which one is meant nobody can tell
    may_be_flat = relay == A_MOBILE and by in NOT_CALLED_SO
    beside = [Candidate("customer", relay, "IN")] if bare and not may_be_flat else []

    one, other = (
        first_usable(fields[::-1] if bare_first else fields)
        for fields in ([Candidate("shipping address", f"{relay}{by}{pin}", "IN"), *beside] for pin in pins)
    )

    assert one is None or other is None or one.number != other.number


@always
@given(ten=mobiles, way=st.sampled_from(PLAIN_WAYS), country=st.sampled_from([None, "IN", "India", "AE", "US", "XX"]))
def test_a_number_that_is_written_plainly_is_read_as_it_is_in_full(ten: str, way: str, country: str | None) -> None:
    text = way.format(ten[:5], ten[5:])

    assert to_e164(text, country) == to_e164(f" {text} .", country)
