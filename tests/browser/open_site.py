"""The web application of a shop behind a real port, which can go down and come up again."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from flask import Flask

from ordercall.sandbox.server import Server
from ports import free_port

HOST = "127.0.0.1"


class Site:
    """Serves an application from a thread of this process; as a context manager it is down at the end of the block."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._port = free_port()
        self._server: Server | None = None
        self.url = f"http://{HOST}:{self._port}"
        self.up()

    def up(self) -> None:
        """Listen; where it does already, nothing changes."""
        if self._server is None:
            self._server = Server(HOST, self._port, self._app)
            threading.Thread(target=self._server.serve_forever, args=(0.02,), name="site", daemon=True).start()

    def down(self) -> None:
        """Stop listening and end every open connection."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()
