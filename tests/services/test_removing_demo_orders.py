"""Removing the sandbox's orders takes everything of theirs, and nothing of a real order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect

from databases import ask
from house import SECRET, House
from makers import make_settings
from ordercall.bootstrap.web import web_context
from ordercall.domain.orders.bulk import BulkAction
from ordercall.domain.orders.order import Status
from ordercall.jobs.tasks import settle_reads
from ordercall.sandbox.orders import fictional_phone, make_order
from ordercall.sandbox.webhooks import signed_headers
from ordercall.services import demo as demo_service
from ordercall.storage.engine.database import Database
from ordercall.storage.reads import recount, search
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.records import bulk, reconciliations

CAMPAIGN = "sandbox-campaign"
SHARED_PHONE = fictional_phone(5)
KEPT_APART = ("alembic_version", "sqlite_", "order_counts", "search_words", "procrastinate_events")
"""Tables that keep more than rows of ours: counters and the search are asked, and not compared."""


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {
        "SHOPIFY_ACCESS_TOKEN": "sandbox-access-token",
        "SHOPIFY_STORE_DOMAIN": "sari-house",
        "SHOPIFY_TAG_CONFIRMED": "confirmed",
        "CALLING_HOURS": "00:00-24:00",
    }


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_service, "SLICE", 2)


def remove(house: House, store: str = "sari-house") -> int:
    settings = make_settings(SHOPIFY_STORE_DOMAIN=store)
    return web_context(settings, house.db, house.clock).demo.remove(by="Asha")


def live_through(house: House, first: int) -> list[int]:
    """Take in six orders and let all happen to them that leaves something behind; return their ids."""
    made = [make_order(first + place, created_at=house.now.isoformat()) for place in range(6)]
    made[4] = make_order(first + 4, phone=SHARED_PHONE, created_at=house.now.isoformat())
    made[5] = make_order(first + 5, phone=None, created_at=house.now.isoformat())
    for order in made:
        house.shopify.add(order)
    ids = [house.receive(order) for order in made]
    for order_id in ids[:5]:
        house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)
    house.orders.change_status(ids[0], Status.SUCCESS, by="the agent")
    house.writing.write(ids[0])
    house.orders.change_status(ids[1], Status.FAILED, by="the agent")
    house.cancels.cancel(ids[1])
    house.orders.add_note(ids[2], "rang twice", by="Asha")
    house.receive({"id": first, "order_id": ids[2]}, "refunds/create")
    run = house.bulk.prepare(BulkAction.RETURNED, bulk.chosen(ids[:3], "some orders"), by="Asha")
    house.bulk.start(run, by="Asha")
    house.bulk.work(run)
    late = house.now + timedelta(minutes=1)
    corrected = make_order(first + 3, phone=fictional_phone(first + 900), updated_at=late.isoformat())
    house.receive(corrected | {"created_at": made[3]["created_at"]}, "orders/updated")
    return ids


def of_the_sandbox(house: House, ids: Iterable[int]) -> None:
    with house.db.begin() as tx:
        for shopify_id in ids:
            ask(tx, "UPDATE orders SET is_demo = 1 WHERE shopify_id = ?", shopify_id)


def everything(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables, of jobs and log only those about an order.

    The other jobs end by themselves when it is gone, and what people did with no single order stays told.
    """
    with db.read() as tx:
        names = [name for name in inspect(tx).get_table_names() if not name.startswith(KEPT_APART)]
        rows = {
            name: sorted(map(tuple, ask(tx, f"SELECT * FROM {name}")), key=repr)  # noqa: S608 - the database's own names
            for name in names
        }
    rows["procrastinate_jobs"] = [row for row in rows["procrastinate_jobs"] if "shopify_id" in repr(row)]
    rows["logs"] = [row for row in rows["logs"] if row[1] is not None]
    return rows


