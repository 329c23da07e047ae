"""A Kalimera that takes 100 ms for everything and next to nothing of the processor; ``GET /calls`` tells how many."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re

DELAY_SECONDS = 0.1
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

calls = itertools.count()
seen = 0


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = LENGTH.search(head)
            await reader.readexactly(int(length[1]) if length else 0)
            writer.write(_response(await _answer(head)))
    except asyncio.IncompleteReadError:
        writer.close()


async def _answer(head: bytes) -> dict[str, object]:
    global seen
    if head.startswith(b"GET /calls"):
        return {"calls": seen}
    seen += 1
    await asyncio.sleep(DELAY_SECONDS)
    return {"success": True, "id": f"contact-{next(calls)}"}


def _response(answer: dict[str, object]) -> bytes:
    body = json.dumps(answer).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]), backlog=1_024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
