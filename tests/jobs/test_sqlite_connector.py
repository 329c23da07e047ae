"""The SQLite connector: shared commits, the write lock, and Procrastinate's queries in SQLite's words."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from procrastinate import exceptions, sql
from procrastinate.types import JobToDefer

from ordercall.errors import DatabaseUnusable
from ordercall.jobs.group_writer import GroupWriter, Write
from ordercall.jobs.priorities import ORDINARY
from ordercall.jobs.sqlite import writer as sqlite_writer
from ordercall.jobs.sqlite.queries import ASKED, Queries, name_of
from ordercall.jobs.sqlite.writer import SQLiteWrites, connect
from ordercall.storage.engine.database_file import NO_FOLDER, DatabaseFile
from ordercall.storage.engine.local_disk import refuse_network_file_system
from ordercall.storage.engine.sqlite_database import SQLiteDatabase
from waiting import LONG, until

pytestmark = pytest.mark.sqlite


@pytest.fixture
def held_lock(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that holds the write lock."""
    with contextlib.closing(connect(DatabaseFile(path))) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


@pytest.fixture
def traced(path: Path) -> Iterator[tuple[GroupWriter, list[str]]]:
    """A group writer, and the statements that it sends."""
    statements: list[str] = []
    writes = SQLiteWrites(SQLiteDatabase(path))
    writes._queries = Queries(connect(DatabaseFile(path)))
    writes._queries.connection.set_trace_callback(statements.append)
    writer = GroupWriter(writes)
    yield writer, statements
    writer.stop()


def defer(writer: GroupWriter, queueing_lock: str | None = None) -> Any:
    return writer.submit("defer_jobs", {"jobs": [JobToDefer("default", "call", 0, None, queueing_lock, {}, None)]})


def test_writes_that_gather_share_a_commit(traced, held_lock, look):
    writer, statements = traced
    answers = [defer(writer) for _ in range(20)]
    held_lock.execute("COMMIT")

    assert [answer.exception(LONG) for answer in answers] == [None] * 20
    assert look("SELECT count(*) FROM procrastinate_jobs") == [(20,)]
    assert statements.count("COMMIT") <= 2


def test_a_write_that_fails_spoils_no_other(traced, held_lock, look):
    writer, _statements = traced
    answers = [defer(writer, lock) for lock in (None, "once", "once", None)]
    held_lock.execute("COMMIT")

    errors = [answer.exception(LONG) for answer in answers]

    assert [type(error) for error in errors] == [type(None), type(None), exceptions.UniqueViolation, type(None)]
    assert look("SELECT queueing_lock FROM procrastinate_jobs ORDER BY id") == [(None,), ("once",), (None,)]


def test_what_a_crash_may_undo_too_is_committed_without_waiting_for_the_disk(traced):
    writer, statements = traced
    [job] = defer(writer).result(LONG)
    writer.submit("fetch_job", {"queues": None, "worker_id": 1, "at_least": ORDINARY, "resting": []}).result(LONG)
    writer.submit("update_heartbeat", {"worker_id": 1}).result(LONG)
    end = {"job_id": job["id"], "status": "succeeded", "delete_job": True}
    writer.submit("finish_job", end).result(LONG)

    levels = [statement for statement in statements if statement.startswith("PRAGMA synchronous")]
    assert levels == ["PRAGMA synchronous = FULL"] + ["PRAGMA synchronous = NORMAL"] * 3


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(sqlite_writer, "PATIENCE_SECONDS", 0.2)


def test_the_worker_waits_for_the_write_lock_and_says_so(impatient, traced, held_lock, caplog):
    writer, _statements = traced
    answer = defer(writer)
    until(lambda: "the worker waits for it" in caplog.text, "it says that it waits")
    assert not answer.done()

    held_lock.execute("COMMIT")
    assert answer.result(LONG) == [{"id": 1}]


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
        ("fetch_job", {"queues": None, "worker_id": 1, "at_least": ORDINARY, "resting": []}),
        ("give_back", {"job_ids": [1]}),
        ("news", {}),
        ("finish_job", {"job_id": 1, "status": "succeeded", "delete_job": False}),
        ("select_stalled_jobs_by_heartbeat", {"queue": None, "task_name": None, "seconds_since_heartbeat": 1}),
    ],
)
def test_a_hot_statement_never_walks_through_all_jobs(path, name, arguments):
    with contextlib.closing(connect(DatabaseFile(path))) as connection:
        queries = Queries(connection)
        queries.defer_jobs([JobToDefer("calls", "call", 0, "lock", None, {}, None)])

        plan = plan_of(connection, lambda: getattr(queries, name)(**arguments))

    visits = [line for line in plan if "procrastinate_jobs" in line or " job" in line]
    assert visits
    assert [line for line in visits if "USING" not in line] == []


