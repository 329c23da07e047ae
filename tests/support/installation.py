"""A whole installation for the tests: its own processes, database and port, with the sandbox as the other side."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from databases import open_at
from load import request_bytes
from makers import beside_sandbox
from ordercall.jobs.engine import JobEngine
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.webhooks import signed_headers
from ports import free_port
from waiting import LONG, until

SECRET = "the shared secret of the tests"
TOKEN = "the token of the tests"
NOBODY = "http://127.0.0.1:9"
"""Where the providers are of an installation that asks none."""

HTTP = httpx.Client(timeout=LONG, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
"""One for all, because to make one takes longer than most requests; and no connection outlives its server."""


class Installation:
    """``ordercall serve``, or another command, in a folder of its own.

    Args:
        folder: holds database and log.
        sandbox_url: where Kalimera and Shopify are played.
        settings: added to the environment.
    """

    def __init__(self, folder: Path, sandbox_url: str, **settings: str) -> None:
        self.folder = folder
        self.host, self.port = settings.get("HOST", "127.0.0.1"), free_port()
        self.url = f"http://{self.host}:{self.port}"
        self.database = folder / "shopify_orders.db"
        self.log = folder / "log.txt"
        self._process: subprocess.Popen[bytes] | None = None
        self._beside: list[subprocess.Popen[bytes]] = []
        self._environment = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
        self._environment |= {
            "PORT": str(self.port),
            "DATABASE_PATH": str(self.database),
            "FLASK_SECRET_KEY": "a long secret for the tests' sessions",
            "SYNC_API_TOKEN": TOKEN,
            "CALLING_HOURS": "00:00-24:00",
            "KALIMERA_TIMEOUT_SECONDS": "5",
            "SHOPIFY_TIMEOUT_SECONDS": "5",
            "WORKER_TAKEOVER_SECONDS": "15",
            "RECONCILE_MINUTES": "0",
            "SHOPIFY_SHARED_SECRET": SECRET,
        }
        self._environment |= beside_sandbox(sandbox_url) | settings

    def start(self, *command: str) -> None:
        """Start the processes (default: ``ordercall serve``) and wait until the web process answers."""
        arguments = list(command) or [sys.executable, "-m", "ordercall", "serve"]
        self.launch(*arguments)
        until(lambda: self.answers() or not self.runs, f"{arguments} answers")
        assert self.runs, f"{arguments} ended: {self.log.read_text()[-2000:]}"

    def launch(self, *command: str) -> None:
        """Start a process and do not wait for it."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    def wait_for_workers(self, number: int = 1) -> None:
        """Wait until so many workers have begun to work since the log begins."""
        until(lambda: self.log.read_text().count("the worker is ready") >= number, f"{number} workers are ready")

    def start_beside(self, name: str) -> subprocess.Popen[bytes]:
        """Start one more process, such as a worker, as another machine would; it ends with the test."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "ordercall", name]
            self._beside.append(
                subprocess.Popen(command, cwd=self.folder, env=self._environment, stdout=log, stderr=log)
            )
        return self._beside[-1]

    def run(self, *arguments: str) -> str:
        """Run a command beside the processes and return what it said; fails when the command does."""
        command = [sys.executable, "-m", "ordercall", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True, timeout=LONG
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def process(self, name: str) -> int | None:
        """Return the process that shows this name and was made by the installation."""
        for process in psutil.Process(self.pid).children(recursive=True):
            try:
                if process.cmdline()[:1] == [f"ordercall {name}"]:
                    return process.pid
            except psutil.Error:
                continue
        return None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def answers(self) -> bool:
        try:
            return HTTP.get(f"{self.url}/health").status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self, seconds: float = 10.0) -> int:
        """End everything with SIGTERM and return the exit code; fails when it takes longer than it may."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(seconds)

    def kill(self) -> None:
        """End every process of the installation with SIGKILL, as a power cut does."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        until(lambda: not self._listens(), "the last of them has let go of its port")

    def _listens(self) -> bool:
        try:
            socket.create_connection((self.host, self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def clean_up(self) -> None:
        for process in self._beside:
            process.kill()
            process.wait()
        if self.runs:
            self.kill()

    def deliver(self, order: dict[str, Any], topic: str = "orders/create", **headers: str) -> httpx.Response:
        """Send one signed webhook."""
        body = json.dumps(order).encode()
        signed = signed_headers(body, topic=topic, secret=SECRET) | headers
        return HTTP.post(f"{self.url}/shopify/webhook", content=body, headers=signed)

    def webhooks(self, orders: list[dict[str, Any]]) -> list[bytes]:
        """Return the requests that announce these orders, ready to be sent many at a time."""
        bodies = [json.dumps(order).encode() for order in orders]
        url = f"{self.url}/shopify/webhook"
        return [request_bytes(url, body, signed_headers(body, topic="orders/create", secret=SECRET)) for body in bodies]

    def set_status(self, shopify_id: int, status: str) -> dict[str, Any]:
        url = f"{self.url}/api/orders/{shopify_id}/status"
        answer = HTTP.post(url, json={"status": status}, headers={"X-App-Token": TOKEN})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database in SQL that both understand, with ``?`` for each value."""
        if url := self._environment.get("DATABASE_URL"):
            with psycopg.connect(url) as asked:
                return asked.execute(query.replace("?", "%s"), values).fetchall()  # type: ignore[call-overload]
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(query, values).fetchall()

    def write(self, statement: str, *values: Any) -> None:
        """Change the database while nobody has it, in SQL as in :meth:`rows`."""
        if url := self._environment.get("DATABASE_URL"):
            with psycopg.connect(url) as asked:
                asked.execute(statement.replace("?", "%s"), values)  # type: ignore[call-overload]
            return
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute(statement, values)

    def look_now(self, task: str) -> None:
        """Have the worker do at once what it does each minute."""
        with closing(open_at(self._environment)) as database, database.begin() as tx:
            JobEngine(database).app.configure_task(task, queueing_lock=task, connection=tx).defer()

    def on_campaign(self) -> int:
        return int(self.rows("SELECT count(*) FROM orders WHERE calling_state = 'on_campaign'")[0][0])

    def events(self, shopify_id: int) -> list[str]:
        return [row[0] for row in self.rows("SELECT event_type FROM logs WHERE shopify_id = ? ORDER BY id", shopify_id)]


def on_a_server(place: dict[str, str]) -> dict[str, str]:
    """Return the address of the test's database, if it has one; a file lies in the installation's own folder."""
    return {name: value for name, value in place.items() if name == "DATABASE_URL"}


def mixed_orders(count: int, first: int = 1) -> list[dict[str, Any]]:
    """Return orders to many states, every third of them to Gujarat; each has a phone of its own."""
    return [
        make_order(number, state="Gujarat" if number % 3 == 0 else "Kerala") for number in range(first, first + count)
    ]
