"""A process beside the web server that cannot stay alive is started again, less and less often."""

from __future__ import annotations

import pytest

from ordercall import companions
from ordercall.companions import LONGEST_PAUSE, LOOK_SECONDS, PROCESSES, Child


class EndsAtOnce(Child):
    """A child whose process has ended whenever somebody looks; it counts its starts."""

    starts = 0

    def start(self) -> None:
        self.starts += 1
        self._started = companions.time.monotonic()
        self._process = PROCESSES.Process(name=self.name)


def test_a_worker_that_ends_at_once_is_soon_started_only_twice_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(companions.time, "monotonic", lambda: now)
    child = EndsAtOnce("worker")
    child.start()

    def starts_within(seconds: float) -> int:
        nonlocal now
        before, end = child.starts, now + seconds
        while now < end:
            child.restart_if_ended()
            now += LOOK_SECONDS
        return child.starts - before

    assert starts_within(60) > 3
    assert starts_within(10 * LONGEST_PAUSE) <= 10
