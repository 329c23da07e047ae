"""The busiest hour of cancels, as the budget of an hour counts."""

from __future__ import annotations

import pytest

from ordercall.services.policy_effects import busiest_hour


@pytest.mark.parametrize(
    ("times", "busiest"),
    [
        ([], 0),
        ([5.0], 1),
        ([7_000.0, 0.0, 3_599.0], 2),
        ([0.0, 3_600.0], 1),
        ([0.0, 10.0, 3_605.0, 3_609.0], 3),
    ],
)
def test_the_busiest_hour_begins_at_any_moment(times: list[float], busiest: int) -> None:
    assert busiest_hour(times) == busiest
