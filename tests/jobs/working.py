"""A worker for a test: started, waited for and stopped inside of one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from procrastinate import App

from waiting import LONG

POLL_SECONDS = 60.0
"""So long that no test passes by it: whatever can start is announced."""


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, LONG))


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that will be true soon; ``run`` holds the deadline."""
    while not condition():
        await asyncio.sleep(0.005)


async def until_status(look: Callable[[str], list[tuple[Any, ...]]], job_id: int, status: str) -> None:
    question = f"SELECT status FROM procrastinate_jobs WHERE id = {job_id}"  # noqa: S608 - a number of ours
    await until(lambda: look(question) == [(status,)])


async def drain(app: App, **options: Any) -> None:
    """Run what is ready, then return."""
    await app.run_worker_async(wait=False, install_signal_handlers=False, **options)


@contextlib.asynccontextmanager
async def working(app: App, **options: Any) -> AsyncIterator[None]:
    """Keep a worker running during the block."""
    options = {"fetch_job_polling_interval": POLL_SECONDS} | options
    worker = asyncio.create_task(app.run_worker_async(install_signal_handlers=False, **options))
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