def test_everything_of_the_sandboxs_goes_and_nothing_of_a_real_order(house: House) -> None:
    real = live_through(house, 1)
    settle_reads(house.db)
    before = everything(house.db)
    demo = live_through(house, 1001)
    settle_reads(house.db)
    of_the_sandbox(house, demo)

    assert remove(house) == 6

    assert everything(house.db) == before
    assert sorted(house.states()) == real
    assert before["contacts"]
    assert before["listings"]
    assert before["bulk_items"]


def test_what_only_waits_goes_too(house: House) -> None:
    house.now = house.now.replace(hour=3)
    waiting = [house.receive(make_order(number, created_at=house.now.isoformat())) for number in (1, 2)]
    house.orders.change_status(waiting[1], Status.FAILED, by="Asha")
    of_the_sandbox(house, waiting)

    remove(house)

    assert (house.jobs("sync_order"), house.jobs("cancel_order")) == ([], [])
    assert house.states() == {}


def test_the_job_that_a_worker_is_at_is_left_to_end_by_itself(house: House) -> None:
    order_id = house.receive(make_order(1))
    of_the_sandbox(house, [order_id])
    with house.db.begin() as tx:
        ask(tx, "UPDATE procrastinate_jobs SET status = 'doing'")

    remove(house)
    house.sync.sync(order_id)

    with house.db.read() as tx:
        assert ask(tx, "SELECT status FROM procrastinate_jobs").scalars().all() == ["doing"]
    assert house.kalimera.calls == []


@pytest.mark.parametrize("job", ["hold", "look for other holds", "write"])
def test_an_order_that_goes_while_shopify_answers_about_it_is_let_be(house: House, job: str) -> None:
    house.publish("hold", until_answered=True)
    house.publish("write_back", tag_pending="waits")
    order = make_order(1, created_at=house.now.isoformat())
    house.shopify.add(order)
    order_id = house.receive(order)
    house.writing.look()

    def go(_call: Any) -> None:
        house.shopify.on_call.remove(go)
        of_the_sandbox(house, [order_id])
        remove(house)

    house.shopify.on_call.append(go)
    {"hold": house.holds.align, "look for other holds": house.holds.see_others, "write": house.writing.write}[job](
        order_id
    )

    with house.db.read() as tx:
        left = ask(tx, "SELECT count(*) FROM orders").scalar()
    assert (left, house.jobs("write_order"), house.jobs("align_hold")) == (0, [], [])


def test_a_contact_stays_while_a_real_order_has_its_phone(house: House) -> None:
    orders = [make_order(number, phone=SHARED_PHONE, created_at=house.now.isoformat()) for number in (1, 2)]
    demo, real = [house.receive(order) for order in orders]
    for order_id in (demo, real):
        house.sync.sync(order_id)
    of_the_sandbox(house, [demo])

    remove(house)

    with house.db.read() as tx:
        assert ask(tx, "SELECT phone FROM contacts").scalars().all() == [SHARED_PHONE]


def test_a_run_that_also_has_a_real_order_stays_with_it(house: House) -> None:
    demo, real = [house.receive(make_order(number)) for number in (1, 2)]
    house.bulk.prepare(BulkAction.SUCCESS, bulk.chosen([demo, real], "both"), by="Asha")
    alone = house.bulk.prepare(BulkAction.SUCCESS, bulk.chosen([demo], "one"), by="Asha")
    of_the_sandbox(house, [demo])

    remove(house)

    with house.db.read() as tx:
        assert ask(tx, "SELECT shopify_id FROM bulk_items").scalars().all() == [real]
        assert bulk.find(tx, alone) is None


def test_a_run_that_is_under_way_comes_to_its_end(house: House) -> None:
    demo = house.receive(make_order(1))
    run = house.bulk.prepare(BulkAction.SUCCESS, bulk.chosen([demo], "one"), by="Asha")
    house.bulk.start(run, by="Asha")
    of_the_sandbox(house, [demo])

    remove(house)
    house.bulk.work(run)

    with house.db.read() as tx:
        found = bulk.find(tx, run)
    assert found is not None
    assert found.finished_at


