"""The worker process: runs jobs until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from procrastinate.exceptions import ConnectorException

from ordercall.errors import DatabaseBusy
from ordercall.jobs.clock_watch import clock_is_put
from ordercall.jobs.engine import JobEngine
from ordercall.jobs.hanging import THREAD_LOOKS, first_hanging
from ordercall.jobs.priorities import MORE_PLACES
from ordercall.jobs.tasks import Services, begin, recover, register
from ordercall.progress import ProgressWatch

GRACE_SECONDS = 7.0
"""How long a stopping worker waits for calls under way. What is cut off then is looked up at the next start."""

SPARE_THREADS = 8
"""Beside those of the jobs: what the worker does itself, such as taking over, must not wait for a provider."""

MOST_OTHERS = 16
"""Jobs at once that bring no order to Kalimera, beside the urgent: each holds a thread while its provider answers."""

PAUSE_SECONDS = 1.0
"""Between two tries to reach a database that is away."""

SHAPES_SECONDS = 60.0
"""Between two times that the shapes of answers are stored: one small transaction in place of one for each answer."""

MEASURES_SECONDS = 10.0
"""Between two times that what was measured is stored: Prometheus asks every 15 seconds."""

BEAT_SECONDS = 2.0
"""Between two beats for the process that watches this one."""

AWAY = (ConnectorException, DatabaseBusy)

logger = logging.getLogger(__name__)


def work(
    jobs: JobEngine,
    services: Services,
    stop: threading.Event,
    *,
    concurrency: int,
    beat: Callable[[], None] = lambda: None,
) -> None:
    """Run jobs until SIGTERM or SIGINT; jobs that a dead worker left behind come first.

    Args:
        stop: set when a signal came before the worker could hear it itself.
        concurrency: the most orders that Kalimera is asked for at once, and at most as many other jobs.
        beat: called every two seconds while jobs are run and the event loop goes on.
    """
    register(jobs, services)
    with jobs.store.worker_lock(stop) as mine:
        if mine:
            asyncio.run(_work(jobs, services, stop, concurrency, beat))


async def _work(
    jobs: JobEngine, services: Services, stop: threading.Event, concurrency: int, beat: Callable[[], None]
) -> None:
    loop, leaving, places = asyncio.get_running_loop(), asyncio.Event(), min(concurrency, MOST_OTHERS)
    # Procrastinate runs sync tasks in the loop's own pool, which has only a handful of threads by default.
    loop.set_default_executor(ThreadPoolExecutor(places + MORE_PLACES + SPARE_THREADS, "job"))
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, _leave_soon, leaving)
    if stop.is_set():
        _leave_soon(leaving)
    jobs.store.connector.ahead.places = places
    jobs.store.connector.ahead.resting = services.outages.resting_tasks
    watching = [asyncio.create_task(_end_when_jobs_hang(jobs, services, leaving)), asyncio.create_task(_beat(beat))]
    async with jobs.app.open_async():
        while not leaving.is_set():
            try:
                await _work_until_trouble(jobs, services, leaving, places)
            except AWAY as error:
                logger.warning("the database is away (%s); the worker waits for it", type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(leaving.wait(), PAUSE_SECONDS)
    for task in watching:
        task.cancel()
    logger.info("the worker has stopped")


async def _work_until_trouble(jobs: JobEngine, services: Services, leaving: asyncio.Event, places: int) -> None:
    """Register a worker and run jobs, until this process is to end or the worker lost touch with its database.

    However it ends, the calls under way are waited for: nothing of this registration goes on beside the next one.
    """
    await jobs.store.retire()
    await recover(jobs, services)
    await asyncio.to_thread(begin, jobs, services)
    (syncing, end_syncs), measures = _start_syncs(jobs, services), services.measures()
    running = asyncio.create_task(
        jobs.app.run_worker_async(
            concurrency=places + MORE_PLACES,
            install_signal_handlers=False,
            delete_jobs="successful",
            fetch_job_polling_interval=jobs.store.poll_seconds,
            abort_job_polling_interval=math.inf,  # nobody aborts a job
            update_heartbeat_interval=jobs.takeover.heartbeat,
            stalled_worker_timeout=jobs.takeover.silence,
        )
    )
    others = [
        asyncio.create_task(one)
        for one in (
            *(leaving.wait(), jobs.store.trouble(), services.outages.watch()),
            *(_look_for_the_dead(jobs, services), _keep(services.shapes.keep, SHAPES_SECONDS)),
            *(_keep(measures.keep, MEASURES_SECONDS), clock_is_put(services.clock)),
        )
    ]
    logger.info("the worker is ready")
    try:
        await asyncio.wait([running, syncing, *others], return_when=asyncio.FIRST_COMPLETED)
    finally:
        end_syncs()
        for task in (running, *others):
            task.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await syncing
    with suppress(*AWAY):
        await asyncio.to_thread(measures.keep)


def _start_syncs(jobs: JobEngine, services: Services) -> tuple[asyncio.Task[None], Callable[[], None]]:
    """Start bringing orders to Kalimera; return the task, and what tells it to end."""
    enough, claiming = threading.Event(), jobs.store.connector.claiming
    syncing = asyncio.create_task(asyncio.to_thread(services.syncs.run, enough))

    def end() -> None:
        enough.set()
        services.syncs.wake()

    async def ended() -> None:
        end()  # a worker whose listener or heart failed ends by itself
        await asyncio.wait([syncing])

    claiming.wanted, claiming.ended = services.syncs.wake, ended
    return syncing, end


async def _look_for_the_dead(jobs: JobEngine, services: Services) -> None:
    """Take over the jobs of workers that died. No job itself, or it would wait behind what the dead left undone."""
    reported: set[int] = set()
    while True:
        await asyncio.sleep(jobs.store.look_seconds)
        try:
            await recover(jobs, services)
            reported |= await asyncio.to_thread(_tell_of_overdue, jobs, services, reported)
        except AWAY as error:
            logger.warning("could not take over from workers that died (%s); the next look does", type(error).__name__)


async def _keep(keep: Callable[[], None], seconds: float) -> None:
    """Store again and again what this process has seen. No job: each process has seen other things."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await asyncio.to_thread(keep)
        except AWAY as error:
            logger.warning("what this worker has seen is not stored yet (%s)", type(error).__name__)


