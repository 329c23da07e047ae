"""How the log is written: lines for people, or one JSON object a line for whoever collects them.

What is raised is told by its kind and place. Its message stays out of the log, but for errors of our own, whose words
are chosen: that of a database or of a parser may quote a phone or an address.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from ordercall import trail
from ordercall.errors import OrdercallError

TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
ESCAPED = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)}
"""What would begin a line that nobody logged, or give a terminal orders."""
JSON = "json"

logger = logging.getLogger(__name__)

type ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

MOST_CAUSES = 5
"""Of an error that are told; a chain of errors is short, unless it is a circle."""

GRANIAN = {"handlers": [], "propagate": True}
TO_THE_SAME_PLACE: dict[str, Any] = {
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": dict(GRANIAN), "granian.access": dict(GRANIAN)},
}


def write_logs(form: str) -> None:
    """Write what is logged in this process to standard error, in this form: text or json."""
    root = logging.getLogger()
    if not root.handlers:  # or somebody else collects them, as a test does
        root.addHandler(logging.StreamHandler(sys.stderr))
        root.setLevel(logging.INFO)
    for handler in root.handlers:
        if type(handler) is logging.StreamHandler:
            handler.setFormatter(JsonLines() if form == JSON else TextLines(TEXT))
    for noisy in ("procrastinate", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    trail.logger.setLevel(logging.INFO if form == JSON else logging.WARNING)
    sys.excepthook = _log_the_end
    threading.excepthook = _log_the_end_of_a_thread


def _log_the_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logger.critical("the process ends by a fault", exc_info=(kind, error, trace))


def _log_the_end_of_a_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not issubclass(ended.exc_type, SystemExit):
        name = ended.thread.name if ended.thread else "without a name"
        raised = (ended.exc_type, ended.exc_value, ended.exc_traceback)
        logger.critical("the thread %s ends by a fault", name, exc_info=raised)


class TextLines(logging.Formatter):
    """A line for a person; what it is about ends it, where the line does not say so itself."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002 - logging calls it so
        return datetime.fromtimestamp(record.created).astimezone().isoformat(" ", "milliseconds")

    def formatMessage(self, record: logging.LogRecord) -> str:
        line, about = super().formatMessage(record).translate(ESCAPED), _about(record)
        return f"{line} [{about}]" if about and about not in line else line

    def formatException(self, ei: Any) -> str:
        return without_messages(ei)


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "correlation_id": _about(record),
            "process": record.process,
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = without_messages(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=str)


def without_messages(raised: ExceptionInfo) -> str:
    """Return where something was raised and what kind it is, and the same of what caused it."""
    error = raised[1]
    said: list[str] = []
    while error is not None and len(said) < MOST_CAUSES:
        where = "".join(traceback.format_tb(error.__traceback__))
        words = f": {error}" if isinstance(error, OrdercallError) else ""
        said.append(f"{where}{type(error).__module__}.{type(error).__qualname__}{words}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nwhich came of\n".join(said)


def _about(record: logging.LogRecord) -> str:
    """Return what a line is about: as it says, as its thread does, or as the job does that Procrastinate tells of."""
    job = getattr(record, "job", None)
    of_job = trail.of_job(job.get("task_kwargs") or {}) if isinstance(job, dict) else ""
    return getattr(record, "about", "") or trail.current() or of_job
