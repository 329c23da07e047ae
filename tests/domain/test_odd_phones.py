"""What people and spreadsheets make of a phone number: it is read as the number that it is, or as none."""

from __future__ import annotations

import pytest

from ordercall.domain.phones.choosing import Candidate, Phone, PhoneKind, first_usable, kind_of, to_e164, why_unusable

RAJ, ANA = "+919876543210", "+919876543211"
RELAY = "+1 469-555-0134"


@pytest.mark.parametrize(
    "text",
    [
        "98765 43210 Raj",
        "Raj 98765 43210",
        "98765 43210 (Raj Kumar)",
        "Raj: 9876543210",
        "98765-43210, राज",
        "Ph.9876543210",
        "98765 43210Raj",
        "Tel:+91 98765 43210",
        "WhatsApp only 98765 43210 please",
        "फ़ोन ९८७६५ ४३२१०",
        "p:+919876543210",
        "Mob1: 9876543210",
        "1) 98765 43210",
        "*98765 43210*",
        "~9876543210~",
        "https://wa.me/919876543210",
        "https://wa.me/919876543210?text=hello",
        "'9876543210",
        '="9876543210"',
    ],
)
def test_words_around_a_number_are_taken_off(text: str) -> None:
    assert to_e164(text) == RAJ


@pytest.mark.parametrize(
    "text",
    [
        "98765O3210",
        "9876543210a1",
        "98765x43210",
        "+9l 98765 43210",
        "98765 4321O",
        "987654321Z",
        "9876five43210",
        "98765²43210",
        "555-555-SHIP",
        "1-800-FLOWERS",
        "9876543210@upi",
        "call 5 people",
        "+1?469-555-0134",
        "469-FIVE-0134",
    ],
)
def test_letters_among_the_digits_give_no_number(text: str) -> None:
    assert to_e164(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "9.876543210E9",
        "9.876543210e+09",
        "9876543210.0",
        "9876543210.00",
        "9,876,543,210",
        "9,87,65,43,210",
        "91.9876543210E10",
        "+919876543210.0",
        "9876543210E0",
    ],
)
def test_what_a_spreadsheet_left_whole_is_the_number(text: str) -> None:
    assert to_e164(text) == RAJ


@pytest.mark.parametrize(
    "text",
    [
        "9.87654E+09",
        "9.87654321E9",
        "9.87654e9",
        "9.88E+09",
        "9,87654E+09",
        "9.19877E+11",
        "987654321.5",
        "9876543210.5",
        "98765432.10",
        "987654321.0",
        "9876543210E1",
        "9.8765432105E9",
        "9.9E99",
    ],
)
def test_what_lost_digits_in_a_spreadsheet_is_no_number(text: str) -> None:
    assert to_e164(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("98765 43210 / 98765 43211", RAJ),
        ("98765 43210, 98765 43211", RAJ),
        ("9876543210;9876543211", RAJ),
        ("9876543210 9876543211", RAJ),
        ("98765 43210 98765 43211", RAJ),
        ("+919876543210+919876543211", RAJ),
        ("98765 43210 or 98765 43211", RAJ),
        ("Mob1: 98765 43210 Mob2: 98765 43211", RAJ),
        ("Mobile-1: 98765 43210", RAJ),
        ("M1: 9876543210 M2: 9876543211", RAJ),
        ("1. 9876543210", RAJ),
        ("1. 9876543210 2. 9876543211", RAJ),
        ("9876543210\n9876543211", RAJ),
        ("987654321 / 9876543211", ANA),
        ("000-000-0000 / 9876543211", ANA),
        ("022-23456789/90", "+912223456789"),
        ("022-23456789 / 90", "+912223456789"),
        ("022-23456789/23456790", "+912223456789"),
        ("022/22334455", "+912222334455"),
        ("98765 43210/11", RAJ),
    ],
)
def test_of_several_numbers_the_first_that_is_one_is_rung(text: str, number: str) -> None:
    assert to_e164(text) == number


def test_the_second_number_of_a_field_is_a_candidate_where_the_first_is_nobodys() -> None:
    field = Candidate("shipping address", "+91 55500 01001 / 98765 43211", "IN")

    assert first_usable([field]) == Phone(ANA, "shipping address")


@pytest.mark.parametrize(
    "head",
    [
        "91",
        "0",
        "0091",
        "+91",
        "+91 0",
        "+91 91",
        "091",
        "+91 (0)",
        "(+91)",
        "[91]",
        "+(91)",
        "+91 +91",
        "0091-0",
        "+0",
        "00 91 ",
        "+91 (India) ",
        "91/",
        "+91.",
    ],
)
@pytest.mark.parametrize("ten", ["9876543210", "98765 43210", "98765-43210", "987-654-3210"])
def test_what_stands_before_ten_digits_is_read_as_what_it_means(head: str, ten: str) -> None:
    assert (to_e164(f"{head} {ten}"), to_e164(f"{head}{ten}")) == (RAJ, RAJ)


