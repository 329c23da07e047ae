"""Orders that wait for the opening, carried there by a real worker."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from house import House
from ordercall.domain.calls.calling import INDIA
from ordercall.jobs.engine import FLUSH_CAMPAIGN, SYNC_ORDER, JobEngine
from ordercall.sandbox.orders import make_order
from ordercall.services.sync_batches import SyncBatches
from waiting import LONG, until

PHONE = "+915550000042"


@pytest.fixture
def engine(house: House) -> JobEngine:
    """A worker's engine. It is night, and the next opening is ahead by the real clock too."""
    engine = JobEngine(house.db)
    engine.app.task(house.campaigns.flush, name=FLUSH_CAMPAIGN)
    house.now = datetime.now(UTC).astimezone(INDIA).replace(hour=22) + timedelta(days=2)
    return engine


def work(house: House, engine: JobEngine) -> None:
    """Bring all orders to Kalimera that can be, and run all other jobs that can start."""

    async def until_none_is_left() -> None:
        async with engine.app.open_async():
            worker_id = await engine.app.job_manager.register_worker()
            await asyncio.to_thread(bring, house, engine)
            await engine.app.job_manager.unregister_worker(worker_id)
            await engine.app.run_worker_async(wait=False, install_signal_handlers=False, delete_jobs="successful")

    asyncio.run(until_none_is_left())


def bring(house: House, engine: JobEngine) -> None:
    batches, enough = SyncBatches(house.db, engine, house.sync, most=4), threading.Event()

    def none_waits() -> bool:
        batches.wake()  # again, for the second of a phone, which comes after the first has ended
        return all(at for _, at in house.jobs(SYNC_ORDER)) and not batches.in_hand

    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(batches.run, enough)
        until(none_waits, "no order waits")
        enough.set()
        batches.wake()
        running.result(LONG)


def receive(house: House, number: int) -> int:
    placed = house.now.isoformat()
    return house.receive(make_order(number, phone=PHONE, state="Kerala", created_at=placed))


def test_an_order_that_waits_for_the_opening_keeps_no_other_of_its_phone_in_the_queue(
    house: House, engine: JobEngine
) -> None:
    first = receive(house, 1)
    work(house, engine)

    second = receive(house, 2)
    work(house, engine)

    assert house.states() == dict.fromkeys((first, second), ("waiting_for_hours", None))


def test_a_sync_that_a_person_asks_for_at_night_waits_for_the_opening_too(house: House, engine: JobEngine) -> None:
    order_id = receive(house, 1)
    work(house, engine)

    house.orders.request_sync(order_id, by="Asha")
    work(house, engine)

    assert house.states()[order_id] == ("waiting_for_hours", None)


def test_an_order_that_was_too_late_for_its_campaign_waits_although_a_person_asked_for_a_sync(
    house: House, engine: JobEngine
) -> None:
    order_id = receive(house, 1)
    evening, house.now = house.now, house.now.replace(hour=20)
    house.sync.sync(order_id)
    house.now = evening
    work(house, engine)

    house.orders.request_sync(order_id, by="Asha")
    work(house, engine)
    house.campaigns.wake()
    work(house, engine)

    assert house.states()[order_id] == ("waiting_for_hours", None)


def test_orders_that_waited_are_on_the_campaign_after_the_opening(house: House, engine: JobEngine) -> None:
    first, second = receive(house, 1), receive(house, 2)
    work(house, engine)
    house.now += timedelta(hours=12)

    for order_id in (first, second):
        house.orders.request_sync(order_id, by="Asha")
    work(house, engine)

    assert house.states() == dict.fromkeys((first, second), ("on_campaign", None))
