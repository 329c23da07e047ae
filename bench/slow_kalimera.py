"""A Kalimera that takes 100 ms for everything and next to nothing of the processor.

``GET /calls`` tells how many there were, and how many seconds after its return the first was accepted and the first
customer listed; ``GET /down`` has it answer 503 until ``GET /up``.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import time

DELAY_SECONDS = 0.1
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

calls = itertools.count()
seen = 0
is_down = False
returned = time.monotonic()
first: dict[str, float] = {}
"""Seconds from the return to the first call that was accepted, and to the first that listed a customer."""


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = LENGTH.search(head)
            await reader.readexactly(int(length[1]) if length else 0)
            writer.write(_response(*await _answer(head)))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _answer(head: bytes) -> tuple[bytes, dict[str, object]]:
    global seen, is_down, returned
    if head.startswith(b"GET /calls"):
        return b"200 OK", {"calls": seen, "now": time.monotonic() - returned, **first}
    if head.startswith((b"GET /down", b"GET /up")):
        is_down, returned = head.startswith(b"GET /down"), time.monotonic()
        first.clear()
        return b"200 OK", {}
    seen += 1
    await asyncio.sleep(DELAY_SECONDS)
    if is_down:
        return b"503 Service Unavailable", {"success": False}
    what = "listed" if b"/campaign/contacts" in head.partition(b"\r\n")[0] else "accepted"
    first.setdefault(what, time.monotonic() - returned)
    return b"200 OK", {"success": True, "id": f"contact-{next(calls)}"}


def _response(status: bytes, answer: dict[str, object]) -> bytes:
    body = json.dumps(answer).encode()
    return (
        b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]), backlog=1_024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