@pytest.mark.parametrize(
    "text",
    [
        "९८७६५ ४३२१०",
        "૯૮૭૬૫ ૪૩૨૧૦",
        "९८७६५ ૪૩૨૧૦",
        "９８７６５４３２１０",
        "＋９１ ９８７６５－４３２１０",
        "٩٨٧٦٥٤٣٢١٠",
        "৯৮৭৬৫৪৩২১০",
        "98765\u00a043210",
        "98765\u200b43210",
        "\ufeff9876543210",
        "\u202a+91 98765 43210\u202c",
        "98765\u201143210",
        "98765–43210",
        "98765\u200943210\u3000",
        "98765\t43210",
        "（98765）43210",
        "9\ufe0f\u20e38\ufe0f\u20e376543210",
    ],
)
def test_digits_blanks_and_dashes_of_every_script_are_read(text: str) -> None:
    assert to_e164(text) == RAJ


@pytest.mark.parametrize(
    "text",
    [
        f"{RELAY} ext. 40321",
        f"{RELAY} x40321",
        f"{RELAY} ext 40321",
        f"{RELAY}ext40321",
        f"{RELAY} Extension: 40321",
        f"{RELAY},,40321",
        f"{RELAY} #40321",
        f"{RELAY};ext=40321",
        f"{RELAY} (40321)",
        f"{RELAY} / 40321",
        f"{RELAY} PIN 40321",
        f"{RELAY} 40321",
        f"{RELAY} доб. 40321",
        f"{RELAY} x 1",
        "98765 43210 ext 5",
        "98765 43210 extn.",
        "022-23456789 x 12",
        "PIN 40321 98765 43210",
    ],
)
def test_a_number_with_an_extension_is_nobodys_without_it(text: str) -> None:
    assert to_e164(text) is None


@pytest.mark.parametrize(
    "text",
    ["9160000000.00", "9160000000/00", "9160000000 - 10", "+91 9110000000 - 10", f"{RELAY},,1000000", f"{RELAY} / 90"],
)
def test_a_text_that_holds_one_number_or_another_with_something_behind_it_is_none(text: str) -> None:
    assert to_e164(text) is None


@pytest.mark.parametrize(
    "digits",
    [
        "0000000000",
        "9999999999",
        "1234567890",
        "0123456789",
        "1111111111",
        "9898989898",
        "1212121212",
        "1234512345",
        "9999900000",
        "8888888888",
        "6666666666",
    ],
)
@pytest.mark.parametrize("spelling", ["{}", "+91 {}", "0{}", "91{}", "0091{}", "{} Raj", "+91 91 {}", "+91-0-{}"])
def test_a_placeholder_is_no_number_in_any_spelling(digits: str, spelling: str) -> None:
    grouped = f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"

    assert [to_e164(spelling.format(each)) for each in (digits, grouped, f"{digits[:5]} {digits[5:]}")] == [None] * 3


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "00000",
        "99999",
        "999999999",
        "99999999999",
        "123456789",
        "12345678",
        "+1 555 555 5555",
        "+1234567890",
        "N/A",
        "-",
        "xxxxxxxxxx",
        "none",
        "test",
    ],
)
def test_nor_is_one_of_another_length_or_country(text: str) -> None:
    assert to_e164(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "987654321",
        "98765432101",
        "+9198765432",
        "+9876543210",
        "0987654321",
        "9" * 5_000,
        f"{'x' * 95} 98765",
        "+91 1 98765 43210",
        "00 98765 43210",
    ],
)
def test_a_digit_too_few_or_too_many_is_not_made_up_for(text: str) -> None:
    assert to_e164(text) is None


@pytest.mark.parametrize(
    "odd",
    [
        "+91 91 98765 4321",
        "987654321",
        "000-000-0000",
        "9.87654E+09",
        f"{RELAY} ext. 40321",
        "+91 55500 01001",
        "9999999999",
        "call me",
    ],
)
def test_a_number_that_somebody_has_wins_over_whatever_stands_before_it(odd: str) -> None:
    fields = [Candidate("order", odd, "IN"), Candidate("customer", "98765 43210", "IN")]

    assert first_usable(fields) == Phone(RAJ, "customer")


def test_a_possible_number_is_rung_where_there_is_no_better_one() -> None:
    fields = [Candidate("order", "+91 55500 01001"), Candidate("customer", "+91 55500 01002")]

    assert first_usable(fields) == Phone("+915550001001", "order")


def test_what_each_field_holds_in_place_of_a_number_is_told_without_it() -> None:
    fields = [
        Candidate("order", f"{RELAY} ext. 40321"),
        Candidate("shipping address", "987654321"),
        Candidate("billing address", None),
        Candidate("customer", "000 000 0000"),
        Candidate("default address", "98765O3210"),
    ]

    assert why_unusable(fields) == (
        "Order: a number with an extension, which without it may reach somebody else; shipping address: too few digits;"
        " customer: a placeholder; default address: letters among the digits."
    )


def test_nothing_is_told_of_fields_in_which_nothing_stands() -> None:
    assert why_unusable([Candidate("order", None), Candidate("customer", "")]) is None


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (RAJ, PhoneKind.MOBILE),
        ("+919123456789", PhoneKind.MOBILE),
        ("+912223456789", PhoneKind.LANDLINE),
        ("+911123456789", PhoneKind.LANDLINE),
        ("+9118001234567", PhoneKind.TOLL_FREE),
        ("+9118601234567", PhoneKind.PREMIUM),
        ("+911860123456", None),
        ("+911401234567", PhoneKind.CALLER),
        ("+911600123456", PhoneKind.CALLER),
        ("+14695550134", PhoneKind.FOREIGN),
        ("+915550001001", None),
    ],
)
def test_the_kind_of_a_number_is_known(number: str, kind: PhoneKind | None) -> None:
    assert kind_of(number) == kind
