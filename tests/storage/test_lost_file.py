"""What the database file may suffer under the program: nothing that was answered for is lost, and it goes on."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from databases import open_at
from ordercall.errors import DatabaseFault
from ordercall.storage.engine.sqlite_database import SQLiteDatabase

pytestmark = pytest.mark.sqlite


@pytest.fixture
def database(place: dict[str, str]) -> Iterator[SQLiteDatabase]:
    """A database with all tables, of which something is stored and still stands in its write-ahead log."""
    database = open_at(place)
    assert isinstance(database, SQLiteDatabase)
    store(database, 1)
    yield database
    database.close()


STORE = """
import sys
from pathlib import Path
from ordercall.errors import DatabaseFault
from ordercall.storage.engine.sqlite_database import SQLiteDatabase

database = SQLiteDatabase(Path(sys.argv[1]))
for line in sys.stdin:
    try:
        with database.begin() as tx:
            tx.exec_driver_sql("INSERT INTO login_failures (address, failed_at) VALUES (?, 0)", (line.strip(),))
        print("stored", flush=True)
    except DatabaseFault as fault:
        print(fault, flush=True)
"""


class OtherProcess:
    """Another process that has the file open."""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, "-c", STORE, str(path)]
        self.process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def store(self, number: int) -> str:
        """Let it store something and return what it says."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{number}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@pytest.fixture
def other(database: SQLiteDatabase) -> Iterator[OtherProcess]:
    other = OtherProcess(database.path)
    with other.process:
        assert other.store(10) == "stored"
        yield other
        other.process.kill()


def store(database: SQLiteDatabase, number: int) -> None:
    with database.begin() as tx:
        tx.exec_driver_sql("INSERT INTO login_failures (address, failed_at) VALUES (?, 0)", (str(number),))


