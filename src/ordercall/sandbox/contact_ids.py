"""The ids of the sandbox's contacts: each holds its phone, so that one of an earlier start is known."""

from __future__ import annotations

import re

CONTACT_ID = re.compile(r"5a9db0c5-(?P<number>\d{4})-4000-8(\d{3})-(\d{12})")
AS_A_NUMBER = re.compile(r"(?P<number>[1-9])(?P<digits>\d{15})")
"""Where ids are numbers: exact in JavaScript for the first seven contacts of a phone."""


def contact_id_of(phone: str, number: int = 0) -> str:
    """Return the contact id of a phone: a UUID that ends with the number's digits. *number*: of its further ones."""
    digits = phone.removeprefix("+").rjust(15, "0")
    return f"5a9db0c5-{number:04}-4000-8{digits[:3]}-{digits[3:]}"


def phone_in(contact_id: str) -> str:
    """Return the phone that an id holds; empty where it is none of the sandbox's."""
    match = CONTACT_ID.fullmatch(contact_id)
    return "+" + "".join(match.groups()[1:]).lstrip("0") if match else ""


def number_in(contact_id: str) -> int:
    """Return which of its phone's contacts an id is of."""
    match = CONTACT_ID.fullmatch(contact_id)
    return int(match["number"]) if match else 0


def as_number(contact_id: str) -> int:
    """Return an id as a number."""
    return int(f"{number_in(contact_id) + 1}{phone_in(contact_id).removeprefix('+').rjust(15, '0')}")


def of_number(number: str) -> str | None:
    """Return the id that is so as a number; None: it is none of the sandbox's."""
    match = AS_A_NUMBER.fullmatch(number)
    return contact_id_of(match["digits"], int(match["number"]) - 1) if match else None
