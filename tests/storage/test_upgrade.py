"""A file is made or brought to this version's tables, whatever happens meanwhile."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from old_files import BEYOND_A_FLOAT, an_order, ask, upgrade, write_many, write_original
from sqlalchemy.exc import IntegrityError

from ordercall.errors import DatabaseBusy, DatabaseUnusable
from ordercall.storage.engine.sqlite_database import SQLiteDatabase
from ordercall.storage.tables import metadata
from waiting import LONG

pytestmark = pytest.mark.sqlite
UPGRADE = """
import sys
from pathlib import Path
from ordercall.storage.engine.sqlite_database import SQLiteDatabase

print("ready", flush=True)
for line in sys.stdin:
    try:
        SQLiteDatabase(Path(line.strip()), patience=60).upgrade()
        print("upgraded", flush=True)
    except Exception as error:
        print(repr(error), flush=True)
"""


@pytest.fixture(scope="module")
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    """Start two processes that upgrade every file whose path they read."""
    command = [sys.executable, "-W", "error", "-c", UPGRADE]
    both = [subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)]
    assert answers(both) == ["ready", "ready"]
    yield both
    for process in both:
        process.communicate(timeout=LONG)


@pytest.fixture
def open_database() -> Iterator[Callable[[Path], SQLiteDatabase]]:
    """Open databases that are closed again after the test."""
    opened: list[SQLiteDatabase] = []

    def open_one(path: Path) -> SQLiteDatabase:
        opened.append(SQLiteDatabase(path))
        return opened[-1]

    yield open_one
    for database in opened:
        database.close()


def answers(processes: list[subprocess.Popen[str]]) -> list[str]:
    """Return the next line of each."""
    return [process.stdout.readline().strip() for process in processes if process.stdout]


def everything(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def differences(database: SQLiteDatabase) -> list[Any]:
    """Upgrade a database and return where it differs from the metadata; the engine's and the search's are not in it."""
    database.upgrade()
    others = ("procrastinate_", "search_")
    ours = {"include_name": lambda name, kind, _: kind != "table" or not name.startswith(others)}
    with database.read() as tx:
        return list(compare_metadata(MigrationContext.configure(tx, opts=ours), metadata))


def test_a_new_file_has_all_tables(path: Path) -> None:
    upgrade(path)

    found = {name for (name,) in ask(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert set(metadata.tables) | {"procrastinate_jobs", "procrastinate_workers", "alembic_version"} <= found


def test_the_ids_of_logs_are_never_used_again(path: Path) -> None:
    upgrade(path)

    ((statement,),) = ask(path, "SELECT sql FROM sqlite_master WHERE name = 'logs'")
    assert "AUTOINCREMENT" in statement


def test_the_migrated_tables_are_those_of_the_metadata(
    path: Path, open_database: Callable[[Path], SQLiteDatabase]
) -> None:
    assert differences(open_database(path)) == []


def test_an_original_file_ends_with_the_tables_of_the_metadata(
    path: Path, open_database: Callable[[Path], SQLiteDatabase]
) -> None:
    write_many(path)

    found = differences(open_database(path))

    # SQLite shows a key that was not declared NOT NULL as nullable, though an INTEGER PRIMARY KEY never is null.
    assert [(kind, table, column) for [(kind, _, table, column, *_)] in found] == [
        ("modify_nullable", "logs", "id"),
        ("modify_nullable", "orders", "shopify_id"),
    ]


@pytest.mark.parametrize("write", [lambda path: None, write_many], ids=["new", "1,000 rows"])
def test_a_second_upgrade_changes_nothing(path: Path, write: Callable[[Path], None]) -> None:
    write(path)
    upgrade(path)
    before = everything(path)

    upgrade(path)

    assert everything(path) == before


@pytest.mark.parametrize("write", [lambda path: None, write_many], ids=["new", "1,000 rows"])
def test_two_processes_that_upgrade_at_once_both_succeed(
    path: Path, write: Callable[[Path], None], processes: list[subprocess.Popen[str]]
) -> None:
    write(path)

    for process in processes:
        print(path, file=process.stdin, flush=True)

    assert answers(processes) == ["upgraded", "upgraded"]


def test_a_file_that_another_program_is_writing_is_busy(path: Path) -> None:
    write_original(path, an_order())

    with (
        closing(sqlite3.connect(path)) as other,
        closing(SQLiteDatabase(path, patience=0.05)) as database,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy):
            database.upgrade()


def test_a_file_that_another_program_was_writing_is_upgraded_when_it_is_done(path: Path) -> None:
    write_original(path, an_order())

    with closing(sqlite3.connect(path)) as other, ThreadPoolExecutor(1) as threads:
        other.execute("BEGIN IMMEDIATE")
        upgraded = threads.submit(upgrade, path)
        other.rollback()
        upgraded.result(timeout=LONG)

    assert ask(path, "SELECT count(*) FROM deliveries") == [(0,)]


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    write_original(path, an_order())
    ask(path, "CREATE TABLE listings (somebody TEXT)")
    before = everything(path)

    with pytest.raises(DatabaseUnusable, match="table listings already exists"):
        upgrade(path)

    assert everything(path) == before


def test_a_file_of_a_newer_version_is_refused_and_not_changed(path: Path) -> None:
    upgrade(path)
    ask(path, "UPDATE alembic_version SET version_num = '9999'")
    before = everything(path)

    with pytest.raises(DatabaseUnusable, match="schema 9999"):
        upgrade(path)

    assert everything(path) == before


@pytest.mark.parametrize(("pragma", "expected"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)])
@pytest.mark.parametrize("look", [SQLiteDatabase.begin, SQLiteDatabase.read], ids=["writing", "reading"])
def test_every_connection_keeps_what_it_commits(
    path: Path, pragma: str, expected: Any, look: Any, open_database: Callable[[Path], SQLiteDatabase]
) -> None:
    with look(open_database(path)) as tx:
        assert tx.exec_driver_sql(f"PRAGMA {pragma}").scalar() == expected


def test_a_log_line_of_an_unknown_order_is_refused(path: Path, open_database: Callable[[Path], SQLiteDatabase]) -> None:
    database = open_database(path)
    database.upgrade()

    with pytest.raises(IntegrityError, match="FOREIGN KEY"), database.begin() as tx:
        tx.exec_driver_sql("INSERT INTO logs (shopify_id) VALUES (42)")


@pytest.mark.parametrize("shopify_id", [BEYOND_A_FLOAT, 2**63 - 1])
def test_ids_and_amounts_come_back_exact(
    path: Path, shopify_id: int, open_database: Callable[[Path], SQLiteDatabase]
) -> None:
    write_original(path, an_order(shopify_id=shopify_id, total_price=99.99))
    database = open_database(path)
    database.upgrade()

    with database.read() as tx:
        row = tx.execute(metadata.tables["orders"].select()).one()

    assert (row.shopify_id, row.total_price) == (shopify_id, 99.99)


def test_a_new_file_is_its_owners_alone(path: Path) -> None:
    upgrade(path)

    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file where the folder should be")

    with pytest.raises(DatabaseUnusable, match=r"DATABASE_PATH is .*orders\.db, and it cannot be used: .*File exists"):
        upgrade(tmp_path / "folder" / "orders.db")


@pytest.mark.parametrize("folder", ["50% off", "दुकान #1", "shop?mode=ro"])
def test_a_file_may_lie_in_a_folder_of_any_name(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "orders.db"
    path.parent.mkdir()

    upgrade(path)

    assert path.exists()


def test_a_database_that_was_numbered_0006_gets_what_came_after(tmp_path: Path) -> None:
    with closing(SQLiteDatabase(tmp_path / "orders.db")) as db:
        db.upgrade()
        with db.begin() as tx:
            for trigger in (
                "count_new",
                "count_deleted",
                "count_changed",
                "search_new",
                "search_deleted",
                "search_changed",
            ):
                tx.exec_driver_sql(f"DROP TRIGGER {trigger}_order")
            for table in (
                "ended_sessions",
                "search_words",
                "search_places",
                "search_waiting",
                "order_counts",
                "bulk_items",
                "bulk_runs",
                "refusals",
                "disconnections",
                "privacy_requests",
                "reconciliations",
                "answered_requests",
                "access_tokens",
            ):
                tx.exec_driver_sql(f"DROP TABLE {table}")
            for index in (
                "orders_needing_a_person",
                "orders_by_change",
                "deliveries_unhandled",
                "logs_of_problems",
                "orders_by_total",
                "orders_by_name",
                "orders_off_campaign",
                "orders_needing_a_person_by_kind",
                "logs_of_kalimera",
                "deliveries_by_shopify",
            ):
                tx.exec_driver_sql(f"DROP INDEX {index}")
            for column in ("handled_at", "handled_by"):
                tx.exec_driver_sql(f"ALTER TABLE deliveries DROP COLUMN {column}")
            for column in (
                "cancel_reason",
                "cancel_restock",
                "cancel_email",
                "erased_at",
                "cancel_job",
                "cancel_asked_at",
                "total_outstanding",
                "zip",
            ):
                tx.exec_driver_sql(f"ALTER TABLE orders DROP COLUMN {column}")
            tx.exec_driver_sql("DROP INDEX deliveries_by_topic")
            tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0006'")
        db.upgrade()

        with db.read() as tx:
            assert tx.exec_driver_sql("SELECT count(*) FROM refusals").scalar() == 0
