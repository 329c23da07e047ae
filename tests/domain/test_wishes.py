"""What people wish of numbers that must not be called, as they type it and as spreadsheets save it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.domain.calls.calling import INDIA
from ordercall.domain.do_not_call import Why
from ordercall.domain.wishes import NO_END, NO_NUMBER, NO_REASON, NO_TABLE, Wish, read_lines, read_wish
from properties import always

NOW = datetime(2026, 11, 24, 12, tzinfo=INDIA)
PHONE, OTHER = "+919876543210", "+919876543211"
END = datetime(2030, 2, 1, tzinfo=INDIA)


@pytest.mark.parametrize(
    ("phone", "until", "why", "read"),
    [
        (PHONE, "", "", Wish(PHONE, None, Why.ASKED)),
        ("98765 43210", "2030-01-31", "complaint", Wish(PHONE, END, Why.COMPLAINT)),
        (PHONE, "2030-01-31T10:00", "OWN", Wish(PHONE, datetime(2030, 1, 31, 10, tzinfo=INDIA), Why.OWN)),
        (PHONE, "2026-11-24", "", Wish(PHONE, datetime(2026, 11, 25, tzinfo=INDIA), Why.ASKED)),
        (PHONE, "2026-11-23", "", NO_END),
        (PHONE, "9999-01-01", "", NO_END),
        (PHONE, "soon", "", NO_END),
        (PHONE, "", "Asha said so", NO_REASON),
        ("", "", "", NO_NUMBER),
        (f"{PHONE} or {OTHER}", "", "", NO_NUMBER),
    ],
)
def test_a_wish_is_read_or_told_why_it_cannot_be_used(phone: str, until: str, why: str, read: Wish | str) -> None:
    assert read_wish(phone, until, why, NOW) == read


FILES = {
    "numbers alone": f"{PHONE}\n{OTHER}\n".encode(),
    "with titles": f"phone,until,why\n{PHONE},,\n{OTHER},,\n".encode(),
    "saved in Germany": f"Telefon;bis;warum\r\n{PHONE};;asked\r\n{OTHER};;asked\r\n".encode(),
    "saved as Unicode text": f"phone\tuntil\n{PHONE}\t\n{OTHER}\t\n".encode("utf-16"),
    "with a mark of its encoding": f"{PHONE},\r\n{OTHER},".encode("utf-8-sig"),
    "in Windows-1252": f"Téléphone,\n{PHONE},\n{OTHER},\n".encode("cp1252"),
    "in quotes": f'"{PHONE}"\n"{OTHER}"'.encode(),
    "with columns of others behind": f"{PHONE},,,x,y\n{OTHER},,,z,\n".encode(),
    "with ends of an old Mac": f"{PHONE}\r{OTHER}\r".encode(),
}


@pytest.mark.parametrize("written", FILES.values(), ids=FILES)
def test_a_file_is_read_as_spreadsheets_save_it(written: bytes) -> None:
    assert [wish for _, wish in read_lines(written, NOW)] == [Wish(phone, None, Why.ASKED) for phone in (PHONE, OTHER)]


def test_each_line_has_its_number_and_its_fault() -> None:
    written = f"phone,until,why\n{PHONE},2030-01-31,own\n\nMeera,,\n{OTHER},x\n{OTHER},,rude\n".encode()

    assert list(read_lines(written, NOW)) == [
        (2, Wish(PHONE, END, Why.OWN)),
        (4, NO_NUMBER),
        (5, NO_END),
        (6, NO_REASON),
    ]


def test_a_quote_that_is_not_closed_swallows_no_line() -> None:
    written = f'"{PHONE}\n{OTHER}\n"{PHONE}",\n'.encode()

    assert [(number, isinstance(wish, Wish)) for number, wish in read_lines(written, NOW)] == [
        (1, True),
        (2, True),
        (3, True),
    ]


def test_a_line_that_is_none_of_a_table_is_told() -> None:
    written = f"{'9' * 200_000}\n{PHONE}\n".encode()

    assert list(read_lines(written, NOW)) == [(1, NO_TABLE), (2, Wish(PHONE, None, Why.ASKED))]


def test_a_first_line_with_a_number_is_no_title() -> None:
    assert [number for number, _ in read_lines(PHONE.encode(), NOW)] == [1]


@pytest.mark.parametrize("written", [b"", b"\n\n", b"phone,until,why\n", b"\xff\xfe"])
def test_a_file_without_lines_wishes_nothing(written: bytes) -> None:
    assert list(read_lines(written, NOW)) == []


@always
@given(st.binary(max_size=300))
def test_whatever_is_brought_is_read_or_told(written: bytes) -> None:
    for number, wish in read_lines(written, NOW):
        assert number >= 1
        assert isinstance(wish, str) or (wish.ends_at is None or wish.ends_at > NOW - timedelta(days=1))


def test_a_first_line_that_holds_a_number_is_no_line_of_titles() -> None:
    assert list(read_lines(b"Ravi,9876543210\n", NOW)) == [(1, NO_NUMBER)]
