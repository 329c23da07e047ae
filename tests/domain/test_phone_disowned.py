"""A number whose own text says that it is not the customer's, or not to be called, is rung by no field."""

from __future__ import annotations

import pytest

from ordercall.domain.do_not_call import the_number
from ordercall.domain.phones.choosing import Candidate, Phone, first_usable, to_e164, why_unusable
from ordercall.domain.phones.text import PhoneFault

RAJ = "+919876543210"


@pytest.mark.parametrize(
    "text",
    [
        "old 98765 43210 new 98765 43211",
        "old: 9876543210; new: 9876543211",
        "98765 43210 (old)",
        "Old no. 98765 43210",
        "not 98765 43210 but 98765 43211",
        "98765 43210 wrong, use 98765 43211",
        "not this 98765 43210 but 98765 43211",
        "not my 98765 43210",
        "not on 98765 43210",
        "98765 43210 not working, use 98765 43211",
        "98765 43210 not in use",
        "don't call on 98765 43210",
        "please do not call on this number 98765 43210",
        "Wrong number 9876543210",
        "don't call 9876543210, call 9876543211",
        "Don’t call 9876543210",
        "DO NOT CALL 98765 43210",
        "98765 43210 never call",
        "98765 43210 no longer in use",
        "9876543210 galat hai, 9876543211",
        "पुराना नंबर 9876543210",
        "ખોટો 9876543210",
        "Order No 9876543210",
        "order: 9876543210",
        "A/c no. 9876543210",
        "Invoice 9876543210",
        "OTP 9876543210",
    ],
)
def test_a_number_that_its_own_text_disowns_is_not_rung(text: str) -> None:
    assert to_e164(text) is None
    assert why_unusable([Candidate("order", text)]) == f"Order: {PhoneFault.DISOWNED.told}."


@pytest.mark.parametrize(
    "text",
    [
        "98765 43210 if not reachable 98765 43211",
        "98765 43210, not available then 98765 43211",
        "Old Rajinder Nagar 98765 43210",
        "Harold 98765 43210",
        "98765 43210 do not call before nine",
        "98765 43210 don't call in the morning",
        "98765 43210 don't call on Sunday",
        "98765 43210, not on Sundays",
        "for this order call 98765 43210",
        "98765 43210 notes",
        "Accountant 98765 43210",
    ],
)
def test_words_that_only_look_so_disown_none(text: str) -> None:
    assert to_e164(text) in (RAJ, None)
    assert PhoneFault.DISOWNED.told not in (why_unusable([Candidate("order", text)]) or "")


@pytest.mark.parametrize("text", ["old 98765 43210 new 98765 43211", "do not call 98765 43210"])
def test_nor_is_it_rung_by_another_field(text: str) -> None:
    fields = [Candidate("order", "9876543210"), Candidate("shipping address", text)]
    other = Candidate("customer", "98123 45670")

    assert first_usable(fields) is first_usable(fields[::-1]) is None
    assert first_usable([*fields, other]) == Phone("+919812345670", "customer")


def test_on_the_list_of_those_who_do_not_want_a_call_such_a_text_names_its_number() -> None:
    assert the_number("Do not call 98765 43210") == RAJ
