"""Runs the sandbox over real HTTP: in a thread for tests, or as the command ``ordercall sandbox``."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Any, Self

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app


class Handler(WSGIRequestHandler):
    """Answers many requests on one connection, which werkzeug's own handler does not.

    It may, because the sandbox reads every body to its end before it answers.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        self.environ = self.make_environ()
        chunks, status, headers = run_wsgi_app(self.server.app, self.environ, buffered=True)
        body = b"".join(chunks)
        code, _, words = status.partition(" ")
        self.send_response(int(code), words)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing: the page shows the calls, and addresses may hold phones."""


class Server(ThreadedWSGIServer):
    """Knows its open connections, so that stopping it leaves none that still answers."""

    def __init__(self, host: str, port: int, app: Flask) -> None:
        with socket.create_server((host, port), backlog=128) as listening:
            super().__init__(host, port, app, handler=Handler, fd=listening.fileno())
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        with getattr(self, "_open_lock", threading.Lock()):
            for connection in getattr(self, "_open", ()):
                _end(connection)


class RunningSandbox:
    """A sandbox that listens; as a context manager it stops at the end of the block."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self.app = app
        self._server = Server(host, port, app)
        self.url = f"http://{host}:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="sandbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and end every open connection."""
        self._server.shutdown()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def run_in_thread(sandbox_app: Flask, host: str = "127.0.0.1", port: int = 0) -> RunningSandbox:
    """Serve the sandbox from a thread of this process and return it, listening already.

    Args:
        sandbox_app: what :func:`ordercall.sandbox.app.create_sandbox` returned.
        host: the address to listen on.
        port: 0 takes any free port; ``.url`` says which.

    Raises:
        OSError: the port is taken.
    """
    return RunningSandbox(sandbox_app, host, port)


def _end(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # ended by the other side already
