"""A gate before the providers: a test holds requests back at the moment of an accident, or answers them itself."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, make_response, request
from flask.typing import ResponseReturnValue

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
        self._answers: dict[tuple[str, str], tuple[Any, int]] = {}
        self._answers_once: dict[tuple[str, str], tuple[Any, int]] = {}
        self._said_instead: dict[tuple[str, str], tuple[Any, int]] = {}
        self.answered = Counter[tuple[str, str]]()  # by the gate itself, by method and path
        app.before_request(self._pass)
        app.after_request(self._say)

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

    def answers(self, method: str, path: str, body: Any, status: int = 200) -> None:
        """Answer from now on in place of the sandbox, which hears nothing of these requests."""
        self._answers[method, path] = (body, status)

    def answers_once(self, method: str, path: str, body: Any, status: int = 200) -> None:
        """Answer the next such request in place of the sandbox, which does nothing."""
        self._answers_once[method, path] = (body, status)

    def says_once(self, method: str, path: str, body: Any, status: int = 200) -> None:
        """Let the next such request happen, and answer this in place of the sandbox's answer."""
        self._said_instead[method, path] = (body, status)

    def _say(self, response: Response) -> Response:
        body, status = self._said_instead.pop((request.method, request.path), (None, 0))
        return make_response(jsonify(body), status) if status else response

    def _pass(self) -> ResponseReturnValue | None:
        self._wait_until_opened()
        asked = request.method, request.path
        self.answered[asked] += asked in self._answers
        body, status = self._answers_once.pop(asked, None) or self._answers.get(asked, (None, 0))
        return (jsonify(body), status) if status else None

    def _wait_until_opened(self) -> None:
        if self._opened.is_set() or not self._closed():
            return
        address = request.remote_addr or ""
        with self._lock:
            self._waiting[address] += 1
        self._opened.wait(LONG)
        with self._lock:
            self._waiting[address] -= 1
