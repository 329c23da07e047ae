"""``flask run``: Flask's development server, with worker and sandbox beside it."""

from __future__ import annotations

import logging
import os
import re
import signal
from types import FrameType
from typing import Any

import click
from flask.cli import run_command
from flask.helpers import get_debug_flag

from ordercall.cli import main, see_that_it_can_serve
from ordercall.errors import ConfigurationError, OrdercallError
from ordercall.processes.companions import beside
from ordercall.processes.serve import announcing, prepare

PAST_THE_PATH = re.compile(r"[?(][^\x1b]*")
"""A query, or the words of a request line that nobody can read; what colours a line ends with an escape."""


def _run(**options: Any) -> None:
    try:
        _run_with_companions(options)
    except OrdercallError as error:
        raise click.ClickException(str(error)) from error


def _run_with_companions(options: dict[str, Any]) -> None:
    os.environ |= {name.upper(): str(options[name]) for name in ("host", "port") if options[name] is not None}
    settings = prepare()
    options |= {"host": settings.host, "port": settings.port}
    logging.getLogger("werkzeug").addFilter(without_queries)
    if os.environ.get("WERKZEUG_RUN_MAIN"):  # the reloader's child: its parent has started the companions
        run_command.callback(**options)  # type: ignore[misc]
        return
    if settings.production and get_debug_flag():
        raise ConfigurationError(
            ["flask run --debug shows what it knows of customers; set APP_ENV=development for it."]
        )
    missing = see_that_it_can_serve(settings, sandbox=settings.sandboxed)
    signal.signal(signal.SIGTERM, _as_interrupt)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # or it names an address before it answers there
    with beside(settings, main), announcing(settings, missing, sandbox=settings.sandboxed):
        run_command.callback(**options)  # type: ignore[misc]


def without_queries(record: logging.LogRecord) -> bool:
    """Keep of a request's line the path: what people search for is phones and e-mail addresses."""
    if " - - [" in str(record.msg) and isinstance(record.args, tuple):
        record.args = tuple(PAST_THE_PATH.sub("…", arg) if isinstance(arg, str) else arg for arg in record.args)
    return True


def _as_interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _from_the_settings(parameter: click.Parameter) -> click.Parameter:
    """Leave HOST and PORT to the settings, unless ``flask run`` is told otherwise."""
    if parameter.name in {"host", "port"}:
        parameter.default = None
    return parameter


flask_run = click.Command(
    "run",
    callback=click.pass_context(lambda _context, **options: _run(**options)),
    params=[_from_the_settings(parameter) for parameter in run_command.params],
    help=run_command.help,
)
