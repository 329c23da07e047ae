"""Hours to ring at, a code begun twice and a plus between two numbers: each number is itself, or there is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.domain.phones.choosing import numbers_in, to_e164
from properties import always

RAJ, ANA = "+919876543210", "+919123456780"
HOURS = ["after 6", "after 6pm", "(24x7)", "24x7", "between 10 and 5", "10am-5pm", "10 AM to 5 PM"]


@pytest.mark.parametrize("hours", HOURS)
@pytest.mark.parametrize("phone", ["9876543210", "+91 98765 43210", "098765-43210"])
def test_hours_beside_a_mobile_are_no_part_of_it(phone: str, hours: str) -> None:
    assert to_e164(f"{phone} {hours}") == to_e164(f"call {hours} {phone}") == RAJ


@pytest.mark.parametrize("text", ["++919876543210", "+ +91 98765 43210", "+91+919876543210", "+91 +91 9876543210"])
def test_a_code_that_is_begun_twice_is_one(text: str) -> None:
    assert to_e164(text, "US") == to_e164(text) == RAJ


@pytest.mark.parametrize("between", [" + ", " & "])
def test_two_numbers_are_both_candidates_in_their_order(between: str) -> None:
    assert numbers_in(f"9876543210{between}9123456780", "India") == [RAJ, ANA]
    assert numbers_in(f"+91 91234 56780{between}98765 43210", None) == [ANA, RAJ]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "98765432 10am-5pm",
            "98765432 after 10",
            "9876543 24x7",
            "9876543210 10-5",
            "9876543210 24",
            "9876543210 x 24x7",
        ),
        *("9876543210x24x7", "9876543210 ext 5 after 6", "9876543210 2 after 6", "080 4710 1234 12 24x7"),
        *("98765 + 43210", "98765432 + 10", "+1+919876543210", "++9876543210", "++1 98765 43210", "+91 + 98765432"),
        *("order no 9876543210 after 6", "do not call after 6pm 9876543210x2", "380001 after 6", "2026-11-30 10am-5pm"),
        *("1,499.00 after 6", "9876543210 + 12", "380001 98765432 24x7"),
    ],
)
def test_what_may_be_an_extension_a_pin_a_date_or_lost_digits_rings_nobody(text: str) -> None:
    assert to_e164(text) is None


@always
@given(
    ten=st.from_regex(r"[0-9]{6,12}", fullmatch=True),
    head=st.sampled_from([("", ""), ("0", "0"), ("+91", "+91"), ("++91", "+91"), ("+91+91", "+91"), ("++", "+")]),
    hours=st.sampled_from(HOURS),
    more=st.sampled_from([("", None), (" + 12", None), (" + 9123456780", ANA), (" 12", None)]),
)
def test_hours_and_pluses_leave_that_number_or_none(
    ten: str, head: tuple[str, str], hours: str, more: tuple[str, str | None]
) -> None:
    allowed = {to_e164(f"{head[1]}{ten}", "IN"), more[1], None}

    assert set(numbers_in(f"{head[0]}{ten} {hours}{more[0]}", "IN")) <= allowed
    assert to_e164(f"{hours} {head[0]}{ten}{more[0]}", "IN") in allowed
