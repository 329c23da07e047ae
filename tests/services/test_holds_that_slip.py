"""Parcels that would leave unheld, or wait for nobody: each is found by a webhook, within a minute, or by a reading."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from holding import PLACED_AT, SINCE, aligned, forget_jobs, held, ours, parts, placed, stored
from sqlalchemy import update

from belting import rung_order
from house import House
from ordercall.domain.orders.order import Status
from ordercall.domain.parcels.holds import Why
from ordercall.storage.records import holds
from ordercall.storage.tables import orders


@pytest.fixture
def shop(house: House) -> House:
    """A house whose policy holds parcels, and whose Shopify has them at once."""
    house.publish("hold", until_answered=True)
    house.shopify.fulfilment.after = timedelta(0)
    return house


def nothing_to_send(shop: House) -> int:
    """Place an order that is picked up, and look at it until that is believed."""
    shop.shopify.fulfilment.method = "PICK_UP"
    order_id = placed(shop)
    shop.pass_time(minutes=15)
    shop.holds.align(order_id)
    assert stored(shop, order_id).let_go is Why.NOTHING
    shop.shopify.fulfilment.method = "SHIPPING"
    forget_jobs(shop)
    return order_id


def waiting(shop: House, order_id: int) -> list[tuple[str, int]]:
    return [(one.method, len(one.holds)) for one in parts(shop, order_id) if one.waits]


def test_a_parcel_that_an_edit_adds_to_what_is_picked_up_is_held(shop: House) -> None:
    order_id = nothing_to_send(shop)

    shop.receive(shop.shopify.book.edit(order_id), "orders/updated")
    for each in aligned(shop):
        shop.holds.align(each)

    assert waiting(shop, order_id) == [("PICK_UP", 0), ("SHIPPING", 1)]


def test_a_part_that_is_to_be_sent_after_all_is_held_when_a_webhook_tells_of_it(shop: House) -> None:
    order_id = nothing_to_send(shop)
    [one] = parts(shop, order_id)
    shop.shopify.fulfilment._by_id[one.id].method = "SHIPPING"  # the sandbox has no such change of its own

    shop.holds.see_others(order_id)
    for each in aligned(shop):
        shop.holds.align(each)

    assert waiting(shop, order_id) == [("SHIPPING", 1)]


def test_a_parcel_that_was_added_unheard_to_what_is_picked_up_is_held(shop: House) -> None:
    order_id = nothing_to_send(shop)
    shop.shopify.book.edit(order_id)
    parts(shop, order_id)

    shop.holds.find_forgotten(SINCE)
    for each in aligned(shop):
        shop.holds.align(each)

    assert waiting(shop, order_id) == [("PICK_UP", 0), ("SHIPPING", 1)]


@pytest.mark.parametrize("method", ["LOCAL", "PICKUP_POINT"])
def test_what_the_shop_itself_brings_is_held_as_what_a_courier_brings(shop: House, method: str) -> None:
    shop.shopify.fulfilment.method = method
    order_id = placed(shop)

    shop.holds.align(order_id)

    assert ours(shop, order_id) == [1]


def test_an_order_that_came_while_shopify_was_not_connected_is_held_once_it_is(shop: House) -> None:
    connected, shop.settings = shop.settings, replace(shop.settings, shopify_access_token="")
    shop.restart_worker()
    order_id = placed(shop)
    shop.holds.align(order_id)
    told = stored(shop, order_id).refused or ""
    forget_jobs(shop)
    shop.settings = connected
    shop.restart_worker()
    shop.pass_time(minutes=15)

    shop.holds.look()
    for each in aligned(shop):
        shop.holds.align(each)

    assert "SHOPIFY_ACCESS_TOKEN" in told
    assert (ours(shop, order_id), stored(shop, order_id).refused) == ([1], None)


@pytest.mark.parametrize("state", ["on_campaign", "failed"])
def test_a_parcel_whose_customer_is_erased_waits_for_no_answer(shop: House, state: str) -> None:
    order_id = rung_order(shop, created_at=PLACED_AT)
    shop.holds.align(order_id)
    with shop.db.begin() as tx:
        reason = "not_reached" if state == "failed" else None
        tx.execute(update(orders).values(calling_state=state, calling_reason=reason))
    before = ours(shop, order_id)
    shop.request_erasure(order_id)
    shop.do_erasures()
    forget_jobs(shop)

    shop.holds.look()
    for each in aligned(shop):
        shop.holds.align(each)

    assert (before, ours(shop, order_id)) == ([1], [0])


def test_what_was_refused_stays_held_also_when_its_customer_is_erased(shop: House) -> None:
    order_id = held(shop)
    shop.orders.change_status(order_id, Status.FAILED, by="a person")
    shop.request_erasure(order_id)
    shop.do_erasures()

    shop.holds.look()
    shop.holds.align(order_id)

    assert ours(shop, order_id) == [1]


@pytest.mark.parametrize("status", [Status.FAILED, Status.PLACED])
def test_a_parcel_whose_confirmation_is_taken_back_is_held_again(shop: House, status: Status) -> None:
    order_id = held(shop)
    with shop.db.begin() as tx:
        tx.execute(update(orders).values(calling_state="on_campaign"))
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    shop.holds.align(order_id)
    released = ours(shop, order_id)
    forget_jobs(shop)

    shop.orders.change_status(order_id, status, by="a person")
    for each in aligned(shop):
        shop.holds.align(each)

    assert (released, ours(shop, order_id)) == ([0], [1])


def test_a_parcel_that_a_person_let_go_stays_free_when_its_confirmation_is_taken_back(shop: House) -> None:
    order_id = held(shop)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    with shop.db.begin() as tx:
        holds.let_go(tx, order_id, Why.PERSON)
    shop.holds.align(order_id)

    shop.orders.change_status(order_id, Status.FAILED, by="a person")
    for each in aligned(shop):
        shop.holds.align(each)

    assert ours(shop, order_id) == [0]
