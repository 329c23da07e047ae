"""What a store must do for Procrastinate to keep its word, on either database."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from procrastinate import App, BaseRetryStrategy, RetryDecision, exceptions, jobs
from working import drain, run, until, until_status, working

COUNT = "SELECT count(*) FROM procrastinate_jobs"


def test_jobs_run_by_priority_and_then_in_the_order_they_came(app):
    ran = []

    @app.task(name="note")
    async def note(word: str) -> None:
        ran.append(word)

    async def scenario() -> None:
        async with app.open_async():
            for word, priority in (("c", 1), ("a", 5), ("d", 1), ("b", 5), ("e", 0)):
                await app.configure_task("note", priority=priority).defer_async(word=word)
            await drain(app)

    run(scenario())

    assert ran == ["a", "b", "c", "d", "e"]


def test_jobs_of_one_lock_run_one_at_a_time_while_others_pass(app):
    running, peak, passed = set(), [], asyncio.Event()

    @app.task(name="locked")
    async def locked(number: int) -> None:
        running.add(number)
        peak.append(len(running))
        await passed.wait()
        running.remove(number)

    @app.task(name="free")
    async def free() -> None:
        passed.set()

    async def scenario() -> None:
        async with app.open_async():
            for number in range(3):
                await app.configure_task("locked", lock="customer").defer_async(number=number)
            await app.configure_task("free").defer_async()
            async with working(app, concurrency=4):
                await until(lambda: len(peak) == 3 and not running)

    run(scenario())

    assert peak == [1, 1, 1]


def test_a_queueing_lock_refuses_a_second_waiting_job_and_is_free_once_the_first_starts(app):
    @app.task(name="flush", queueing_lock="campaign")
    async def flush() -> None:
        pass

    async def scenario() -> None:
        async with app.open_async():
            await flush.defer_async()
            with pytest.raises(exceptions.AlreadyEnqueued):
                await flush.defer_async()
            await drain(app)
            await flush.defer_async()

    run(scenario())


def test_a_scheduled_job_starts_when_it_falls_due_and_not_before(app):
    started = []

    @app.task(name="call")
    async def call() -> None:
        started.append(datetime.now(UTC))

    async def scenario() -> None:
        async with app.open_async(), working(app):
            await app.configure_task("call", schedule_at=due).defer_async()
            await until(lambda: started)

    due = datetime.now(UTC) + timedelta(seconds=0.5)
    run(scenario())

    assert started[0] >= due


class Backoff(BaseRetryStrategy):
    """Try three times in all, 50 and 100 ms apart."""

    def get_retry_decision(self, *, exception: BaseException, job: jobs.Job) -> RetryDecision | None:
        return None if job.attempts >= 2 else RetryDecision(retry_in={"milliseconds": 50 * (job.attempts + 1)})


def test_a_failing_job_is_retried_with_growing_pauses_until_it_succeeds(app, look):
    tried = []

    @app.task(name="call", retry=Backoff())
    async def call() -> None:
        tried.append(time.monotonic())
        if len(tried) < 3:
            raise ConnectionError

    async def scenario() -> None:
        async with app.open_async(), working(app):
            await until_status(look, await call.defer_async(), "succeeded")

    run(scenario())

    first, second, third = tried
    assert second - first >= 0.05
    assert third - second >= 0.1


def test_a_job_that_keeps_failing_is_given_up(app, look):
    tried = []

    @app.task(name="call", retry=Backoff())
    def call() -> None:
        tried.append(1)
        raise ConnectionError

    async def scenario() -> None:
        async with app.open_async(), working(app):
            await until_status(look, await call.defer_async(), "failed")

    run(scenario())

    assert len(tried) == 3


def test_a_job_that_is_to_be_tried_again_while_its_twin_waits_leaves_the_work_to_the_twin(app, look):
    ran = []

    @app.task(name="read", retry=Backoff(), lock="order", queueing_lock="order")
    async def read() -> None:
        ran.append(1)
        if len(ran) == 1:
            await read.defer_async()
            raise ConnectionError

    async def scenario() -> None:
        async with app.open_async(), working(app):
            await read.defer_async()
            await until_status(look, 2, "succeeded")

    run(scenario())

    assert (len(ran), look("SELECT id FROM procrastinate_jobs")) == (2, [(2,)])


def test_a_job_deferred_in_a_transaction_is_committed_with_it(app, database, look):
    with database.begin() as tx:
        app.configure_task("call", connection=tx).defer(name="Ünal", lines=[1, None, {"price": 2.5}])
        assert look(COUNT) == [(0,)]

    [(task, arguments)] = look("SELECT task_name, args FROM procrastinate_jobs")
    arguments = json.loads(arguments) if isinstance(arguments, str) else arguments
    assert (task, arguments) == ("call", {"name": "Ünal", "lines": [1, None, {"price": 2.5}]})


def test_a_job_deferred_in_a_transaction_is_rolled_back_with_it(app, database, look):
    with contextlib.suppress(ZeroDivisionError), database.begin() as tx:
        app.configure_task("call", connection=tx).batch_defer({}, {})
        raise ZeroDivisionError

    assert look(COUNT) == [(0,)]


def test_a_refused_job_leaves_nothing_behind_and_the_callers_other_jobs_in_place(app, database, look):
    with database.begin() as tx:
        app.configure_task("call", connection=tx).defer()
        with pytest.raises(exceptions.AlreadyEnqueued), tx.begin_nested():
            app.configure_task("flush", connection=tx, queueing_lock="twice").batch_defer({}, {})

    assert look("SELECT task_name FROM procrastinate_jobs") == [("call",)]


def test_a_periodic_task_fires_once_a_tick_though_two_workers_watch_the_clock(make_app):
    fired = []

    def app_with_a_clock() -> App:
        app = make_app()

        @app.periodic(cron="* * * * * *")
        @app.task(name="tick")
        async def tick(timestamp: int) -> None:
            fired.append(timestamp)

        return app

    async def scenario() -> None:
        one, two = app_with_a_clock(), app_with_a_clock()
        async with one.open_async(), two.open_async(), working(one), working(two):
            await until(lambda: len(set(fired)) >= 3)

    run(scenario())

    assert len(fired) == len(set(fired))


def test_every_step_of_a_job_leaves_an_event(app, look):
    tried = []

    @app.task(name="call", retry=1)
    async def call() -> None:
        tried.append(1)
        if len(tried) == 1:
            raise ConnectionError

    async def scenario() -> None:
        async with app.open_async(), working(app):
            past = datetime.now(UTC) - timedelta(hours=1)
            await until_status(look, await app.configure_task("call", schedule_at=past).defer_async(), "succeeded")

    run(scenario())

    events = sorted(kind for (kind,) in look("SELECT type FROM procrastinate_events"))
    expected = ["scheduled", "deferred", "started", "scheduled", "deferred_for_retry", "started", "succeeded"]
    assert events == sorted(expected)


def test_a_worker_told_to_delete_finished_jobs_leaves_nothing_of_them(app, look):
    @app.task(name="call")
    async def call() -> None:
        pass

    async def scenario() -> None:
        async with app.open_async():
            await call.defer_async()
            await drain(app, delete_jobs="successful")

    run(scenario())

    assert look(COUNT) == [(0,)]
    assert look("SELECT count(*) FROM procrastinate_events") == [(0,)]
