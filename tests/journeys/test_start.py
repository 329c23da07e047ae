"""What a start says when something is wrong, and what keeps running when something dies."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pytest

from installation import Installation
from ordercall.sandbox.orders import make_order
from ports import free_port
from waiting import LONG, until

pytestmark = pytest.mark.journey


def start_fails(folder: Path, **settings: str) -> tuple[int, str]:
    """Start ``ordercall serve`` and return its exit code and what it said."""
    environment = {"PATH": os.environ["PATH"], "PORT": str(free_port()), "SANDBOX_PORT": str(free_port())} | settings
    command = [sys.executable, "-m", "ordercall", "serve"]
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LONG)
    return ended.returncode, ended.stdout + ended.stderr


def test_a_production_start_names_every_open_door(tmp_path: Path) -> None:
    code, said = start_fails(tmp_path, APP_ENV="production")

    assert code == 2
    for name in ("FLASK_SECRET_KEY", "SHOPIFY_SHARED_SECRET", "SYNC_API_TOKEN", "ADMIN_PASSWORD"):
        assert f"  - {name} is " in said


def test_a_taken_port_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, said = start_fails(tmp_path, PORT=str(taken.getsockname()[1]))

    assert code == 2
    assert "nothing can listen there: Address already in use." in said
    assert "Traceback" not in said


@pytest.mark.sqlite
def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shopify_orders.db")) as newer:
        newer.executescript("CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES ('9999')")

    code, said = start_fails(tmp_path)

    assert code == 1
    assert "start the newer version that wrote it" in said
    assert "Traceback" not in said


@pytest.mark.sqlite
def test_a_file_that_is_no_database_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "shopify_orders.db").write_bytes(b"something else " * 1_000)

    code, said = start_fails(tmp_path)

    assert code == 1
    assert "it cannot be used: file is not a database" in said


@pytest.mark.sqlite
def test_a_new_database_is_for_its_owner_only(shop: Installation) -> None:
    assert shop.database.stat().st_mode & 0o077 == 0


def processes_below(pid: int) -> dict[int, str]:
    """Return the processes that a process started, directly or not, with their command lines."""
    rows = [process.info for process in psutil.process_iter(["pid", "ppid", "cmdline"])]
    below: dict[int, str] = {}
    for _ in rows:
        below |= {
            row["pid"]: " ".join(row["cmdline"]) for row in rows if row["ppid"] in {pid, *below} and row["cmdline"]
        }
    return below


def test_an_installation_is_three_processes_that_say_which_they_are(shop: Installation) -> None:
    assert sorted(command.strip() for command in processes_below(shop.pid).values()) == [
        "ordercall web",
        "ordercall worker",
    ]


@pytest.mark.parametrize("name", ["ordercall worker", "ordercall web"])
def test_a_process_that_is_killed_is_started_again(shop: Installation, name: str) -> None:
    [victim] = [pid for pid, command in processes_below(shop.pid).items() if name in command]
    os.kill(victim, signal.SIGKILL)
    until(lambda: victim not in processes_below(shop.pid), f"{name} is gone")

    def delivered() -> bool:
        try:
            return shop.deliver(make_order(1)).status_code == 200
        except httpx.HTTPError:
            return False

    until(delivered, "a webhook is taken")
    until(shop.on_campaign, "its order is on the campaign")


def test_the_children_end_when_their_parent_is_killed(install: Callable[..., Installation]) -> None:
    shop = install()
    shop.start()
    children = set(processes_below(shop.pid))

    os.kill(shop.pid, signal.SIGKILL)

    until(lambda: not children & set(processes_below(1)), "no child is left")
