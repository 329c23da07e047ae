"""When a pause is out of the ordinary."""

from __future__ import annotations

import pytest

from ordercall.domain.quiet_webhooks import BUSY, silent_since

HOUR = 3_600


@pytest.mark.parametrize(
    ("times", "now", "silent"),
    [
        ([number * HOUR for number in range(BUSY)], (BUSY + 0.4) * HOUR, False),
        ([number * HOUR for number in range(BUSY)], (BUSY + 0.6) * HOUR, True),
        ([number * HOUR for number in range(BUSY - 1)], 1_000 * HOUR, False),
        ([number * 60.0 for number in range(BUSY)], BUSY * 60.0 + 50 * 60, False),
        ([*(number * 60.0 for number in range(BUSY)), 10 * HOUR], 20 * HOUR, False),
    ],
    ids=["an ordinary pause", "a long pause", "a quiet topic", "less than an hour", "a night"],
)
def test_a_topic_is_silent_when_it_pauses_longer_than_it_ever_did(times: list[float], now: float, silent: bool) -> None:
    assert silent_since(times, now) == (times[-1] if silent else None)
