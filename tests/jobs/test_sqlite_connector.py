"""The SQLite connector: transactions, shared commits, locks, and Procrastinate's queries in SQLite's words."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from procrastinate import exceptions, schema, sql
from procrastinate.connector import BaseAsyncConnector
from procrastinate.types import JobToDefer
from working import run

from ordercall.errors import DatabaseUnusable
from ordercall.jobs.group_writer import GroupWriter
from ordercall.jobs.sqlite.connector import SyncSQLiteConnector, create_schema
from ordercall.jobs.sqlite.queries import DELETE_SLICE, Queries, name_of
from ordercall.jobs.sqlite.writer import SQLiteWrites
from ordercall.storage.engine.local_disk import refuse_network_file_system
from waiting import LONG
from waiting import until as until_true

pytestmark = pytest.mark.sqlite

type Connect = Callable[[], contextlib.AbstractContextManager[Any]]


@pytest.fixture
def connect(make_connector: Callable[[], BaseAsyncConnector], path: Path) -> Connect:
    """Give plain connections to the same database, as the caller of a transaction has them."""
    return lambda: contextlib.closing(sqlite3.connect(path))


@pytest.fixture
def held_lock(store: SyncSQLiteConnector) -> Iterator[sqlite3.Connection]:
    """A connection that holds the write lock."""
    with contextlib.closing(store.connect()) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


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
    writer = GroupWriter(SQLiteWrites(connection, store.locks, threading.Lock()))
    yield writer, statements
    writer.stop()


def defer(writer: GroupWriter, queueing_lock: str | None = None) -> Any:
    job = JobToDefer("default", "call", 0, None, queueing_lock, {}, None)
    return writer.submit("defer_jobs", {"jobs": [job]})


def test_writes_that_gather_share_a_commit(traced, held_lock, store):
    writer, statements = traced
    answers = [defer(writer) for _ in range(20)]
    held_lock.execute("COMMIT")

    assert [answer.exception(LONG) for answer in answers] == [None] * 20
    assert len(store.execute_query_all(sql.queries["list_jobs"])) == 20
    assert statements.count("COMMIT") <= 2


def test_a_write_that_fails_spoils_no_other(traced, held_lock, store):
    writer, _statements = traced
    first = [defer(writer, lock) for lock in (None, "once")]
    registered = writer.submit("register_worker", {})
    answers = [*first, defer(writer, "once"), defer(writer)]
    held_lock.execute("COMMIT")

    errors = [answer.exception(LONG) for answer in answers]

    assert [type(error) for error in errors if error] == [exceptions.UniqueViolation]
    assert errors[2].queueing_lock == "once"
    assert len(store.execute_query_all(sql.queries["list_jobs"])) == 3
    assert store.locks.is_held(registered.result(LONG)[0]["worker_id"])


def test_what_a_crash_may_undo_too_is_committed_without_waiting_for_the_disk(traced):
    writer, statements = traced
    [job] = defer(writer).result(LONG)
    writer.submit("fetch_job", {"queues": None, "worker_id": 1}).result(LONG)
    writer.submit("update_heartbeat", {"worker_id": 1}).result(LONG)
    end = {"job_id": job["id"], "status": "succeeded", "delete_job": True}
    writer.submit("finish_job", end).result(LONG)

    levels = [statement for statement in statements if statement.startswith("PRAGMA synchronous")]
    assert levels == ["PRAGMA synchronous = FULL"] + ["PRAGMA synchronous = NORMAL"] * 3


def test_the_worker_waits_for_the_write_lock_and_says_so(traced, held_lock, caplog):
    writer, _statements = traced
    answer = defer(writer)
    until_true(lambda: "the worker waits for it" in caplog.text, "it says that it waits")
    assert not answer.done()

    held_lock.execute("COMMIT")
    assert answer.result(LONG) == [{"id": 1}]


def test_a_caller_outside_the_worker_gives_up_after_the_busy_timeout(store, held_lock):
    with pytest.raises(exceptions.ConnectorException, match="locked"):
        store.execute_query_all(sql.queries["register_worker"])


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
        "bring the sqlite_*.py of its queries and sqlite_schema.py in line (with a migration), then pin this digest."
    )


def test_every_query_of_procrastinate_has_a_method():
    names = {name_of(text) for name, text in sql.queries.items() if name != "listen_queue"}

    assert [name for name in names if not hasattr(Queries, name)] == []


def test_an_unknown_query_is_refused(store):
    with pytest.raises(exceptions.ConnectorException, match="does not know the query"):
        store.execute_query("SELECT 1")


@pytest.mark.parametrize("path", ["/mnt/the shop/data/orders.sqlite", "/data/orders.sqlite"])
def test_a_network_file_system_is_refused_with_a_sentence(tmp_path, path):
    mounts = tmp_path / "mounts"
    there = ("/mnt/the\\040shop", "/data/orders.sqlite")  # a folder, and a file that was mounted by itself
    mounts.write_text("/dev/vda / ext4 rw 0 0\n" + "".join(f"server:/shop {place} nfs4 rw 0 0\n" for place in there))

    refuse_network_file_system(Path("/mnt/orders.sqlite"), mounts)
    with pytest.raises(DatabaseUnusable, match=r"network file system \(nfs4\).*local disk"):
        refuse_network_file_system(Path(path), mounts)
