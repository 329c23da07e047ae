"""The worker process: runs jobs until it is told to stop."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from ordercall.jobs.engine import JobEngine
from ordercall.jobs.tasks import Services, begin, recover, register

GRACE_SECONDS = 7.0
"""How long a stopping worker waits for calls under way. What is cut off then is looked up at the next start."""

SPARE_THREADS = 8
POLL_SECONDS = 1.0

logger = logging.getLogger(__name__)


def work(jobs: JobEngine, services: Services, stop: threading.Event, *, concurrency: int) -> None:
    """Run jobs until SIGTERM or SIGINT; jobs that a dead worker left behind come first.

    Args:
        stop: set when a signal came before the worker could hear it itself.
        concurrency: the most jobs at once; each may wait for a provider in a thread of its own.
    """
    register(jobs, services)
    asyncio.run(_work(jobs, services, stop, concurrency))


async def _work(jobs: JobEngine, services: Services, stop: threading.Event, concurrency: int) -> None:
    loop = asyncio.get_running_loop()
    # Procrastinate runs sync tasks in the loop's own pool, which has only a handful of threads by default.
    loop.set_default_executor(ThreadPoolExecutor(concurrency + SPARE_THREADS, "job"))
    async with jobs.app.open_async():
        recovered = await recover(jobs, services)
        if recovered:
            logger.warning("%d jobs of a worker that died are queued again", recovered)
        await asyncio.to_thread(begin, jobs, services)
        running = asyncio.create_task(
            jobs.app.run_worker_async(
                concurrency=concurrency,
                install_signal_handlers=False,
                delete_jobs="successful",
                fetch_job_polling_interval=POLL_SECONDS,
            )
        )
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, _stop, running)
        if stop.is_set():
            _stop(running)
        logger.info("the worker is ready")
        try:
            await running
        except asyncio.CancelledError:
            logger.info("the worker has stopped")


def _stop(running: asyncio.Task[None]) -> None:
    """Take no more jobs, and leave when those under way are done or the grace is over."""
    logger.info("the worker is stopping")
    running.cancel()
    leave = threading.Timer(GRACE_SECONDS, _leave)
    leave.daemon = True
    leave.start()


def _leave() -> None:
    """End the process under threads that still wait for a provider; their steps are stored as begun."""
    logger.warning("calls were still under way; their orders are looked up at the next start")
    os._exit(0)


@contextmanager
def the_only_worker(database: Path, stop: threading.Event) -> Iterator[bool]:
    """Hold this database's worker lock, waiting for it if another process has it.

    Yields:
        True when the lock is ours, False when *stop* was set while we waited.
    """
    with Path(f"{database}-worker.lock").open("w") as file:
        told = False
        while not _locked(file.fileno()):
            if not told:
                logger.warning("another worker serves this database; this one stands by")
                told = True
            if stop.wait(POLL_SECONDS):
                yield False
                return
        yield True


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
