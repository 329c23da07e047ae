"""A server application behind a real granian in a thread of this process, for tests of what comes over the network."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from granian.log import LogLevels
from granian.server.embed import Server

from ordercall.server.options import http_options
from ports import free_port
from waiting import LONG, until
from wire import Address, connect

CONNECTIONS = 1_000


@contextmanager
def served(application: Any) -> Iterator[Address]:
    """Serve until the end of the block; give it the address."""
    address, begun = ("127.0.0.1", free_port()), threading.Event()
    stop = None

    async def serve() -> None:
        nonlocal stop
        server = Server(application, port=address[1], log_level=LogLevels.critical, **http_options(CONNECTIONS))
        loop = asyncio.get_running_loop()
        stop = lambda: loop.call_soon_threadsafe(server.stop)  # noqa: E731 - a function that knows both
        begun.set()
        await server.serve()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name="served")
    thread.start()
    try:
        assert begun.wait(LONG)
        until(lambda: _listens(address), "it listens")
        yield address
    finally:
        assert stop
        stop()
        thread.join()


def _listens(address: Address) -> bool:
    try:
        connect(address).close()
    except OSError:
        return False
    return True
