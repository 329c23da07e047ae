"""PIN codes and the states that they are of: a warning where the two do not go together, and never a false one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.domain.places.pins import pin_fault, pin_of
from ordercall.domain.places.states_of_india import NAMES
from properties import always

DIRECTORY = Path(__file__).parent / "pins_of_india.tsv"
"""India Post's own: the PIN codes of each state."""


def ranges() -> list[tuple[str, int, int]]:
    found = []
    for line in DIRECTORY.read_text().splitlines():
        code, rest = line.split("\t")
        found += [(code, int(one.split("-")[0]), int(one.split("-")[-1])) for one in rest.split()]
    return found


def test_every_pin_of_the_directory_is_accepted_in_its_state() -> None:
    known = [(code, pin) for code, first, last in ranges() for pin in range(first, last + 1)]

    assert [(code, pin) for code, pin in known if pin_fault(str(pin), code)] == []
    assert len(known) > 19_000
    assert {code for code, _ in known} == set(NAMES)


@always
@given(pin=st.integers(100_000, 999_999), state=st.none() | st.sampled_from(sorted(NAMES)))
def test_a_state_adds_at_most_that_it_is_another_one(pin: int, state: str | None) -> None:
    without, within = pin_fault(str(pin), None), pin_fault(str(pin), state)

    assert within == without or (without is None and NAMES[state or ""][0] in within)


@pytest.mark.parametrize(
    ("pin", "state", "said"),
    [
        ("682031", "GJ", "A PIN code that begins with 68 is one of Kerala or Lakshadweep, not of Gujarat."),
        ("380015", "MH", "A PIN code that begins with 380 is one of Gujarat, not of Maharashtra."),
        ("403001", "MH", "A PIN code that begins with 403 is one of Goa, not of Maharashtra."),
        ("403001", "GA", None),
        ("605001", "PY", None),
        ("605001", "TN", None),
        ("396210", "DH", None),
        ("533464", "PY", None),
        ("737101", "WB", "A PIN code that begins with 737 is one of Sikkim, not of West Bengal."),
        ("194101", "LA", None),
        ("248001", "UT", None),
        ("901234", "GJ", None),
        ("290001", None, "India Post has no PIN code that begins with 29."),
        ("682 031", "KL", None),
        ("૩૮૦૦૧૫", "GJ", None),
        ("012345", None, "A PIN code of India has six digits, and the first is not 0."),
        ("38001", "GJ", "A PIN code of India has six digits, and the first is not 0."),
        ("", None, "A PIN code of India has six digits, and the first is not 0."),
    ],
)
def test_what_is_said_of_a_pin(pin: str, state: str | None, said: str | None) -> None:
    assert pin_fault(pin, state) == said


def test_blanks_and_the_digits_of_other_scripts_are_read() -> None:
    assert (pin_of(" 380 015 "), pin_of("३८००१५"), pin_of("380015-1")) == ("380015", "380015", None)
