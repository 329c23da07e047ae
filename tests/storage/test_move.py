"""``ordercall db copy``: a shop moves from SQLite to a real Postgres, whole or not at all."""

from __future__ import annotations

import itertools
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from databases import ADDRESS
from makers import NOW, make_body, make_headers, make_settings
from ordercall.bootstrap.web import create_app
from ordercall.storage.engine.postgres_database import PostgresDatabase
from ordercall.storage.reads import recount
from waiting import LONG, until

pytestmark = pytest.mark.postgres

numbers = itertools.count(1)
BIG = 2**53 + 1
SIXTY_THOUSAND_ORDERS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)"
    " INSERT INTO orders (shopify_id, order_name, city) SELECT i, '#' || i, 'Kochi' FROM n"
)
ODD_TEXT = 'tab\there, "quotes", back\\slash, \r\n, \\N, \x01\x1f\x7f, emoji 🪔, Hindi नमस्ते'
ODD_ROWS: list[tuple[str, tuple[Any, ...]]] = [
    (
        "INSERT INTO orders (shopify_id, order_name, total_price, placed_at, first_name) VALUES (?, ?, ?, ?, ?)",
        (BIG, ODD_TEXT, 1.7e308, 0.1 + 0.2, "Ana\x00nya"),
    ),
    ("UPDATE deliveries SET body = ?", (bytes(range(256)),)),
    ("INSERT INTO logs (id, event_type) VALUES (900, 'of an order that was erased')", ()),
    ("DELETE FROM logs WHERE id = 900", ()),
    ("INSERT INTO procrastinate_workers VALUES (7, '2026-11-23 06:30:00.000000')", ()),
    ("UPDATE procrastinate_jobs SET scheduled_at = '2026-11-24 03:30:00.500000', ready = 0", ()),
    (
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args, status, worker_id)"
        " VALUES ('default', 'cancel_order', 'cancel:1', ?, 'doing', 7)",
        (json.dumps({"shopify_id": BIG}),),
    ),
]


@contextmanager
def new_target() -> Iterator[str]:
    """An empty database, without any tables."""
    address, name = os.environ[ADDRESS], f"move_{os.getpid()}_{next(numbers)}"
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        yield f"{address}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


def make_file(folder: Path) -> Path:
    """Return the database of a shop with one order that waits to be synced."""
    path = folder / "shopify_orders.db"
    app = create_app(make_settings(path), clock=lambda: NOW)
    body = make_body()
    assert app.test_client().post("/shopify/webhook", data=body, headers=make_headers(body)).status_code == 200
    app.extensions["ordercall"].db.close()
    return path


@pytest.fixture
def target() -> Iterator[str]:
    with new_target() as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return make_file(tmp_path)


@dataclass
class Moved:
    """A shop with odd rows that was moved, and what the command said."""

    file: Path
    target: str
    said: str


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    file = make_file(tmp_path_factory.mktemp("shop"))
    for statement, values in ODD_ROWS:
        write(file, statement, *values)
    with new_target() as target:
        done = copy(file, target)
        assert done.returncode == 0, done.stderr
        yield Moved(file, target, done.stdout)


