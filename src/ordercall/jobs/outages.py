"""What becomes of a provider's jobs while it does not answer: they stay where they are, and all go on when it does.

Each would otherwise be begun in vain and put back, again and again, and come back at a time of its own, up to a minute
after the provider. While its circuit breaker is open no job that asks it is begun; with its first answer those that had
failed are tried again, the oldest first, as many at once as the worker has places for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

from ordercall.jobs.engine import JobEngine
from ordercall.jobs.queue import bring_forward
from ordercall.storage.engine.database import Database


class Breaker(Protocol):
    """A provider's circuit breaker."""

    on_change: Callable[[], object]

    def seconds_open(self) -> float: ...
    def admits(self) -> float: ...


class Outages:
    """Watches the circuit breakers of this process.

    Args:
        tasks: by the name of its provider, which tasks ask it.
        breakers: by the same names.
    """

    def __init__(self, db: Database, jobs: JobEngine, breakers: Mapping[str, Breaker], tasks: Mapping[str, list[str]]):
        self._db = db
        self._jobs = jobs
        self._breakers = breakers
        self._tasks = tasks
        self._away: set[str] = set()

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
        if any(pause == 0 for pause in pauses.values()):
            await self._jobs.store.look()
        return min((pauses[name] for name in self._away if pauses[name] > 0), default=0.0)

    def _bring_forward(self, tasks: list[str]) -> None:
        with self._db.begin() as tx:
            bring_forward(tx, tasks)
