"""What is settled and old enough loses its customer, and in the end its timeline; what is under way loses nothing."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from databases import ask
from house import House
from ordercall.domain.orders.order import Status
from ordercall.sandbox.orders import make_order
from ordercall.storage.records import holds, upkeep

YEAR = timedelta(days=366)


def settle(house: House, *numbers: int) -> list[int]:
    """Return orders that were received, called and confirmed."""
    ids = [house.receive(make_order(number, created_at=house.now.isoformat())) for number in numbers]
    for order_id in ids:
        house.sync.sync(order_id)
        house.orders.change_status(order_id, Status.SUCCESS, by="Asha")
    return ids


def age(house: House) -> bool:
    return house.worker.retention.work_until(time.monotonic() + 60)


def counts(house: House) -> list[Any]:
    with house.db.read() as tx:
        return list(ask(tx, "SELECT confirmation_status, state, calling_state, count(*) FROM orders GROUP BY 1, 2, 3"))


def test_an_order_of_a_year_ago_is_nobodys_and_counts_as_before(house: House) -> None:
    [order_id] = settle(house, 1)
    before = counts(house)
    house.pass_time(days=366)

    assert house.worker.retention.due()["customers"] == 1
    assert age(house)

    order = house.order(order_id)
    assert (order.customer_phone, order.first_name, order.address, order.zip) == (None, None, None, None)
    assert order.state is not None
    assert sorted(map(tuple, counts(house))) == sorted(map(tuple, before))
    assert house.worker.retention.due()["customers"] == 0


def test_its_timeline_and_webhooks_go_as_well(house: House) -> None:
    settle(house, 1)
    house.pass_time(days=366)
    with house.db.begin() as tx:
        ask(tx, "UPDATE deliveries SET body = NULL")

    assert age(house)

    with house.db.read() as tx:
        assert ask(tx, "SELECT event_type FROM logs").scalars().all() == ["Customer_Data_Erased"]
        assert ask(tx, "SELECT count(*) FROM deliveries").scalar_one() == 0
        assert ask(tx, "SELECT count(*) FROM orders").scalar_one() == 1


def test_nothing_younger_is_touched(house: House) -> None:
    [order_id] = settle(house, 1)
    house.pass_time(days=364)

    assert age(house)

    assert house.order(order_id).customer_phone
    assert "Shopify_Webhook_Received" in house.events(order_id)


@pytest.mark.parametrize("state", ["not answered", "held", "cancelling", "waits for its address"])
def test_what_is_under_way_keeps_its_customer_however_old_it_is(house: House, state: str) -> None:
    [order_id] = settle(house, 1)
    with house.db.begin() as tx:
        if state == "not answered":
            ask(tx, "UPDATE orders SET confirmation_status = 'Placed'")
        elif state == "cancelling":
            ask(tx, "UPDATE orders SET cancel_state = 'frozen'")
        elif state == "held":
            holds.want(tx, [order_id], now=house.now)
        else:
            ask(tx, "UPDATE orders SET address_waits = 1")
    house.pass_time(days=3_660)

    assert age(house)

    assert house.order(order_id).customer_phone
    assert "Shopify_Webhook_Received" in house.events(order_id)


def test_it_ends_after_its_time_and_goes_on_where_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ordercall.services.retention.SLICE", 2)
    ids = settle(house, *range(1, 6))
    house.pass_time(days=366)

    assert not house.worker.retention.work_until(time.monotonic() - 1)
    house.worker.retention.work()  # two seconds are enough for five orders

    assert [house.order(one).customer_phone for one in ids] == [None] * 5
    with house.db.read() as tx:
        run = upkeep.last_of(tx, "customers")
    assert run
    assert (run.number, run.ended_at is not None) == (5, True)
    assert house.jobs("forget_by_age") == []
