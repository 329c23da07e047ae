"""When a job counts as one that hangs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from procrastinate.jobs import Job

from ordercall.jobs.hanging import RunningJobs

MINUTES = 60.0


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def job(task: str = "write_order", **arguments: Any) -> Job:
    return Job(id=7, queue="default", lock=None, queueing_lock=None, task_name=task, task_kwargs=arguments)


def hangs_after(minutes: float, running_job: Job) -> bool:
    clock = Clock()
    running = RunningJobs(clock)
    running.begin(running_job)
    clock.now = minutes * MINUTES
    return running.hanging() == [running_job]


@pytest.mark.parametrize(("task", "limit"), [("write_order", 30), ("sync_order", 180), ("reconcile", 360)])
def test_a_job_hangs_after_three_times_the_longest_run_of_its_kind(task: str, limit: float) -> None:
    assert not hangs_after(limit, job(task))
    assert hangs_after(limit + 0.1, job(task))


@pytest.mark.parametrize(("crashes", "hangs"), [(0, True), (3, True), (4, False), ("many", True)])
def test_a_job_ends_four_workers_and_no_more(crashes: object, hangs: bool) -> None:
    assert hangs_after(31, job(crashes=crashes)) is hangs


def test_a_job_that_has_ended_hangs_no_more() -> None:
    clock = Clock()
    running = RunningJobs(clock)
    running.begin(job())
    running.end(job())
    clock.now = 1_000 * MINUTES

    assert running.hanging() == []
