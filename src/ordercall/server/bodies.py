"""The bodies of requests, read in the event loop: with a limit, one deadline, and a bound on all of them together.

Whoever announces a body and does not send it costs a few bytes, no thread, and nobody else's turn. Where the bodies of
many fill their room, the one that has not moved for longest is cut for what comes: who stops before the end holds up
nobody, and who goes on sending is cut only when all others have moved since.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from granian.rsgi import HTTPProtocol, ProtocolClosed

BODY_SECONDS = 5.0
"""For a whole form, however many reads: SIGTERM gives the web process seven."""

AT_ONCE = 32 * 1024
"""Announced up to here, a body is one call, and is not counted: nearly every order, and 64 MB over all connections."""

ROOM_FOR_WEBHOOKS = 64 * 1024 * 1024
"""Bytes of all that are read piece by piece, until they are answered; this process has 80 MB beside them."""

ROOM_FOR_FORMS = 16 * 1024 * 1024
"""The same for everything else. It is apart: a stranger's forms wait for threads, and would keep webhooks waiting."""

BYTES_A_SECOND = 16 * 1024 * 1024
"""Of all that are read piece by piece, together: some 160 orders of 100 KB, more than one committer stores. What a
stranger sends faster waits in their own network, and takes no processor from the webhooks of the shop."""

LEAST_OF_A_PIECE = 1024
"""Counted of each, however short: a piece takes the loop so long, and nobody but an attacker sends 16,000 a second."""

AHEAD_SECONDS = 0.1
"""For so long they may come faster: a body alone has no wait, and a sleep is long enough to be worth its timer."""

STEP = 16 * 1024
"""A body has moved when so much more of it is there: whoever sends single bytes stands still."""


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
    return BodyRefused(408, "RequestTimeout", "The body was not there in time. A proxy in front should wait for it.")


def _too_much() -> BodyRefused:
    return BodyRefused(503, "TooBusy", "Too many large bodies are under way; send it again.")


class Bodies:
    """Reads the bodies of many requests.

    Args:
        room: bytes that they may have together.
        bytes_a_second: how fast those that come piece by piece are read, together.
    """

    def __init__(self, room: int, *, bytes_a_second: int = BYTES_A_SECOND) -> None:
        self._room = room
        self._seconds_each = 1 / bytes_a_second
        self._read_until = 0.0
        """The loop's time at which what has been read so far would have come at the even pace."""
        self._under_way: OrderedDict[_Pieces, None] = OrderedDict()
        """Those that are not whole, the one that has not moved for longest first."""

    @asynccontextmanager
    async def read(
        self, protocol: HTTPProtocol, announced: int | None, limit: int, *, until: float
    ) -> AsyncIterator[bytes]:
        """Give a request's body to the block, which is to answer it: until its end the body has its room.

        Args:
            announced: the Content-Length, or None where the sender does not know it.
            limit: bytes; of a larger body nothing is read where it is announced.
            until: the loop's time at which it is too late.

        Raises:
            BodyRefused: it is too large, too late, cut for others, or has a trailer.
            ProtocolClosed: its sender is gone.
        """
        if announced is not None and announced > limit:
            raise BodyTooLarge
        clock = asyncio.timeout_at(until)
        pieces = _Pieces(self, clock, limit)
        try:
            try:
                async with clock:
                    few = announced is not None and announced <= AT_ONCE
                    body = await (protocol() if few else pieces.join(protocol, announced))
            except TimeoutError:
                raise (_too_much() if pieces.is_cut else _too_late()) from None
            yield body
        finally:
            self.ends(pieces)
            self._room += pieces.give_back()

    async def pace(self, number: int) -> None:
        """Wait until a piece of so many bytes more may have been read."""
        now = asyncio.get_running_loop().time()
        self._read_until = max(self._read_until, now) + max(number, LEAST_OF_A_PIECE) * self._seconds_each
        if (early := self._read_until - now - AHEAD_SECONDS) > 0:
            await asyncio.sleep(early)

    def moves(self, pieces: _Pieces) -> None:
        self._under_way[pieces] = None
        self._under_way.move_to_end(pieces)

    def ends(self, pieces: _Pieces) -> None:
        self._under_way.pop(pieces, None)

    def take(self, number: int, pieces: _Pieces) -> None:
        """Give a body room for this number of bytes, if need be that of others."""
        while number > self._room:
            slowest = next(iter(self._under_way), pieces)
            if slowest is pieces:
                raise _too_much()
            self.ends(slowest)
            slowest.cut()
            self._room += slowest.give_back()
        self._room -= number


class _Pieces:
    """One body, as it comes."""

    def __init__(self, bodies: Bodies, clock: asyncio.Timeout, limit: int) -> None:
        self._bodies = bodies
        self._clock = clock
        self._limit = limit
        self._whole = bytearray()
        self._has_room_for = 0
        self._moved_at = -STEP
        self.is_cut = False

    async def join(self, protocol: HTTPProtocol, announced: int | None) -> bytes:
        """Return the whole body."""
        ends = 0
        async for piece in protocol:
            ends += not piece
            self._hold(piece)
            await self._bodies.pace(len(piece))
        self._go_on()
        self._bodies.ends(self)
        _refuse_a_cut_one(ends, len(self._whole), announced)
        body = bytes(self._whole)
        self._whole.clear()
        return body

    def cut(self) -> None:
        """Have its sender refused at once."""
        self.is_cut = True
        self._clock.reschedule(0)

    def give_back(self) -> int:
        """Return how many bytes are free without this body."""
        free, self._has_room_for = self._has_room_for, 0
        self._whole.clear()
        return free

    def _hold(self, piece: bytes) -> None:
        self._go_on()
        if len(self._whole) + len(piece) > self._limit:
            raise BodyTooLarge
        self._bodies.take(len(piece), self)
        self._has_room_for += len(piece)
        self._whole += piece
        if len(self._whole) - self._moved_at >= STEP:
            self._moved_at = len(self._whole)
            self._bodies.moves(self)

    def _go_on(self) -> None:
        """Refuse what was cut while its next piece was there already."""
        if self.is_cut:
            raise _too_much()


def _refuse_a_cut_one(ends: int, length: int, announced: int | None) -> None:
    """Granian gives an empty piece at the end; and one more where the sender is gone, or sends a trailer after it."""
    if announced is None and ends > 1:
        raise BodyRefused(400, "BadRequest", "The body ended too early, or in a trailer; send it without one.")
    if announced is not None and length != announced:
        raise ProtocolClosed
