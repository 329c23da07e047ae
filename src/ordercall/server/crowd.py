"""The connections that are open here, so that nobody keeps others from the last of them.

Granian closes a connection on which nothing is asked. It waits without end for whoever takes nothing of an answer, and
for whoever asks something small every few seconds.
"""

from __future__ import annotations

import math
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

STALL_SECONDS = 15.0
"""For the next part of an answer to be taken. A telephone that was in a lift asks again."""

CROWD = 0.5
"""The share of all connections from which on each is for one request. A day of many webhooks has some tens."""

LOOK_SECONDS = 0.05
"""Between two looks at how many are open: one takes half a millisecond where there are 2,000."""

FILES = Path("/dev/fd")
"""What this process has open, on Linux and on macOS."""

ENDS = ("connection", "close")


class Crowd:
    """Knows whether so many connections are open that each is to end with its next answer.

    Args:
        most: so many may be open at a time.
        clock: seconds that only ever grow.
    """

    def __init__(self, most: float = math.inf, clock: Callable[[], float] = time.monotonic) -> None:
        self._from = most * CROWD
        self._clock = clock
        self._looked_at = -math.inf
        self._is_there = False

    def last_words(self) -> list[tuple[str, str]]:
        """Return the header that an answer has beside its own; in a crowd it gives its connection to the next."""
        if (now := self._clock()) - self._looked_at > LOOK_SECONDS:
            self._looked_at = now
            try:
                self._is_there = len(_open_here()) >= self._from
            except OSError:  # no descriptor is left for the look
                self._is_there = True
        return [ENDS] if self._is_there else []


def end_what_stalls(seconds: float = STALL_SECONDS) -> bool:
    """Have the kernel end each connection that takes nothing for so long, of all that come from now on.

    It counts while something is sent and not confirmed, or the other side has no room for more; whoever takes an answer
    slowly confirms what they take. Connections have what the socket had at which they came. Only Linux can do it.

    Returns:
        Whether this process listens anywhere yet.
    """
    listening = list(_listening())
    for door in listening:
        with door:
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                door.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1_000))
    return bool(listening)


def _open_here() -> list[int]:
    with os.scandir(FILES) as files:
        return [int(file.name) for file in files]


def _listening() -> Iterator[socket.socket]:
    """Yield the TCP sockets at which this process listens, each by a descriptor of its own."""
    for descriptor in _open_here():
        try:
            one = socket.socket(fileno=os.dup(descriptor))
        except OSError:  # no socket, or the descriptor of the look itself
            continue
        if one.family != socket.AF_UNIX and one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            yield one
        else:
            one.close()
