"""``flask run``: Flask's development server, with worker and sandbox beside it."""

from __future__ import annotations

import logging
import os
import signal
from types import FrameType

import click
from flask.cli import run_command

from ordercall.companions import beside
from ordercall.serve import announcing, prepare


def _run_with_companions(**options: object) -> None:
    settings = prepare()
    if os.environ.get("WERKZEUG_RUN_MAIN"):  # the reloader's child: its parent has started the companions
        run_command.callback(**options)  # type: ignore[misc]
        return
    signal.signal(signal.SIGTERM, _as_interrupt)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # its request lines hold what people searched for
    with beside(settings), announcing(settings, sandbox=settings.sandboxed):
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


def _default(name: str, otherwise: str) -> str:
    return os.environ.get(name, "").strip() or otherwise


flask_run = click.Command(
    "run",
    callback=click.pass_context(lambda _context, **options: _run_with_companions(**options)),
    params=[_host_and_port(parameter) for parameter in run_command.params],
    help=run_command.help,
)
