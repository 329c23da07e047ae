"""What becomes of a provider's jobs while it does not answer: they stay where they are, and all go on when it does.

Each would otherwise be begun in vain and put back, again and again, and come back at a time of its own, up to a minute
after the provider. While its circuit breaker is open, or it refuses our credential, no job that asks it is begun; with
its first answer those that had failed are tried again, the oldest first, as many at once as the worker has places for
them.

Since when a provider does not answer is stored, for the pages and for the workers that come later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from ordercall.errors import DatabaseBusy
from ordercall.jobs.engine import JobEngine
from ordercall.jobs.queue import bring_forward
from ordercall.storage.engine.database import Database
from ordercall.storage.reads import needs_you
from ordercall.storage.records import silent_providers

logger = logging.getLogger(__name__)


class Breaker(Protocol):
    """A provider's circuit breaker."""

    on_change: Callable[[], object]

    @property
    def is_silent(self) -> bool: ...
    def suspect(self) -> None: ...
    def seconds_open(self) -> float: ...
    def admits(self) -> float: ...


class Outages:
    """Watches the circuit breakers of this process.

    Args:
        clock: the present, aware.
        tasks: by the name of its provider, which tasks ask it.
        breakers: by the same names.
    """

    def __init__(
        self,
        db: Database,
        jobs: JobEngine,
        breakers: Mapping[str, Breaker],
        tasks: Mapping[str, list[str]],
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._breakers = breakers
        self._tasks = tasks
        self._clock = clock
        self._away: set[str] = set()
        self._stored: set[str] = set()  # as silent

    def take_up(self) -> None:
        """Take up which providers did not answer an earlier worker, or do not answer another one.

        The first answer says that they do: what a worker stored that is gone since would else be told for ever.
        """
        with self._db.read() as tx:
            silent = silent_providers.all_of(tx).keys() & self._breakers.keys()
        for name in silent:
            self._breakers[name].suspect()
        self._away |= silent
        self._stored |= silent

    def store(self) -> None:
        """Store who has stopped to answer, and who answers again. What cannot be stored now is with the next look."""
        silent = self._silent()
        try:
            with self._db.begin() as tx:
                for name in silent - self._stored:
                    silent_providers.begin(tx, name, now=self._clock())
                for name in self._stored - silent:
                    waited, _ = needs_you.late(tx, self._clock(), limit=silent_providers.MOST_WAITED)
                    silent_providers.end(tx, name, now=self._clock(), waited=waited)
        except DatabaseBusy as error:
            logger.warning("not stored yet which providers answer: %s", error)
        else:
            self._stored = silent

    def _silent(self) -> set[str]:
        return {name for name, breaker in self._breakers.items() if breaker.is_silent}

    def resting_tasks(self) -> list[str]:
        """Return the tasks of which no job is to be begun."""
        away = [name for name, breaker in self._breakers.items() if breaker.seconds_open() > 0]
        return [task for name in away for task in self._tasks[name]]

    async def watch(self) -> None:
        """Have the worker look for jobs when a provider may be asked again, until cancelled."""
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        for breaker in self._breakers.values():
            breaker.on_change = lambda: loop.call_soon_threadsafe(changed.set)
        while True:
            await changed.wait()
            changed.clear()
            if pause := await self._look():
                loop.call_later(pause, changed.set)

    async def _look(self) -> float:
        """Look at all providers; return in how many seconds the next of them may be asked, 0 if none is away."""
        pauses = {name: breaker.seconds_open() for name, breaker in self._breakers.items()}
        self._away |= {name for name, pause in pauses.items() if pause > 0}
        back = {name for name in self._away if self._breakers[name].admits() > 1}
        if back:
            await asyncio.to_thread(self._bring_forward, [task for name in back for task in self._tasks[name]])
            self._away -= back
        if self._silent() != self._stored:
            await asyncio.to_thread(self.store)
        if any(pause == 0 for pause in pauses.values()):
            await self._jobs.store.look()
        return min((pauses[name] for name in self._away if pauses[name] > 0), default=0.0)

    def _bring_forward(self, tasks: list[str]) -> None:
        with self._db.begin() as tx:
            bring_forward(tx, tasks)
