"""A clock that was ahead and is put right: nothing that was written by it keeps anything from its turn."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from adding import CAMPAIGN, LIST, adds, lose_the_addition, synced
from sqlalchemy import insert

from databases import ask
from house import House
from ordercall.jobs import clock_watch, worker
from ordercall.jobs.tasks import begin, register
from ordercall.sandbox.orders import make_order
from ordercall.storage import tables
from ordercall.storage.records import access_tokens, road_back, shop_names, shop_notices
from waiting import LONG

AHEAD = [timedelta(minutes=20), timedelta(hours=6), timedelta(days=3), timedelta(days=366), timedelta(days=3_650)]
APP = "an app"

ahead = pytest.mark.parametrize("ahead", AHEAD, ids=str)


@ahead
def test_the_shop_is_read_from_where_the_clock_was_right(house: House, ahead: timedelta) -> None:
    house.reconcile.run()
    right = house.now
    house.now += ahead
    house.reconcile.run()
    house.now = right + timedelta(minutes=15)

    run = house.reconcile.run()

    assert run is not None
    assert run.since <= right


@ahead
def test_a_reading_that_began_by_a_clock_that_was_ahead_goes_on_where_it_was_right(
    house: House, ahead: timedelta
) -> None:
    house.reconcile.run()
    with house.db.begin() as tx:
        began = (house.now + ahead).timestamp()
        tx.execute(insert(tables.reconciliations).values(asked_by="Ordercall", started_at=began, since=began))

    run = house.reconcile.run()

    assert run is not None
    assert run.since <= house.now


@ahead
def test_a_lease_for_the_next_token_is_not_kept_until_the_clock_is_there_again(house: House, ahead: timedelta) -> None:
    lasts, right = timedelta(minutes=1), house.now
    with house.db.begin() as tx:
        assert access_tokens.take_lease(tx, APP, now=right + ahead, lasts=lasts)
        assert access_tokens.take_lease(tx, APP, now=right, lasts=lasts)
        assert not access_tokens.take_lease(tx, APP, now=right, lasts=lasts)


@ahead
def test_shopify_is_asked_for_the_name_of_the_shop(house: House, ahead: timedelta) -> None:
    house.reconcile.run()
    with house.db.begin() as tx:
        shop_names.remember(tx, "1", {"sandbox-shop.myshopify.com"}, now=house.now + ahead)
    before = len(house.shopify.calls)

    house.reconcile.run()

    assert sum("query shop " in str(call.body) for call in house.shopify.calls[before:]) == 1


@ahead
def test_that_the_app_is_taken_out_of_the_shop_is_believed(house: House, ahead: timedelta) -> None:
    right = house.now
    with house.db.begin() as tx:
        shop_notices.disconnect(tx, "sandbox-shop.myshopify.com", now=right + ahead)
    house.now += ahead
    house.shop.reconnect(by="Shopify")
    house.now = right + timedelta(minutes=1)

    house.receive({"id": 1, "shop_owner": "Asha", "myshopify_domain": "sandbox-shop.myshopify.com"}, "app/uninstalled")

    with house.db.read() as tx:
        assert shop_notices.disconnected_since(tx) is not None


@ahead
def test_a_lost_addition_is_settled_after_a_moment(house: House, ahead: timedelta) -> None:
    right = house.now
    house.now += ahead
    order_id = synced(house, 1, created_at=house.now.isoformat(), processed_at=house.now.isoformat())
    house.gate.answers("GET", LIST, {"contact_ids": [], "total": 0})
    lose_the_addition(house)
    house.campaigns.flush(CAMPAIGN)
    house.now = right

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id][0] == "on_campaign"
    assert len(adds(house)) == 2


@ahead
def test_a_person_who_asks_for_another_call_gets_one(house: House, ahead: timedelta) -> None:
    order_id, right = synced(house, 1), house.now
    house.campaigns.flush(CAMPAIGN)
    house.pass_time(hours=3)
    house.calls.see_silence()
    with house.db.begin() as tx:
        ask(tx, "UPDATE calls SET follows = 'asked', planned_at = ?", (right + timedelta(hours=3) + ahead).timestamp())

    house.again.request(order_id, by="a person", confirmed=True)

    assert len(house.calls_of(order_id)) == 2


@ahead
def test_what_waits_for_a_time_by_it_is_looked_at_when_the_worker_begins_anew(house: House, ahead: timedelta) -> None:
    right = datetime.now(UTC)  # by which the jobs start
    house.now = right
    with house.db.begin() as tx:
        road_back.note_running(tx, now=right + ahead)
        engine = house.worker.jobs
        engine.sync_at_opening(tx, 1, "+915550000041", right + ahead)
        engine.flush_at_opening(tx, CAMPAIGN, right + ahead)
        engine.run_bulk(tx, 1, at=right + ahead)

    begin(house.worker.jobs, house.worker)

    waiting = [at for task in ("sync_order", "flush_campaign", "run_bulk") for _, at in house.jobs(task)]
    assert [at for at in waiting if at and at > right + timedelta(minutes=1)] == []


def test_what_waits_for_its_time_rightly_goes_on_waiting_when_a_worker_begins(house: House) -> None:
    house.now, later = datetime.now(UTC), datetime.now(UTC) + timedelta(hours=6)
    with house.db.begin() as tx:
        road_back.note_running(tx, now=house.now)
        house.worker.jobs.sync_at_opening(tx, 1, "+915550000041", later)

    begin(house.worker.jobs, house.worker)

    assert [at is not None and abs(at - later) < timedelta(seconds=1) for _, at in house.jobs("sync_order")] == [True]


@pytest.mark.parametrize("ahead", AHEAD[2:], ids=str)
def test_nobody_believes_that_reports_could_reach_us_in_a_time_that_has_not_come(
    house: House, ahead: timedelta
) -> None:
    with house.db.begin() as tx:
        road_back.note_running(tx, now=house.now)
        road_back.note_running(tx, now=house.now + ahead)
        road_back.note_running(tx, now=house.now)
        spans = road_back.known(tx, now=house.now).running

    assert max(span.end for span in spans) <= house.now


def test_an_order_of_the_leap_day_is_called(house: House) -> None:
    house.now = datetime(2028, 2, 29, 12, 0, tzinfo=house.now.tzinfo)
    at = house.now.isoformat()
    order_id = house.receive(make_order(1, state="Kerala", created_at=at, updated_at=at, processed_at=at))
    house.sync.sync(order_id)

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("on_campaign", None)


@pytest.mark.sqlite
def test_a_worker_whose_clock_is_put_back_begins_anew(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    leap, real, looks = timedelta(0), clock_watch.clock_is_put, list[datetime]()
    services = replace(house.worker, clock=lambda: datetime.now(UTC) + leap)
    register(services.jobs, services)

    def look() -> datetime:
        looks.append(services.clock())
        return looks[-1]

    monkeypatch.setattr(worker, "clock_is_put", lambda _clock: real(look, look=0.01))

    async def work() -> None:
        nonlocal leap
        async with services.jobs.app.open_async():
            working = asyncio.create_task(worker._work_until_trouble(services.jobs, services, asyncio.Event(), 1))
            while not looks:
                await asyncio.sleep(0.01)
            leap = timedelta(hours=-6)
            await working

    asyncio.run(asyncio.wait_for(work(), LONG))

    assert "the clock was put back by" in caplog.text
