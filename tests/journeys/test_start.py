"""What a start says when something is wrong, and what keeps running when something dies."""

from __future__ import annotations

import os
import re
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

from installation import HTTP, Installation
from ordercall.sandbox.orders import make_order
from ports import free_port, has_ipv6
from waiting import LONG, until

pytestmark = [pytest.mark.journey, pytest.mark.sqlite]

APP = Path(__file__).parents[2] / "app.py"


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


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_said_in_a_sentence_before_anything_serves(tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        code, said = start_fails(tmp_path, **{name: str(port)})

    assert code == 2
    assert said.startswith(f"Ordercall cannot start:\n  - {name} is {port}, and nothing can listen there: ")
    assert said.count("\n") == 2


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shopify_orders.db")) as newer:
        newer.executescript("CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES ('9999')")

    code, said = start_fails(tmp_path)

    assert code == 1
    assert "start the newer version that wrote it" in said
    assert "Traceback" not in said


def test_a_file_that_is_no_database_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "shopify_orders.db").write_bytes(b"something else " * 1_000)

    code, said = start_fails(tmp_path)

    assert code == 1
    assert "it cannot be used: file is not a database" in said


def test_a_new_database_is_for_its_owner_only(shop: Installation) -> None:
    assert shop.database.stat().st_mode & 0o077 == 0


SERVING = """
from ordercall.processes.serve import announcing, prepare, run_web

settings = prepare()
with announcing(settings, sandbox=False):
    run_web(settings, "of_a_test:application")
"""
WAITS = """
import time
from pathlib import Path

from ordercall.processes.serve import web_application

def application():
    Path("begun").touch()
    while not Path("go").exists():
        time.sleep(0.01)
    return web_application()
"""
FAILS = """
def application():
    raise RuntimeError("it cannot be made")
"""


def serve_application(shop: Installation, code: str) -> None:
    """Start the web process alone, with what a module of this text makes in place of our application."""
    (shop.folder / "of_a_test.py").write_text(code)
    shop.launch(sys.executable, "-c", SERVING)


def announced(shop: Installation) -> str | None:
    """Return the address that was printed, if one was."""
    found = re.search(r"^Ordercall: (http://\S+)$", shop.log.read_text(), re.MULTILINE)
    return found[1] if found else None


@pytest.mark.parametrize(
    "command", [["-m", "ordercall", "serve"], ["-m", "ordercall", "web"], [str(APP)], ["-m", "flask", "run"]]
)
def test_the_address_that_is_printed_answers_at_once(install: Callable[..., Installation], command: list[str]) -> None:
    shop = install(FLASK_APP=str(APP))
    shop.launch(sys.executable, *command)

    address = until(lambda: announced(shop), "the address is printed")

    assert HTTP.get(f"{address}/login").status_code == 200


def test_the_address_is_not_printed_before_the_web_process_answers(install: Callable[..., Installation]) -> None:
    shop = install()
    serve_application(shop, WAITS)
    until((shop.folder / "begun").exists, "the web process makes its application")
    assert announced(shop) is None

    (shop.folder / "go").touch()

    until(lambda: announced(shop), "the address is printed")


def test_a_web_process_that_cannot_start_is_said_in_place_of_the_address(install: Callable[..., Installation]) -> None:
    shop = install()
    serve_application(shop, FAILS)
    until(lambda: not shop.runs, "it has given up")

    last = shop.log.read_text().splitlines()[-1]
    assert last == "Ordercall did not start: its web process ended before it answered; why is said above."
    assert announced(shop) is None


@pytest.mark.skipif(not has_ipv6(), reason="without IPv6 nobody can listen at [::1]")
def test_the_printed_address_leads_past_another_program_at_localhost(install: Callable[..., Installation]) -> None:
    shop = install()
    with socket.create_server(("::1", shop.port), family=socket.AF_INET6):
        shop.start()

        assert until(lambda: announced(shop), "the address is printed") == f"http://127.0.0.1:{shop.port}"


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
