"""A gate before the providers, so that a test knows who waits for an answer at the moment of an accident."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from flask import Flask, request
from network import Host

LONGEST_SECONDS = 60.0
"""After this a request goes through whatever happens, so that a test that failed ends."""


class Gate:
    """Lets requests to a sandbox through while it is open. Who comes to a closed one waits, and nothing is done yet.

    Args:
        app: the sandbox.
    """

    def __init__(self, app: Flask) -> None:
        self._opened = threading.Event()
        self._opened.set()
        self._closes: Callable[[], bool] = bool
        self._lock = threading.Lock()
        self._waiting: Counter[str] = Counter()
        app.before_request(self._pass)

    def close_when(self, closes: Callable[[], bool]) -> None:
        """Keep every request waiting that finds *closes* true when it comes."""
        self._closes = closes
        self._opened.clear()

    def open(self) -> None:
        """Let those through who wait, and all others."""
        self._opened.set()

    def waiting(self, host: Host) -> int:
        """Return how many requests of this host wait."""
        with self._lock:
            return self._waiting[host.address]

    def _pass(self) -> None:
        if self._opened.is_set() or not self._closes():
            return
        address = request.remote_addr or ""
        with self._lock:
            self._waiting[address] += 1
        self._opened.wait(LONGEST_SECONDS)
        with self._lock:
            self._waiting[address] -= 1
