"""Many machines on one Postgres: what was safe only because SQLite has one writer, and what a worker that died leaves.

Each machine has connections of its own; what they do at once they really do at once.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.jobs import Status as JobStatus

from databases import ask
from house import SECRET, House
from ordercall.bootstrap.parts import intake_service
from ordercall.bootstrap.web import web_context
from ordercall.domain.orders.bulk import BulkAction
from ordercall.domain.orders.order import Status
from ordercall.errors import LeaseLost, StatusConflict
from ordercall.jobs.engine import JobEngine
from ordercall.jobs.postgres.heartbeats import Heartbeats
from ordercall.jobs.stores import PostgresJobs
from ordercall.jobs.takeover import Lease, Takeover
from ordercall.providers.shopify.payload import read_order
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.webhooks import signed_headers
from ordercall.services.intake_service import ReceivedDelivery
from ordercall.storage.engine.database import Database
from ordercall.storage.records import bulk
from ordercall.storage.records.deliveries import Delivery
from waiting import LONG, until

pytestmark = pytest.mark.postgres

MACHINES = 4


class Machine:
    """The web process of one more host."""

    def __init__(self, house: House, db: Database) -> None:
        self.db = db
        self.jobs = JobEngine(db)
        web = web_context(house.settings, db, house.clock, wait_seconds=0)
        self.orders, self.bulk, self.reception = web.orders, web.bulk, web.reception

    def receive(self, order: dict[str, Any], topic: str = "orders/create", **headers: str) -> str:
        body = json.dumps(order).encode()
        answer = self.reception.answer((signed_headers(body, topic=topic, secret=SECRET) | headers).items(), body)
        assert answer.status == 200
        return str(answer.body["outcome"])


@pytest.fixture
def machines(house: House, open_database: Callable[..., Database]) -> list[Machine]:
    return [Machine(house, open_database()) for _ in range(MACHINES)]


def at_once[T](machines: list[Machine], deed: Callable[[Machine], T]) -> list[T]:
    """Have all machines do something in the same moment, and return what each got."""
    ready = threading.Barrier(len(machines))

    def do(machine: Machine) -> T:
        with machine.db.read():
            ready.wait(LONG)  # each has its connection by now
        return deed(machine)

    with ThreadPoolExecutor(len(machines)) as threads:
        return list(threads.map(do, machines))


def test_one_delivery_that_reaches_all_machines_at_once_is_stored_once(house: House, machines: list[Machine]) -> None:
    order, same = make_order(1), {"X-Shopify-Webhook-Id": "one-delivery"}

    outcomes = at_once(machines, lambda machine: machine.receive(order, **same))

    assert Counter(outcomes) == {"recorded": 1, "repeat": MACHINES - 1}
    assert len(house.events(order["id"])) == len(house.jobs("sync_order")) == 1


def test_an_order_and_its_changes_that_come_to_different_machines_at_once_make_one_order(
    house: House, machines: list[Machine]
) -> None:
    order = make_order(1)
    topics = dict(zip(machines, ("orders/create", "orders/updated", "orders/paid", "orders/create"), strict=True))

    at_once(machines, lambda machine: machine.receive(order, topics[machine]))

    assert house.events(order["id"]).count("Shopify_Webhook_Received") == len(house.jobs("sync_order")) == 1


@pytest.mark.parametrize("topic", ["orders/create", "refunds/create"])
def test_a_delivery_that_is_stored_while_its_customer_is_erased_keeps_no_body(
    house: House, machines: list[Machine], topic: str
) -> None:
    order_id = house.receive(make_order(1))
    house.request_erasure(order_id)
    web = machines[0]

    with ThreadPoolExecutor(1) as aside:
        with web.db.begin() as tx:
            intake = intake_service(web.jobs, house.settings, house.decisions)
            intake.receive(tx, [once_more(order_id, topic, house.now)])
            erasure = aside.submit(house.do_erasures)
            until(lambda: erasure.done() or somebody_waits(house), "the erasure waits, or is done")
        erasure.result()

    assert house.bodies(order_id) == [None, None]


def once_more(order_id: int, topic: str, now: datetime) -> ReceivedDelivery:
    """Return a further delivery about an order: itself once more, or a refund of it."""
    body = json.dumps(make_order(1) if topic == "orders/create" else {"id": 1, "order_id": order_id}).encode()
    about = {"shop": "sandbox-shop.myshopify.com", "headers": {}, "secret_name": "shared", "received_at": now}
    delivery = Delivery(webhook_id="once more", body_digest="another", topic=topic, body=body, **about)
    if topic == "orders/create":
        return ReceivedDelivery(delivery, read_order(body))
    return ReceivedDelivery(delivery, points_at=order_id)


def somebody_waits(house: House) -> bool:
    with house.db.read() as tx:
        return bool(ask(tx, "SELECT count(*) FROM pg_locks WHERE NOT granted").scalar())


def test_silence_that_all_machines_see_at_once_is_told_once_and_a_report_beside_it_is_believed(
    house: House, machines: list[Machine]
) -> None:
    silent, answered = (house.receive(make_order(number, state="Kerala")) for number in (1, 2))
    for order_id in (silent, answered):
        house.sync.sync(order_id)
    house.campaigns.flush("sandbox-campaign")
    house.pass_time(hours=3)

    def look(machine: Machine) -> None:
        if machine is machines[0]:
            machine.orders.change_status(answered, Status.SUCCESS, by="API", reported=True)
        house.calls.see_silence()

    at_once(machines, look)

    assert [house.calls_of(one)[0].state for one in (silent, answered)] == ["unanswered", "answered"]
    assert house.events(silent).count("Call_Unanswered") == 1


def test_a_click_that_reaches_two_machines_acts_once(house: House, machines: list[Machine]) -> None:
    order_id = house.receive(make_order(1))

    at_once(machines, lambda machine: machine.orders.change_status(order_id, Status.FAILED, by="Asha", key="one click"))

    assert house.events(order_id).count("Order_Status_Updated") == len(house.jobs("cancel_order")) == 1


def test_of_two_people_who_saw_the_same_status_one_is_told_of_the_other(house: House, machines: list[Machine]) -> None:
    order_id = house.receive(make_order(1))
    seen = f"Placed {house.order(order_id).status_changed_at!r}"

    def decide(machine: Machine) -> str:
        house.now += timedelta(seconds=1)
        try:
            machine.orders.change_status(order_id, Status.SUCCESS, by="somebody", expected=seen)
        except StatusConflict:
            return "told"
        return "done"

    assert Counter(at_once(machines, decide)) == {"done": 1, "told": MACHINES - 1}


def test_a_run_that_two_machines_are_asked_for_is_one_run_with_each_order_once(
    house: House, machines: list[Machine]
) -> None:
    ids = [house.receive(make_order(number)) for number in range(1, 6)]
    chosen = bulk.chosen(ids, "five orders")

    runs = at_once(machines, lambda one: one.bulk.prepare(BulkAction.RETURNED, chosen, by="Asha", key="one click"))

    assert len(set(runs)) == 1
    with house.db.read() as tx:
        assert sum(bulk.numbers(tx, runs[0]).values()) == 5


# Jobs


def run(scenario: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(scenario, LONG))


async def register(jobs: JobEngine) -> int:
    return int(await jobs.app.job_manager.register_worker())


async def fetch(jobs: JobEngine, worker_id: int) -> Job | None:
    return await jobs.app.job_manager.fetch_job(None, worker_id)


def take(machine: Machine) -> Job:
    """Take the one order that waits for Kalimera."""
    with machine.db.begin() as tx:
        [job] = machine.jobs.syncs.take(tx, 10)
    return job


def test_a_job_that_starts_sees_everything_of_those_who_relied_on_it(house: House, machines: list[Machine]) -> None:
    web, worker = machines[:2]
    with web.db.begin() as tx:
        web.jobs.flush_campaign(tx, "main")

    async def scenario() -> bool:
        async with worker.jobs.app.open_async():
            worker_id = await register(worker.jobs)
            with web.db.begin() as tx:
                web.jobs.flush_campaign(tx, "main")  # nothing is queued: a job waits already, and will see this
                fetched = asyncio.create_task(fetch(worker.jobs, worker_id))
                done, _ = await asyncio.wait([fetched], timeout=0.3)
                started_before_the_commit = bool(done)
            assert (await fetched) is not None
        return started_before_the_commit

    assert run(scenario()) is False
    assert house.jobs("flush_campaign") == []


def test_a_job_outwaits_a_transaction_that_relies_on_it_and_stays_open(
    house: House, machines: list[Machine], open_database: Callable[..., Database]
) -> None:
    web, hasty = machines[0], JobEngine(open_database(patience=0.05))
    with web.db.begin() as tx:
        web.jobs.flush_campaign(tx, "main")

    async def scenario() -> Job | None:
        async with hasty.app.open_async():
            worker_id = await register(hasty)
            with web.db.begin() as tx:
                web.jobs.flush_campaign(tx, "main")
                fetched = asyncio.create_task(fetch(hasty, worker_id))
                await asyncio.wait([fetched], timeout=0.3)
            return await fetched

    job = run(scenario())

    assert job is not None
    assert job.task_kwargs == {"campaign_id": "main"}


def test_a_transaction_that_its_client_left_open_is_ended_before_the_client_counts_as_dead(house: House) -> None:
    with house.db.read() as tx:
        [(patience,)] = ask(tx, "SELECT setting FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'")

    assert 0 < int(patience) / 1000 < Takeover(9).silence  # the fleet's tests set the takeover to nine seconds


def test_the_job_of_a_worker_that_died_is_taken_over_once_however_many_look(
    house: House, machines: list[Machine]
) -> None:
    order_id = house.receive(make_order(1))

    async def die() -> Job:
        async with machines[0].jobs.app.open_async():
            await register(machines[0].jobs)
            return take(machines[0])

    job = run(die())

    def take_over(machine: Machine) -> None:
        with machine.db.begin() as tx:
            machine.jobs.take_over(tx, job, crashes=1)

    at_once(machines, take_over)

    assert house.jobs("sync_order") == [({"shopify_id": order_id, "crashes": 1}, None)]


STEPS = {"right": "0 hours", "ahead until now": "3 hours", "behind until now": "-3 hours"}


@pytest.mark.parametrize("wrong_by", STEPS.values(), ids=STEPS)
def test_a_worker_is_dead_when_its_heart_is_silent_for_long_and_not_before_whatever_the_servers_clock_was(
    house: House, machines: list[Machine], wrong_by: str
) -> None:
    house.receive(make_order(1))
    jobs, takeover, seconds = machines[0].jobs, Takeover(60), 0.0
    assert isinstance(jobs.store, PostgresJobs)
    jobs.store.connector.heartbeats = Heartbeats(takeover, lambda: seconds)

    async def dead() -> tuple[int, int]:
        """Return how many jobs are of a worker that is dead, and strike it off."""
        stalled = await jobs.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=takeover.silence)
        return len(list(stalled)), len(await jobs.app.job_manager.prune_stalled_workers(takeover.silence))

    async def scenario() -> list[tuple[int, int]]:
        nonlocal seconds
        async with jobs.app.open_async():
            await register(jobs)
            take(machines[0])
            found = [await dead()]
            with house.db.begin() as tx:
                ask(tx, "UPDATE procrastinate_workers SET last_heartbeat = now() + CAST(? AS interval)", wrong_by)
            for moment in (1.0, takeover.silence, takeover.silence + 2):
                seconds = moment
                found.append(await dead())
        return found

    assert run(scenario()) == [(0, 0), (0, 0), (0, 0), (1, 1)]


def test_a_worker_whose_end_of_a_job_could_not_be_stored_is_told(house: House, machines: list[Machine]) -> None:
    jobs = machines[0].jobs

    async def scenario() -> None:
        async with jobs.app.open_async():
            told = asyncio.create_task(jobs.store.trouble())
            await asyncio.sleep(0)
            with pytest.raises(ConnectorException):
                await jobs.app.job_manager.finish_job_by_id_async(4711, JobStatus.SUCCEEDED, delete_job=True)
            await asyncio.wait_for(told, LONG)

    run(scenario())


@pytest.fixture
def lose_touch(house: House) -> Callable[[], None]:
    """Let so much time pass in which the worker's heart does not reach the database that its lease is over."""

    def pass_time() -> None:
        lease = Lease(Takeover(60).lease, clock=lambda: Takeover(60).lease + 1)
        lease.renew(0.0)
        house.worker.jobs.store.lease = lease

    return pass_time


