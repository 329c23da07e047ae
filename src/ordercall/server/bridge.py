"""The bridge to a WSGI application: requests that the event loop has read, answered in threads.

A thread is taken when the whole body is there and given back when the answer is made, so whoever sends or reads slowly
holds none. Libraries for this have no limits of their own, and take 15 to 50 % of a page's time (asgiref).
"""

from __future__ import annotations

import asyncio
import io
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec
from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope

from ordercall.intake.reception import refusal
from ordercall.server.bodies import BODY_SECONDS, Bodies, BodyRefused, BodyTooLarge
from ordercall.server.crowd import Crowd
from ordercall.server.requests import announced_length
from ordercall.server.stream import Answer, pour

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

LARGEST_BODY = 1024 * 1024
"""What the application takes as a form; it is asked for its own refusal of anything larger."""

THREADS = 32
"""A request that waits for a cancellation in Shopify holds one for five seconds; a page takes 30 ms of one."""

MOST_WAITING = 256
"""Requests that have a thread or wait for one: about five seconds of pages. What comes then is refused at once."""

STREAMS = 4
"""Exports that run at a time; a slow reader holds one."""

LONGEST_WHOLE = 1024 * 1024
"""A longer answer is sent while it is made. The longest page of the program has 300 KB."""

BUSY = BodyRefused(503, "TooBusy", "Too many requests wait to be answered; send it again.")


class Bridge:
    """Answers requests with a WSGI application.

    Args:
        crowd: the connections that are open.
    """

    def __init__(self, application: WSGIApplication, bodies: Bodies, crowd: Crowd) -> None:
        self._application = application
        self._bodies = bodies
        self._crowd = crowd
        self._threads = ThreadPoolExecutor(THREADS, "page")
        self._streams = ThreadPoolExecutor(STREAMS, "export")
        self._waiting = 0
        self._answered = 0

    def progress(self) -> int | None:
        """Return how many requests were answered, or None while none waits for it, for a ``ProgressWatch``."""
        return self._answered if self._waiting else None

    async def answer(self, scope: Scope, protocol: HTTPProtocol) -> None:
        announced = announced_length(scope)
        try:
            if announced == 0:
                await self._run(scope, protocol, b"")
            else:
                until = asyncio.get_running_loop().time() + BODY_SECONDS
                async with self._bodies.read(protocol, announced, LARGEST_BODY, until=until) as body:
                    await self._run(scope, protocol, body)
        except BodyTooLarge:
            await self._run(scope, protocol, b"", length=LARGEST_BODY + 1)
        except BodyRefused as refused:
            self._refuse(scope, protocol, refused)
        except ProtocolClosed:
            return

    async def _run(self, scope: Scope, protocol: HTTPProtocol, body: bytes, *, length: int | None = None) -> None:
        if self._waiting >= MOST_WAITING:
            self._refuse(scope, protocol, BUSY)
            return
        environ = make_environ(scope, body, len(body) if length is None else length)
        loop = asyncio.get_running_loop()
        self._waiting += 1
        try:
            answer = await loop.run_in_executor(self._threads, run, self._application, environ)
        finally:
            self._waiting -= 1
            self._answered += 1
        answer.headers += self._crowd.last_words()
        if answer.body is not None:
            protocol.response_bytes(answer.status, answer.headers, answer.body)
        else:
            await loop.run_in_executor(self._streams, pour, protocol, answer)

    def _refuse(self, scope: Scope, protocol: HTTPProtocol, refused: BodyRefused) -> None:
        """Refuse a request in the form that its sender can read; the application is not asked."""
        if scope.path.startswith("/api/"):
            told = refusal(refused.status, refused.code, str(refused)).body
            kind, body = "application/json", msgspec.json.encode(told)
        else:
            kind, body = "text/plain; charset=utf-8", str(refused).encode()
        headers = [("content-type", kind), ("cache-control", "no-store"), ("retry-after", "1")]
        protocol.response_bytes(refused.status, headers + self._crowd.last_words(), body + b"\n")


def run(application: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """Return the answer of an application: whole, or what it is to be poured from where that is long or nobody knows.

    A middleware may begin its answer only with the first part; ours do not.
    """
    begun: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Any:
        begun[:] = [int(status[:3]), headers]
        return begun.append

    parts = application(environ, start_response)
    status, headers = begun
    answer = Answer(status, headers, parts)
    if environ["REQUEST_METHOD"] == "HEAD" or status in (204, 304) or answer.length <= LONGEST_WHOLE:
        answer.join()
    return answer


def make_environ(scope: Scope, body: bytes, length: int) -> WSGIEnvironment:
    """Return what PEP 3333 wants to know of a request.

    Args:
        length: of the body. A refused one is not there, and longer than any that the application takes.
    """
    server, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    _add_headers(environ, scope)
    environ.pop("HTTP_TRANSFER_ENCODING", None)  # the body is whole by now
    environ["CONTENT_LENGTH"] = str(length)
    return environ


def _add_headers(environ: WSGIEnvironment, scope: Scope) -> None:
    """Add the headers by their CGI names; one with an underscore could pass for another, as X_Forwarded_For."""
    for name, value in scope.headers.items():
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        between = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{between}{value}" if key in environ else value
    environ.setdefault("HTTP_HOST", scope.authority or "")
