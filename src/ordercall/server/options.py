"""How granian speaks HTTP here."""

from __future__ import annotations

from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

HEADER_SECONDS = 6.0
"""For the headers of a request, and between two of one connection: an open page asks every five seconds."""

LARGEST_HEADERS = 64 * 1024
"""And so much of a body is read at a time. A browser sends 2 KB, a page of ticked orders in an address 1 KB."""


def http_options(connections: int) -> dict[str, Any]:
    """Return what a server of granian's is made with.

    HTTP/1 by name: where granian has to find out which version it is, it waits for the first byte without end.

    Args:
        connections: the most that are open at a time; the others wait in the kernel.
    """
    return {
        "interface": Interfaces.RSGI,
        "http": HTTPModes.http1,
        "http1_settings": HTTP1Settings(
            header_read_timeout=int(HEADER_SECONDS * 1_000), max_buffer_size=LARGEST_HEADERS
        ),
        "websockets": False,
        "backlog": connections,
        "backpressure": connections,
    }
