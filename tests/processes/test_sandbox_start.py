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

from command_line import Ended, run, started_in
from makers import NOW, make_body
from ordercall.bootstrap.parts import missing_at_start
from ordercall.domain.calls.calling import CallingState
from ordercall.domain.orders.order import Status
from ordercall.domain.policy.rules import OF_THE_ENVIRONMENT, Agent, Policy
from ordercall.processes.serve import announce, prepare
from ordercall.providers.shopify.payload import read_order
from ordercall.storage.engine.sqlite_database import SQLiteDatabase
from ordercall.storage.records import orders, policies
from ordercall.storage.records.orders import NewOrder
from ports import free_port
from waiting import LONG

pytestmark = pytest.mark.sqlite

Start = Callable[..., tuple[bool, str]]

AGENTS = tuple(Agent(language=each, agent_id=f"a-{each}", campaign_id="c-1") for each in OF_THE_ENVIRONMENT)
ORIGINAL = """
CREATE TABLE orders (shopify_id INTEGER PRIMARY KEY, order_name TEXT, product_title TEXT, total_price REAL,
    currency TEXT, customer_email TEXT, customer_phone TEXT, created_at TEXT, confirmation_status TEXT,
    webhook_timestamp REAL, first_name TEXT, last_name TEXT, address TEXT, city TEXT, state TEXT);
INSERT INTO orders (shopify_id) VALUES (1);
"""


@pytest.fixture
def start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Start:
    """Settle what a start is that has nothing but some settings; return whether it is sandboxed, and what it says."""

    def start(*, alone: bool = False, **settings: str) -> tuple[bool, str]:
        with started_in(tmp_path, **settings):
            settled = prepare(alone=alone)
            announce(settled, missing_at_start(settled), sandbox=settled.sandboxed)
        return settled.sandboxed, capsys.readouterr().out

    return start


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
    tmp_path: Path, start: Start, fill: Callable[[Path], None], sandboxed: bool
) -> None:
    fill(tmp_path / "shopify_orders.db")

    assert start()[0] is sandboxed


def test_a_start_says_why_the_sandbox_stays_off_and_how_to_try_it(tmp_path: Path, start: Start) -> None:
    holding(False)(tmp_path / "shopify_orders.db")

    _, said = start()

    assert "Nobody is called" in said
    assert "the sandbox stays out of a database with" in said
    assert start(DATABASE_PATH="sandbox.db")[0]


@pytest.mark.parametrize(("named", "told"), [((), "KALIMERA_AGENT_ID_EN, KALIMERA_AGENT_ID_HI missing"), (AGENTS, "")])
def test_a_start_says_what_is_missing_for_calls_that_the_policy_does_not_name(
    tmp_path: Path, start: Start, named: tuple[Agent, ...], told: str
) -> None:
    with closing(SQLiteDatabase(tmp_path / "shopify_orders.db")) as database:
        database.upgrade()
        with database.begin() as tx:
            policies.publish(tx, Policy(agents=named), {}, by="Asha", changed=["All."], now=NOW)

    _, said = start(KALIMERA_AUTH_TOKEN="Bearer ours", KALIMERA_CAMPAIGN_ID="campaign-1")

    assert ("nobody is called" in said) is bool(told)
    assert told in said


def test_a_process_beside_which_nobody_starts_the_sandbox_does_without(start: Start) -> None:
    assert not start(alone=True)[0]


def test_the_processes_of_a_start_are_where_it_is(start: Start) -> None:
    assert start(alone=True, ORDERCALL_SANDBOXED="1")[0]
    assert not start(ORDERCALL_SANDBOXED="0")[0]


def test_a_copy_of_the_example_starts_the_sandbox(tmp_path: Path, start: Start) -> None:
    example = Path(__file__).parents[2] / ".env.example"
    (tmp_path / ".env").write_bytes(example.read_bytes())

    assert start()[0]


# -- the commands


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

    assert run(tmp_path, "sandbox", "clear", **settings) == Ended(0, f"Demo orders removed: {removed}.\n", "")
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

    environment = {"PATH": os.environ["PATH"], "SANDBOX_PORT": str(free_port())} | settings
    command = [sys.executable, "-m", "ordercall", "sandbox"]  # a process, for one that did play would do so for ever
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=LONG)

    assert ended.returncode == 2
    assert "would come among real ones here" in ended.stderr
