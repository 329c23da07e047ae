"""Jobs on one SQLite file that several processes share, and of which one dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from procrastinate import App, jobs, sql
from procrastinate.types import JobToDefer
from working import run, until, until_status, working

from ordercall.jobs.sqlite.connector import CommitWatch
from ordercall.jobs.sqlite.running import News
from waiting import LONG

pytestmark = pytest.mark.sqlite


@pytest.fixture
def child(path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Run a script in another process, with ``app`` at hand; whatever still lives at the end is killed."""
    children = []
    prelude = """
import asyncio, os, signal, sys
from ordercall.jobs.sqlite.connector import SQLiteConnector
from procrastinate import App
app = App(connector=SQLiteConnector(sys.argv[1], busy_timeout=60))
"""

    def start(script: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", prelude + script, str(path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        children.append(process)
        return process

    yield start
    for process in children:
        process.kill()
        process.communicate()


HANGING_WORKER = """
@app.task(name="hang")
async def hang():
    print("running", flush=True)
    await asyncio.Event().wait()

async def work():
    async with app.open_async():
        await app.run_worker_async()

app.configure_task("hang").defer()
"""


def stalled(app: App) -> list[int | None]:
    async def scenario() -> None:
        async with app.open_async():
            found.extend(job.id for job in await app.job_manager.get_stalled_jobs())

    found: list[int | None] = []
    run(scenario())
    return found


def test_the_jobs_of_a_killed_worker_are_known_at_once_and_those_of_a_living_one_never(app, child):
    worker = child(HANGING_WORKER + "asyncio.run(work())")
    assert worker.stdout.readline() == "running\n"
    assert stalled(app) == []

    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()

    assert stalled(app) == [1]


def test_the_job_of_a_killed_worker_is_pruned_retried_and_done_by_the_next(app, child):
    worker = child(HANGING_WORKER + "asyncio.run(work())")
    assert worker.stdout.readline() == "running\n"
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    done = []

    @app.task(name="hang")
    async def hang() -> None:
        done.append(1)

    async def scenario() -> None:
        async with app.open_async(), working(app):
            await until_worker_pruned()
            (job,) = await app.job_manager.get_stalled_jobs()
            await app.job_manager.retry_job(job)
            await until_status(app, job.id, "succeeded")

    async def until_worker_pruned() -> None:
        while (await app.job_manager.list_jobs_async(id=1))[0].worker_id is not None:
            await asyncio.sleep(0.005)

    run(scenario())

    assert done == [1]


def test_a_job_that_was_fetched_ahead_and_never_begun_waits_again_when_the_worker_ends(app):
    async def scenario() -> None:
        manager = app.job_manager
        async with app.open_async():
            for name in ("first", "second", "ahead", "twin"):
                await app.configure_task(name, queueing_lock=name).defer_async()
            worker = await manager.register_worker()
            for job in [await manager.fetch_job(None, worker), await manager.fetch_job(None, worker)]:
                await manager.finish_job(job, jobs.Status.SUCCEEDED, delete_job=True)
            await until_status(app, 4, "doing")
            await app.configure_task("twin", queueing_lock="twin").defer_async()

            await manager.unregister_worker(worker)

            waiting.extend([job.task_name for job in await manager.list_jobs_async(status="todo")])
            left.extend([job.id for job in await manager.get_stalled_jobs()])

    waiting: list[str] = []
    left: list[int | None] = []
    run(scenario())

    assert waiting == ["ahead", "twin"]
    assert left == [4]  # its twin does the work, and whoever takes it over sees that


def test_a_forked_child_does_not_keep_its_dead_parent_alive(app, child):
    fork = """
async def fork():
    await asyncio.sleep(0)
    async with app.open_async():
        worker_id = await app.job_manager.register_worker()
        await app.job_manager.fetch_job(queues=None, worker_id=worker_id)
        if os.fork() == 0:
            signal.alarm(600)
            print(os.getpid(), flush=True)
            signal.pause()
        signal.pause()
asyncio.run(fork())
"""
    parent = child(HANGING_WORKER + fork)
    orphan = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()

    try:
        assert stalled(app) == [1]
    finally:
        os.kill(orphan, signal.SIGKILL)


def test_jobs_that_two_processes_defer_while_a_worker_drains_run_exactly_once(app, child):
    ran: list[int] = []

    @app.task(name="note")
    async def note(number: int) -> None:
        ran.append(number)

    async def scenario() -> None:
        async with app.open_async(), working(app, concurrency=8):
            senders = [
                child(
                    f"with app.open():\n    for number in range({first}, {first + 100}):\n"
                    "        app.configure_task('note').defer(number=number)"
                )
                for first in (0, 100)
            ]
            await until(lambda: len(ran) >= 200 or any(sender.poll() for sender in senders))
            assert [sender.wait(LONG) for sender in senders] == [0, 0]

    run(scenario())

    assert sorted(ran) == list(range(200))
    with app.open():
        assert {job.status for job in app.job_manager.list_jobs()} == {"succeeded"}


def test_a_worker_that_never_polls_hears_of_due_jobs_free_locks_and_other_processes(app, make_connector):
    ran = []

    @app.task(name="note")
    async def note(word: str) -> None:
        ran.append(word)

    async def scenario() -> None:
        elsewhere = App(connector=make_connector())
        async with app.open_async(), elsewhere.open_async(), working(app, fetch_job_polling_interval=60, concurrency=4):
            await until_status(app, await elsewhere.configure_task("note").defer_async(word="woken"), "succeeded")
            for word in ("first", "second"):
                await elsewhere.configure_task("note", lock="customer").defer_async(word=word)
            await until(lambda: len(ran) == 3)
            soon = datetime.now(UTC) + timedelta(seconds=0.2)
            await elsewhere.configure_task("note", schedule_at=soon).defer_async(word="due")
            await until(lambda: len(ran) == 4)

    run(scenario())

    assert ran == ["woken", "first", "second", "due"]


def test_a_commit_of_others_ends_the_wait_for_news_and_a_job_that_waits_is_repeated(store):
    with contextlib.closing(CommitWatch(store.connect(), store.locks, None)) as watch:
        assert watch.next_news() == News(startable=None, to_abort=[], next_due=None)

        coming = watch.thread.submit(watch.next_news)
        store.execute_query_all(
            sql.queries["defer_jobs"], jobs=[JobToDefer("default", "call", 0, None, None, {}, None)]
        )

        assert coming.result(LONG).startable == 1
        assert watch.thread.submit(watch.next_news).result(LONG).startable == 1


def test_a_forked_child_opens_connections_of_its_own(app, child):
    script = """
def opened():
    return sum(os.path.realpath(f"/proc/self/fd/{number}") == sys.argv[1] for number in os.listdir("/proc/self/fd"))

app.open()
app.configure_task("parent").defer()
if os.fork() == 0:
    inherited = opened()
    app.configure_task("child").defer()
    os._exit(0 if opened() == inherited + 1 else 1)
_pid, status = os.wait()
app.configure_task("parent").defer()
app.close()
sys.exit(os.waitstatus_to_exitcode(status))
"""
    assert child(script).wait(LONG) == 0
    with app.open():
        assert [job.task_name for job in app.job_manager.list_jobs()] == ["parent", "child", "parent"]
