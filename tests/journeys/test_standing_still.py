"""Processes that are there and do nothing: they are ended and started again, and nothing that was answered is lost."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from installation import HTTP, Installation
from ordercall.sandbox.orders import make_order
from waiting import until

pytestmark = pytest.mark.journey

SERVE = """
import pathlib, threading
from ordercall.cli import main
from ordercall.jobs import hanging, worker
from ordercall.jobs.postgres.writer import PostgresWrites
from ordercall.jobs.sqlite.writer import SQLiteWrites
from ordercall.processes import pulse
from ordercall.server import application, bridge
from ordercall.services import sync_batches
from ordercall.services.intake_service import IntakeService
from ordercall.services.sync_service import SyncService

application.LOOK_SECONDS = worker.BEAT_SECONDS = hanging.LOOK_SECONDS = 0.2
application.STORING_LOOKS, application.PAGES_LOOKS, worker.THREAD_LOOKS = 25, 25, 50
pulse.MOST_LOOKS, pulse.WRITING_SECONDS = 5, 0.2
bridge.THREADS, worker.GRACE_SECONDS, sync_batches.NET_SECONDS = 1, 1.0, 0.5

def make_it_hang(where, name):
    work, wanted = getattr(where, name), pathlib.Path("hang in " + name)

    def work_or_hang(*arguments, **options):
        if wanted.exists():
            wanted.unlink()
            threading.Event().wait()
        return work(*arguments, **options)

    setattr(where, name, work_or_hang)

make_it_hang(IntakeService, "receive")
make_it_hang(bridge, "run")
make_it_hang(PostgresWrites, "commit")
make_it_hang(SQLiteWrites, "commit")
make_it_hang(SyncService, "prepare")
main(["serve"])
"""
"""``ordercall serve`` in the haste of a test, with threads that hang once where a file of that name is found."""


@pytest.fixture
def shop(install: Callable[..., Installation]) -> Installation:
    shop = install(SHOPIFY_TAG_CONFIRMED="confirmed")
    shop.start(sys.executable, "-c", SERVE)
    shop.wait_for_workers()
    assert shop.deliver(make_order(1)).status_code == 200
    until(lambda: shop.on_campaign() == 1, "the first customer is on the campaign")
    return shop


def replaced(shop: Installation, name: str, was: int | None) -> bool:
    return shop.process(name) not in {None, was}


def takes(shop: Installation, order: dict[str, Any]) -> bool:
    try:
        return shop.deliver(order).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize("name", [pytest.param("web", marks=pytest.mark.sqlite), "worker"])
def test_a_process_that_was_stopped_is_killed_and_another_one_goes_on(shop: Installation, name: str) -> None:
    stopped = shop.process(name)
    assert stopped
    os.kill(stopped, signal.SIGSTOP)

    until(lambda: replaced(shop, name, stopped), f"there is another {name}")

    assert f"the {'web process' if name == 'web' else name} stands still and is killed" in shop.log.read_text()
    until(lambda: takes(shop, make_order(2)), "a webhook is taken")
    until(lambda: shop.on_campaign() == 2, "both customers are on the campaign")
    assert shop.stop() == 0


@pytest.mark.sqlite
def test_a_web_process_whose_thread_hangs_with_a_webhook_is_replaced_and_stores_it_once(shop: Installation) -> None:
    was = shop.process("web")
    (shop.folder / "hang in receive").touch()

    until(lambda: takes(shop, make_order(2)), "the webhook is taken when it comes again")

    assert replaced(shop, "web", was)
    assert "the thread that stores webhooks stands still" in shop.log.read_text()
    until(lambda: shop.on_campaign() == 2, "both customers are on the campaign")
    assert shop.rows("SELECT count(*) FROM deliveries") == [(2,)]


@pytest.mark.sqlite
def test_a_web_process_all_of_whose_page_threads_hang_is_replaced(shop: Installation) -> None:
    was = shop.process("web")
    (shop.folder / "hang in run").touch()

    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(HTTP.get, f"{shop.url}/login")
        until(lambda: replaced(shop, "web", was), "there is another web process")
        assert isinstance(asked.exception(), httpx.HTTPError)

    until(shop.answers, "the pages answer")
    assert "every thread of the pages stands still" in shop.log.read_text()


@pytest.mark.parametrize(
    ("work", "thread"), [("commit", "the thread that ends jobs"), ("prepare", "the thread that brings orders")]
)
def test_a_worker_whose_own_thread_hangs_is_replaced_and_its_orders_are_called_once(
    shop: Installation, kalimera: Any, work: str, thread: str
) -> None:
    was = shop.process("worker")
    (shop.folder / f"hang in {work}").touch()
    assert shop.deliver(make_order(2)).status_code == 200

    until(lambda: shop.on_campaign() == 2, "both customers are on the campaign")
    until(lambda: replaced(shop, "worker", was), "there is another worker")

    assert thread in shop.log.read_text()
    assert len(kalimera.contacts) == 2


@pytest.mark.sqlite
def test_processes_that_slept_together_find_each_other_alive(shop: Installation) -> None:
    before = shop.process("web"), shop.process("worker")

    os.killpg(shop.pid, signal.SIGSTOP)
    time.sleep(8)  # for more looks than a process may miss
    os.killpg(shop.pid, signal.SIGCONT)
    until(shop.answers, "the pages answer")
    time.sleep(3)  # for some looks more

    assert (shop.process("web"), shop.process("worker")) == before
    assert "stands still" not in shop.log.read_text()