def test_counters_and_search_are_as_if_they_had_never_been(house: House) -> None:
    demo, real = [house.receive(make_order(number, first_name="Meera")) for number in (1, 2)]
    of_the_sandbox(house, [demo])
    settle_reads(house.db)

    remove(house)
    settle_reads(house.db)

    with house.db.read() as tx:
        assert recount.differences(tx) == []
        assert search.look_up(tx, OrderFilter(text="example.com")).found == (real,)


def test_the_log_says_who_removed_how_many(house: House) -> None:
    of_the_sandbox(house, [house.receive(make_order(number)) for number in (1, 2, 3)])

    remove(house)
    remove(house)

    with house.db.read() as tx:
        told = ask(tx, "SELECT actor, message FROM logs WHERE event_type = 'Demo_Orders_Removed'").all()
    assert [tuple(row) for row in told] == [("Asha", "3 demo orders of the sandbox removed by Asha.")]


# -- what the sandbox's shop left beside orders


def take_in(house: House, body: bytes, topic: str, store: str) -> None:
    headers = signed_headers(body, topic=topic, secret=SECRET, shop=f"{store}.myshopify.com")
    assert house.reception.answer(headers.items(), body).status == 200


def leave_traces(house: House, store: str) -> None:
    """Take in what is about no order: an unreadable webhook, an unused one, and two notices of the shop."""
    domain = f"{store}.myshopify.com"
    owner = {"id": 1, "shop_owner": "Asha Iyer", "myshopify_domain": domain}
    asked = {"shop_id": 1, "shop_domain": domain, "customer": {"id": 1}, "orders_requested": [7]}
    for body, topic in (
        (b"not JSON", "orders/create"),
        (b'{"id": 1}', "products/update"),
        (json.dumps(owner).encode(), "app/uninstalled"),
        (json.dumps(asked).encode(), "customers/data_request"),
    ):
        take_in(house, body + store.encode() if body == b"not JSON" else body, topic, store)


def traces(house: House) -> list[int]:
    tables = ("deliveries", "disconnections", "privacy_requests", "reconciliations", "campaigns", "access_tokens")
    with house.db.read() as tx:
        return [ask(tx, f"SELECT count(*) FROM {table}").scalar_one() for table in tables]  # noqa: S608


def test_what_the_sandboxs_shop_left_goes_with_its_orders(house: House) -> None:
    leave_traces(house, "sandbox-shop")
    with house.db.begin() as tx:
        reconciliations.begin(tx, asked_by=reconciliations.THE_SANDBOX, since=house.now, now=house.now)
        ask(tx, "INSERT INTO campaigns (campaign_id, failures) VALUES (?, 3)", CAMPAIGN)
        ask(tx, "INSERT INTO access_tokens (app) VALUES ('sandbox-app@sandbox-shop')")

    remove(house)

    assert traces(house) == [0, 0, 0, 0, 0, 0]


def test_what_a_real_shop_left_stays(house: House) -> None:
    leave_traces(house, "sari-house")
    with house.db.begin() as tx:
        reconciliations.begin(tx, asked_by="Ordercall", since=house.now, now=house.now)
        ask(tx, "INSERT INTO campaigns (campaign_id, failures) VALUES ('main', 3)")
        ask(tx, "INSERT INTO access_tokens (app) VALUES ('an-app@sari-house')")
    before = traces(house)

    remove(house)

    assert traces(house) == before == [4, 1, 1, 1, 1, 1]


def test_a_real_shop_that_is_called_like_the_sandboxs_keeps_what_is_its_own(house: House) -> None:
    leave_traces(house, "sandbox-shop")
    real = live_through(house, 1)
    before = traces(house)

    remove(house, store="sandbox-shop")

    assert traces(house) == before
    assert sorted(house.states()) == real
