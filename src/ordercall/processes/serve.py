"""One machine's whole installation under one command: web, worker and, with nothing configured, the sandbox."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import TYPE_CHECKING, Any

import click
from setproctitle import getproctitle, setproctitle

from ordercall.config import LOCAL_NAME, SANDBOXED, Settings, read_settings
from ordercall.env_file import read_environment
from ordercall.processes.companions import PROCESSES, Command, be_a_child, beside
from ordercall.processes.descriptors import allow_connections
from ordercall.processes.ports import find_local_name
from ordercall.processes.pulse import beat
from ordercall.processes.sandbox_settings import wants_sandbox, with_sandbox

if TYPE_CHECKING:
    from ordercall.server.application import ServerApplication

LOOK_SECONDS = 0.05
"""Between two looks whether the web server answers: nobody sees that its address came so much later."""
ANSWER_SECONDS = 2.0
"""For one answer. A first one that takes longer is asked for again; an end has to wait for it."""


def prepare(*, alone: bool = False) -> Settings:
    """Settle the environment of this process and of those it starts, and return the settings.

    Args:
        alone: nobody starts the sandbox beside this process, so it does without.

    Raises:
        ConfigurationError: one or more settings are missing or wrong.
        DatabaseUnusable: nobody can see whose orders are in the database.
    """
    environment = read_environment()
    if not alone and wants_sandbox(environment):
        from ordercall.bootstrap.demo import holds_real_orders  # late: it loads the database

        real = holds_real_orders(read_settings(environment))
        environment = environment | {SANDBOXED: "0"} if real else with_sandbox(environment)
    environment.setdefault("FLASK_SECRET_KEY", "")
    settings = read_settings(environment)
    if LOCAL_NAME not in environment:
        settings = replace(settings, local_name=find_local_name(settings))
    settled = {"FLASK_SECRET_KEY": settings.flask_secret_key, LOCAL_NAME: settings.local_name}
    os.environ.update(environment | settled)
    return settings


def serve(settings: Settings, command: Command, missing: Collection[str]) -> None:
    """Run everything until SIGTERM or SIGINT; *command* runs the commands of the processes beside the web.

    Args:
        missing: the settings without which nobody is called.
    """
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _signal, _frame: sys.exit())  # until the web server hears them itself
    gc.freeze()  # or a collection in a child writes to all that it shares with the others, which copies 16 MB
    with beside(settings, command) as stop, announcing(settings, missing, sandbox=settings.sandboxed):
        run_web(settings, ending=stop.set)


@contextmanager
def announcing(settings: Settings, missing: Collection[str] = (), *, sandbox: bool) -> Iterator[None]:
    """Say on the terminal where to look once the web server of the block answers there, or that it ended before.

    Args:
        missing: the settings without which nobody is called. They are known before: this process forks meanwhile, and
            opens no database then.
        sandbox: whether the sandbox runs as well.
    """
    over = threading.Event()
    looking = threading.Thread(
        target=_announce_what_answers, args=(settings, missing, sandbox, over), name="announcement"
    )
    looking.start()
    try:
        yield
    except SystemExit as end:
        if end.code:
            what = (
                "did not start: its web process ended before it answered"
                if looking.is_alive()
                else "ended: its web process cannot start again"
            )
            click.echo(f"Ordercall {what}; why is said above.", err=True)
        raise
    finally:
        over.set()
        looking.join()


def _announce_what_answers(settings: Settings, missing: Collection[str], sandbox: bool, over: threading.Event) -> None:
    while not _answers(settings.host, settings.port):
        if over.wait(LOOK_SECONDS):
            return
    announce(settings, missing, sandbox=sandbox)


def _answers(host: str, port: int) -> bool:
    """Return whether HTTP is spoken there. Every address to listen at is one to connect to, 0.0.0.0 and :: too.

    This process forks meanwhile. A name to look up, or a module to load, would take a lock that its child never opens.
    """
    try:
        with socket.create_connection((host, port), timeout=ANSWER_SECONDS) as connection:
            connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            return connection.recv(5) == b"HTTP/"
    except OSError:
        return False


def announce(settings: Settings, missing: Collection[str], *, sandbox: bool) -> None:
    """Say on the terminal where to look."""
    click.echo(f"Ordercall: {settings.local_url}")
    if settings.default_password and not settings.production:
        click.echo("  log in with admin / admin (this machine only; set ADMIN_PASSWORD for others)")
    if sandbox:
        click.echo(f"  sandbox: {settings.sandbox_url}")
        click.echo("  Kalimera and Shopify are not set up, so the sandbox plays both: nobody is really called.")
    elif os.environ.get(SANDBOXED) == "0" and not settings.production:
        click.echo(
            "  Nobody is called: Kalimera and Shopify are not set up, and the sandbox stays out of a database with"
        )
        click.echo("  orders that it did not place. To try it, set DATABASE_PATH=sandbox.db and no DATABASE_URL.")
    elif missing:
        click.echo(f"  orders are stored but nobody is called: {', '.join(missing)} missing")


def run_web(
    settings: Settings,
    application: str = "ordercall.processes.serve:web_application",
    *,
    ending: Callable[[], None] = lambda: None,
) -> None:
    """Serve the web application with granian until SIGTERM or SIGINT.

    This process only watches; granian makes another one that serves, and makes it again if it dies.

    Args:
        application: where the function stands that makes it; the bench serves others in just the same way.
        ending: called as soon as the signal comes; the requests under way may take some seconds longer.

    Raises:
        SystemExit: the process that serves died at once, and its successor too.
    """
    from granian.constants import Loops

    from ordercall.processes.web_server import Server, log_options
    from ordercall.server.options import http_options

    # Granian takes Python's usual way, which is no fork from 3.14 on: nothing that is loaded here would be shared.
    multiprocessing.set_start_method(PROCESSES.get_start_method(), force=True)
    server = Server(
        application,
        factory=True,
        loop=Loops.uvloop,  # by name: what is left to granian is rloop wherever that is installed
        address=settings.host,
        port=settings.port,
        workers=1,
        workers_kill_timeout=7,
        respawn_failed_workers=True,
        process_name=getproctitle(),
        **log_options(settings.log_format),
        **http_options(allow_connections()),
    )
    server.on_startup(lambda: _at_a_signal(ending))  # granian listens to signals by then
    server.serve_and_watch()


def _at_a_signal(also: Callable[[], None]) -> None:
    """Do one thing more at a signal that ends this process."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _both(also, signal.getsignal(name)))


def _both(also: Callable[[], None], usual: Any) -> Callable[[int, FrameType | None], None]:
    def handle(number: int, frame: FrameType | None) -> None:
        also()
        usual(number, frame)

    return handle


def web_application() -> ServerApplication:
    """Return what is served in the process that granian makes for it."""
    from ordercall.bootstrap.web import create_server_application  # late: it loads granian and Flask

    setproctitle("ordercall web")
    be_a_child()
    return create_server_application(beat, allow_connections())
