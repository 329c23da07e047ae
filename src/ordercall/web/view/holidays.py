"""A year's holidays as a choice of the form *Calling*, which become days in its list."""

from __future__ import annotations

from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from ordercall.domain.places.states_of_india import NAMES
from ordercall.domain.policy.holidays import holidays_in, name_of, years

YEARS_OFFERED = 2
"""This one and the next: nobody plans further, and feasts that go by the moon are estimated."""


def holiday_choices(year: int) -> dict[str, Any]:
    """Return what the form offers in this year, and what tells a day's name."""
    offered = [each for each in years() if each >= year][:YEARS_OFFERED]
    states = {code: names[0] for code, names in sorted(NAMES.items(), key=lambda each: each[1])}
    return {"holiday_years": offered, "holiday_states": states, "holiday_name": _name}


def taken_over(sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return what a form sent, with the holidays of the year and the state that it chose among its days."""
    values = sent.copy()
    year, state = values.pop("holidays_of", ""), values.pop("holidays_in", "")
    if year in map(str, years()) and (not state or state in NAMES):
        days = {day.isoformat() for day in holidays_in(int(year), state)}
        values.setlist("holiday", sorted(days.union(filter(None, values.getlist("holiday")))))
    return values


def _name(day: str) -> str:
    try:
        return name_of(date.fromisoformat(day))
    except ValueError:
        return ""
