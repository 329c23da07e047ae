"""One machine's whole installation under one command: web, worker and, with nothing configured, the sandbox."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click
from flask import Flask
from flask.cli import run_command

from ordercall import create_app
from ordercall.config import Settings, read_environment, read_settings, wants_sandbox, with_sandbox
from ordercall.errors import ConfigurationError

STOP_SECONDS = 9.0
"""How long children may take to end; after it they are killed, within the ten seconds that the whole may take."""

WEB_THREADS = 64
"""Webhooks need few; a request that waits for a cancellation holds one for up to five seconds."""

LONGEST_PAUSE = 30.0
PARENT_PIPE = "ORDERCALL_PARENT_PIPE"

logger = logging.getLogger(__name__)


def prepare() -> Settings:
    """Settle the environment of this process and of those it starts, and return the settings.

    Raises:
        ConfigurationError: one or more settings are missing or wrong.
    """
    environment = read_environment()
    if wants_sandbox(environment):
        environment = with_sandbox(environment)
    environment.setdefault("FLASK_SECRET_KEY", "")
    settings = read_settings(environment)
    os.environ.update(environment | {"FLASK_SECRET_KEY": settings.flask_secret_key})
    return settings


def serve() -> int:
    """Run everything until SIGTERM or SIGINT; return the exit code."""
    settings = prepare()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _signal, _frame: stop.set())
    announce(settings)
    children = [Child("web"), *companions(settings)]
    return watch(children, stop)


def companions(settings: Settings) -> list[Child]:
    """Return the processes that belong beside the web process."""
    children = [Child("worker")] if settings.worker == "embedded" else []
    return [*children, Child("sandbox")] if settings.sandboxed else children


def watch(children: list[Child], stop: threading.Event) -> int:
    """Keep the children alive until *stop* is set or the web process ends, then end them all."""
    for child in children:
        child.start()
    code = 0
    while not stop.wait(0.2):
        web = next((child for child in children if child.name == "web" and child.ended()), None)
        if web:
            code = web.returncode or 1
            break
        for child in children:
            child.restart_if_ended()
    end(children)
    return code


def end(children: list[Child]) -> None:
    """Ask all children to end, and kill those that do not within the time."""
    for child in children:
        child.ask_to_end()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        child.wait_or_kill(max(deadline - time.monotonic(), 0.1))


class Child:
    """A process of this program: ``ordercall web``, ``worker`` or ``sandbox``.

    It holds one end of a pipe; when this process dies, however it dies, the pipe closes and the child ends.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._pause = 0.5

    def start(self) -> None:
        self._started = time.monotonic()
        command = [sys.executable, "-m", "ordercall", self.name]
        environment = os.environ | {PARENT_PIPE: "1"}
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)  # noqa: S603 - our own

    @property
    def returncode(self) -> int | None:
        return self._process.returncode if self._process else None

    def ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def restart_if_ended(self) -> None:
        """Start the process again if it ended by itself, with growing pauses while it keeps ending at once."""
        if not self.ended():
            return
        lived = time.monotonic() - self._started
        if lived < self._pause:
            return
        self._pause = 0.5 if lived > LONGEST_PAUSE else min(self._pause * 2, LONGEST_PAUSE)
        logger.error("the %s ended with code %s; it is started again", self.name, self.returncode)
        self._close_pipe()
        self.start()

    def ask_to_end(self) -> None:
        if self._process and not self.ended():
            self._process.send_signal(signal.SIGTERM)

    def wait_or_kill(self, seconds: float) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            logger.warning("the %s did not end in time and is killed", self.name)
            self._process.kill()
            self._process.wait()
        self._close_pipe()

    def _close_pipe(self) -> None:
        if self._process and self._process.stdin:
            self._process.stdin.close()


def end_with_parent() -> None:
    """In a child: end as after SIGTERM when the parent is gone."""
    if os.environ.get(PARENT_PIPE):
        threading.Thread(target=_wait_for_parents_end, name="parent", daemon=True).start()


def _wait_for_parents_end() -> None:
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def refuse_taken_port(settings: Settings) -> None:
    """Say that the port is taken in a sentence, before the server says it in a trace.

    Raises:
        ConfigurationError: nothing can listen at HOST and PORT.
    """
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        where = f"HOST is {settings.host} and PORT is {settings.port}"
        raise ConfigurationError([f"{where}, and nothing can listen there: {error.strerror or error}."]) from error


def run_web(settings: Settings, application: str = "ordercall.serve:web_application") -> None:
    """Serve the web application with granian until SIGTERM or SIGINT.

    Args:
        application: where the function stands that makes it; the bench serves others in just the same way.
    """
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        application,
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        blocking_threads=WEB_THREADS,
        workers=1,
        workers_kill_timeout=7,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
    ).serve()


def web_application() -> Flask:
    """Return the application in the process that granian makes for it; it ends with the installation too."""
    end_with_parent()
    return create_app()


def announce(settings: Settings) -> None:
    """Say on the terminal where to look."""
    click.echo(f"Ordercall: http://localhost:{settings.port}")
    if settings.default_password and not settings.production:
        click.echo("  log in with admin / admin (this machine only; set ADMIN_PASSWORD for others)")
    if settings.sandboxed:
        click.echo(f"  sandbox: http://localhost:{settings.sandbox_port}")
        click.echo("  Kalimera and Shopify are not set up, so the sandbox plays both: nobody is really called.")
    elif settings.missing_for_calls:
        click.echo(f"  orders are stored but nobody is called: {', '.join(settings.missing_for_calls)} missing")


@contextmanager
def beside(settings: Settings) -> Iterator[None]:
    """Run the companions beside a web server that somebody else started."""
    stop = threading.Event()
    keeper = threading.Thread(target=watch, args=(companions(settings), stop), name="companions")
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def _default(name: str, otherwise: str) -> str:
    return os.environ.get(name, "").strip() or otherwise


def _run_with_companions(**options: object) -> None:
    """Run Flask's development server, with worker and sandbox beside it."""
    settings = prepare()
    if os.environ.get("WERKZEUG_RUN_MAIN"):  # the reloader's child: its parent has started the companions
        run_command.callback(**options)  # type: ignore[misc]
        return
    signal.signal(signal.SIGTERM, _as_interrupt)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # its request lines hold what people searched for
    announce(settings)
    with beside(settings):
        run_command.callback(**options)  # type: ignore[misc]


def _as_interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _host_and_port(parameter: click.Parameter) -> click.Parameter:
    """Let ``flask run`` take HOST and PORT from the environment, as every other way of starting does."""
    if parameter.name == "host":
        parameter.default = lambda: _default("HOST", "127.0.0.1")
    if parameter.name == "port":
        parameter.default = lambda: int(_default("PORT", "5000"))
    return parameter


flask_run = click.Command(
    "run",
    callback=click.pass_context(lambda _context, **options: _run_with_companions(**options)),
    params=[_host_and_port(parameter) for parameter in run_command.params],
    help=run_command.help,
)
