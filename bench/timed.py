"""How long a database is at work inside of this process: SQLite has no other place to work in."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine

AT_WORK = frozenset({"execute", "executemany", "fetchone", "fetchmany", "fetchall"})


class Stopwatch:
    """Adds up the processor time that an engine's cursors take to carry out statements and to fetch their rows."""

    def __init__(self, engine: Engine) -> None:
        self.milliseconds = 0.0
        self._make_cursors_of(engine)

    def time(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            started = time.thread_time()
            try:
                return method(*arguments)
            finally:
                self.milliseconds += (time.thread_time() - started) * 1_000

        return timed

    def _make_cursors_of(self, engine: Engine) -> None:
        stopwatch, context = self, engine.dialect.execution_ctx_cls

        class Context(context):  # type: ignore[misc, valid-type]
            def create_cursor(self) -> Any:
                return Timed(super().create_cursor(), stopwatch)

        engine.dialect.execution_ctx_cls = Context


class Timed:
    """A cursor under a stopwatch."""

    def __init__(self, cursor: Any, stopwatch: Stopwatch) -> None:
        self._cursor = cursor
        self._stopwatch = stopwatch

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._cursor, name)
        return self._stopwatch.time(value) if name in AT_WORK else value
