"""How a database file comes to this version's tables: a new one, and one of the original program with its rows."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import IntegrityError, OperationalError

from ordercall.errors import DatabaseBusy, DatabaseUnusable
from ordercall.storage.sqlite_database import SQLiteDatabase
from ordercall.storage.tables import metadata
from waiting import LONG

pytestmark = pytest.mark.sqlite

ORDERS_OF_OLD = [
    ("shopify_id", "INTEGER"),
    ("order_name", "TEXT"),
    ("product_title", "TEXT"),
    ("total_price", "REAL"),
    ("currency", "TEXT"),
    ("customer_email", "TEXT"),
    ("customer_phone", "TEXT"),
    ("created_at", "TEXT"),
    ("confirmation_status", "TEXT"),
    ("webhook_timestamp", "REAL"),
    ("first_name", "TEXT"),
    ("last_name", "TEXT"),
    ("address", "TEXT"),
    ("city", "TEXT"),
    ("state", "TEXT"),
]
LOGS_OF_OLD = [
    ("id", "INTEGER"),
    ("shopify_id", "INTEGER"),
    ("timestamp", "TEXT"),
    ("event_type", "TEXT"),
    ("message", "TEXT"),
]
ORIGINAL_TABLES = """
    CREATE TABLE orders (
        shopify_id INTEGER PRIMARY KEY, order_name TEXT, product_title TEXT, total_price REAL, currency TEXT,
        customer_email TEXT, customer_phone TEXT, created_at TEXT, confirmation_status TEXT, webhook_timestamp REAL,
        first_name TEXT, last_name TEXT, address TEXT, city TEXT, state TEXT
    );
    CREATE TABLE logs (
        id INTEGER PRIMARY KEY AUTOINCREMENT, shopify_id INTEGER, timestamp TEXT, event_type TEXT, message TEXT,
        FOREIGN KEY (shopify_id) REFERENCES orders (shopify_id)
    );
"""
MANY = 1_000
BEYOND_A_FLOAT = 2**53 + 1
RECEIVED = 1_768_633_200.123456
STATUSES = ("Placed", "Success", "Returned", "Failed")
UPGRADE = """
import sys
from pathlib import Path
from ordercall.storage.sqlite_database import SQLiteDatabase

print("ready", flush=True)
for line in sys.stdin:
    try:
        SQLiteDatabase(Path(line.strip())).upgrade()
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
def path(tmp_path: Path) -> Path:
    return tmp_path / "shopify_orders.db"


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


def upgrade(path: Path) -> None:
    database = SQLiteDatabase(path)
    try:
        database.upgrade()
    finally:
        database.close()


