"""What a store must do for Procrastinate to keep its word, on either database."""

from __future__ import annotations

import asyncio
import contextlib
import math
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from procrastinate import App, BaseRetryStrategy, RetryDecision, exceptions, jobs
from procrastinate.connector import BaseAsyncConnector
from working import drain, run, until, until_status, working

from ordercall.jobs.postgres.connector import PostgresConnector
from ordercall.jobs.sqlite.connector import SQLiteConnector
from ordercall.jobs.takeover import Lease
from ordercall.storage.engine.postgres_database import connection_parameters

type MakeConnector = Callable[[], BaseAsyncConnector]
type Connect = Callable[[], contextlib.AbstractContextManager[Any]]


@pytest.fixture
def make_connector(place: dict[str, str]) -> MakeConnector:
    """Give connectors to one fresh database, each as another process would have it."""
    if url := place.get("DATABASE_URL"):
        return lambda: PostgresConnector(connection_parameters(url), Lease(math.inf))
    return lambda: SQLiteConnector(place["DATABASE_PATH"])


@pytest.fixture
def connect(place: dict[str, str]) -> Connect:
    """Give plain connections to the same database, as the caller of a transaction has them."""
    if url := place.get("DATABASE_URL"):
        return lambda: psycopg.connect(url)
    return lambda: contextlib.closing(sqlite3.connect(place["DATABASE_PATH"]))


@pytest.fixture
def app(make_connector: MakeConnector) -> App:
    return App(connector=make_connector())


def test_jobs_run_by_priority_and_then_in_the_order_they_came(app):
    ran = []

    @app.task(name="note")
    async def note(word: str) -> None:
        ran.append(word)

    async def scenario() -> None:
        async with app.open_async():
            for word, priority in (("c", 0), ("a", 5), ("d", 0), ("b", 5), ("e", -1)):
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
            with pytest.raises(exceptions.AlreadyEnqueued, match="campaign"):
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


def test_a_failing_job_is_retried_with_growing_pauses_until_it_succeeds(app):
    tried = []

    @app.task(name="call", retry=Backoff())
    async def call() -> None:
        tried.append(time.monotonic())
        if len(tried) < 3:
            raise ConnectionError

    async def scenario() -> None:
        async with app.open_async(), working(app):
            await until_status(app, await call.defer_async(), "succeeded")

    run(scenario())

    first, second, third = tried
    assert second - first >= 0.05
    assert third - second >= 0.1


def test_a_job_that_keeps_failing_is_given_up_and_can_be_replayed(app):
    tried = []

    @app.task(name="call", retry=Backoff())
    def call() -> None:
        tried.append(1)
        raise ConnectionError

    async def scenario() -> None:
        async with app.open_async(), working(app):
            job_id = await call.defer_async()
            await until_status(app, job_id, "failed")
            assert len(tried) == 3

            await app.job_manager.retry_job_by_id_async(job_id, retry_at=datetime.now(UTC))
            await until(lambda: len(tried) == 4)
            await until_status(app, job_id, "failed")

    run(scenario())


def test_a_waiting_job_can_be_cancelled_once_or_deleted(app):
    with app.open():
        kept, removed = app.configure_task("call").batch_defer({}, {})
        manager = app.job_manager

        assert manager.cancel_job_by_id(kept)
        assert not manager.cancel_job_by_id(kept)
        assert manager.cancel_job_by_id(removed, delete_job=True)

        assert [(job.id, job.status) for job in manager.list_jobs()] == [(kept, "cancelled")]


def test_a_running_job_is_aborted_at_the_request_of_another_process(app, make_connector):
    @app.task(name="hang")
    async def hang() -> None:
        await asyncio.Event().wait()

    async def scenario() -> None:
        elsewhere = App(connector=make_connector())
        async with app.open_async(), elsewhere.open_async(), working(app, abort_job_polling_interval=60):
            job_id = await app.configure_task("hang").defer_async()
            await until_status(app, job_id, "doing")
            assert await elsewhere.job_manager.cancel_job_by_id_async(job_id, abort=True)
            await until_status(app, job_id, "aborted")

    run(scenario())


def test_a_job_deferred_in_a_transaction_is_committed_and_rolled_back_with_it(app, connect):
    with app.open(), connect() as caller:
        caller.execute("CREATE TABLE noted (id INTEGER)")
        caller.commit()
        caller.execute("INSERT INTO noted VALUES (1)")
        app.configure_task("call", connection=caller).defer()
        assert app.job_manager.list_jobs() == []

        caller.commit()
        assert len(app.job_manager.list_jobs()) == 1

        caller.execute("INSERT INTO noted VALUES (2)")
        app.configure_task("call", connection=caller).batch_defer({}, {})
        caller.rollback()
        assert len(app.job_manager.list_jobs()) == 1
        assert caller.execute("SELECT id FROM noted").fetchall() == [(1,)]


