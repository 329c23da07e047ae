"""Which state of India an address names, measured against what people write, and what must not be taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers.geodata import GEOCODE_DATA

from ordercall.domain.calls.calling import Language
from ordercall.domain.places.provinces import indian_province, is_india, same_code
from ordercall.domain.places.states_of_india import NAMES, SPOKEN
from properties import always

NO_STATE = "none"


def written() -> list[tuple[str, str]]:
    """Return each spelling of the file with the code of what it stands for."""
    lines = (Path(__file__).parent / "state_spellings.txt").read_text(encoding="utf-8").splitlines()
    told = [line.split(":", 1) for line in lines if line and not line.startswith("#")]
    return [(code, spelling.strip()) for code, spellings in told for spelling in spellings.split("|")]


MISSED = {
    *("N Delhi", "Karnatata", "God's own country Kerala", "Jharkhanda", "Jharkhund", "Aassam", "Nagalnd", "Chandigrah"),
}
"""Spellings that are not read: two letters off, or one in a short name. Their orders are called in English."""


def test_nearly_every_spelling_is_read() -> None:
    missed = {
        spelling for code, spelling in written() if code != NO_STATE and indian_province(spelling, None, "IN") is None
    }

    assert len({spelling for code, spelling in written() if code != NO_STATE}) > 600
    assert missed == MISSED


def test_no_spelling_is_read_as_another_state() -> None:
    wrong = {
        (spelling, read)
        for code, spelling in written()
        if (read := indian_province(spelling, None, "IN")) not in (None, code)
    }

    assert wrong == set()


def test_no_town_of_india_is_taken_for_a_state_but_those_that_share_its_name() -> None:
    areas = {names["en"] for prefix, names in GEOCODE_DATA.items() if prefix.startswith("91") and "en" in names}
    towns = {town for area in areas if ", " in area for town in area.rsplit(", ", 1)[0].split("/")}

    taken = {town: read for town in towns if (read := indian_province(town, None, "IN"))}

    assert len(towns) > 2_000
    assert taken == {
        **{"Andaman & Nicobar": "AN", "Chandigarh": "CH", "Diu": "DH"},
        **{"Jammu": "JK", "Mysore": "KA", "Pondicherry": "PY"},
    }


def test_each_state_and_territory_has_a_name_of_its_own_and_what_is_spoken_there() -> None:
    assert len(NAMES) == 36
    assert NAMES.keys() == SPOKEN.keys()
    assert {word for words in SPOKEN.values() for word in words} <= set(Language)
    assert [(name, code) for code, names in NAMES.items() for name in names if _read(name) != code] == []


def _read(name: str) -> str | None:
    return indian_province(name, None, "IN")


@pytest.mark.parametrize(
    "country", ["IN", "in", "India", "INDIA.", "Republic of India", "The Republic of India", "भारत"]
)
def test_india_is_known_by_its_names(country: str) -> None:
    assert is_india(country)


@pytest.mark.parametrize(
    "country", ["Bharat", "इंडिया", "भारत गणराज्य", "Hindustan", "IND", "India (IN)", " in ", "", None]
)
def test_india_is_known_in_other_words_and_where_no_country_stands(country: str | None) -> None:
    assert is_india(country)


def test_no_other_country_is_india() -> None:
    others = {name for code, name in Locale("en").territories.items() if code.isalpha() and code != "IN"}

    assert len(others) > 250
    assert {name for name in {*others, "Indiana", "PK", "XX", "Republic", "The Union", "-"} if is_india(name)} == set()


@pytest.mark.parametrize("country", ["PK", "Pakistan", "BD", "US", "RO", "Nepal", "XX"])
@pytest.mark.parametrize(
    ("state", "code"), [("Punjab", None), ("Gujrat", None), ("Gujarat", "GJ"), (None, "PB"), ("GJ", None)]
)
def test_a_province_of_another_country_is_not_indias(state: str | None, code: str | None, country: str) -> None:
    assert indian_province(state, code, country) is None


@pytest.mark.parametrize(
    ("code", "same"),
    [
        *(("CT", "CG"), ("IN-OD", "OR"), ("tg", "TS"), ("UK", "UT"), ("DN", "DH"), ("DD", "DH"), ("in_gj", "GJ")),
        *((" MH ", "MH"), ("XX", None), ("NA", None), ("24", None), ("", None), ("INGA", None)),
    ],
)
def test_a_code_of_before_or_of_iso_is_the_one_that_is_used(code: str, same: str | None) -> None:
    assert same_code(code) == same


@pytest.mark.parametrize(
    ("state", "code", "province"),
    [
        ("Goa", "MH", "MH"),
        ("Goa", "XX", "GA"),
        ("Goa", None, "GA"),
        (None, "Goa", "GA"),
        ("??", "OD", "OR"),
        ("", "", None),
    ],
)
def test_a_code_decides_before_the_name_and_an_unknown_one_leaves_it_to_the_name(
    state: str | None, code: str | None, province: str | None
) -> None:
    assert indian_province(state, code, "IN") == province


@given(
    name=st.sampled_from([(name, code) for code, names in NAMES.items() for name in names]),
    before=st.sampled_from(["", " ", "State of ", "the ", "Surat, ", "India ", "UT of "]),
    behind=st.sampled_from(
        ["", " ", ".", " State", ", India", " India", " - 395007", " (India)", ",", "\n", "\u00a0", " राज्य"]
    ),
    change=st.sampled_from([str, str.upper, str.lower, str.title]),
)
@always
def test_a_name_is_read_whatever_stands_around_it(
    name: tuple[str, str], before: str, behind: str, change: type[str]
) -> None:
    assert indian_province(change(f"{before}{name[0]}{behind}"), None, "IN") == name[1]


@given(st.sampled_from(sorted(NAMES)), st.sampled_from(sorted(NAMES)))
@always
def test_two_states_in_a_line_are_none(one: str, other: str) -> None:
    assert indian_province(f"{NAMES[one][0]}, {NAMES[other][0]}", None, "IN") == (one if one == other else None)


@given(st.text(max_size=20), st.none() | st.text(max_size=4), st.none() | st.just("IN"))
@always
def test_any_text_gives_a_known_code_or_none(state: str, code: str | None, country: str | None) -> None:
    assert indian_province(state, code, country) in {*NAMES, None}
