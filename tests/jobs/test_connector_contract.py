"""What a store must do for Procrastinate to keep its word, and what the SQLite store promises beyond that.

The first half asks only for ``make_connector`` and ``connect``, so that another store joins by a second parameter.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from procrastinate import App, BaseRetryStrategy, RetryDecision, exceptions, jobs, schema, sql
from procrastinate.connector import BaseAsyncConnector
from procrastinate.types import JobToDefer

from ordercall.errors import DatabaseUnusable
from ordercall.jobs.sqlite_connector import (
    CommitWatch,
    SQLiteConnector,
    SyncSQLiteConnector,
    create_schema,
    refuse_network_file_system,
)
from ordercall.jobs.sqlite_queries import DELETE_SLICE, News, Queries, name_of
from ordercall.jobs.sqlite_writer import GroupWriter

DEADLINE_SECONDS = 8.0

type MakeConnector = Callable[[], BaseAsyncConnector]
type Connect = Callable[[], contextlib.AbstractContextManager[Any]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.sqlite"


@pytest.fixture(params=["sqlite"])
def make_connector(path: Path) -> MakeConnector:
    """Give connectors to one fresh database, each as another process would have it."""
    with App(connector=SQLiteConnector(path)).open() as app:
        app.schema_manager.apply_schema()
    return lambda: SQLiteConnector(path)


@pytest.fixture
def connect(make_connector: MakeConnector, path: Path) -> Connect:
    """Give plain connections to the same database, as the caller of a transaction has them."""
    return lambda: contextlib.closing(sqlite3.connect(path))


@pytest.fixture
def app(make_connector: MakeConnector) -> App:
    return App(connector=make_connector())


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, DEADLINE_SECONDS))


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that will be true soon; ``run`` holds the deadline."""
    while not condition():
        await asyncio.sleep(0.005)


async def until_status(app: App, job_id: int, status: str) -> None:
    while (await app.job_manager.get_job_status_async(job_id)).value != status:
        await asyncio.sleep(0.005)


async def drain(app: App, **options: Any) -> None:
    """Run what is ready, then return."""
    await app.run_worker_async(wait=False, install_signal_handlers=False, **options)


@contextlib.asynccontextmanager
async def working(app: App, **options: Any) -> AsyncIterator[None]:
    """Keep a worker running during the block."""
    worker = asyncio.create_task(app.run_worker_async(install_signal_handlers=False, **options))
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


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

    assert timedelta(0) <= started[0] - due < timedelta(seconds=2)


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
        caller.execute("CREATE TABLE orders (id INTEGER)")
        caller.commit()
        caller.execute("INSERT INTO orders VALUES (1)")
        app.configure_task("call", connection=caller).defer()
        assert app.job_manager.list_jobs() == []

        caller.commit()
        assert len(app.job_manager.list_jobs()) == 1

        caller.execute("INSERT INTO orders VALUES (2)")
        app.configure_task("call", connection=caller).batch_defer({}, {})
        caller.rollback()
        assert len(app.job_manager.list_jobs()) == 1
        assert caller.execute("SELECT id FROM orders").fetchall() == [(1,)]


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


def test_the_schema_can_be_applied_twice(app):
    with app.open():
        assert app.check_connection()
        app.schema_manager.apply_schema()
        assert app.check_connection()


# What the SQLite store promises beyond the contract


@pytest.fixture
def store(make_connector: MakeConnector, path: Path) -> Iterator[SyncSQLiteConnector]:
    store = SyncSQLiteConnector(path, busy_timeout=0.05)
    yield store
    store.close()


@pytest.fixture
def held_lock(store: SyncSQLiteConnector) -> Iterator[sqlite3.Connection]:
    """A connection that holds the write lock."""
    with contextlib.closing(store.connect()) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