def start(file: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    environment |= {"DATABASE_PATH": str(file), "FLASK_SECRET_KEY": "a-flask-key"}
    command = [sys.executable, "-m", "ordercall", *arguments]
    return subprocess.Popen(
        command, cwd=file.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def run(file: Path, *arguments: str) -> Done:
    process = start(file, *arguments)
    said, complained = process.communicate(timeout=LONG)
    return Done(process.returncode, said, complained)


def copy(file: Path, target: str) -> Done:
    return run(file, "db", "copy", "--to", target)


def write(file: Path, statement: str, *values: Any) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(statement, values)


def ask(target: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(target) as connection:
        return connection.execute(query, values).fetchall()  # type: ignore[call-overload, no-any-return]


def orders_in(target: str) -> int:
    made = ask(target, "SELECT to_regclass('orders') IS NOT NULL")[0][0]
    return int(ask(target, "SELECT count(*) FROM orders")[0][0]) if made else 0


def test_every_value_arrives_as_it_was(moved: Moved) -> None:
    query = "SELECT shopify_id, order_name, total_price, placed_at, city FROM orders WHERE shopify_id = %s"

    assert ask(moved.target, query, BIG) == [(BIG, ODD_TEXT, 1.7e308, 0.1 + 0.2, None)]
    assert ask(moved.target, "SELECT body FROM deliveries") == [(bytes(range(256)),)]


def test_the_one_character_that_postgres_refuses_is_replaced(moved: Moved) -> None:
    found = ask(moved.target, "SELECT first_name FROM orders WHERE shopify_id = %s", BIG)

    assert found == [("Ana\ufffdnya",)]


def test_the_copy_is_told_table_by_table_with_what_to_do_next(moved: Moved) -> None:
    rows = dict(line.split(None, 1) for line in moved.said.splitlines() if line.endswith("the same"))

    assert rows["orders"] == "2  the same"
    assert rows["procrastinate_jobs"] == "2  the same"
    assert "Next: set DATABASE_URL" in moved.said


def test_waiting_jobs_wait_there_and_running_ones_count_as_left_behind(moved: Moved) -> None:
    query = "SELECT status::text, scheduled_at, worker_id, args FROM procrastinate_jobs ORDER BY id"

    waiting, running = ask(moved.target, query)

    assert (waiting[0], waiting[1]) == ("todo", datetime(2026, 11, 24, 3, 30, 0, 500_000, tzinfo=UTC))
    assert running == ("doing", None, None, {"shopify_id": BIG})


def test_what_happened_to_a_job_is_told_once(moved: Moved) -> None:
    query = "SELECT job_id, type FROM procrastinate_events ORDER BY id"

    with closing(sqlite3.connect(moved.file)) as source:
        assert ask(moved.target, query) == source.execute(query).fetchall()


def test_the_counters_of_the_pages_are_those_of_the_orders(moved: Moved) -> None:
    with closing(PostgresDatabase(moved.target)) as there, there.read() as tx:
        assert recount.differences(tx) == []

    assert ask(moved.target, "SELECT sum(orders) FROM order_counts WHERE span = 0") == [(2,)]


def test_numbers_go_on_behind_the_largest_that_was_ever_given(moved: Moved) -> None:
    with psycopg.connect(moved.target) as connection:
        made = connection.execute("INSERT INTO logs (event_type) VALUES ('next') RETURNING id").fetchone()
        connection.rollback()

    assert made == (901,)


def test_the_file_is_not_used_by_mistake_after_the_move(moved: Moved) -> None:
    done = run(moved.file, "worker")

    assert done.returncode == 1
    assert "This shop was moved to Postgres with `ordercall db copy`; set DATABASE_URL." in done.stderr


def test_a_file_that_somebody_has_open_is_not_copied(file: Path, target: str) -> None:
    with closing(sqlite3.connect(file)) as idle:
        idle.execute("SELECT count(*) FROM orders").fetchall()
        done = copy(file, target)

    assert done.returncode == 1
    assert "is in use (database is locked). Stop what runs on it first" in done.stderr
    assert orders_in(target) == 0


def test_a_target_that_is_not_there_is_named_with_the_servers_words(file: Path, target: str) -> None:
    done = copy(file, f"{target}_and_more")

    assert done.returncode == 1
    assert "does not exist" in done.stderr


def test_a_target_with_orders_of_its_own_is_left_as_it_is(file: Path, target: str) -> None:
    copy(file, target)
    with psycopg.connect(target) as connection:
        connection.execute("UPDATE orders SET city = 'Elsewhere'")
    write(file, "UPDATE alembic_version SET version_num = replace(version_num, 'moved-from-', '')")

    done = copy(file, target)

    assert done.returncode == 1
    assert "is not empty (audit, calls, deliveries, orders, " in done.stderr
    assert ask(target, "SELECT city FROM orders") == [("Elsewhere",)]


def test_a_database_of_another_program_is_left_as_it_is(file: Path, target: str) -> None:
    with psycopg.connect(target) as connection:
        connection.execute("CREATE TABLE orders (number integer)")

    done = copy(file, target)

    assert "belongs to another program: it has orders of its own." in done.stderr
    assert ask(target, "SELECT * FROM orders") == []


def test_a_run_that_ended_just_before_it_could_mark_the_file_is_finished(file: Path, target: str) -> None:
    copy(file, target)
    write(file, "UPDATE alembic_version SET version_num = replace(version_num, 'moved-from-', '')")

    done = copy(file, target)

    assert done.returncode == 0, done.stderr
    assert orders_in(target) == 1


def test_a_copy_that_is_killed_leaves_nothing_and_can_be_given_again(file: Path, target: str) -> None:
    write(file, SIXTY_THOUSAND_ORDERS)
    running = start(file, "db", "copy", "--to", target)
    under_way = "SELECT count(*) FROM pg_stat_progress_copy WHERE relid = to_regclass('orders')"
    until(lambda: ask(target, under_way) == [(1,)], "orders are being copied")
    running.send_signal(signal.SIGKILL)
    running.communicate()
    until(lambda: ask(target, under_way) == [(0,)], "Postgres has noticed")
    assert orders_in(target) == 0

    done = copy(file, target)

    assert done.returncode == 0, done.stderr
    assert orders_in(target) == 60_001


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "INSERT INTO logs (shopify_id, event_type) VALUES (1, 'of nobody')",
            "Rows of logs that belong to no row of orders: 1.",
        ),
        ("DROP TABLE login_failures", "cannot be read: no such table: login_failures."),
        ("UPDATE orders SET total_price = 'eleven'", "holds in total_price what is no float"),
    ],
)
def test_what_postgres_could_not_hold_is_named_and_nothing_is_copied(
    file: Path, target: str, statement: str, said: str
) -> None:
    write(file, statement)

    done = copy(file, target)

    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert orders_in(target) == 0
