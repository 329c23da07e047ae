"""Many orders on their way to Kalimera at once: what one of them suffers is its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import Connection

from databases import ask
from house import House
from ordercall.errors import DatabaseBusy
from ordercall.jobs.engine import SYNC_ORDER, JobEngine
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.services.contact_maker import ContactMaker, ReadyOrder
from ordercall.services.sync_batches import SyncBatches
from ordercall.services.sync_service import Answered, SyncService
from outcomes import created_twice
from waiting import LONG, until

MANY = 12


class Breaking(SyncService):
    """Breaks where a test says so, as a fault of ours or a busy database would."""

    def break_at(
        self, prepared: Callable[[int], None] | None = None, stored: Callable[[int], None] | None = None
    ) -> None:
        self._prepared, self._stored = prepared, stored

    def prepare(self, tx: Connection, shopify_ids: Collection[int]) -> list[ReadyOrder]:
        for number in shopify_ids:
            if self._prepared:
                self._prepared(number)
        return super().prepare(tx, shopify_ids)

    def store(self, tx: Connection, answered: list[Answered]) -> None:
        super().store(tx, answered)
        for ready, _ in answered:
            if self._stored:
                self._stored(ready.shopify_id)


@pytest.fixture
def sync(house: House) -> Iterator[Breaking]:
    with closing(KalimeraClient(house.settings)) as kalimera:
        maker = ContactMaker(house.db, kalimera, house.clock)
        breaking = Breaking(house.db, house.worker.jobs, maker, house.decisions, house.clock)
        breaking.break_at()
        yield breaking


@contextmanager
def at_work(house: House, sync: SyncService, most: int = 4) -> Iterator[SyncBatches]:
    """Have a worker bring orders to Kalimera during the block."""
    jobs, enough = JobEngine(house.db), threading.Event()
    batches = SyncBatches(house.db, jobs, sync, most=most)
    jobs.store.connector.claiming.wanted = batches.wake
    with ThreadPoolExecutor(1) as thread, asyncio.Runner() as loop:
        loop.run(jobs.app.connector.open_async())
        loop.run(jobs.app.job_manager.register_worker())
        running = thread.submit(batches.run, enough)
        batches.wake()
        try:
            yield batches
        finally:
            enough.set()
            batches.wake()
            running.result(LONG)
            loop.run(jobs.app.connector.close_async())


def receive(house: House, count: int = MANY) -> list[int]:
    return [house.receive(make_order(number)) for number in range(1, count + 1)]


def with_contact(house: House, ids: list[int]) -> list[int]:
    return [number for number in ids if house.order(number).contact_id]


def kept(house: House) -> list[tuple[str, int]]:
    """Return the status and attempts of each job that brings an order to Kalimera."""
    with house.db.read() as tx:
        rows = ask(tx, "SELECT status, attempts FROM procrastinate_jobs WHERE task_name = ? ORDER BY id", SYNC_ORDER)
        return [tuple(row) for row in rows]


def contact_states(house: House) -> list[str]:
    with house.db.read() as tx:
        return list(ask(tx, "SELECT state FROM contacts").scalars())


def test_orders_are_brought_to_kalimera_and_their_jobs_end(house: House, sync: Breaking) -> None:
    ids = receive(house)

    with at_work(house, sync):
        until(lambda: kept(house) == [], "no job is left")

    assert with_contact(house, ids) == ids
    assert len(house.kalimera.calls) == MANY
    events = ["Shopify_Webhook_Received", "Agent_Selected", "Kalimera_Contact_Created"]
    assert [house.events(number) for number in ids] == [events] * MANY


def test_an_order_that_breaks_before_its_request_is_tried_again_and_all_others_go_on(
    house: House, sync: Breaking
) -> None:
    ids = receive(house)
    sync.break_at(prepared=fail_for(ids[5], ZeroDivisionError()))

    with at_work(house, sync):
        until(lambda: [one for one in kept(house) if one[1]], "the broken one has been tried")
        until(lambda: len(kept(house)) == 1, "the others are done")

    assert with_contact(house, ids) == [number for number in ids if number != ids[5]]


def test_an_order_that_breaks_after_its_request_is_looked_up_and_nobody_is_made_twice(
    house: House, sync: Breaking
) -> None:
    ids = receive(house)
    sync.break_at(stored=fail_for(ids[5], ZeroDivisionError(), times=2))

    with at_work(house, sync):
        until(lambda: kept(house) == [], "no job is left")

    assert with_contact(house, ids) == ids
    assert created_twice(house.kalimera) == []
    assert house.events(ids[5]).count("Kalimera_Contact_Reused") == 1
    assert len(house.kalimera.calls) == MANY + 1


def test_what_kalimera_did_is_stored_as_soon_as_a_busy_database_takes_it(house: House, sync: Breaking) -> None:
    ids = receive(house, 1)
    sync.break_at(stored=fail_for(ids[0], DatabaseBusy("busy"), times=3))

    with at_work(house, sync):
        until(lambda: kept(house) == [], "no job is left")

    assert with_contact(house, ids) == ids
    assert len(house.kalimera.calls) == 1
    assert house.events(ids[0]).count("Kalimera_Contact_Created") == 1


def test_orders_are_left_where_they_are_while_kalimera_does_not_answer(house: House, sync: Breaking) -> None:
    receive(house, 40)
    house.kalimera.mode = Mode.DOWN

    with at_work(house, sync) as batches:
        until(lambda: sync.breaker.seconds_open() > 0, "the circuit breaker is open")
        until(lambda: not batches.in_hand, "nothing is in hand")
        tried = [attempts for _, attempts in kept(house) if attempts]

    assert 0 < len(tried) <= 4 + 2  # those that were asked for when it failed, and a probe or two
    assert [status for status, _ in kept(house)] == ["todo"] * 40


def test_a_worker_that_leaves_ends_what_is_under_way_and_gives_the_rest_back(house: House, sync: Breaking) -> None:
    ids = receive(house, 40)
    house.gate.close()
    with at_work(house, sync):
        until(lambda: house.gate.waiting() == 4, "four requests are under way")
        threading.Timer(0.2, house.gate.open).start()  # after the worker was told to leave

    done = with_contact(house, ids)
    assert len(done) < 40
    assert kept(house) == [("todo", 0)] * (40 - len(done))
    assert len(house.kalimera.contacts) == len(done)


@pytest.mark.parametrize("mode", [Mode.BUSY, "unauthorized"])
def test_orders_of_which_kalimera_heard_nothing_leave_no_contact_announced(
    house: House, sync: Breaking, mode: str
) -> None:
    ids = receive(house, 40)
    house.kalimera.switch(mode)

    with at_work(house, sync) as batches:
        until(lambda: sync.breaker.seconds_open() > 0, "Kalimera is left alone")
        until(lambda: not batches.in_hand, "nothing is in hand")

    assert contact_states(house) == []
    assert {house.states()[number] for number in ids} == {("queued", None)}


def test_a_worker_that_leaves_takes_back_what_it_announced_and_did_not_ask_for(house: House, sync: Breaking) -> None:
    ids = receive(house, 40)
    house.gate.close()
    with at_work(house, sync):
        until(lambda: house.gate.waiting() == 4, "four requests are under way")
        announced = len(contact_states(house))
        threading.Timer(0.2, house.gate.open).start()

    assert announced > len(with_contact(house, ids))
    assert contact_states(house) == ["known"] * len(with_contact(house, ids))


def test_what_another_worker_took_over_meanwhile_is_left_to_it(house: House, sync: Breaking) -> None:
    ids = receive(house, 1)
    house.gate.close()
    with at_work(house, sync):
        until(house.gate.waiting, "the request is under way")
        with house.db.begin() as tx:
            ask(tx, "UPDATE procrastinate_jobs SET worker_id = NULL WHERE status = 'doing'")
        house.gate.open()

    assert with_contact(house, ids) == []
    assert kept(house) == [("doing", 0)]


def fail_for(shopify_id: int, error: Exception, times: int = 10**6) -> Callable[[int], None]:
    left = [error] * min(times, 100)

    def fail(number: int) -> None:
        if number == shopify_id and left:
            raise left.pop()

    return fail
