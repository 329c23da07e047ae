"""Digits near a number, and the same number in another field: neither makes it another person's."""

from __future__ import annotations

import pytest

from ordercall.domain.phones.choosing import Candidate, Phone, first_usable, to_e164, why_unusable
from ordercall.domain.phones.text import PhoneFault

RAJ, ANA = "+919876543210", "+919876543211"
RELAY = "+1 469-555-0134"


@pytest.mark.parametrize(
    "text",
    [
        "08047101234 PIN 1234567",
        "08047101234 PIN 7654321",
        "PIN 1234 08047101234",
        "08047101234 pin 9876543211",
        "PIN-9876543211, 08047101234",
        "08047101234 code: 9876543211",
        "08047101234 पिन 9876543211",
        "08047101234 કોડ 9876543211",
        "08047101234p9876543211",
        "08047101234 w 9876543211",
        "08047101234#9876543211",
        "+918047101234,,12345678#",
        "9876543210, PIN 12345678",
        "98765 43210 / 1234567",
        "98765 43210 / 987654321",
        "08047101234/90",
        "98765 43210 / 1",
        "022-22334455/66778899",
        "98765 43210 exten. 5",
    ],
)
def test_a_number_with_a_pin_is_nobodys_without_it(text: str) -> None:
    assert to_e164(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "987654321 (2)",
        "987654321(2)",
        "987654321 2nd floor",
        "98765432\n12",
        "98765432\u202812",
        "98765\n43210",
        "+91 987654321-1",
        "+9198765432\n12",
        "91 98765432",
        "(91) 9876 5432",
        "98765 4321 0",
        "98765 432 10",
        "98765 43 210",
        "2 987654321",
        "12 98765432",
        "55 98765432",
        "80 98765432",
        "704 9876543",
        "28_09470968",
        "6727763 702",
        "0331_9197681",
        "9191988 1148 561",
        "+91 (0) 91858 990 8867",
        "98765 (43210)",
        "98765(4321)",
        "98765(432100)",
        "198765(43210)",
        "12345(67890)",
        "+91 98765 43 210",
        "(1) 9876543210",
        "(1) 916-555-0134",
        "(2) 98765 43210",
        "(1) 98765 4321",
        "(1) 98765 432100",
        "98765 43210 (1)",
        "9876543,210",
        "98,76,54,32,10",
        "Mob1: 98765432 Mob2: 10",
        "1) 98765432 2) 10",
        "987654321 2 9876543211",
        "+44 7911 12345 6",
        "+44 791112345 (6)",
        "+1 415 555 267 1",
        "+987654321O",
        "+987654321",
        "+l4155552671",
        "O9876543210",
        "9198765432 one zero",
        "9198765432OO",
        "9198765432 OO",
        "91 98 76 54 32",
        "98 76 54 32 1 0",
        "9 1 9 8 7 6 5 4 3 2",
        "0 91 987 65432",
        "12 987 65432",
        "9185807302²",
        "9185807302 ①",
        "8580730212nd",
        "987654321 1st floor",
        "915977550212",
        "009676347140",
        "9198765432*",
    ],
)
def test_a_number_that_lost_digits_is_not_completed_by_others_that_stand_near_it(text: str) -> None:
    assert to_e164(text) is None


@pytest.mark.parametrize("text", ["9198765432**", "9198765432xx", "9198765432 ●●", "9198765432…", "+91 98765 XXXXX"])
def test_digits_that_are_not_shown_are_not_left_away(text: str) -> None:
    assert to_e164(text) is None
    assert why_unusable([Candidate("order", text)]) == "Order: digits that are not all shown."


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("9876-543210", RAJ),
        ("(98765) 43210", RAJ),
        ("9876 543 210", RAJ),
        ("98765(43210)", RAJ),
        ("+91-98765(43210)", RAJ),
        ("0 98765(43210) Raj", RAJ),
        ("(1) 98765 43210", RAJ),
        ("(1)98765-43210 (2)98765-43211", RAJ),
        ("(1) +919876543210, (2) 98123 45670", RAJ),
        ("98 76 54 32 10", RAJ),
        ("9 8 7 6 5 4 3 2 1 0", RAJ),
        ("+91 9-8-7-6-5-4-3-2-1-0", RAJ),
        ("+91 98-765-43210", RAJ),
        ("0 98 765 43210", RAJ),
        ("912223456789", "+912223456789"),
        ("+91 98-76-54-32-10", RAJ),
        ("+91\n98765 43210", RAJ),
        ("98765 43210\nRaj\nSurat", RAJ),
        ("987654321\n9876543211", ANA),
        ("98765 4321, 98765 43211", ANA),
        ("9876543210(9876543211)", RAJ),
        ("022-23456789/90/91", "+912223456789"),
        ("080 4710 1234", "+918047101234"),
        ("79 2658 1234", "+917926581234"),
        ("08182-234567", "+918182234567"),
        ("0836-2345678", "+918362345678"),
        ("1800-425-1188", "+9118004251188"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("+7 912 345-67-89", "+79123456789"),
        ("+1 (415) 555-2671", "+14155552671"),
    ],
)
def test_digits_are_one_number_where_they_are_parted_as_people_part_it(text: str, number: str) -> None:
    assert to_e164(text) == number


@pytest.mark.parametrize(
    "pattern",
    [
        "9000000000",
        "8000000000",
        "9999999990",
        "9999999998",
        "99999 99900",
        "9998887777",
        "9988776655",
        "98765 98765",
        "1231231234",
        "1122334455",
        "7890123456",
        "90123 45678",
        "2345678901",
    ],
)
def test_what_people_also_type_for_none_is_rung_only_where_there_is_no_other(pattern: str) -> None:
    fields = [Candidate("order", pattern), Candidate("customer", None), Candidate("default address", "98123 45670")]

    assert first_usable(fields) == Phone("+919812345670", "default address")
    assert first_usable(fields[:2]) == Phone(f"+91{pattern.replace(' ', '')}", "order")
    assert to_e164(f"{pattern} / 98123 45670") == "+919812345670"


@pytest.mark.parametrize(
    ("bare", "extended"),
    [
        ("+14695550134", f"{RELAY} ext. 40321"),
        ("+918047101234", "08047101234 PIN 1234567"),
        ("08047101234", "PIN 1234 080-47101234"),
        ("+918047101234", "080 4710 1234 / 1234567"),
        ("+918047101234", "08047101234 1234"),
        ("1800 123 4567", "18001234567,,12#"),
        (RAJ, "98765 43210 ext 5"),
    ],
)
def test_a_number_with_an_extension_in_one_field_is_nobodys_in_another(bare: str, extended: str) -> None:
    fields = [Candidate("order", bare, "IN"), Candidate("shipping address", extended, "IN")]
    other = Candidate("customer", "98123 45670", "IN")

    assert first_usable(fields) is first_usable(fields[::-1]) is None
    assert first_usable([*fields, other]) == first_usable([other, *fields]) == Phone("+919812345670", "customer")
    assert PhoneFault.EXTENSION.told in (why_unusable(fields) or "")


def test_a_mobile_with_its_flat_beside_it_in_one_field_is_rung_by_another() -> None:
    fields = [Candidate("shipping address", "98765 43210 flat 12"), Candidate("customer", "9876543210")]

    assert first_usable(fields) == Phone(RAJ, "customer")