def ask(path: Path, question: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(question, values).fetchall()


def columns(path: Path, table: str) -> list[tuple[str, str]]:
    return [(row[1], row[2]) for row in ask(path, f"PRAGMA table_info({table})")]


def original_rows(path: Path) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return what stands in the two original tables' original columns."""
    names, log_names = (", ".join(name for name, _ in columns) for columns in (ORDERS_OF_OLD, LOGS_OF_OLD))
    return ask(path, f"SELECT {names} FROM orders ORDER BY 1"), ask(path, f"SELECT {log_names} FROM logs ORDER BY 1")  # noqa: S608


def everything(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def an_order(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a row as the original program wrote it."""
    row = {
        "shopify_id": BEYOND_A_FLOAT + number,
        "order_name": f"#{1000 + number}",
        "product_title": "कुर्ता, M / Indigo",
        "total_price": 99.99 + number,
        "currency": "INR",
        "customer_email": f"customer{number}@example.com",
        "customer_phone": None if number % 7 == 0 else f"+91555{number:07d}",
        "created_at": "2026-01-17T11:58:57+05:30",
        "confirmation_status": STATUSES[number % 4],
        "webhook_timestamp": RECEIVED + number,
        "first_name": "Asha's",
        "last_name": '"Iyer"; --',
        "address": "14 Lake View Road\nAdyar",
        "city": "",
        "state": "Tamil Nadu" if number % 3 else None,
    }
    return row | changes


def write_original(path: Path, *orders: dict[str, Any], logs: tuple[tuple[int, str], ...] = ()) -> None:
    """Make a file as the original program left it."""
    names = [name for name, _ in ORDERS_OF_OLD]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(ORIGINAL_TABLES)
        places = ", ".join(f":{name}" for name in names)
        connection.executemany(f"INSERT INTO orders VALUES ({places})", orders)  # noqa: S608
        connection.executemany(
            "INSERT INTO logs (shopify_id, timestamp, event_type, message) VALUES (?, ?, ?, ?)",
            [(order_id, "2026-01-17T06:30:00.123456", event, "It happened.") for order_id, event in logs],
        )


def write_many(path: Path) -> None:
    orders = [an_order(number) for number in range(MANY)]
    events = ("Shopify_Webhook_Received", "Agent_Selected", "Kalimera_Sync_Success")
    write_original(path, *orders, logs=tuple((order["shopify_id"], event) for order in orders for event in events))


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


@pytest.mark.parametrize(("table", "expected"), [("orders", ORDERS_OF_OLD), ("logs", LOGS_OF_OLD)])
def test_a_table_begins_with_the_original_columns(path: Path, table: str, expected: list[tuple[str, str]]) -> None:
    upgrade(path)

    assert columns(path, table)[: len(expected)] == expected


@pytest.mark.parametrize(("table", "key"), [("orders", "shopify_id"), ("logs", "id")])
def test_a_table_has_the_original_primary_key(path: Path, table: str, key: str) -> None:
    upgrade(path)

    assert [row[1] for row in ask(path, f"PRAGMA table_info({table})") if row[5]] == [key]


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


def test_an_original_file_keeps_every_row_and_value(path: Path) -> None:
    write_many(path)
    before = original_rows(path)

    upgrade(path)

    assert original_rows(path) == before
    assert [len(rows) for rows in before] == [MANY, 3 * MANY]


def test_an_original_file_gets_our_columns_behind_its_own(path: Path) -> None:
    write_original(path)

    upgrade(path)

    names = [name for name, _ in columns(path, "orders")]
    assert names == [column.name for column in metadata.tables["orders"].columns]


def test_an_original_file_keeps_values_that_are_not_of_their_columns_type(path: Path) -> None:
    odd = {"total_price": "12,50", "created_at": 1768633200, "webhook_timestamp": "yesterday", "order_name": b"\xff"}
    write_original(path, an_order(**odd))
    before = original_rows(path)

    upgrade(path)

    assert original_rows(path) == before


def test_a_log_line_whose_order_is_gone_is_kept(path: Path) -> None:
    write_original(path, logs=((42, "Kalimera_Sync_Success"),))

    upgrade(path)

    assert ask(path, "SELECT shopify_id, event_type FROM logs") == [(42, "Kalimera_Sync_Success")]


def test_an_original_file_without_logs_is_upgraded(path: Path) -> None:
    write_original(path, an_order())
    ask(path, "DROP TABLE logs")

    upgrade(path)

    assert ask(path, "SELECT count(*) FROM orders") == [(1,)]


def test_an_order_of_the_original_program_is_not_called(path: Path) -> None:
    write_original(path, an_order(confirmation_status="Placed"))

    upgrade(path)

    assert ask(path, "SELECT calling_state, calling_reason FROM orders") == [("not_called", "earlier_program")]
    assert ask(path, "SELECT count(*) FROM procrastinate_jobs") == [(0,)]


def test_an_order_that_the_original_program_put_on_the_campaign_shows_so(path: Path) -> None:
    order = an_order()
    write_original(path, order, logs=((order["shopify_id"], "Kalimera_Sync_Success"),))

    upgrade(path)

    assert ask(path, "SELECT calling_state, calling_reason FROM orders") == [("on_campaign", None)]


def test_an_order_without_a_status_becomes_placed(path: Path) -> None:
    write_original(path, an_order(confirmation_status=None))

    upgrade(path)

    assert ask(path, "SELECT confirmation_status FROM orders") == [("Placed",)]


@pytest.mark.parametrize(
    ("created_at", "placed_at"),
    [
        ("2026-01-17T11:58:57+05:30", datetime(2026, 1, 17, 6, 28, 57, tzinfo=UTC).timestamp()),
        ("2026-01-17T06:28:57Z", datetime(2026, 1, 17, 6, 28, 57, tzinfo=UTC).timestamp()),
        ("2026-01-17T06:28:57", datetime(2026, 1, 17, 6, 28, 57, tzinfo=UTC).timestamp()),
        ("yesterday", RECEIVED),
        (None, RECEIVED),
    ],
)
def test_an_order_is_placed_at_its_creation_or_else_at_its_receipt(
    path: Path, created_at: str | None, placed_at: float
) -> None:
    write_original(path, an_order(created_at=created_at, webhook_timestamp=RECEIVED))

    upgrade(path)

    assert ask(path, "SELECT placed_at FROM orders") == [(placed_at,)]


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

    with pytest.raises(OperationalError):
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
            ):
                tx.exec_driver_sql(f"ALTER TABLE orders DROP COLUMN {column}")
            tx.exec_driver_sql("DROP INDEX deliveries_by_topic")
            tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0006'")
        db.upgrade()

        with db.read() as tx:
            assert tx.exec_driver_sql("SELECT count(*) FROM refusals").scalar() == 0
