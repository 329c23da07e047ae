"""What tells a worker on Postgres to look for jobs, so that it need not look all the time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from procrastinate import connector

ANY_QUEUE = "procrastinate_any_queue_v1"
LOOK = '{"type": "job_inserted", "job_id": 0}'
"""What a worker hears when there may be something to do that nobody has inserted just now."""


class Bell:
    """Tells a worker that waits to look for jobs.

    Attributes:
        rang: it rang since this was last set to False. Procrastinate's worker forgets a bell that rings while the
            answer to its fetch is on its way.
    """

    def __init__(self) -> None:
        self.rang = False
        self._hear: connector.Notify | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._ringing: asyncio.Task[None] | None = None

    @property
    def is_heard(self) -> bool:
        """Whether a worker listens."""
        return self._hear is not None

    @contextmanager
    def heard_by(self, on_notification: connector.Notify) -> Iterator[connector.Notify]:
        """Ring for this worker during the block; yield what is to be called with what the server announces."""

        async def hear(*, channel: str, payload: str) -> None:
            self.rang = True
            await on_notification(channel=channel, payload=payload)

        self._hear = hear
        try:
            yield hear
        finally:
            self._hear = None
            self.ring_in(None)

    async def ring(self) -> None:
        if self._hear:
            await self._hear(channel=ANY_QUEUE, payload=LOOK)

    def ring_in(self, seconds: float | None) -> None:
        """Ring when the next job falls due; forget for which one it was to ring before. None: there is no next one."""
        if self._alarm:
            self._alarm.cancel()
        self._alarm = None if seconds is None else asyncio.get_running_loop().call_later(seconds, self._ring_soon)

    def _ring_soon(self) -> None:
        self._ringing = asyncio.create_task(self.ring())
