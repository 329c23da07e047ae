"""Answers, and how a long one is sent while it is made.

What is given to granian's own stream piles up in memory when its reader is slow: 200 MB of an export in two seconds. So
a long answer goes through a named pipe, which granian reads like a file as fast as its client takes it; the pipe makes
the thread wait that writes into it.
"""

from __future__ import annotations

import logging
import os
import select
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from errno import ENXIO
from pathlib import Path

from granian.rsgi import HTTPProtocol

OPEN_SECONDS = 5.0
"""For granian to open the pipe, which it does at once; never where the client has gone meanwhile."""

STALL_SECONDS = 30.0
"""A client that takes nothing for so long is gone, whatever TCP thinks."""

LOOK_SECONDS = 0.002
"""Between two looks whether the pipe is open at its other end."""

logger = logging.getLogger(__name__)


class Answer:
    """What an application answers. ``body`` is None as long as nobody has asked for all of it."""

    def __init__(self, status: int, headers: list[tuple[str, str]], parts: Iterable[bytes]) -> None:
        self.status = status
        self.headers = headers
        self.body: bytes | None = None
        self._parts = parts

    @property
    def length(self) -> float:
        """Bytes that it announces; without end where it does not."""
        return next((int(value) for name, value in self.headers if name.lower() == "content-length"), float("inf"))

    def join(self) -> None:
        self.body = b"".join(self)

    def __iter__(self) -> Iterator[bytes]:
        """Yield its parts, and close it as PEP 3333 wants, however that ends."""
        try:
            yield from self._parts
        finally:
            if close := getattr(self._parts, "close", None):
                close()


def pour(protocol: HTTPProtocol, answer: Answer) -> None:
    """Send an answer as it is made. Its client may go whenever it likes."""
    parts = iter(answer)
    try:
        with tempfile.TemporaryDirectory(prefix="ordercall-") as folder:
            path = Path(folder) / "answer"
            os.mkfifo(path, 0o600)
            protocol.response_file(answer.status, answer.headers, str(path))
            with _opened(path) as pipe:
                for part in parts:
                    _write(pipe, part)
    except OSError as error:
        logger.info("an answer was not taken to its end (%s)", type(error).__name__)
    except Exception as error:  # noqa: BLE001 - whatever it is, its status has left, and its words may hold a row's values
        logger.error("an answer could not be made to its end (%s)", type(error).__name__)
    finally:
        parts.close()  # type: ignore[attr-defined]


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open a pipe to write into it, as soon as somebody reads from it."""
    deadline = time.monotonic() + OPEN_SECONDS
    while (pipe := _try_to_open(path)) is None:
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(LOOK_SECONDS)
    try:
        yield pipe
    finally:
        os.close(pipe)


def _try_to_open(path: Path) -> int | None:
    try:
        return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno != ENXIO:  # nobody reads from it yet
            raise
        return None


def _write(pipe: int, part: bytes) -> None:
    room, rest = select.poll(), memoryview(part)
    room.register(pipe, select.POLLOUT)
    while rest:
        if not room.poll(STALL_SECONDS * 1_000):
            raise TimeoutError
        rest = rest[os.write(pipe, rest) :]
