"""Digits that may be one person's number or another's, or no number at all, ring nobody."""

from __future__ import annotations

import pytest
from babel import Locale
from phonenumbers import SUPPORTED_REGIONS

from ordercall.domain.phones.choosing import Candidate, to_e164, why_unusable
from ordercall.domain.phones.countries import NAMED_IN, region_of
from ordercall.domain.phones.text import PhoneFault

RAJ = "+919876543210"


@pytest.mark.parametrize("text", ["(+91) 6) 4466 00166 0", "6) 5559001001", "0/846 (3429/4) 28"])
def test_a_digit_before_a_bracket_is_dropped_from_a_list_of_numbers_only(text: str) -> None:
    ten = "".join(filter(str.isdigit, text))[-10:]

    assert to_e164(text) in (f"+91{ten}", None)
    assert to_e164("1) 98765 43210 2) 98765 43211") == RAJ


@pytest.mark.parametrize("text", ["+6291736662", "+6500080636", "+65 9123 4567", "Raj +6591234567", "(+65) 91234567"])
@pytest.mark.parametrize("country", ["IN", None, "India"])
def test_ten_digits_behind_a_plus_at_an_indian_address_may_be_a_mobile_of_india_and_are_none(
    text: str, country: str | None
) -> None:
    assert to_e164(text, country) is None
    assert why_unusable([Candidate("order", text, country)]) == f"Order: {PhoneFault.TWO_NUMBERS.told}."


@pytest.mark.parametrize("text", ["+1 98123 45670", "+92 98123 45670", "+1-981-234-5670"])
def test_nor_is_a_mobile_of_india_with_the_code_of_a_country_where_nobody_has_it(text: str) -> None:
    assert to_e164(text, "IN") is to_e164(text, "XX") is None
    assert to_e164("+977 9812345670", "IN") == "+9779812345670"


def test_nor_is_it_a_number_of_another_country_with_something_behind_it() -> None:
    assert to_e164("+98765 43210 91", "IN") is None
    assert to_e164("+91 98765 43210", "IN") == RAJ


@pytest.mark.parametrize(("text", "country"), [("+65 9123 4567", "SG"), ("+6591234567", "AE"), ("+971501234567", "IN")])
def test_a_number_with_its_countrys_code_is_read_where_it_cannot_be_a_mobile_of_india(text: str, country: str) -> None:
    assert to_e164(text, country) == text.replace(" ", "")


@pytest.mark.parametrize("country", ["DE", "AE", "AT", "ID", "IT", "US", "GB", "QA", "FI"])
@pytest.mark.parametrize(
    "text",
    [
        "919876543210",
        "91 98765 43210",
        "9876543210 91",
        "98765 43210 (91)",
        "9876543210",
        "09876543210",
        "987654321.0",
        "0987654321.0",
        "9876543210 / 9876543210",
        "+09876543210",
    ],
)
def test_a_mobile_of_india_at_a_foreign_address_is_never_given_that_countrys_code(text: str, country: str) -> None:
    assert to_e164(text, country) in (RAJ, None)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("919876543210", "DE"),
        ("447911123456", "DE"),
        ("971501234567", "AT"),
        ("13012345678", "CN"),
        ("912223456789", "AE"),
    ],
)
def test_digits_without_a_plus_that_are_a_number_of_another_country_too_are_none(text: str, country: str) -> None:
    assert to_e164(text, country) is None
    assert why_unusable([Candidate("order", text, country)]) == f"Order: {PhoneFault.TWO_NUMBERS.told}."


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("447911123456", "GB", "+447911123456"),
        ("1 415 555 2671", "US", "+14155552671"),
        ("971 50 123 4567", "AE", "+971501234567"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("917 234 5678", "US", "+19172345678"),
        ("(201) 555-0123", "US", "+12015550123"),
        ("07400 123456", "GB", "+447400123456"),
        ("984-1234567", "NP", "+9779841234567"),
        ("0044 7911 123456", "DE", "+447911123456"),
    ],
)
def test_digits_without_a_plus_are_read_where_they_are_one_countrys_only(text: str, country: str, number: str) -> None:
    assert to_e164(text, country) == number


@pytest.mark.parametrize(
    "text",
    [
        "1000 400001",
        "5550 400001",
        "5550 400 001",
        "5 5500 01001",
        "1000400001",
        "+91 1000400001",
        "+911000400001",
        "+91 10004 00001",
        "11-1000-4000",
    ],
)
def test_a_house_number_with_its_postal_code_is_no_number(text: str) -> None:
    assert to_e164(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "5550001001",
        "55500 01001",
        "555 000 1001",
        "55-50001001",
        "555-0001001",
        "0555-0001001",
        "+91 5550 001001",
        "91-55500-01001",
        "+9155500 01001",
    ],
)
def test_ten_digits_written_as_a_phone_are_possible_though_nobody_is_known_to_have_them(text: str) -> None:
    assert to_e164(text) == "+915550001001"


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("United Arab Emirates", "+971501234567"),
        ("united arab emirates", "+971501234567"),
        ("AE", "+971501234567"),
        ("ARE", "+971501234567"),
        ("U.A.E.", "+971501234567"),
        ("संयुक्त अरब अमीरात", "+971501234567"),
        ("India", None),
        ("Emirates of somewhere", None),
    ],
)
def test_a_country_is_known_by_its_names_and_codes(country: str, number: str | None) -> None:
    assert to_e164("050 123 4567", country) == number


@pytest.mark.parametrize(
    "country",
    [
        *(None, "", " ", "IN", "in", "IND", "India", "INDIA ", "india.", "Bharat", "भारत", "ભારત", "Republic of India"),
        *("Bharat (India)", "India - IN", "भारत गणराज्य"),
    ],
)
def test_a_number_without_its_code_is_indias_where_the_address_says_so_or_nothing(country: str | None) -> None:
    assert to_e164("98765 43210", country) == to_e164("9876543210", country) == RAJ


@pytest.mark.parametrize(
    "country", ["XX", "ZZ", "Inida", "Estados Unidos", "Atlantis", "N/A", "Gujarat", "Other", "99"]
)
@pytest.mark.parametrize(
    "text", ["9876543210", "098765 43210", "91 98765 43210", "6505550134", "022-23456789", "+98765 43210"]
)
def test_in_a_country_that_nobody_knows_no_number_is_read_without_its_code(text: str, country: str) -> None:
    assert to_e164(text, country) is None
    assert to_e164("+91 98765 43210", country) == to_e164("0091 98765 43210", country) == RAJ
    assert to_e164("+447911123456", country) == to_e164("0044 7911 123456", country) == "+447911123456"


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("6505550134", "USA", "+16505550134"),
        ("6505550134", "U.S.A.", "+16505550134"),
        ("6505550134", "United States of America", "+16505550134"),
        ("6505550134", "America", "+16505550134"),
        ("7911123456", "UK", "+447911123456"),
        ("7911123456", "England", "+447911123456"),
        ("7911123456", "United Kingdom", "+447911123456"),
    ],
)
def test_a_number_abroad_is_never_one_of_india(text: str, country: str, number: str) -> None:
    assert to_e164(text, country) == number


def test_each_country_is_known_by_its_name_in_the_customers_languages() -> None:
    names = [(name, code) for each in NAMED_IN for code, name in Locale(each).territories.items()]

    wrong = {name: region_of(name) for name, code in names if code in SUPPORTED_REGIONS and region_of(name) != code}

    assert len(names) > 700
    assert wrong == {}
