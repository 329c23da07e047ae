"""What the two fake providers share: a record of every call, and the switches that break them on purpose."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Any

from flask import Blueprint, Response, g, jsonify, request
from flask.typing import ResponseReturnValue

from ordercall.sandbox.faults import COMMON, Fault

Clock = Callable[[], datetime]


class Mode(StrEnum):
    """How a fake provider treats a call. The answers of those that do no work are in its ``faults``."""

    NORMAL = "normal"
    SLOW = "slow"  # waits slow_seconds, then does the work and answers
    FAILING = "failing"  # 500, and nothing is done
    BUSY = "busy"  # 503, and nothing is done
    THROTTLED = "throttled"  # 429 with Retry-After, and nothing is done
    LOST = "lost"  # does the work, then ends the connection without an answer
    DOWN = "down"  # ends the connection before any work


@dataclass(slots=True)
class Call:
    """One request to a provider. ``status`` is None while it is under way and when no answer was sent."""

    at: float
    method: str
    path: str
    body: Any
    mode: str
    status: int | None = None


class FakeProvider:
    """A provider that runs in this process, with the switches that break it.

    The attributes may be set from any thread, at any time; they hold for the calls that arrive afterwards.

    Attributes:
        faults: the answers that it can give instead of doing any work, by their modes.
        mode: how calls are treated: a :class:`Mode`, or one of ``faults``.
        slow_seconds: the wait of ``Mode.SLOW``.
        lost_seconds: the wait of ``Mode.LOST`` before it ends the connection. More than the caller's timeout makes
            the caller give up by itself.
        retry_after: the seconds of ``Retry-After``.
        delay: seconds that every call takes, in every mode.
        clock: the present, aware.
        on_call: called with each :class:`Call` that arrives, before anything is done about it.
    """

    name = "provider"
    faults: Mapping[str, Fault] = COMMON

    def __init__(self, *, clock: Clock | None = None, keep_calls: int | None = None) -> None:
        """Args: clock: the present, aware. keep_calls: how many calls to remember (default: all)."""
        self.mode: str = Mode.NORMAL
        self.slow_seconds = 3.0
        self.lost_seconds = 0.0
        self.retry_after = 2.0
        self.delay = 0.0
        self.on_call: list[Callable[[Call], None]] = []
        self.clock = clock or partial(datetime.now, UTC)
        self._lock = threading.RLock()
        self._calls: deque[Call] = deque(maxlen=keep_calls)
        self._next: deque[str] = deque()

    @property
    def calls(self) -> list[Call]:
        """A copy of the remembered calls, oldest first."""
        with self._lock:
            return [replace(call) for call in self._calls]

    @property
    def busiest_second(self) -> int:
        """The most calls that arrived within one calendar second."""
        counts = Counter(int(call.at) for call in self.calls)
        return max(counts.values(), default=0)

    def fail_next(self, calls: int, mode: str) -> None:
        """Treat exactly the next *calls* calls by *mode*, whatever ``mode`` is.

        Raises:
            ValueError: there is no such mode.
        """
        self.check(mode)
        with self._lock:
            self._next.extend([mode] * calls)

    def switch(self, mode: str) -> None:
        """Treat all calls by *mode* from now on, also those that :meth:`fail_next` was for.

        Raises:
            ValueError: there is no such mode.
        """
        self.check(mode)
        with self._lock:
            self._next.clear()
            self.mode = mode

    def check(self, mode: str) -> None:
        """Raise ValueError unless this provider knows *mode*."""
        known = list(dict.fromkeys([*Mode, *self.faults]))
        if mode not in known:
            raise ValueError(f"mode must be one of {', '.join(known)}.")

    def forget_calls(self) -> None:
        """Empty the record of calls."""
        with self._lock:
            self._calls.clear()

    def blueprint(self) -> Blueprint:
        """Return the routes, to be mounted below any prefix."""
        bp = Blueprint(self.name, __name__)
        bp.before_request(self._arrive)
        bp.after_request(self._leave)
        self.add_routes(bp)
        return bp

    def add_routes(self, bp: Blueprint) -> None:
        """Add the provider's own routes."""
        raise NotImplementedError

    def refusal(self) -> ResponseReturnValue | None:
        """Return the refusal of a request that may not come in, or None."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """Return the state, for tests in other processes."""
        with self._lock:
            return {
                "mode": self.mode,
                "next": list(self._next),
                "slow_seconds": self.slow_seconds,
                "lost_seconds": self.lost_seconds,
                "retry_after": self.retry_after,
                "delay": self.delay,
                "busiest_second": self.busiest_second,
                "calls": [asdict(call) for call in self._calls],
            }

    def _arrive(self) -> ResponseReturnValue | None:
        call = g.call = self._remember()
        for listener in list(self.on_call):
            listener(call)
        time.sleep(self.delay + (self.slow_seconds if call.mode == Mode.SLOW else 0.0))
        if call.mode == Mode.DOWN:
            return _dropped()
        fault = self.faults.get(call.mode)
        return self.fault_answer(fault) if fault else self.refusal()

    def fault_answer(self, fault: Fault) -> ResponseReturnValue:
        """Return what *fault* answers."""
        wait = {"Retry-After": fault.retry_after.format(self.retry_after)} if fault.retry_after else {}
        body = fault.body if isinstance(fault.body, str) else jsonify(fault.body)
        return body, fault.status, {**fault.headers, **wait}

    def _remember(self) -> Call:
        body = request.get_json(silent=True) if request.get_data() else None
        path = request.full_path.rstrip("?")
        with self._lock:
            mode = self._next.popleft() if self._next else self.mode
            call = Call(time.time(), request.method, path, body, mode)
            self._calls.append(call)
        return call

    def _leave(self, response: Response) -> Response:
        call: Call | None = g.get("call")  # None: the request was refused before it came here
        if call is None or call.mode == Mode.DOWN:
            return response
        if call.mode == Mode.LOST:
            time.sleep(self.lost_seconds)
            return _dropped()
        call.status = response.status_code
        return response


def json_object() -> dict[str, Any]:
    """Return the request's JSON object; anything else counts as an empty one."""
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _dropped() -> Response:
    """End the TCP connection under the request, so that the caller never sees an answer.

    The server keeps the socket in the WSGI environment. After its shutdown the caller reads an end of file in place of
    the status line, and writing the response fails silently.

    Raises:
        ConnectionResetError: there is no socket, as with Flask's test client.
    """
    connection: socket.socket | None = request.environ.get("werkzeug.socket")
    if connection is None:
        raise ConnectionResetError("the sandbox ended the connection")
    connection.shutdown(socket.SHUT_RDWR)
    return Response(status=500)
