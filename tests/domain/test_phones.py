"""Which of an order's phone numbers is rung."""

from __future__ import annotations

import phonenumbers
import pytest

from ordercall.domain.phones.choosing import Candidate, Phone, first_usable, to_e164


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("+919000000001", None, "+919000000001"),
        ("+91 90000-00001", "AE", "+919000000001"),
        ("090000 00002", "IN", "+919000000002"),
        ("90000 00002", "IN", "+919000000002"),
        ("90000 00002", None, "+919000000002"),
        ("90000 00002", "", "+919000000002"),
        ("+91 90000 00002", "Atlantis", "+919000000002"),
        ("90000 00002", "in", "+919000000002"),
        ("00919000000002", "IN", "+919000000002"),
        ("050 123 4567", "AE", "+971501234567"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("०९०००० ००००२", "IN", "+919000000002"),
        ("+91 5550001001", "IN", "+915550001001"),
    ],
)
def test_a_possible_number_becomes_e164(text: str, country: str | None, expected: str) -> None:
    assert to_e164(text, country) == expected


@pytest.mark.parametrize(
    "text",
    [None, "", "   ", "call my wife", "12", "+", "+91", "+999123456789", "9" * 30, "9" * 5_000, "\x00", "<b>"],
)  # fmt: skip
def test_what_is_no_possible_number_is_none(text: str | None) -> None:
    assert to_e164(text, "IN") is None


def test_the_first_usable_number_is_rung() -> None:
    candidates = [
        Candidate("order", None),
        Candidate("shipping address", "12", "IN"),
        Candidate("billing address", "90000 00003", "IN"),
        Candidate("customer", "90000 00004", "IN"),
    ]

    assert first_usable(candidates) == Phone("+919000000003", "billing address")


def test_without_a_usable_number_nobody_is_rung() -> None:
    assert first_usable([Candidate("order", "none"), Candidate("customer", None)]) is None


def test_a_number_is_read_as_dialled_in_its_own_country() -> None:
    candidates = [Candidate("order", "050 123 4567", "AE")]

    assert first_usable(candidates) == Phone("+971501234567", "order")


@pytest.mark.parametrize(
    "text",
    [
        "9000000001",
        "09000000001",
        "919000000001",
        "0091 90000 00001",
        "+91 090000 00001",
        "91-09000000001",
        "(+91)9000000001",
        "tel:+919000000001",
        "９００００ 00001",
        "\t+91 90000\u00a000001\r\n",
        "\u202a+91 90000 00001\u202c",
    ],
)
def test_an_indian_number_is_the_same_however_it_is_written(text: str) -> None:
    assert to_e164(text) == "+919000000001"


@pytest.mark.parametrize(("text", "expected"), [("011-23456789", "+911123456789"), ("079 2658 1234", "+917926581234")])
def test_a_landline_with_its_area_code_is_usable(text: str, expected: str) -> None:
    assert to_e164(text) == expected


@pytest.mark.parametrize("text", ["265812", "2658123"])
def test_a_number_that_can_only_be_dialled_within_its_town_is_not_rung(text: str) -> None:
    assert to_e164(text) is None


def test_a_full_indian_number_is_what_the_numbering_data_says_of_it() -> None:
    numbers = [f"+91{first}{rest}" for first in range(2, 10) for rest in ("000000000", "123456789", "800123456")]

    for number in numbers:
        parsed = phonenumbers.parse(number, "AE")
        assert phonenumbers.is_possible_number(parsed)
        assert (
            phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == to_e164(number, "AE") == number
        )