def test_jobs_are_listed_by_every_filter_and_counted_by_queue_task_and_lock(app):
    with app.open():
        arguments = {"name": "Ünal", "lines": [1, None, {"price": 2.5}]}
        for queue, lock in (("calls", "a"), ("calls", "b"), ("mails", "a")):
            app.configure_task("call", queue=queue, lock=lock).defer(**arguments)
        manager = app.job_manager

        assert [job.id for job in manager.list_jobs(queue="calls", lock="a", status="todo", task="call")] == [1]
        assert manager.list_jobs(id=2)[0].task_kwargs == arguments
        assert [(row["name"], row["jobs_count"]) for row in manager.list_queues()] == [("calls", 2), ("mails", 1)]
        assert [(row["name"], row["todo"]) for row in manager.list_tasks()] == [("call", 3)]
        assert [(row["name"], row["todo"]) for row in manager.list_locks(queue="calls")] == [("a", 1), ("b", 1)]


def test_a_worker_of_some_queues_leaves_the_others_alone(app):
    ran = []

    @app.task(name="note")
    async def note(queue: str) -> None:
        ran.append(queue)

    async def scenario() -> None:
        async with app.open_async():
            for queue in ("calls", "mails", "prints"):
                await app.configure_task("note", queue=queue).defer_async(queue=queue)
            async with working(app, queues=["mails", "prints"]):
                await until(lambda: len(ran) == 2)
                await app.configure_task("note", queue="mails").defer_async(queue="mails")
                await until(lambda: len(ran) == 3)

    run(scenario())

    assert ran == ["mails", "prints", "mails"]


def test_a_periodic_task_fires_once_a_tick_though_two_workers_watch_the_clock(make_connector):
    fired = []

    def app_with_a_clock() -> App:
        app = App(connector=make_connector())

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


def test_every_step_of_a_job_leaves_an_event(app, connect):
    tried = []

    @app.task(name="call", retry=1)
    async def call() -> None:
        tried.append(1)
        if len(tried) == 1:
            raise ConnectionError

    async def scenario() -> None:
        async with app.open_async(), working(app):
            past = datetime.now(UTC) - timedelta(hours=1)
            await until_status(app, await app.configure_task("call", schedule_at=past).defer_async(), "succeeded")

    run(scenario())

    with connect() as reader:
        events = sorted(kind for (kind,) in reader.execute("SELECT type FROM procrastinate_events"))
    expected = ["scheduled", "deferred", "started", "scheduled", "deferred_for_retry", "started", "succeeded"]
    assert events == sorted(expected)


def test_a_worker_told_to_delete_finished_jobs_leaves_nothing_of_them(app, connect):
    @app.task(name="call")
    async def call() -> None:
        pass

    async def scenario() -> None:
        async with app.open_async():
            await call.defer_async()
            await drain(app, delete_jobs="successful")

    run(scenario())

    with connect() as reader:
        assert reader.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (0,)
        assert reader.execute("SELECT count(*) FROM procrastinate_events").fetchone() == (0,)


def test_old_jobs_are_deleted_once_finished_and_failed_ones_only_on_request(app):
    @app.task(name="good")
    async def good() -> None:
        pass

    @app.task(name="bad")
    async def bad() -> None:
        raise ConnectionError

    async def scenario() -> None:
        async with app.open_async():
            await good.defer_async()
            await bad.defer_async()
            await drain(app)
            waiting = await good.defer_async()

            await app.job_manager.delete_old_jobs(nb_hours=1)
            assert len(list(await app.job_manager.list_jobs_async())) == 3
            await app.job_manager.delete_old_jobs(nb_hours=0)
            assert {job.task_name for job in await app.job_manager.list_jobs_async()} == {"bad", "good"}
            await app.job_manager.delete_old_jobs(nb_hours=0, include_failed=True)
            assert [job.id for job in await app.job_manager.list_jobs_async()] == [waiting]

    run(scenario())


def test_a_sync_task_defers_more_work_through_the_app_that_runs_it(app):
    ran = []

    @app.task(name="child")
    async def child() -> None:
        ran.append("child")

    @app.task(name="parent")
    def parent() -> None:
        child.defer()

    async def scenario() -> None:
        async with app.open_async(), working(app):
            await parent.defer_async()
            await until(lambda: ran)

    run(scenario())

    assert ran == ["child"]


@pytest.mark.sqlite
def test_the_schema_can_be_applied_twice(app):
    with app.open():
        assert app.check_connection()
        app.schema_manager.apply_schema()
        assert app.check_connection()
