"""The public holidays of India and of its states, which a shop takes over into its rules.

They are those of the library `holidays` (0.109, MIT, Vacanza), written down by ``bin/write-holidays``. Feasts that go
by the moon are fixed by the sight of it: "(estimated)" stands behind their names.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ordercall.domain.places.provinces import same_code

ALL_OF_INDIA = "IN"


class Holiday(NamedTuple):
    """A day, its name, and the codes of the states that have it, or ``IN``."""

    day: date
    name: str
    where: frozenset[str]


def holidays_in(year: int, state: str | None = None) -> dict[date, str]:
    """Return the names of the holidays of all of India in a year, and with a state's code also of that state's.

    Raises:
        ValueError: of that year nothing is known; or there is no such state. A sentence for a person.
    """
    if year not in years():
        raise ValueError(f"Holidays are known from {min(years())} to {max(years())}; {year} is to be written by hand.")
    code = same_code(state) if state else None
    if state and code is None:
        raise ValueError(f"{state} is no state of India; write its code, such as GJ.")
    wanted = {ALL_OF_INDIA, code}
    return _named(holiday for holiday in _all() if holiday.day.year == year and not wanted.isdisjoint(holiday.where))


def name_of(day: date) -> str:
    """Return what all of India keeps on a day, else what its states do, else nothing."""
    found = [holiday for holiday in _all() if holiday.day == day]
    of_india = [holiday.name for holiday in found if ALL_OF_INDIA in holiday.where]
    return "; ".join(of_india or [holiday.name for holiday in found])


@cache
def years() -> list[int]:
    """Return the years whose holidays are known."""
    return sorted({holiday.day.year for holiday in _all()})


def _named(holidays: Iterable[Holiday]) -> dict[date, str]:
    names: dict[date, str] = {}
    for holiday in holidays:
        names[holiday.day] = "; ".join(filter(None, (names.get(holiday.day), holiday.name)))
    return names


@cache
def _all() -> tuple[Holiday, ...]:
    lines = (files("ordercall") / "holidays_of_india.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(_read(*line.split("\t")) for line in lines)


def _read(day: str, where: str, name: str) -> Holiday:
    codes = frozenset(same_code(code) or code for code in where.split())
    return Holiday(date.fromisoformat(day), name, codes)