def test_a_worker_that_was_out_of_touch_tells_the_campaign_nothing_more(
    house: House, lose_touch: Callable[[], None]
) -> None:
    house.sync.sync(house.receive(make_order(1)))
    lose_touch()

    with pytest.raises(LeaseLost):
        house.campaigns.flush("sandbox-campaign")

    assert [call.path for call in house.kalimera.calls if "campaign" in call.path] == []


def test_a_worker_that_was_out_of_touch_creates_no_contact(house: House, lose_touch: Callable[[], None]) -> None:
    order_id = house.receive(make_order(1))
    lose_touch()

    with pytest.raises(LeaseLost):
        house.sync.sync(order_id)

    assert house.kalimera.calls == []


def test_a_worker_that_was_out_of_touch_cancels_nothing(house: House, lose_touch: Callable[[], None]) -> None:
    order_id = house.receive(make_order(1))
    house.orders.change_status(order_id, Status.FAILED, by="Asha")
    house.shopify.on_call.append(lambda _call: lose_touch())  # while Shopify shows the order

    with pytest.raises(LeaseLost):
        house.cancels.cancel(order_id)

    assert [call.method for call in house.shopify.calls] == ["GET"]


def test_the_times_of_a_takeover_keep_their_order() -> None:
    times = Takeover(60)

    assert times.heartbeat < times.lease < times.silence
    assert times.silence + times.look + times.heartbeat <= times.within
    assert times.longest_answer == 20
