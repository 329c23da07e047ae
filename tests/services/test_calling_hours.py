"""Orders that wait for the opening, carried there by a real worker."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from house import House
from ordercall.domain.calling import INDIA
from ordercall.jobs.engine import FLUSH_CAMPAIGN, SYNC_ORDER, JobEngine
from ordercall.sandbox.orders import make_order

PHONE = "+915550000042"


@pytest.fixture
def engine(house: House) -> JobEngine:
    """A worker's engine that knows two tasks. It is night, and the next opening is ahead by the real clock too."""
    engine = JobEngine(house.db)
    engine.app.task(house.sync.sync, name=SYNC_ORDER)
    engine.app.task(house.campaigns.flush, name=FLUSH_CAMPAIGN)
    house.now = datetime.now(UTC).astimezone(INDIA).replace(hour=22) + timedelta(days=2)
    return engine


def work(engine: JobEngine) -> None:
    """Run all jobs that can start."""

    async def until_none_is_left() -> None:
        async with engine.app.open_async():
            await engine.app.run_worker_async(wait=False, install_signal_handlers=False, delete_jobs="successful")

    asyncio.run(until_none_is_left())


def receive(house: House, number: int) -> int:
    placed = house.now.isoformat()
    return house.receive(make_order(number, phone=PHONE, state="Kerala", created_at=placed))


def test_an_order_that_waits_for_the_opening_keeps_no_other_of_its_phone_in_the_queue(
    house: House, engine: JobEngine
) -> None:
    first = receive(house, 1)
    work(engine)

    second = receive(house, 2)
    work(engine)

    assert house.states() == dict.fromkeys((first, second), ("waiting_for_hours", None))


def test_a_sync_that_a_person_asks_for_at_night_waits_for_the_opening_too(house: House, engine: JobEngine) -> None:
    order_id = receive(house, 1)
    work(engine)

    house.orders.request_sync(order_id, by="Asha")
    work(engine)

    assert house.states()[order_id] == ("waiting_for_hours", None)


def test_an_order_that_was_too_late_for_its_campaign_waits_although_a_person_asked_for_a_sync(
    house: House, engine: JobEngine
) -> None:
    order_id = receive(house, 1)
    evening, house.now = house.now, house.now.replace(hour=20)
    house.sync.sync(order_id)
    house.now = evening
    work(engine)

    house.orders.request_sync(order_id, by="Asha")
    work(engine)
    house.campaigns.wake()
    work(engine)

    assert house.states()[order_id] == ("waiting_for_hours", None)


def test_orders_that_waited_are_on_the_campaign_after_the_opening(house: House, engine: JobEngine) -> None:
    first, second = receive(house, 1), receive(house, 2)
    work(engine)
    house.now += timedelta(hours=12)

    for order_id in (first, second):
        house.orders.request_sync(order_id, by="Asha")
    work(engine)

    assert house.states() == dict.fromkeys((first, second), ("on_campaign", None))
