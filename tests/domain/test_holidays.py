"""The holidays of India that a shop can take over."""

from __future__ import annotations

from datetime import date

import pytest

from ordercall.domain.places.states_of_india import NAMES
from ordercall.domain.policy.holidays import holidays_in, years

NATIONAL = ((1, 26), (8, 15), (10, 2))
"""Republic Day, Independence Day, Gandhi's birthday: the three that no state leaves out."""


@pytest.mark.parametrize("year", years())
def test_the_three_national_holidays_are_there_each_year_in_each_state(year: int) -> None:
    days = {date(year, month, day) for month, day in NATIONAL}

    assert [code for code in (None, *NAMES) if not days <= holidays_in(year, code).keys()] == []


def test_a_state_has_its_own_beside_all_of_indias() -> None:
    all_of_india, of_gujarat = holidays_in(2027), holidays_in(2027, "GJ")

    assert all_of_india.keys() < of_gujarat.keys()
    assert of_gujarat[date(2027, 1, 15)] == "Uttarayan"
    assert date(2027, 1, 15) not in all_of_india


def test_a_state_is_known_by_its_other_codes_too() -> None:
    assert holidays_in(2027, "UK") == holidays_in(2027, "UT") == holidays_in(2027, "IN-UL") != holidays_in(2027)


def test_two_feasts_on_a_day_are_one_day_with_both_names() -> None:
    assert holidays_in(2027)[date(2027, 8, 15)] == "Independence Day; Prophet's Birthday (estimated)"


@pytest.mark.parametrize("year", years())
def test_no_state_has_so_many_holidays_that_its_customers_wait_for_weeks(year: int) -> None:
    longest = max(len(holidays_in(year, code)) for code in NAMES)

    assert 10 < len(holidays_in(year)) < longest < 60
