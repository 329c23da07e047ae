"""``flask run`` and ``flask run --debug``: where they serve, what debugging shows, and what stays out of the log."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from installation import HTTP, NOBODY, Installation
from ports import free_port
from waiting import LONG, until

pytestmark = [pytest.mark.journey, pytest.mark.sqlite]

PHONE = "+919876500001"
FAILING = f"""
from ordercall import create_app as ours

def create_app():
    app = ours()
    app.add_url_rule("/fails", view_func=fails)
    return app

def fails():
    raise ValueError("{PHONE}")
"""


def flask_run_fails(folder: Path, *options: str, **settings: str) -> str:
    """Start ``flask run``, which must fail, and return what it said."""
    environment = {"PATH": os.environ["PATH"], "PORT": str(free_port()), "SANDBOX_PORT": str(free_port())} | settings
    command = [sys.executable, "-m", "flask", "--app", "ordercall", "run", *options]
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LONG)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def debugged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """``flask run --debug`` of an application that has one view more, which fails."""
    shop = Installation(tmp_path_factory.mktemp("debugged"), NOBODY, FLASK_APP="failing.py")
    (shop.folder / "failing.py").write_text(FAILING)
    shop.start(sys.executable, "-m", "flask", "run", "--debug")
    yield shop
    shop.stop()
    until(lambda: not session(shop.pid), "all of its processes have ended")


def session(pid: int) -> str:
    """Return the processes of the session that this one began."""
    return subprocess.run(["ps", "-o", "args=", "--sid", str(pid)], capture_output=True, text=True).stdout


def send(shop: Installation, line: str) -> None:
    """Send a request line as it stands and wait for the end of the answer."""
    with socket.create_connection((shop.host, shop.port), timeout=LONG) as connection:
        connection.sendall(f"{line}\r\n\r\n".encode())
        while connection.recv(4096):
            pass


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_said_in_a_sentence(tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        said = flask_run_fails(tmp_path, **{name: str(port)})

    assert said.startswith(f"Error: Ordercall cannot start:\n  - {name} is {port}, and nothing can listen there: ")
    assert said.count("\n") == 2


def test_a_host_that_is_no_address_is_said_in_a_sentence(tmp_path: Path) -> None:
    said = flask_run_fails(tmp_path, "--host", "somewhere")

    assert said.startswith(
        "Error: Ordercall cannot start:\n  - HOST is 'somewhere'; it must be localhost or an IP address"
    )


def test_debugging_is_refused_in_production(tmp_path: Path) -> None:
    secrets = ("FLASK_SECRET_KEY", "SHOPIFY_SHARED_SECRET", "SYNC_API_TOKEN", "ADMIN_PASSWORD")
    said = flask_run_fails(
        tmp_path, "--debug", APP_ENV="production", **dict.fromkeys(secrets, "long and random: 8f3a7Qz9.kW2v-Lm4")
    )

    assert "flask run --debug shows what it knows of customers; set APP_ENV=development for it." in said


def test_its_own_options_for_host_and_port_win_over_the_settings(install: Callable[..., Installation]) -> None:
    shop, port = install(FLASK_APP="ordercall"), free_port()
    shop.launch(sys.executable, "-m", "flask", "run", "--host", "127.0.0.1", "--port", str(port))

    until(lambda: f"Ordercall: http://localhost:{port}\n" in shop.log.read_text(), "the address is printed")

    assert HTTP.get(f"http://localhost:{port}/login").status_code == 200


def test_an_error_is_shown_in_the_browser_and_its_values_stay_out_of_the_log(debugged: Installation) -> None:
    shown = HTTP.get(f"{debugged.url}/fails")

    assert f"ValueError: {PHONE}" in shown.text
    said = until(lambda: [line for line in debugged.log.read_text().splitlines() if "ValueError" in line], "it is said")
    assert said == [f"GET /fails failed with ValueError at {debugged.folder / 'failing.py'}:10"]
    assert PHONE not in debugged.log.read_text()


def test_requests_are_logged_without_what_was_searched_for(debugged: Installation) -> None:
    odd = [f"GET /login?q={PHONE} HTTP/1.1", f"GET /login?q={PHONE} Ravi HTTP/1.1", f"GET /login?q=Ravi {PHONE}"]
    for number, line in enumerate(odd, start=1):
        send(debugged, line)
        until(lambda number=number: debugged.log.read_text().count("GET /login…") == number, f"{line} is logged")
    assert PHONE not in debugged.log.read_text()


def test_a_change_of_the_code_is_taken_up(debugged: Installation) -> None:
    (debugged.folder / "failing.py").write_text(FAILING.replace("/fails", "/fails-elsewhere"))

    def moved() -> bool:
        try:
            return HTTP.get(f"{debugged.url}/fails-elsewhere").status_code == 500
        except httpx.HTTPError:
            return False

    until(moved, "the view is where the change has put it")
