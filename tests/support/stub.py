"""A provider that answers whatever a test says, over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from waiting import LONG


class Stub:
    """A provider that answers everything as a test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.forget()
        stub = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # headers and body leave together; apart, the second waits 40 ms for the first

            def answer(self) -> None:
                stub.requests.append(
                    (
                        self.command,
                        self.path,
                        dict(self.headers),
                        self.rfile.read(int(self.headers.get("Content-Length", 0))),
                    )
                )
                if stub.pages:
                    stub.answers(stub.pages.pop(0))
                status, answer, headers = stub.status, stub.body, stub.headers
                if held := stub.holds:
                    held.wait(LONG)
                if stub.silent:
                    stub.let_go.wait(LONG)
                if stub.silent or stub.hangs_up:
                    self.close_connection = True
                    return
                body = b"" if status == 304 else answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.server.daemon_threads = True
        self.server.socket.listen(64)  # by default a sixth that comes at once is kept waiting for a second
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def forget(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.silent = self.hangs_up = False
        self.let_go = threading.Event()
        self.holds: threading.Event | None = None
        self.pages: list[Any] = []
        self.answers({"id": "c-1", "order": {"id": 1, "cancelled_at": "2026-11-23T12:00:00+05:30"}})

    def answers(self, body: Any, status: int = 200, **headers: str) -> None:
        """Answer *body*: bytes as they are, anything else as JSON."""
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.headers = {"Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }

    def answers_in_turn(self, bodies: Iterable[Any]) -> None:
        """Answer each of these once, and the last of them from then on."""
        self.pages = list(bodies)

    @property
    def asked(self) -> tuple[str, str]:
        """The method and the path of the only request."""
        ((method, path, _, _),) = self.requests
        return method, path

    @property
    def payload(self) -> Any:
        ((_, _, _, body),) = self.requests
        return json.loads(body)

    @property
    def heard(self) -> dict[str, str]:
        """The headers of the only request."""
        ((_, _, headers, _),) = self.requests
        return headers

    def stop(self) -> None:
        self.let_go.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
