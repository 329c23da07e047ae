"""When a state counts as begun, and when as ended."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from ordercall.domain.alerts import LONGEST_GAP, UNTOLD, WELL, Alert, Reading, Standing, after, message_of
from properties import always

SO = Reading(True, "12 orders wait.")


class Look(NamedTuple):
    """Seconds since the look before, and what is seen."""

    pause: int
    seen: Reading


LOOKS = st.lists(
    st.builds(
        Look,
        st.sampled_from([60, 60, 60, 61, 5, 240, 301, 86_400, -3_600]),
        st.sampled_from([SO, SO, SO, WELL, WELL, WELL, UNTOLD]),
    ),
    max_size=60,
)


def has_held(looks: list[tuple[int, Reading]], alert: Alert, *, is_so: bool) -> bool:
    """Return whether the last looks, without a gap and all with this reading, are as long as the state must hold."""
    at, seen = looks[-1]
    first = at
    if seen.is_so is not is_so:
        return False
    for (earlier, before), (later, _) in zip(reversed(looks[:-1]), reversed(looks), strict=False):
        if before.is_so is not is_so or abs(later - earlier) > LONGEST_GAP:
            break
        first = earlier
    return at - first >= alert.hold


@given(alert=st.sampled_from(list(Alert)), looks=LOOKS)
@settings(always, max_examples=300)
def test_each_beginning_has_one_end_and_each_held_for_its_time(alert: Alert, looks: list[Look]) -> None:
    at, known, seen, changes = 1_000_000, Standing(), list[tuple[int, Reading]](), list[bool]()
    for look in looks:
        at += look.pause
        seen.append((at, look.seen))
        before, known = known, after(known, alert, look.seen, at)
        if known.is_on is not before.is_on:
            changes.append(known.is_on)
            assert has_held(seen, alert, is_so=known.is_on)
            assert message_of(alert, before, known, at=at, pages="").words == SO.words

    assert changes == [number % 2 == 0 for number in range(len(changes))]


@given(alert=st.sampled_from(list(Alert)), minutes=st.integers(1, 30))
@always
def test_what_holds_for_its_time_is_told_with_when_it_was_first_seen(alert: Alert, minutes: int) -> None:
    known = Standing()
    for minute in range(minutes + 1):
        before, known = known, after(known, alert, SO, minute * 60)
        if known.is_on and not before.is_on:
            assert message_of(alert, before, known, at=minute * 60, pages="").since == 0

    assert known.is_on is (minutes * 60 >= alert.hold)


def test_what_is_well_and_stays_so_stores_nothing() -> None:
    known = Standing()

    assert after(known, Alert.DISK, WELL, 60) is known