def test_a_worker_leaves_its_own_jobs_alone_and_takes_all_that_another_has_left(path):
    with contextlib.closing(connect(DatabaseFile(path))) as connection:
        queries = Queries(connection)
        queries.defer_jobs([JobToDefer("default", "call", 0, None, None, {}, None)] * 3)
        dead, [mine] = Queries(connection).register_worker()[0], queries.register_worker()
        for worker in (dead, mine):
            queries.fetch_job(None, **worker, at_least=ORDINARY, resting=[])
        queries.prune_stalled_workers(30)
        [left] = queries.select_stalled_jobs_by_heartbeat(seconds_since_heartbeat=30)

        assert (left["id"], left["scheduled_at"], left["attempts"]) == (1, None, 0)


def test_every_query_that_is_asked_has_a_method():
    assert [name for name in ASKED if not hasattr(Queries, name_of(sql.queries[name]))] == []


def test_a_query_that_nobody_asks_is_refused():
    with pytest.raises(exceptions.ConnectorException, match="does not know the query"):
        name_of(sql.queries["list_jobs"])


@pytest.mark.parametrize("path", ["/mnt/the shop/data/orders.sqlite", "/data/orders.sqlite"])
def test_a_network_file_system_is_refused_with_a_sentence(tmp_path, path):
    mounts = tmp_path / "mounts"
    there = ("/mnt/the\\040shop", "/data/orders.sqlite")  # a folder, and a file that was mounted by itself
    mounts.write_text("/dev/vda / ext4 rw 0 0\n" + "".join(f"server:/shop {place} nfs4 rw 0 0\n" for place in there))

    refuse_network_file_system(Path("/mnt/orders.sqlite"), mounts)
    with pytest.raises(DatabaseUnusable, match=r"network file system \(nfs4\).*local disk"):
        refuse_network_file_system(Path(path), mounts)


def test_writes_go_into_the_file_that_another_thread_has_put_back(database, path, look):
    job = Write("defer_jobs", {"jobs": [JobToDefer("default", "call", 0, None, None, {}, None)]})
    with contextlib.closing(SQLiteWrites(database)) as writes:
        writes.commit([job])
        assert look("SELECT count(*) FROM procrastinate_jobs") == [(1,)]  # whoever saves the file has it open
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()
        with database.begin() as tx:
            tx.exec_driver_sql("SELECT 1")

        writes.commit([job])

    assert look("SELECT count(*) FROM procrastinate_jobs") == [(2,)]


@pytest.mark.parametrize("folder_too", [False, True])
def test_the_writer_saves_a_lost_file_that_nobody_else_of_its_process_has_open(tmp_path, folder_too):
    path = tmp_path / "shop" / "orders.db"
    job = Write("defer_jobs", {"jobs": [JobToDefer("default", "call", 0, None, None, {}, None)]})
    with contextlib.closing(SQLiteDatabase(path)) as database, contextlib.closing(SQLiteWrites(database)) as writes:
        database.upgrade()
        writes.commit([job])
        database.engine.dispose()
        shutil.rmtree(path.parent)
        if not folder_too:
            path.parent.mkdir()

        writing = threading.Thread(target=writes.commit, args=([job],), daemon=True)
        writing.start()
        if folder_too:
            until(lambda: database.faults.current == NO_FOLDER, "the folder is missed")
            path.parent.mkdir()
        writing.join(LONG)

        assert not writing.is_alive()
        with database.read() as tx:
            assert tx.exec_driver_sql("SELECT count(*) FROM procrastinate_jobs").scalar_one() == 2


def test_what_only_the_writer_has_open_is_saved_beside_the_file_that_took_its_place(database, path):
    backup = path.with_name("backup.db")
    database.back_up(backup, lambda _done, _of: None)
    with contextlib.closing(SQLiteWrites(database)) as writes:
        writes.commit([Write("defer_jobs", {"jobs": [JobToDefer("default", "call", 0, None, None, {}, None)]})])
        database.engine.dispose()
        backup.rename(path)

        with database.begin() as tx:  # another thread comes first
            assert tx.exec_driver_sql("SELECT count(*) FROM procrastinate_jobs").scalar_one() == 0

        [saved] = path.parent.glob("*-replaced-*[0-9]")
        with contextlib.closing(sqlite3.connect(saved)) as connection:
            assert connection.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (1,)
