"""Taking many jobs at once: which are taken, in which order, and what becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from procrastinate import RetryDecision
from procrastinate.jobs import Job
from sqlalchemy import Connection

from databases import ask
from ordercall.errors import ProviderBusy
from ordercall.jobs.engine import JobEngine
from ordercall.jobs.priorities import HOLDS_NOBODY_UP, NEW_CONTACT, ORDINARY
from ordercall.jobs.queue import bring_forward, wake_oversleepers
from ordercall.jobs.retries import ProviderBackoff
from ordercall.storage.engine.database import Database
from properties import few

COLUMNS = "status, attempts, priority"


@pytest.fixture(scope="module")
def jobs(module_database: Database) -> JobEngine:
    """An engine whose worker is registered."""
    engine = JobEngine(module_database)

    async def register() -> None:
        async with engine.app.open_async():
            await engine.app.job_manager.register_worker()

    asyncio.run(register())
    return engine


@pytest.fixture
def tx(module_database: Database) -> Iterator[Connection]:
    """A transaction that is undone."""
    with module_database.engine.connect() as tx:
        tx.begin()
        yield tx


class Waiting(NamedTuple):
    """A job that waits, of one of three phones. *late*: its time has not come."""

    phone: int
    priority: int
    late: bool


JOBS = st.lists(st.builds(Waiting, st.integers(1, 3), st.sampled_from([NEW_CONTACT, HOLDS_NOBODY_UP]), st.booleans()))
LATER = datetime.now(UTC) + timedelta(days=1)


def defer(jobs: JobEngine, tx: Connection, waiting: Waiting, number: int) -> None:
    lock, at = f"contact:{waiting.phone}", LATER if waiting.late else None
    task = jobs.app.configure_task("sync_order", lock=lock, priority=waiting.priority, schedule_at=at, connection=tx)
    task.defer(shopify_id=number)


def taken(jobs: JobEngine, tx: Connection, most: int = 100) -> list[int]:
    return [int(job.task_kwargs["shopify_id"]) for job in jobs.syncs.take(tx, most)]


def expected(waiting: list[Waiting], busy: set[int], most: int) -> list[int]:
    """Return whose turn it is: the first of each phone that none of is running, if its time has come."""
    firsts: dict[int, int] = {}
    order = sorted(range(len(waiting)), key=lambda number: (-waiting[number].priority, number))
    for number in order:
        firsts.setdefault(waiting[number].phone, number)
    return [n for n in order if n in firsts.values() and not waiting[n].late and waiting[n].phone not in busy][:most]


@few(60)
@given(waiting=JOBS, most=st.integers(1, 4))
def test_jobs_are_taken_by_priority_then_age_and_one_of_each_phone(
    jobs: JobEngine, module_database: Database, waiting: list[Waiting], most: int
) -> None:
    with module_database.engine.connect() as tx:
        tx.begin()
        for number, job in enumerate(waiting):
            defer(jobs, tx, job, number)
        first = taken(jobs, tx, most)
        assert first == expected(waiting, set(), most)
        assert set(taken(jobs, tx)).isdisjoint(first)
        running = ask(tx, "SELECT lock FROM procrastinate_jobs WHERE status = 'doing'").scalars().all()
        assert len(running) == len(set(running))


def test_what_is_taken_and_not_begun_waits_again_as_it_was(jobs: JobEngine, tx: Connection) -> None:
    defer(jobs, tx, Waiting(1, NEW_CONTACT, late=False), 7)
    [job] = jobs.syncs.take(tx, 1)
    assert job.id is not None
    jobs.syncs.give_back(tx, [job.id])

    assert row(tx, job) == ("todo", 0, NEW_CONTACT)
    assert taken(jobs, tx) == [7]


def test_what_a_lost_commit_may_have_taken_waits_again_and_what_is_in_hand_stays(
    jobs: JobEngine, tx: Connection
) -> None:
    for phone in (1, 2):
        defer(jobs, tx, Waiting(phone, NEW_CONTACT, late=False), phone)
    mine, lost = jobs.syncs.take(tx, 2)
    assert mine.id is not None
    jobs.syncs.give_back_all_but(tx, {mine.id})

    assert [row(tx, job)[0] for job in (mine, lost)] == ["doing", "todo"]


def test_a_job_that_failed_is_tried_again_and_one_that_is_given_up_is_kept(jobs: JobEngine, tx: Connection) -> None:
    for phone in (1, 2):
        defer(jobs, tx, Waiting(phone, NEW_CONTACT, late=False), phone)
    again, never = jobs.syncs.take(tx, 2)
    busy = ProviderBusy("Kalimera", "create the contact", "503", retry_after=30)
    decision = ProviderBackoff().get_retry_decision(exception=busy, job=again)
    assert isinstance(decision, RetryDecision)
    jobs.syncs.try_again(tx, again, decision)
    jobs.syncs.try_again(tx, never, None)

    assert row(tx, again) == ("todo", 1, NEW_CONTACT)
    assert row(tx, never)[0] == "failed"
    assert taken(jobs, tx) == []


def test_only_what_is_still_in_this_workers_hand_is_held(jobs: JobEngine, tx: Connection) -> None:
    for phone in (1, 2):
        defer(jobs, tx, Waiting(phone, NEW_CONTACT, late=False), phone)
    mine, robbed = (job.id for job in jobs.syncs.take(tx, 2))
    assert mine is not None
    assert robbed is not None
    ask(tx, "UPDATE procrastinate_jobs SET worker_id = NULL WHERE id = ?", robbed)

    assert jobs.syncs.hold(tx, [mine, robbed]) == {mine}


def test_what_an_earlier_version_put_among_them_is_done_with_all_the_others(jobs: JobEngine, tx: Connection) -> None:
    for task in ("flush_campaign", "sync_order"):
        jobs.app.configure_task(task, priority=HOLDS_NOBODY_UP, connection=tx).defer()
    jobs.syncs.leave_the_others(tx)

    found = ask(tx, "SELECT task_name, priority FROM procrastinate_jobs ORDER BY task_name").all()
    assert [tuple(one) for one in found] == [("flush_campaign", ORDINARY), ("sync_order", HOLDS_NOBODY_UP)]


def row(tx: Connection, job: Job) -> tuple[str, int, int]:
    return tuple(ask(tx, f"SELECT {COLUMNS} FROM procrastinate_jobs WHERE id = ?", job.id).one())  # noqa: S608 - ours


def test_when_a_provider_is_back_what_had_failed_starts_now_and_what_waits_for_an_opening_does_not(
    jobs: JobEngine, tx: Connection
) -> None:
    jobs.flush_campaign(tx, "main", at=LATER)
    jobs.flush_at_opening(tx, "main", LATER)
    jobs.sync_at_opening(tx, 1, "+915550000041", LATER)
    defer(jobs, tx, Waiting(2, NEW_CONTACT, late=False), 2)
    [failed] = jobs.syncs.take(tx, 1)
    busy = ProviderBusy("Kalimera", "create the contact", "503", retry_after=30)
    jobs.syncs.try_again(tx, failed, ProviderBackoff().get_retry_decision(exception=busy, job=failed))

    bring_forward(tx, ["sync_order", "flush_campaign"])

    assert taken(jobs, tx) == [2]
    found = ask(tx, "SELECT queueing_lock FROM procrastinate_jobs WHERE scheduled_at IS NULL AND status = 'todo'")
    assert found.scalars().all() == ["flush:main:later"]


HOUR = timedelta(hours=1)


@pytest.mark.parametrize("ahead", [3 * HOUR, timedelta(days=400)])
def test_a_try_that_a_clock_which_was_ahead_put_off_starts_once_the_clock_is_right(
    jobs: JobEngine, tx: Connection, ahead: timedelta
) -> None:
    jobs.flush_campaign(tx, "main", at=datetime.now(UTC) + ahead)
    defer(jobs, tx, Waiting(1, NEW_CONTACT, late=False), 1)
    [failed] = jobs.syncs.take(tx, 1)
    jobs.syncs.try_again(tx, failed, RetryDecision(retry_at=datetime.now(UTC) + ahead))

    assert wake_oversleepers(tx, datetime.now(UTC)) == 2

    assert taken(jobs, tx) == [1]


def test_an_order_waits_for_no_opening_that_is_further_away_than_a_day(jobs: JobEngine, tx: Connection) -> None:
    jobs.sync_at_opening(tx, 1, "+915550000041", datetime.now(UTC) + timedelta(days=3))

    assert wake_oversleepers(tx, datetime.now(UTC)) == 1
    assert taken(jobs, tx) == [1]


def test_what_waits_for_its_time_rightly_goes_on_waiting(jobs: JobEngine, tx: Connection) -> None:
    jobs.flush_campaign(tx, "main", at=datetime.now(UTC) + HOUR)
    jobs.flush_at_opening(tx, "main", LATER)
    jobs.sync_at_opening(tx, 1, "+915550000041", LATER)

    assert wake_oversleepers(tx, datetime.now(UTC)) == 0
    assert taken(jobs, tx) == []
