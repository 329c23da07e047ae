"""A job that hangs ends its worker, and the worker that follows takes it up again, as after any crash. So does a thread
that stores what came of jobs.

A request to a provider has a deadline and each wait for the database its patience, so what hangs is a fault: a loop
that never ends, a lock that nobody opens, a library that waits for ever. No thread can be ended from outside of it, but
a process can. A job that did this to several workers ends no more of them: it is given up, where a person can be shown
what it was for, and else left hanging and told of.
"""

from __future__ import annotations

import asyncio
import faulthandler
import time
from collections.abc import Callable

from procrastinate.jobs import Job

from ordercall.jobs.queue import longest_run
from ordercall.jobs.retries import MOST_CRASHES
from ordercall.progress import ProgressWatch

TIMES_THE_LONGEST = 3
"""People are told when a job has run for longer than its kind may, and its worker ends after this multiple of it."""

LOOK_SECONDS = 30.0
"""Between two looks: nothing beside the minutes that a job may take."""

THREAD_LOOKS = 10
"""Five minutes in which a thread of the worker's own stores nothing: a busy database is asked for one at the most."""

FUSE_SECONDS = 300.0
"""For which the whole process may stand still. Its looks come ten times as often, on a slow machine too."""


class RunningJobs:
    """The jobs that this process is at, by its own clock: that of the database may be put right meanwhile."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun: dict[int | None, tuple[Job, float]] = {}

    def begin(self, job: Job) -> None:
        self._begun[job.id] = job, self._clock()

    def end(self, job: Job) -> None:
        self._begun.pop(job.id, None)

    def hanging(self) -> list[Job]:
        """Return the jobs for which this worker should end."""
        now = self._clock()
        begun = list(self._begun.values())  # in one step: other threads begin and end jobs
        return [job for job, since in begun if crashes_of(job) <= MOST_CRASHES and now - since > _limit(job)]


def crashes_of(job: Job) -> int:
    """Return how many workers have died while they were at this job."""
    crashes = job.task_kwargs.get("crashes", 0)
    return crashes if isinstance(crashes, int) else 0


async def first_hanging(running: RunningJobs, threads: ProgressWatch) -> list[str]:
    """Wait until jobs or threads hang, and return what they are. A process that stands still as a whole is ended
    meanwhile.

    Code in C that never lets go of the interpreter, such as a regular expression, stops every thread of Python's, this
    one too. So a thread of ``faulthandler`` counts down: it writes where each thread stands, and ends the process.
    """
    try:
        while not (hanging := [*map(_shown, running.hanging()), *threads.look()]):
            faulthandler.dump_traceback_later(FUSE_SECONDS, exit=True)
            await asyncio.sleep(LOOK_SECONDS)
        return hanging
    finally:
        faulthandler.cancel_dump_traceback_later()


def _shown(job: Job) -> str:
    return f"job {job.id} ({job.task_name})"


def _limit(job: Job) -> float:
    return TIMES_THE_LONGEST * longest_run(job.task_name).total_seconds()
