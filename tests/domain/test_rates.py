"""Rates with their intervals: what a count says of a product, a state or a pincode."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.domain.rates import FEWEST, Against, Rate
from properties import always

NUMBERS = st.integers(1, 1_000_000)
RATES = NUMBERS.flatmap(lambda whole: st.builds(Rate, st.integers(0, whole), st.just(whole)))

KNOWN = [
    ((412, 1_394), (0.2722, 0.3200)),
    ((19, 41), (0.3206, 0.6125)),
    ((0, 30), (0.0, 0.1135)),
    ((30, 30), (0.8865, 1.0)),
    ((1, 1), (0.2065, 1.0)),
]


@pytest.mark.parametrize(("counts", "interval"), KNOWN)
def test_the_interval_is_wilsons(counts: tuple[int, int], interval: tuple[float, float]) -> None:
    assert Rate(*counts).interval == pytest.approx(interval, abs=5e-4)


@always
@given(RATES)
def test_an_interval_holds_its_share_and_stays_a_share(rate: Rate) -> None:
    low, high = rate.interval

    assert 0 <= low <= rate.share <= high <= 1
    assert low < high


@always
@given(RATES)
def test_each_end_is_a_share_of_which_the_count_is_just_no_surprise(rate: Rate) -> None:
    for end in rate.interval:
        errors = abs(rate.share - end) / math.sqrt(end * (1 - end) / rate.whole) if 0 < end < 1 else 0
        assert errors == pytest.approx(1.959964, abs=1e-3) or end in (0, 1)


@always
@given(RATES)
def test_who_did_not_refuse_has_the_mirrored_interval(rate: Rate) -> None:
    low, high = rate.interval

    assert Rate(rate.whole - rate.part, rate.whole).interval == pytest.approx((1 - high, 1 - low), abs=1e-9)


@always
@given(RATES, st.integers(2, 100))
def test_more_of_the_same_says_more(rate: Rate, times: int) -> None:
    low, high = rate.interval
    closer_low, closer_high = Rate(rate.part * times, rate.whole * times).interval

    assert closer_high - closer_low < high - low


@always
@given(RATES)
def test_the_shop_stands_to_itself_as_itself(rate: Rate) -> None:
    assert rate.against(rate) is Against.WITHIN


def test_a_rate_is_above_or_below_only_with_its_whole_interval() -> None:
    shop = Rate(170, 1_000)

    assert Rate(30, 100).against(shop) is Against.ABOVE
    assert Rate(5, 100).against(shop) is Against.BELOW
    assert Rate(20, 100).against(shop) is Against.WITHIN
    assert Rate(FEWEST - 1, FEWEST - 1).is_too_few
    assert not Rate(0, FEWEST).is_too_few
