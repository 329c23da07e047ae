"""Jobs on one SQLite file that several processes share, and of which one dies."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from procrastinate import jobs
from working import run, until, until_status, working

from ordercall.jobs.sqlite.queries import News
from ordercall.jobs.sqlite.watch import CommitWatch
from ordercall.storage.engine.database_file import DatabaseFile, identity_of
from waiting import LONG

pytestmark = pytest.mark.sqlite


@pytest.fixture
def child(path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Run a script in another process, with ``app`` and ``db`` at hand; whatever still lives at the end is killed."""
    children = []
    prelude = """
import asyncio, sys
from pathlib import Path
from procrastinate import App
from ordercall.jobs.stores import job_store
from ordercall.jobs.takeover import Takeover
from ordercall.storage.engine.sqlite_database import SQLiteDatabase
db = SQLiteDatabase(Path(sys.argv[1]), patience=60)
app = App(connector=job_store(db, Takeover()).connector)
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
        await app.configure_task("hang").defer_async()
        await app.run_worker_async()

asyncio.run(work())
"""


def test_the_job_of_a_killed_worker_is_known_at_once_and_done_by_the_next(app, child, look):
    worker = child(HANGING_WORKER)
    assert worker.stdout.readline() == "running\n"
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    done = []

    @app.task(name="hang")
    async def hang() -> None:
        done.append(1)

    async def scenario() -> None:
        async with app.open_async():
            (job,) = await app.job_manager.get_stalled_jobs()
            await app.job_manager.retry_job(job)
            async with working(app):
                await until_status(look, job.id, "succeeded")
                assert await app.job_manager.get_stalled_jobs() == []

    run(scenario())

    assert done == [1]


def test_a_job_that_was_fetched_ahead_and_never_begun_waits_again_when_the_worker_ends(app, look):
    async def scenario() -> None:
        manager = app.job_manager
        async with app.open_async():
            for name in ("first", "second", "ahead", "twin"):
                await app.configure_task(name, queueing_lock=name).defer_async()
            worker = await manager.register_worker()
            for job in [await manager.fetch_job(None, worker), await manager.fetch_job(None, worker)]:
                await manager.finish_job(job, jobs.Status.SUCCEEDED, delete_job=True)
            await until_status(look, 4, "doing")
            await app.configure_task("twin", queueing_lock="twin").defer_async()

            await manager.unregister_worker(worker)

            left.extend([job.id for job in await manager.get_stalled_jobs()])

    left: list[int | None] = []
    run(scenario())

    assert look("SELECT task_name FROM procrastinate_jobs WHERE status = 'todo'") == [("ahead",), ("twin",)]
    assert left == [4]  # its twin does the work, and whoever takes it over sees that


def test_jobs_that_two_processes_defer_while_a_worker_drains_run_exactly_once(app, child, look):
    ran: list[int] = []

    @app.task(name="note")
    async def note(number: int) -> None:
        ran.append(number)

    async def scenario() -> None:
        async with app.open_async(), working(app, concurrency=8):
            senders = [
                child(
                    f"for number in range({first}, {first + 100}):\n"
                    "    with db.begin() as tx:\n"
                    "        app.configure_task('note', connection=tx).defer(number=number)"
                )
                for first in (0, 100)
            ]
            await until(lambda: len(ran) >= 200 or any(sender.poll() for sender in senders))
            assert [sender.wait(LONG) for sender in senders] == [0, 0]

    run(scenario())

    assert sorted(ran) == list(range(200))
    assert look("SELECT DISTINCT status FROM procrastinate_jobs") == [("succeeded",)]


def test_a_worker_that_never_polls_hears_of_due_jobs_free_locks_and_other_processes(app, make_app, look):
    ran = []

    @app.task(name="note")
    async def note(word: str) -> None:
        ran.append(word)

    async def scenario() -> None:
        elsewhere = make_app()
        async with app.open_async(), elsewhere.open_async(), working(app, concurrency=4):
            await until_status(look, await elsewhere.configure_task("note").defer_async(word="woken"), "succeeded")
            for word in ("first", "second"):
                await elsewhere.configure_task("note", lock="customer").defer_async(word=word)
            await until(lambda: len(ran) == 3)
            soon = datetime.now(UTC) + timedelta(seconds=0.2)
            await elsewhere.configure_task("note", schedule_at=soon).defer_async(word="due")
            await until(lambda: len(ran) == 4)

    run(scenario())

    assert ran == ["woken", "first", "second", "due"]


def test_a_commit_of_others_ends_the_wait_for_news_and_a_job_that_waits_is_repeated(path, app, database):
    with contextlib.closing(CommitWatch(DatabaseFile(path))) as watch:
        assert watch.next_news() == News(startable=None, syncs=False, next_due=None)

        coming = watch.thread.submit(watch.next_news)
        with database.begin() as tx:
            app.configure_task("call", connection=tx).defer()

        assert coming.result(LONG).startable == 1
        assert watch.thread.submit(watch.next_news).result(LONG).startable == 1


def test_a_watch_that_begins_while_another_file_is_there_waits_for_its_own(path, look):
    file = DatabaseFile(path)
    file.connect().close()
    away = path.rename(path.with_name("away"))
    path.touch()
    with contextlib.closing(CommitWatch(file)) as watch:
        news = watch.thread.submit(watch.next_news)
        wait([news], timeout=0.3)

        assert not news.done()
        away.replace(path)
        assert news.result(LONG).startable is None


def test_a_file_that_is_gone_for_a_moment_is_looked_at_until_it_is_back(path, look):
    file = DatabaseFile(path)
    with contextlib.closing(CommitWatch(file)) as watch:
        away = path.rename(path.with_name("away"))
        file.opened = (0, 0)  # as if another thread had put back a file that is lost again
        news = watch.thread.submit(watch.next_news)
        wait([news], timeout=0.3)

        assert not news.done()
        away.rename(path)
        file.opened = identity_of(path)
        assert news.result(LONG).startable is None