def _tell_of_overdue(jobs: JobEngine, services: Services, reported: set[int]) -> set[int]:
    """Log each job that seems to hang, once."""
    with services.db.read() as tx:
        found = jobs.overdue(tx, services.clock())
    for job in found:
        if job.id not in reported:
            logger.error(
                "job %d (%s) has run since %s, and seems to hang", job.id, job.task, f"{job.since:%d %b %H:%M}"
            )
    return {job.id for job in found}


async def _beat(beat: Callable[[], None]) -> None:
    while True:
        beat()
        await asyncio.sleep(BEAT_SECONDS)


async def _end_when_jobs_hang(jobs: JobEngine, services: Services, leaving: asyncio.Event) -> None:
    threads = ProgressWatch(
        {
            "the thread that ends jobs": jobs.store.connector.progress,
            "the thread that brings orders to Kalimera": services.syncs.progress,
        },
        looks=THREAD_LOOKS,
    )
    for what in await first_hanging(jobs.running, threads):
        logger.error("%s hangs; this worker ends, and the next one takes it up again", what)
    _leave_soon(leaving, code=1)


def _leave_soon(leaving: asyncio.Event, *, code: int = 0) -> None:
    """Take no more jobs, and leave when those under way are done or the grace is over."""
    logger.info("the worker is stopping")
    leaving.set()
    leave = threading.Timer(GRACE_SECONDS, _leave, [code])
    leave.daemon = True
    leave.start()


def _leave(code: int) -> None:
    """End the process under threads that still wait for a provider; their steps are stored as begun."""
    logger.warning("calls were still under way; their orders are looked up at the next start")
    os._exit(code)