def stored(path: Path) -> set[int]:
    """Return what whoever opens the file finds in it."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return {int(row[0]) for row in connection.execute("SELECT address FROM login_failures")}


def remove_alone(path: Path) -> None:
    path.unlink()


def remove_with_its_log(path: Path) -> None:
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()


def move_away(path: Path) -> None:
    path.rename(path.with_name("moved.db"))


@pytest.mark.parametrize("lose", [remove_alone, remove_with_its_log, move_away])
def test_a_file_that_was_deleted_is_put_back_with_all_that_was_stored(
    database: SQLiteDatabase, lose: Callable[[Path], None]
) -> None:
    lose(database.path)

    store(database, 2)

    assert stored(database.path) == {1, 2}


def test_what_another_process_stored_before_the_loss_is_put_back_too(
    database: SQLiteDatabase, other: OtherProcess
) -> None:
    database.path.unlink()

    store(database, 3)
    said = other.store(4)

    assert said == "stored"
    assert stored(database.path) == {1, 10, 3, 4}


def test_a_file_that_was_moved_away_is_whole(database: SQLiteDatabase) -> None:
    move_away(database.path)
    store(database, 2)

    assert stored(database.path.with_name("moved.db")) == {1}


def test_while_another_process_saves_a_lost_file_nothing_is_stored(database: SQLiteDatabase) -> None:
    database.path.unlink()
    with database.only_one("recovery"), pytest.raises(DatabaseFault, match="deleted or moved away"):
        store(database, 2)

    store(database, 3)

    assert stored(database.path) == {1, 3}


def test_what_was_committed_into_a_file_that_went_meanwhile_is_not_answered_for(database: SQLiteDatabase) -> None:
    def store_and_lose() -> None:
        with database.begin() as tx:
            tx.exec_driver_sql("INSERT INTO login_failures (address, failed_at) VALUES ('2', 0)")
            database.path.unlink()

    with pytest.raises(DatabaseFault):
        store_and_lose()

    store(database, 3)

    assert stored(database.path) >= {1, 3}


@pytest.fixture
def backup(database: SQLiteDatabase) -> Path:
    """An earlier state of the database, of which somebody says that it shall be it now."""
    file = database.path.with_name("backup.db")
    database.back_up(file, lambda _done, _of: None)
    store(database, 2)
    return file


def test_a_file_that_was_replaced_is_saved_beside_the_new_one(database: SQLiteDatabase, backup: Path) -> None:
    backup.rename(database.path)

    store(database, 3)

    assert stored(database.path) == {1, 3}
    [saved] = database.path.parent.glob("*-replaced-*[0-9]")
    assert stored(saved) == {1, 2}


def test_every_process_goes_on_with_the_file_that_replaced_the_other(
    database: SQLiteDatabase, other: OtherProcess, backup: Path
) -> None:
    backup.rename(database.path)
    store(database, 3)
    said = other.store(4)
    store(database, 5)

    assert said == "stored"
    with database.read() as tx:
        assert tx.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    assert stored(database.path) == {1, 10, 3, 4, 5}


def test_nothing_is_stored_in_a_file_of_something_else(database: SQLiteDatabase) -> None:
    strange = database.path.with_name("strange.db")
    with closing(sqlite3.connect(strange)) as connection:
        connection.execute("CREATE TABLE strange (a)")
    strange.rename(database.path)

    for _ in range(2):
        with pytest.raises(DatabaseFault, match="Another file was put in the place"):
            store(database, 2)
    [saved] = database.path.parent.glob("*-replaced-*[0-9]")
    shutil.copy(saved, strange)
    strange.rename(database.path)
    store(database, 3)

    assert stored(database.path) == {1, 3}


def test_without_its_folder_nothing_is_stored_and_none_is_made(database: SQLiteDatabase) -> None:
    folder = database.path.parent
    folder.rename(folder.with_name("elsewhere"))
    try:
        with pytest.raises(DatabaseFault, match="folder or disk of the database is gone"):
            store(database, 2)
        with pytest.raises(DatabaseFault):
            database.refuse_if_unfit()
        assert not folder.exists()
    finally:
        folder.with_name("elsewhere").rename(folder)
    store(database, 3)

    assert stored(database.path) == {1, 3}


def test_the_log_says_once_what_is_wrong_and_once_that_it_is_over(
    database: SQLiteDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    fill(database)
    for number in (2, 3, 4):
        with pytest.raises(DatabaseFault, match="disk is full"):
            store_much(database, number)
    empty(database)
    store_much(database, 5)

    said = [record.getMessage().partition(": ")[2] for record in caplog.records]
    assert said == [
        "The disk is full, and nothing can be stored. Make room where the database is.",
        "it can be written again",
    ]


def fill(database: SQLiteDatabase) -> None:
    """Let the file grow no more, as a full disk does; the limit is of each connection."""
    limit(database, 1)


def empty(database: SQLiteDatabase) -> None:
    limit(database, 1_000_000_000)


def limit(database: SQLiteDatabase, pages: int) -> None:
    with database.read() as tx:  # the one connection of the pool, which all of this test uses
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def store_much(database: SQLiteDatabase, number: int) -> None:
    with database.begin() as tx:
        row = (f"{number}{'0' * 50_000}",)
        tx.exec_driver_sql("INSERT INTO login_failures (address, failed_at) VALUES (?, 0)", row)


def test_a_full_disk_is_found_without_an_order_and_left_when_there_is_room(database: SQLiteDatabase) -> None:
    fill(database)
    with pytest.raises(DatabaseFault):
        store_much(database, 2)
    empty(database)

    database.refuse_if_unfit()

    assert database.faults.current == ""


READ_ONLY = """
import os, shutil, sys, tempfile
from pathlib import Path
from ordercall.errors import DatabaseFault
from ordercall.storage.engine.sqlite_database import SQLiteDatabase

if os.geteuid() == 0:  # who may write to everything
    os.setuid(50_000 + os.getpid() % 10_000)
with tempfile.TemporaryDirectory() as folder:
    database = SQLiteDatabase(Path(folder, "orders.db"))
    with database.begin() as tx:
        tx.exec_driver_sql("CREATE TABLE counted (n INTEGER)")
    database.engine.dispose()
    for mode in (0o400, 0o600):
        for file in Path(folder).glob("orders.db*"):
            file.chmod(mode)
        try:
            with database.begin() as tx:
                tx.exec_driver_sql("INSERT INTO counted VALUES (1)")
            print("stored")
        except DatabaseFault as fault:
            print(fault)
"""


def test_a_file_that_may_only_be_read_is_named_and_used_again_when_it_may_be_written() -> None:
    done = subprocess.run([sys.executable, "-c", READ_ONLY], capture_output=True, text=True, check=False)

    first, then = done.stdout.splitlines()
    assert first.startswith("The database may only be read")
    assert then == "stored"
