"""What tells a worker on Postgres to look for jobs, so that it need not look all the time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from procrastinate import connector

ANY_QUEUE = "procrastinate_any_queue_v1"
LOOK = '{"type": "job_inserted", "job_id": 0}'
"""What a worker hears when there may be something to do that nobody has inserted just now."""


class Notifier:
    """Wakes a worker that waits, so that it looks for jobs.

    Args:
        also: called whenever the worker is woken.

    Attributes:
        notified: it was woken since this was last set to False. Procrastinate's worker forgets a notification that
            comes while the answer to its fetch is on its way.
    """

    def __init__(self, also: Callable[[], object] = lambda: None) -> None:
        self.notified = False
        self._also = also
        self._notify: connector.Notify | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def has_listener(self) -> bool:
        return self._notify is not None

    @contextmanager
    def listener(self, on_notification: connector.Notify) -> Iterator[connector.Notify]:
        """Wake this worker during the block; yield what is to be called with what the server announces."""

        async def notify(*, channel: str, payload: str) -> None:
            self.notified = True
            self._also()
            await on_notification(channel=channel, payload=payload)

        self._notify = notify
        try:
            yield notify
        finally:
            self._notify = None
            self.wake_in(None)

    async def wake(self) -> None:
        if self._notify:
            await self._notify(channel=ANY_QUEUE, payload=LOOK)

    def wake_in(self, seconds: float | None) -> None:
        """Set the timer for the next job that falls due, in place of the last one. None: there is no such job."""
        if self._timer:
            self._timer.cancel()
        self._timer = None if seconds is None else asyncio.get_running_loop().call_later(seconds, self._wake_soon)

    def _wake_soon(self) -> None:
        self._task = asyncio.create_task(self.wake())  # kept, or it might be collected before it has run
