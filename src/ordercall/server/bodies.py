"""The bodies of requests, read in the event loop: with a limit, one deadline, and a bound on all of them together.

Whoever announces a body and does not send it costs a few bytes, no thread, and nobody else's turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from granian.rsgi import HTTPProtocol, ProtocolClosed

BODY_SECONDS = 5.0
"""For a whole body, however many reads: Shopify gives a webhook no longer, and SIGTERM the web process seven."""

AT_ONCE = 32 * 1024
"""Announced up to here, a body is one call, and is not counted: nearly every order, and 64 MB over all connections."""

SMALL = 256 * 1024
"""Up to here bodies are read beside each other; an order of 100 lines has about as much."""

LARGE_AT_ONCE = 4
"""Of larger bodies so many are under way, 40 MB at most; the others wait unread, and TCP holds their senders."""

MOST_BYTES = 64 * 1024 * 1024
"""Of all that are read piece by piece: what this process may hold beside its own 80 MB."""


class BodyRefused(Exception):
    """A body that is not taken. ``status`` and ``code`` are those of the answer; the words are for its sender."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class BodyTooLarge(BodyRefused):
    """It is, or says that it is, larger than what is taken at its address."""

    def __init__(self) -> None:
        super().__init__(413, "RequestEntityTooLarge", "The body is too large.")


def _too_late() -> BodyRefused:
    return BodyRefused(408, "RequestTimeout", f"The body was not there after {BODY_SECONDS:g} seconds.")


def _too_much() -> BodyRefused:
    return BodyRefused(503, "TooBusy", "Too many large bodies are under way; send it again.")


class Bodies:
    """Reads the bodies of all requests of this process."""

    def __init__(self) -> None:
        self.held = 0
        self.large = asyncio.Semaphore(LARGE_AT_ONCE)

    @asynccontextmanager
    async def read(self, protocol: HTTPProtocol, announced: int | None, limit: int) -> AsyncIterator[bytes]:
        """Give a request's body to the block, which is to answer it: until its end the body counts as under way.

        Args:
            announced: the Content-Length, or None where the sender does not know it.
            limit: bytes; of a larger body nothing is read where it is announced.

        Raises:
            BodyRefused: it is too large or too late, or too much is under way.
            ProtocolClosed: its sender is gone.
        """
        if announced is not None and announced > limit:
            raise BodyTooLarge
        pieces = _Pieces(self, protocol, announced, limit)
        try:
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    body = await (protocol() if pieces.few else pieces.join())
            except TimeoutError:
                raise (_too_much() if pieces.queues else _too_late()) from None
            yield body
        finally:
            pieces.let_go()


class _Pieces:
    """One body, as it comes."""

    def __init__(self, bodies: Bodies, protocol: HTTPProtocol, announced: int | None, limit: int) -> None:
        self._bodies = bodies
        self._protocol = protocol
        self._announced = announced
        self._limit = limit
        self._whole = bytearray()
        self._is_large = False
        self.few = announced is not None and announced <= AT_ONCE
        self.queues = False

    async def join(self) -> bytes:
        """Return the whole body."""
        if self._announced is not None and self._announced > SMALL:
            await self._queue()
        ends = 0
        async for piece in self._protocol:
            ends += not piece
            self._hold(piece)
            if len(self._whole) > SMALL and not self._is_large:
                await self._queue()
        self._refuse_a_cut_one(ends)
        return bytes(self._whole)

    def let_go(self) -> None:
        self._bodies.held -= len(self._whole)
        if self._is_large:
            self._bodies.large.release()

    async def _queue(self) -> None:
        self.queues = True
        await self._bodies.large.acquire()
        self.queues, self._is_large = False, True

    def _hold(self, piece: bytes) -> None:
        if len(self._whole) + len(piece) > self._limit:
            raise BodyTooLarge
        if self._bodies.held + len(piece) > MOST_BYTES:
            raise _too_much()
        self._bodies.held += len(piece)
        self._whole += piece

    def _refuse_a_cut_one(self, ends: int) -> None:
        """Granian gives an empty piece at the end; where the sender is gone, one for that and one for the end."""
        if ends > 1 if self._announced is None else len(self._whole) != self._announced:
            raise ProtocolClosed
