"""When a start without settings comes with the sandbox and when it stays away, and how its orders leave a database."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from makers import make_body
from ordercall.domain.calling import CallingState
from ordercall.domain.orders import Status
from ordercall.providers.shopify.payload import read_order
from ordercall.storage.engine.sqlite_database import SQLiteDatabase
from ordercall.storage.records import orders
from ordercall.storage.records.orders import NewOrder
from ports import free_port
from waiting import LONG

pytestmark = pytest.mark.sqlite

START = """
from ordercall.processes.serve import announce, prepare

settings = prepare({how})
print("sandboxed:", settings.sandboxed)
announce(settings, sandbox=settings.sandboxed)
"""
ORIGINAL = """
CREATE TABLE orders (shopify_id INTEGER PRIMARY KEY, order_name TEXT, product_title TEXT, total_price REAL,
    currency TEXT, customer_email TEXT, customer_phone TEXT, created_at TEXT, confirmation_status TEXT,
    webhook_timestamp REAL, first_name TEXT, last_name TEXT, address TEXT, city TEXT, state TEXT);
INSERT INTO orders (shopify_id) VALUES (1);
"""


def start(folder: Path, how: str = "", **settings: str) -> str:
    """Return what a start says that has nothing but these settings."""
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ} | settings
    command = [sys.executable, "-c", START.format(how=how)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def nothing(_path: Path) -> None:
    """Leave the folder without a database."""


def holding(*is_demo: bool) -> Callable[[Path], None]:
    def store(path: Path) -> None:
        with closing(SQLiteDatabase(path)) as database:
            database.upgrade()
            with database.begin() as tx:
                orders.add_all(tx, [an_order(number, demo) for number, demo in enumerate(is_demo, start=1)])

    return store


def an_order(number: int, demo: bool) -> NewOrder:
    order = read_order(make_body(number))
    assert order.placed_at
    return NewOrder(
        order=order,
        status=Status.SUCCESS,
        calling=CallingState.ON_CAMPAIGN,
        reason=None,
        received_at=order.placed_at,
        demo=demo,
    )


def left_by_the_original_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(ORIGINAL)


@pytest.mark.parametrize(
    ("fill", "sandboxed"),
    [
        (nothing, True),
        (holding(), True),
        (holding(True, True), True),
        (holding(False), False),
        (holding(True, False), False),
        (left_by_the_original_program, False),
    ],
    ids=["no file", "no order", "the sandbox's", "real", "both", "the original program's"],
)
def test_the_sandbox_is_on_only_where_every_order_is_its_own(
    tmp_path: Path, fill: Callable[[Path], None], sandboxed: bool
) -> None:
    fill(tmp_path / "shopify_orders.db")

    assert f"sandboxed: {sandboxed}" in start(tmp_path)


def test_a_start_says_why_the_sandbox_stays_off_and_how_to_try_it(tmp_path: Path) -> None:
    holding(False)(tmp_path / "shopify_orders.db")

    said = start(tmp_path)

    assert "Nobody is called" in said
    assert "the sandbox stays out of a database with" in said
    assert "sandboxed: True" in start(tmp_path, DATABASE_PATH="sandbox.db")


def test_a_process_beside_which_nobody_starts_the_sandbox_does_without(tmp_path: Path) -> None:
    assert "sandboxed: False" in start(tmp_path, "alone=True")


def test_the_processes_of_a_start_are_where_it_is(tmp_path: Path) -> None:
    assert "sandboxed: True" in start(tmp_path, "alone=True", ORDERCALL_SANDBOXED="1")
    assert "sandboxed: False" in start(tmp_path, ORDERCALL_SANDBOXED="0")


def test_a_copy_of_the_example_starts_the_sandbox(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / ".env.example"
    (tmp_path / ".env").write_bytes(example.read_bytes())

    assert "sandboxed: True" in start(tmp_path)


# -- the commands


def run(folder: Path, *words: str, **settings: str) -> tuple[int, str]:
    """Run a command beside which no sandbox runs, and return its exit code and what it said."""
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    environment |= {"SANDBOX_PORT": str(free_port())} | settings
    command = [sys.executable, "-m", "ordercall", *words]
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LONG)
    return ended.returncode, ended.stdout + ended.stderr


def is_demo(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT is_demo FROM orders")]


@pytest.mark.parametrize("settings", [{}, {"SHOPIFY_SHARED_SECRET": "a shop's"}], ids=["sandbox", "a real shop"])
@pytest.mark.parametrize(
    ("stored", "removed", "left"),
    [((True, True), 2, []), ((True, False, True), 2, [0]), ((False,), 0, [0]), ((), 0, [])],
)
def test_a_command_removes_the_sandboxs_orders_and_no_real_one(
    tmp_path: Path, settings: dict[str, str], stored: tuple[bool, ...], removed: int, left: list[int]
) -> None:
    path = tmp_path / "shopify_orders.db"
    holding(*stored)(path)

    assert run(tmp_path, "sandbox", "clear", **settings) == (0, f"Demo orders removed: {removed}.\n")
    assert is_demo(path) == left


@pytest.mark.parametrize(
    ("fill", "settings"),
    [(nothing, {"SHOPIFY_SHARED_SECRET": "a shop's"}), (holding(False), {})],
    ids=["set up", "real"],
)
def test_the_sandbox_does_not_play_beside_a_real_shop(
    tmp_path: Path, fill: Callable[[Path], None], settings: dict[str, str]
) -> None:
    fill(tmp_path / "shopify_orders.db")

    code, said = run(tmp_path, "sandbox", **settings)

    assert code == 2
    assert "would come among real ones here" in said