@pytest.fixture
def child(path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Run a script in another process, with ``app`` at hand; whatever still lives at the end is killed."""
    children = []
    prelude = """
import asyncio, os, signal, sys
from ordercall.jobs.sqlite_connector import SQLiteConnector
from procrastinate import App
app = App(connector=SQLiteConnector(sys.argv[1]))
"""

    def start(script: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", prelude + script, str(path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        children.append(process)
        return process

    yield start
    for process in children:
        process.kill()
        process.communicate()


HANGING_WORKER = """
@app.task(name="hang")
async def hang():
    print("running", flush=True)
    await asyncio.Event().wait()

async def work():
    async with app.open_async():
        await app.run_worker_async()

app.configure_task("hang").defer()
"""


def stalled(app: App) -> list[int | None]:
    async def scenario() -> None:
        async with app.open_async():
            found.extend(job.id for job in await app.job_manager.get_stalled_jobs())

    found: list[int | None] = []
    run(scenario())
    return found


def test_the_jobs_of_a_killed_worker_are_known_at_once_and_those_of_a_living_one_never(app, child):
    worker = child(HANGING_WORKER + "asyncio.run(work())")
    assert worker.stdout.readline() == "running\n"
    assert stalled(app) == []

    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()

    assert stalled(app) == [1]


def test_the_job_of_a_killed_worker_is_pruned_retried_and_done_by_the_next(app, child):
    worker = child(HANGING_WORKER + "asyncio.run(work())")
    assert worker.stdout.readline() == "running\n"
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    done = []

    @app.task(name="hang")
    async def hang() -> None:
        done.append(1)

    async def scenario() -> None:
        async with app.open_async(), working(app):
            await until_worker_pruned()
            (job,) = await app.job_manager.get_stalled_jobs()
            await app.job_manager.retry_job(job)
            await until_status(app, job.id, "succeeded")

    async def until_worker_pruned() -> None:
        while (await app.job_manager.list_jobs_async(id=1))[0].worker_id is not None:
            await asyncio.sleep(0.005)

    run(scenario())

    assert done == [1]


def test_a_forked_child_does_not_keep_its_dead_parent_alive(app, child):
    fork = """
async def fork():
    await asyncio.sleep(0)
    async with app.open_async():
        worker_id = await app.job_manager.register_worker()
        await app.job_manager.fetch_job(queues=None, worker_id=worker_id)
        if os.fork() == 0:
            signal.alarm(20)
            print(os.getpid(), flush=True)
            signal.pause()
        signal.pause()
asyncio.run(fork())
"""
    parent = child(HANGING_WORKER + fork)
    orphan = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()

    try:
        assert stalled(app) == [1]
    finally:
        os.kill(orphan, signal.SIGKILL)


def test_jobs_that_two_processes_defer_while_a_worker_drains_run_exactly_once(app, child):
    ran: list[int] = []

    @app.task(name="note")
    async def note(number: int) -> None:
        ran.append(number)

    async def scenario() -> None:
        async with app.open_async(), working(app, concurrency=8):
            for first in (0, 150):
                child(
                    f"with app.open():\n    for number in range({first}, {first + 150}):\n"
                    "        app.configure_task('note').defer(number=number)"
                )
            await until(lambda: len(ran) >= 300)

    run(scenario())

    assert sorted(ran) == list(range(300))
    with app.open():
        assert {job.status for job in app.job_manager.list_jobs()} == {"succeeded"}


def test_a_worker_that_never_polls_hears_of_due_jobs_free_locks_and_other_processes(app, make_connector):
    ran = []

    @app.task(name="note")
    async def note(word: str) -> None:
        ran.append(word)

    async def scenario() -> None:
        elsewhere = App(connector=make_connector())
        async with app.open_async(), elsewhere.open_async(), working(app, fetch_job_polling_interval=60, concurrency=4):
            await until_status(app, await elsewhere.configure_task("note").defer_async(word="woken"), "succeeded")
            for word in ("first", "second"):
                await elsewhere.configure_task("note", lock="customer").defer_async(word=word)
            await until(lambda: len(ran) == 3)
            soon = datetime.now(UTC) + timedelta(seconds=0.2)
            await elsewhere.configure_task("note", schedule_at=soon).defer_async(word="due")
            await until(lambda: len(ran) == 4)

    run(scenario())

    assert ran == ["woken", "first", "second", "due"]


def test_a_commit_of_others_ends_the_wait_for_news_and_a_job_that_waits_is_repeated(store):
    with contextlib.closing(CommitWatch(store.connect(), store.locks, None)) as watch:
        assert watch.next_news() == News(startable=None, to_abort=[], next_due=None)

        coming = watch.thread.submit(watch.next_news)
        store.execute_query_all(
            sql.queries["defer_jobs"], jobs=[JobToDefer("default", "call", 0, None, None, {}, None)]
        )

        assert coming.result(DEADLINE_SECONDS).startable == 1
        assert watch.thread.submit(watch.next_news).result(DEADLINE_SECONDS).startable == 1


def test_a_job_joins_the_transaction_of_a_sqlalchemy_connection(app, path):
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    with app.open(), contextlib.closing(engine.connect()) as connection:
        app.configure_task("call", connection=connection).defer()
        connection.rollback()
        assert app.job_manager.list_jobs() == []

        app.configure_task("call", connection=connection).defer()
        connection.commit()
        assert len(app.job_manager.list_jobs()) == 1
    engine.dispose()


def test_a_refused_batch_leaves_nothing_behind_and_the_callers_row_in_place(app, connect):
    with app.open(), connect() as caller:
        caller.execute("CREATE TABLE orders (id INTEGER)")
        app.configure_task("flush", queueing_lock="campaign").defer()
        caller.execute("INSERT INTO orders VALUES (1)")

        with pytest.raises(exceptions.AlreadyEnqueued):
            app.configure_task("call", connection=caller, queueing_lock="twice").batch_defer({}, {})
        caller.commit()

        assert caller.execute("SELECT id FROM orders").fetchall() == [(1,)]
        assert [job.task_name for job in app.job_manager.list_jobs()] == ["flush"]


def test_an_autocommit_connection_without_a_transaction_commits_the_job_at_once(app, path):
    with app.open(), contextlib.closing(sqlite3.connect(path, isolation_level=None)) as caller:
        app.configure_task("call", connection=caller).defer()
        assert not caller.in_transaction
        assert len(app.job_manager.list_jobs()) == 1


def test_a_connection_to_something_else_is_refused(app):
    with app.open(), pytest.raises(exceptions.ConnectorException, match="cannot join a transaction"):
        app.configure_task("call", connection=object()).defer()


def test_the_tables_can_be_created_in_the_callers_transaction(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "new.sqlite", isolation_level=None)) as connection:
        connection.execute("BEGIN")
        create_schema(connection)
        assert connection.in_transaction
        connection.execute("ROLLBACK")
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


@pytest.fixture
def traced(store: SyncSQLiteConnector) -> Iterator[tuple[GroupWriter, list[str]]]:
    """A group writer, and the statements that it sends."""
    statements: list[str] = []
    connection = store.connect()
    connection.set_trace_callback(statements.append)
    writer = GroupWriter(connection, store.locks)
    yield writer, statements
    writer.stop()


def defer(writer: GroupWriter, queueing_lock: str | None = None) -> Any:
    job = JobToDefer("default", "call", 0, None, queueing_lock, {}, None)
    return writer.submit("defer_jobs", {"jobs": [job]})


def test_writes_that_gather_share_a_commit_and_one_that_fails_spoils_no_other(traced, held_lock, store):
    writer, statements = traced
    answers = [defer(writer, lock) for lock in [None] * 10 + ["once", "once"] + [None] * 10]
    held_lock.execute("COMMIT")

    errors = [answer.exception(DEADLINE_SECONDS) for answer in answers]

    assert [type(error) for error in errors if error] == [exceptions.UniqueViolation]
    assert errors[11].queueing_lock == "once"
    assert len(store.execute_query_all(sql.queries["list_jobs"])) == 21
    assert statements.count("COMMIT") <= 2


def test_only_fetches_and_heartbeats_commit_without_waiting_for_the_disk(traced):
    writer, statements = traced
    writer.submit("fetch_job", {"queues": None, "worker_id": 1}).result(DEADLINE_SECONDS)
    writer.submit("update_heartbeat", {"worker_id": 1}).result(DEADLINE_SECONDS)
    defer(writer).result(DEADLINE_SECONDS)

    levels = [statement for statement in statements if statement.startswith("PRAGMA synchronous")]
    assert levels == ["PRAGMA synchronous = NORMAL"] * 2 + ["PRAGMA synchronous = FULL"]


def test_the_worker_waits_for_the_write_lock_and_says_so(traced, held_lock, caplog):
    writer, _statements = traced
    answer = defer(writer)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while "the worker waits for it" not in caplog.text:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert not answer.done()

    held_lock.execute("COMMIT")
    assert answer.result(DEADLINE_SECONDS) == [{"id": 1}]


def test_a_caller_outside_the_worker_gives_up_after_the_busy_timeout(store, held_lock):
    with pytest.raises(exceptions.ConnectorException, match="locked"):
        store.execute_query_all(sql.queries["register_worker"])


def test_a_forked_child_opens_connections_of_its_own(app, child):
    script = """
def opened():
    return sum(os.path.realpath(f"/proc/self/fd/{number}") == sys.argv[1] for number in os.listdir("/proc/self/fd"))

app.open()
app.configure_task("parent").defer()
if os.fork() == 0:
    inherited = opened()
    app.configure_task("child").defer()
    os._exit(0 if opened() == inherited + 1 else 1)
_pid, status = os.wait()
app.configure_task("parent").defer()
app.close()
sys.exit(os.waitstatus_to_exitcode(status))
"""
    assert child(script).wait(DEADLINE_SECONDS) == 0
    with app.open():
        assert [job.task_name for job in app.job_manager.list_jobs()] == ["parent", "child", "parent"]


def test_old_jobs_are_deleted_in_slices_until_none_is_left(app, connect):
    with connect() as connection:
        connection.executemany(
            """INSERT INTO procrastinate_jobs (queue_name, task_name, status, finished_at)
               VALUES ('default', 'call', 'succeeded', ?)""",
            [("2020-01-01 00:00:00.000000",)] * (DELETE_SLICE + 1),
        )
        connection.commit()

    async def scenario() -> None:
        async with app.open_async():
            await app.job_manager.delete_old_jobs(nb_hours=1)
            assert list(await app.job_manager.list_jobs_async()) == []

    run(scenario())


def plan_of(connection: sqlite3.Connection, action: Callable[[], object]) -> list[str]:
    """Return how SQLite carries out the statements of an action, a line for each table it visits."""
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    action()
    connection.set_trace_callback(None)
    ours = [text for text in statements if not text.startswith("--")]  # a trigger's statements
    return [row[3] for text in ours for row in connection.execute(f"EXPLAIN QUERY PLAN {text}")]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("fetch_job", {"queues": None, "worker_id": 1}),
        ("fetch_job", {"queues": ["calls", "mails"], "worker_id": 1}),
        ("news", {"queues": None}),
        ("finish_job", {"job_id": 1, "status": "succeeded", "delete_job": False}),
        ("delete_old_jobs", {"nb_hours": 1, "queue": None, "statuses": ["succeeded"]}),
        ("list_jobs_to_abort", {"queue_name": None}),
        (
            "select_stalled_jobs_by_heartbeat",
            {"queue": None, "task_name": None, "seconds_since_heartbeat": 1},
        ),
    ],
)
def test_a_hot_statement_never_walks_through_all_jobs(store, name, arguments):
    with contextlib.closing(store.connect()) as connection:
        queries = Queries(connection, store.locks)
        queries.defer_jobs([JobToDefer("calls", "call", 0, "lock", None, {}, None)])

        plan = plan_of(connection, lambda: getattr(queries, name)(**arguments))

    visits = [line for line in plan if "procrastinate_jobs" in line or " job" in line]
    assert visits
    assert [line for line in visits if "USING" not in line] == []


def test_procrastinate_still_speaks_as_the_connector_learned_it():
    texts = json.dumps([dict(sorted(sql.queries.items())), schema.SchemaManager.get_schema()])

    assert (
        hashlib.sha256(texts.encode()).hexdigest() == "2b4701db86b53e78302beaddd872669fe5f60cf09066e8801b13c9fc982cb150"
    ), (
        "Procrastinate's queries or schema have changed. Compare its sql/ folder with the version before, "
        "bring sqlite_queries.py and sqlite_schema.py in line (with a migration), then pin this digest."
    )


def test_every_query_of_procrastinate_has_a_method():
    names = {name_of(text) for name, text in sql.queries.items() if name != "listen_queue"}

    assert [name for name in names if not hasattr(Queries, name)] == []


def test_an_unknown_query_is_refused(store):
    with pytest.raises(exceptions.ConnectorException, match="does not know the query"):
        store.execute_query("SELECT 1")


def test_a_network_file_system_is_refused_with_a_sentence(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/vda / ext4 rw 0 0\nserver:/shop /mnt/the\\040shop nfs4 rw 0 0\n")

    refuse_network_file_system(Path("/mnt/orders.sqlite"), mounts)
    with pytest.raises(DatabaseUnusable, match=r"network file system \(nfs4\).*local disk"):
        refuse_network_file_system(Path("/mnt/the shop/data/orders.sqlite"), mounts)
