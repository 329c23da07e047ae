"""Which workers count as dead on Postgres, whatever is done to the server's clock meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ordercall.jobs.postgres.heartbeats import Heartbeats
from ordercall.jobs.takeover import Takeover
from properties import always

TAKEOVER = Takeover(60)
HOURS = 3600.0
LIVES, DIES = 1, 2


@dataclass
class World:
    """Two workers and the one that looks, true time, and a server's clock that may be wrong by any time."""

    seconds: float = 0.0
    wrong_by: float = 0.0
    beats: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._heartbeats = Heartbeats(TAKEOVER, lambda: self.seconds)

    @property
    def server(self) -> float:
        return self.seconds + self.wrong_by

    def beat(self, *workers: int) -> None:
        self.beats |= dict.fromkeys(workers, self.server)

    def dead(self) -> set[int]:
        rows = [
            (worker, datetime(2026, 11, 24, tzinfo=UTC) + timedelta(seconds=beat), self.server - beat)
            for worker, beat in self.beats.items()
        ]
        return {worker for worker, _ in self._heartbeats.dead(rows, TAKEOVER.silence)}

    def dead_after(self, seconds: float, *, living: int | None = LIVES) -> set[int]:
        """Pass time with a look and a heartbeat of who lives whenever they are due; return who is dead at the end."""
        end, dead = self.seconds + seconds, set()
        while self.seconds < end:
            self.seconds += TAKEOVER.look
            if living:
                self.beat(living)
            dead = self.dead()
            assert living not in dead
        return dead


def test_a_worker_is_dead_after_its_silence() -> None:
    world = World()
    world.beat(LIVES, DIES)

    assert world.dead_after(TAKEOVER.silence) == set()
    assert world.dead_after(TAKEOVER.look) == {DIES}


def test_who_was_silent_for_long_before_the_first_look_is_dead_soon_after_it() -> None:
    world = World()
    world.beat(LIVES, DIES)
    world.seconds += HOURS

    assert world.dead() == set()
    assert world.dead_after(3 * TAKEOVER.heartbeat) == {DIES}


def test_who_died_while_the_servers_clock_was_ahead_is_dead_when_it_is_put_right() -> None:
    world = World(wrong_by=5 * HOURS)
    world.beat(LIVES, DIES)
    world.dead()
    world.wrong_by = 0.0

    assert world.dead_after(TAKEOVER.silence + TAKEOVER.look) == {DIES}


def test_who_lives_is_not_dead_in_the_moment_in_which_the_clock_is_put_forward() -> None:
    world = World()
    world.beat(LIVES, DIES)
    world.dead()
    world.wrong_by = 5 * HOURS

    assert world.dead() == set()


@always
@given(st.lists(st.tuples(st.floats(1, 90), st.floats(-9 * HOURS, 9 * HOURS)), max_size=6), st.floats(-HOURS, HOURS))
def test_no_step_of_the_clock_kills_who_lives_or_keeps_alive_who_died(
    steps: list[tuple[float, float]], at_first: float
) -> None:
    world = World(wrong_by=at_first)
    world.beat(LIVES)
    for seconds, wrong_by in steps:
        world.dead_after(seconds)  # which looks whether the living one is dead
        world.wrong_by = wrong_by
    world.beat(DIES)

    assert world.dead_after(TAKEOVER.silence - TAKEOVER.look) == set()
    assert world.dead_after(3 * TAKEOVER.look) == {DIES}
