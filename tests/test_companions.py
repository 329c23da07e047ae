"""A process beside the web server that cannot stay alive is started again, less and less often."""

from __future__ import annotations

import subprocess
import sys

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


WITHOUT_PROCESSES = """
import logging, os, sys
from resource import RLIMIT_NPROC, getrlimit, setrlimit
from ordercall.companions import Child

logging.basicConfig(stream=sys.stderr, format="%(message)s")
child = Child("--version")  # a command that ends at once
child.start()
child.wait_or_kill(60)
child._pause = 0.0  # how long it waits is another test's
usual, most = getrlimit(RLIMIT_NPROC)
setrlimit(RLIMIT_NPROC, (0, most))  # whatever else this user runs, it is more
if os.geteuid() == 0:  # whom no limit holds
    os.setuid(65_534)  # nobody
ended, files = child._process, len(os.listdir("/proc/self/fd"))
for _ in range(2):
    child.restart_if_ended()
left_open = len(os.listdir("/proc/self/fd")) - files
setrlimit(RLIMIT_NPROC, (usual, most))
child.restart_if_ended()
child.wait_or_kill(60)
print("files left open:", left_open, "started again:", child._process is not ended)
"""


def test_a_worker_for_which_the_system_makes_no_process_is_started_when_it_does_again() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_PROCESSES], capture_output=True, text=True, check=False)

    assert done.stderr.count("the --version could not be started") == 2
    assert done.stdout.splitlines()[-1] == "files left open: 0 started again: True"
