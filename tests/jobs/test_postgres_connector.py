"""What the Postgres store promises beyond the contract of all stores: few round trips, and that workers are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from procrastinate import App, exceptions
from working import run, until, until_status, working

from ordercall.errors import LeaseLost
from ordercall.jobs.group_writer import GroupWriter, Row, Write
from ordercall.jobs.postgres.connector import PostgresConnector
from ordercall.jobs.postgres.heartbeats import Heartbeats
from ordercall.jobs.postgres.writer import PostgresWrites
from ordercall.jobs.priorities import ORDINARY
from ordercall.jobs.takeover import Lease, Takeover
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.postgres_database import connection_parameters

pytestmark = pytest.mark.postgres

LISTENER = "FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' AND datname = current_database()"
MAY_COME_IN = "UPDATE pg_database SET datallowconn = {} WHERE datname = current_database() RETURNING datname"

FETCH: dict[str, Any] = {"queues": None, "worker_id": None, "at_least": ORDINARY, "resting": []}


@pytest.fixture
def writes(place: dict[str, str]) -> Iterator[PostgresWrites]:
    with closing(PostgresWrites(connection_parameters(place["DATABASE_URL"]))) as writes:
        yield writes


@pytest.fixture
def defer(app: App, database: Database) -> Callable[..., None]:
    def defer(count: int = 1, **options: Any) -> None:
        with database.begin() as tx:
            app.configure_task("call", connection=tx, **options).batch_defer(*[{} for _ in range(count)])

    return defer


def found(rows: list[Row]) -> Any:
    return rows[0]["id"]


def test_ends_and_fetches_that_gather_are_one_commit(defer, writes, look):
    defer(4)
    first = [found(rows) for rows in writes.commit([Write("fetch_job", FETCH)] * 2)]
    end = {"status": "succeeded", "delete_job": False}

    writes.commit([Write("finish_job", {"job_id": job_id} | end) for job_id in first] + [Write("fetch_job", FETCH)] * 2)

    commits = "SELECT count(*), count(DISTINCT xmin::text) FROM procrastinate_events WHERE type <> 'deferred'"
    assert look(commits) == [(6, 2)]


def test_a_write_that_fails_spoils_no_other(defer, writes):
    defer()
    writer = GroupWriter(writes)
    nobodys_end = writer.submit("finish_job", {"job_id": 4711, "status": "succeeded", "delete_job": True})
    fetched = writer.submit("fetch_job", FETCH)
    writer.stop()

    assert isinstance(nobodys_end.exception(), exceptions.ConnectorException)
    assert found(fetched.result()) == 1


def test_a_server_that_has_cut_the_connection_is_connected_to_again(defer, writes, look):
    defer()
    writes.commit([Write("announce", {"channel": "c", "payload": "p"})])
    look("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_notify(%%'")

    assert found(writes.commit([Write("fetch_job", FETCH)])[0]) == 1


def test_a_job_that_was_fetched_and_not_begun_waits_again_unless_its_twin_does(defer, writes, look):
    defer(queueing_lock="once")
    defer()
    jobs = [found(rows) for rows in writes.commit([Write("fetch_job", FETCH)] * 2)]
    defer(queueing_lock="once")

    writes.commit([Write("give_back", {"job_ids": jobs})])

    assert look("SELECT status FROM procrastinate_jobs ORDER BY id") == [("doing",), ("todo",), ("todo",)]


def test_of_two_jobs_of_one_lock_the_second_starts_elsewhere_when_the_worker_of_the_first_is_leaving(make_app, look):
    one, other = make_app(), make_app()
    end, ran = asyncio.Event(), []

    async def hang() -> None:
        await end.wait()

    async def note() -> None:
        ran.append("second")

    for app in (one, other):
        app.task(name="first")(hang)
        app.task(name="second")(note)

    async def scenario() -> None:
        async with one.open_async(), other.open_async():
            leaving = asyncio.create_task(one.run_worker_async(install_signal_handlers=False))
            job_id = await one.configure_task("first", lock="customer").defer_async()
            await until_status(look, job_id, "doing")
            async with working(other):
                await other.configure_task("second", lock="customer").defer_async()
                leaving.cancel()
                await until(lambda: not one.connector._notifier.has_listener)
                end.set()
                await until(lambda: ran)
            await asyncio.gather(leaving, return_exceptions=True)

    run(scenario())


def test_a_job_that_one_worker_tries_again_later_is_heard_of_by_the_others(make_app, look):
    one, other = make_app(), make_app()
    ran = []

    @other.task(name="call")
    async def call() -> None:
        ran.append("call")

    async def scenario() -> None:
        async with one.open_async(), other.open_async():
            await one.configure_task("call").defer_async()
            job = await one.job_manager.fetch_job(None, await one.job_manager.register_worker())
            async with working(other):
                await until_status(look, job.id, "doing")
                await one.job_manager.retry_job(job, retry_at=datetime.now(UTC) + timedelta(seconds=0.3))
                await until(lambda: ran)

    run(scenario())


def strike_off_all_workers(database: Database) -> None:
    with database.begin() as tx:
        tx.exec_driver_sql("DELETE FROM procrastinate_workers")


def test_a_worker_that_was_taken_for_dead_is_in_trouble_with_its_next_heartbeat(app, database):
    async def scenario() -> None:
        async with app.open_async(), working(app, update_heartbeat_interval=0.05):
            trouble = asyncio.create_task(app.connector.trouble())
            await until(lambda: app.connector.claiming.worker_id is not None)
            strike_off_all_workers(database)
            await trouble

    run(scenario())


def test_a_worker_whose_listener_cannot_come_back_is_in_trouble(app, database):
    def ask(*questions: str) -> list[tuple[Any, ...]]:
        with database.begin() as tx:
            return [tuple(row) for question in questions for row in tx.exec_driver_sql(question)]

    async def scenario() -> None:
        async with app.open_async(), working(app):
            trouble = asyncio.create_task(app.connector.trouble())
            await until(lambda: ask(f"SELECT pid {LISTENER}"))
            ask(MAY_COME_IN.format("false"), f"SELECT pg_terminate_backend(pid) {LISTENER}")
            await trouble
            ask(MAY_COME_IN.format("true"))

    run(scenario())


def test_the_heartbeat_of_a_worker_that_was_taken_for_dead_renews_no_lease(place, database):
    now = [0.0]
    lease = Lease(5.0, clock=lambda: now[0])
    app = App(connector=PostgresConnector(connection_parameters(place["DATABASE_URL"]), lease, Heartbeats(Takeover())))

    async def scenario() -> None:
        async with app.open_async():
            worker_id = await app.job_manager.register_worker()
            strike_off_all_workers(database)
            now[0] = 6.0
            with pytest.raises(LeaseLost):
                await app.job_manager.update_heartbeat(worker_id)

    run(scenario())

    with pytest.raises(LeaseLost):
        lease.check()
