"""A gate before the providers, so that a test knows who waits for an answer at the moment of an accident."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from flask import Flask, request

from waiting import LONG

LOOPBACK = "127.0.0.1"


class Gate:
    """Lets requests to a sandbox through while it is open. Who comes to a closed one waits, and nothing is done yet.

    Args:
        app: the sandbox.
    """

    def __init__(self, app: Flask) -> None:
        self._opened = threading.Event()
        self._opened.set()
        self._closed: Callable[[], bool] = lambda: True
        self._lock = threading.Lock()
        self._waiting: Counter[str] = Counter()
        app.before_request(self._pass)

    def close(self, when: Callable[[], bool] = lambda: True) -> None:
        """Keep every request waiting that finds *when* true as it comes."""
        self._closed = when
        self._opened.clear()

    def open(self) -> None:
        """Let those through who wait, and all others."""
        self._opened.set()

    def waiting(self, address: str = LOOPBACK) -> int:
        """Return how many requests of the host with this address wait."""
        with self._lock:
            return self._waiting[address]

    def _pass(self) -> None:
        if self._opened.is_set() or not self._closed():
            return
        address = request.remote_addr or ""
        with self._lock:
            self._waiting[address] += 1
        self._opened.wait(LONG)
        with self._lock:
            self._waiting[address] -= 1
