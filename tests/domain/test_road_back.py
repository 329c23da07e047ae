"""A silence is the customer's only while a report could have reached us."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.domain.reports.road_back import MOST_UNTOLD, Closed, RoadBack, Span, untold_since
from properties import always

NOON = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)


def span(start: int, end: int) -> Span:
    """Return a span of minutes after noon."""
    return Span(NOON + timedelta(minutes=start), NOON + timedelta(minutes=end))


WINDOW = span(0, 135)


@pytest.mark.parametrize(
    ("road", "why"),
    [
        (RoadBack(), None),
        (RoadBack(running=[span(-60, 200)]), None),
        (RoadBack(running=[span(50, 200)]), None),  # what was before the first is not known
        (RoadBack(running=[span(-60, 20), span(30, 200)]), Closed.NOT_RUNNING),
        (RoadBack(running=[span(-60, -30), span(0, 200)]), None),
        (RoadBack(running=[span(-60, -30), span(1, 200)]), Closed.NOT_RUNNING),
        (RoadBack(running=[span(-60, 135), span(140, 200)]), None),
        (RoadBack(refused=[span(-60, -1)]), None),
        (RoadBack(refused=[span(-60, 1)]), Closed.REFUSED),
        (RoadBack(refused=[span(135, 140)]), None),
        (RoadBack(untold_since=NOON + timedelta(minutes=134)), Closed.NO_REPORTS),
        (RoadBack(untold_since=NOON + timedelta(minutes=135)), None),
    ],
)
def test_the_road_was_closed_where_it_was_so_for_a_moment_of_the_window(road: RoadBack, why: Closed | None) -> None:
    assert road.closed_in(WINDOW) is why


@always
@given(starts=st.lists(st.integers(-300, 300), min_size=1, max_size=5, unique=True), at=st.integers(-300, 300))
def test_a_window_while_we_did_not_run_is_never_taken_for_silence(starts: list[int], at: int) -> None:
    starts.sort()
    running = [span(start, min(start + 10, after)) for start, after in zip(starts, [*starts[1:], 400], strict=True)]
    moment = span(at, at + 1)

    ran = any(one.start <= moment.start and moment.end <= one.end for one in running)
    before, after = at + 1 <= starts[0], running[-1].end <= moment.start

    assert (RoadBack(running=running).closed_in(moment) is None) == (ran or before or after)


@pytest.mark.parametrize(
    ("ended", "reported", "said"),
    [(MOST_UNTOLD - 1, None, False), (MOST_UNTOLD, None, True), (MOST_UNTOLD, 0, True), (MOST_UNTOLD, 1, False)],
)
def test_twenty_calls_without_a_report_say_something(ended: int, reported: int | None, said: bool) -> None:
    ends = [NOON + timedelta(minutes=number + 1) for number in range(ended)]
    last = None if reported is None else NOON + timedelta(minutes=reported)

    assert (untold_since(ends, last) is not None) is said
