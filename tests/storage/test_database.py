"""The one door to the database: all of a transaction or nothing, one writer at a time, and nobody waits for ever."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from ordercall.errors import DatabaseBusy
from ordercall.storage.engine.sqlite_database import SQLiteDatabase
from waiting import LONG

pytestmark = pytest.mark.sqlite

THREADS, TURNS = 16, 10
HOLD_THE_LOCK = """
import sqlite3, sys

connection = sqlite3.connect(sys.argv[1])
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SQLiteDatabase]:
    database = SQLiteDatabase(tmp_path / "orders.db", patience=0.1)
    with database.begin() as tx:
        tx.exec_driver_sql("CREATE TABLE counted (n INTEGER CHECK (n < 1000), phone TEXT UNIQUE)")
        tx.exec_driver_sql("INSERT INTO counted VALUES (0, '+919000000002')")
    yield database
    database.close()


@contextmanager
def locked_by_another_process(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Hold the write lock elsewhere; the other process lets go when it reads a line or loses its input."""
    other = subprocess.Popen(
        [sys.executable, "-S", "-c", HOLD_THE_LOCK, str(path)], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    other.stdout.readline()
    with other:
        yield other


def let_go(other: subprocess.Popen[str]) -> None:
    assert other.stdin is not None
    other.stdin.write("\n")
    other.stdin.flush()


def count(database: SQLiteDatabase) -> int:
    with database.read() as tx:
        return int(tx.exec_driver_sql("SELECT n FROM counted").scalar_one())


def add_one(database: SQLiteDatabase) -> None:
    with database.begin() as tx:
        tx.exec_driver_sql("UPDATE counted SET n = n + 1")


class HalfWay(Exception):
    """What ends a transaction in the middle."""


def begin_and_fail(database: SQLiteDatabase, *statements: str) -> None:
    with database.begin() as tx:
        for statement in statements:
            tx.exec_driver_sql(statement)
        raise HalfWay


def test_a_transaction_that_ends_well_is_stored(database: SQLiteDatabase) -> None:
    add_one(database)

    with closing(sqlite3.connect(database.path)) as other:
        assert other.execute("SELECT n FROM counted").fetchall() == [(1,)]


def test_a_transaction_that_ends_in_an_error_leaves_nothing(database: SQLiteDatabase) -> None:
    with pytest.raises(HalfWay):
        begin_and_fail(database, "UPDATE counted SET n = n + 1")

    assert count(database) == 0


def test_a_statement_that_is_refused_takes_the_whole_transaction_with_it(database: SQLiteDatabase) -> None:
    with pytest.raises(IntegrityError):
        begin_and_fail(database, "UPDATE counted SET n = n + 1", "UPDATE counted SET n = 1000")

    assert count(database) == 0


def test_tables_that_were_made_before_an_error_are_gone(database: SQLiteDatabase) -> None:
    with pytest.raises(HalfWay):
        begin_and_fail(database, "CREATE TABLE half (done TEXT)")

    with database.read() as tx:
        assert tx.exec_driver_sql("SELECT name FROM sqlite_master WHERE name = 'half'").all() == []


def test_after_an_error_the_next_transaction_is_stored(database: SQLiteDatabase) -> None:
    with pytest.raises(HalfWay):
        begin_and_fail(database)

    add_one(database)

    assert count(database) == 1


def test_an_error_shows_no_value_of_a_row(database: SQLiteDatabase) -> None:
    with pytest.raises(IntegrityError) as refused, database.begin() as tx:
        tx.exec_driver_sql("INSERT INTO counted VALUES (?, ?)", (1, "+919000000002"))

    assert "+919000000002" not in str(refused.value)


def test_of_many_threads_that_write_none_loses_its_turn(tmp_path: Path) -> None:
    with closing(SQLiteDatabase(tmp_path / "orders.db")) as database:
        with database.begin() as tx:
            tx.exec_driver_sql("CREATE TABLE counted (n INTEGER)")
            tx.exec_driver_sql("INSERT INTO counted VALUES (0)")

        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(lambda _: add_one(database), range(THREADS * TURNS)))

        assert count(database) == THREADS * TURNS


def test_a_reader_sees_what_was_there_before_a_writer_is_done(database: SQLiteDatabase) -> None:
    with database.begin() as tx:
        tx.exec_driver_sql("UPDATE counted SET n = n + 1")
        seen = count(database)

    assert (seen, count(database)) == (0, 1)


def test_a_reader_sees_one_state_from_its_first_look_to_its_last(database: SQLiteDatabase) -> None:
    with database.read() as tx:
        first = tx.exec_driver_sql("SELECT n FROM counted").scalar_one()
        add_one(database)
        last = tx.exec_driver_sql("SELECT n FROM counted").scalar_one()

    assert (first, last) == (0, 0)


def test_a_writer_gives_up_while_another_process_holds_the_lock(database: SQLiteDatabase) -> None:
    with locked_by_another_process(database.path), pytest.raises(DatabaseBusy), database.begin():
        pass


def test_a_writer_that_gave_up_can_write_when_the_lock_is_free(database: SQLiteDatabase) -> None:
    with locked_by_another_process(database.path), pytest.raises(DatabaseBusy):
        add_one(database)

    add_one(database)

    assert count(database) == 1


def test_a_reader_does_not_wait_while_another_process_holds_the_lock(database: SQLiteDatabase) -> None:
    with locked_by_another_process(database.path):
        assert count(database) == 0


def test_a_writer_that_waits_goes_on_when_another_process_lets_go(tmp_path: Path) -> None:
    with closing(SQLiteDatabase(tmp_path / "orders.db")) as database:
        with database.begin() as tx:
            tx.exec_driver_sql("CREATE TABLE counted (n INTEGER)")
            tx.exec_driver_sql("INSERT INTO counted VALUES (0)")

        with locked_by_another_process(database.path) as other, ThreadPoolExecutor(1) as threads:
            written = threads.submit(add_one, database)
            let_go(other)
            written.result(timeout=LONG)

        assert count(database) == 1


def test_a_writer_gives_up_while_another_thread_writes(database: SQLiteDatabase) -> None:
    with database.begin(), ThreadPoolExecutor(1) as threads:
        refused = threads.submit(add_one, database).exception(timeout=LONG)

    assert isinstance(refused, DatabaseBusy)


def test_a_full_disk_is_something_to_wait_for(database: SQLiteDatabase) -> None:
    def fill(pages: int) -> None:
        with database.begin() as tx:
            tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            tx.exec_driver_sql("INSERT INTO counted (phone) VALUES (?)", (50_000 * "0",))

    with pytest.raises(DatabaseBusy, match="disk is full"):
        fill(3)

    fill(1_000_000)


def test_more_readers_than_the_pool_keeps_may_look_at_once(database: SQLiteDatabase) -> None:
    all_looking = threading.Barrier(40, timeout=LONG)

    def look(_: int) -> int:
        with database.read() as tx:
            all_looking.wait()
            return int(tx.exec_driver_sql("SELECT n FROM counted").scalar_one())

    with ThreadPoolExecutor(40) as threads:
        assert list(threads.map(look, range(40))) == [0] * 40


TAKE_A_TURN = """
import os, tempfile
from pathlib import Path
from ordercall.storage.engine.sqlite_database import SQLiteDatabase

if os.geteuid() == 0:  # who may write to everything
    os.setuid(50_000 + os.getpid() % 10_000)
with tempfile.TemporaryDirectory() as folder:
    Path(folder, "orders.db-reading.lock").touch(0o444)
    with SQLiteDatabase(Path(folder, "orders.db")).only_one("reading") as mine:
        print(mine)
"""


def test_a_turn_is_taken_also_where_a_command_of_root_has_made_its_file() -> None:
    done = subprocess.run([sys.executable, "-c", TAKE_A_TURN], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("True\n", "")
