"""Webhooks about fulfilment orders: what others do to a held order is seen at once, and not at the next reading."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from holding import SINCE, aligned, forget_jobs, held, ours, parts, placed, stored
from sqlalchemy import update

from house import House
from ordercall.domain.orders.order import Status
from ordercall.sandbox.fulfilment_orders import ANOTHER_APP
from ordercall.storage.records import holds
from ordercall.storage.tables import orders


@pytest.fixture
def shop(house: House) -> Iterator[House]:
    """A house whose policy holds parcels, and which gets only the webhooks that do not name their order."""

    def receive(topic: str, body: dict[str, Any]) -> None:
        if topic.startswith("fulfillment_"):
            house.receive({"id": 0} | body, topic)

    house.publish("hold", until_answered=True)
    house.shopify.book.on_event.append(receive)
    yield house
    house.shopify.book.on_event.remove(receive)


def hear(shop: House, order_id: int, topic: str) -> None:
    """Take in the order as Shopify has it now."""
    shop.receive(shop.shopify.book.order(order_id) or {}, topic)


def others(shop: House) -> list[int]:
    """Return the orders that wait to be looked at for holds of others."""
    return [arguments["shopify_id"] for arguments, _ in shop.jobs("see_other_holds")]


@pytest.mark.parametrize("happens", ["split", "move", "cancel"])
def test_what_others_do_to_a_held_order_is_looked_at_at_once(shop: House, happens: str) -> None:
    shop.shopify.fulfilment.after *= 0
    order_id = placed(shop, 5)  # two pieces
    shop.holds.align(order_id)
    forget_jobs(shop)
    getattr(shop.shopify.fulfilment, happens)(parts(shop, order_id)[0].id)

    assert aligned(shop) == [order_id]
    shop.holds.align(order_id)
    assert set(ours(shop, order_id)) == {1}


def test_a_hold_that_others_release_is_looked_at_at_once(shop: House) -> None:
    order_id = held(shop)
    forget_jobs(shop)
    shop.shopify.fulfilment.release(parts(shop, order_id)[0].id, None)

    assert aligned(shop) == [order_id]


def test_our_own_hold_and_release_lead_to_no_question_more(shop: House) -> None:
    order_id = placed(shop)
    forget_jobs(shop)
    shop.holds.align(order_id)
    after_the_hold = aligned(shop)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    forget_jobs(shop)
    shop.holds.align(order_id)
    before = len(shop.shopify.calls)

    for again in aligned(shop):
        shop.holds.align(again)

    assert (after_the_hold, others(shop), len(shop.shopify.calls)) == ([], [], before)


def test_a_hold_of_others_is_seen_also_after_the_answer(shop: House) -> None:
    order_id = held(shop)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    shop.holds.align(order_id)
    [one] = parts(shop, order_id)
    theirs = shop.shopify.fulfilment.hold(one.id, handle="flow", notes="Flow", app=ANOTHER_APP)
    asked = others(shop)
    shop.holds.see_others(order_id)
    while_held = stored(shop, order_id)

    shop.shopify.fulfilment.release(one.id, [theirs.id])
    shop.holds.see_others(order_id)

    assert (asked, while_held.others_note, while_held.is_live) == ([order_id], "Flow", False)
    assert not stored(shop, order_id).by_others


STRANGE: dict[str, dict[str, Any]] = {
    "of no order here": {"fulfillment_order": {"id": "gid://shopify/FulfillmentOrder/77"}},
    "too long a number": {"fulfillment_order": {"id": f"gid://shopify/FulfillmentOrder/{'9' * 30}"}},
    "no fulfilment order": {"fulfillment_order": {"id": 1}, "fulfillment_hold": "flow"},
}


@pytest.mark.parametrize("body", STRANGE.values(), ids=STRANGE)
def test_what_is_about_no_order_that_is_held_is_kept_and_does_nothing(shop: House, body: dict[str, Any]) -> None:
    shop.receive({"id": 0} | body, "fulfillment_holds/added")

    assert (aligned(shop), others(shop)) == ([], [])


@pytest.mark.parametrize("seen_first", ["the webhook", "the fulfilment order"])
@pytest.mark.parametrize("status", [Status.PLACED, Status.FAILED])
def test_what_was_shipped_and_taken_back_is_held_again(shop: House, status: Status, seen_first: str) -> None:
    order_id = held(shop)
    if status is Status.FAILED:
        shop.orders.change_status(order_id, status, by="a person")
    shop.pass_time(hours=1)
    shop.shopify.fulfilment.ship(parts(shop, order_id)[0].id)
    if seen_first == "the fulfilment order":
        shop.holds.align(order_id)
    hear(shop, order_id, "orders/fulfilled")
    shop.holds.align(order_id)
    forget_jobs(shop)

    shop.shopify.fulfilment.take_back(order_id)
    hear(shop, order_id, "orders/updated")
    for each in aligned(shop):
        shop.holds.align(each)

    assert ours(shop, order_id) == [1]


def test_what_is_seen_as_shipped_before_it_is_told_is_read_so(shop: House) -> None:
    order_id = held(shop)
    shop.pass_time(hours=1)
    shop.shopify.fulfilment.ship(parts(shop, order_id)[0].id)
    forget_jobs(shop)

    shop.holds.align(order_id)

    assert [arguments["shopify_id"] for arguments, _ in shop.jobs("read_order_again")] == [order_id]


def test_what_was_confirmed_stays_free_when_it_is_taken_back(shop: House) -> None:
    order_id = held(shop)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    shop.holds.align(order_id)
    shop.shopify.fulfilment.ship(parts(shop, order_id)[0].id)
    hear(shop, order_id, "orders/fulfilled")

    shop.shopify.fulfilment.take_back(order_id)
    hear(shop, order_id, "orders/updated")
    for each in aligned(shop):
        shop.holds.align(each)

    assert ours(shop, order_id) == [0]


# -- what no webhook told


@pytest.fixture
def deaf(house: House) -> House:
    """A house whose policy holds parcels, and which gets no webhook about holds and fulfilment orders."""
    house.publish("hold", until_answered=True)
    return house


def test_a_part_that_was_split_off_unheard_is_found_and_held(deaf: House) -> None:
    deaf.shopify.fulfilment.after *= 0
    order_id, stands = placed(deaf, 5), held(deaf)  # two pieces
    deaf.holds.align(order_id)
    deaf.shopify.fulfilment.split(parts(deaf, order_id)[0].id)
    forget_jobs(deaf)
    deaf.pass_time(minutes=1)

    deaf.holds.find_forgotten(SINCE)
    looked_at = aligned(deaf)
    deaf.holds.align(order_id)

    assert looked_at == [order_id]
    assert (ours(deaf, order_id), ours(deaf, stands)) == ([1, 1], [1])


def test_a_hold_of_others_that_came_or_went_unheard_is_found(deaf: House) -> None:
    order_id = held(deaf)
    deaf.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    deaf.holds.align(order_id)
    [one] = parts(deaf, order_id)
    theirs = deaf.shopify.fulfilment.hold(one.id, handle="flow", app=ANOTHER_APP)

    deaf.holds.find_forgotten(SINCE)
    when_it_came = others(deaf)
    deaf.holds.see_others(order_id)
    forget_jobs(deaf)
    deaf.holds.find_forgotten(SINCE)
    when_it_stood = others(deaf)
    deaf.shopify.fulfilment.release(one.id, [theirs.id])
    deaf.holds.find_forgotten(SINCE)

    assert (when_it_came, when_it_stood, others(deaf)) == ([order_id], [], [order_id])


def test_a_hold_of_others_that_can_be_looked_at_no_more_keeps_nothing_back(deaf: House) -> None:
    order_id = held(deaf)
    with deaf.db.begin() as tx:
        holds.see_others(tx, order_id, by_others="Flow")
    deaf.shopify.switch("unprocessable")

    deaf.holds.find_forgotten(SINCE)

    assert not stored(deaf, order_id).by_others


def test_of_an_order_whose_customer_is_erased_no_note_of_others_is_kept(deaf: House) -> None:
    order_id = held(deaf)
    theirs = {"handle": "flow", "notes": "Ask Asha Iyer", "app": ANOTHER_APP}
    deaf.shopify.fulfilment.hold(parts(deaf, order_id)[0].id, **theirs)
    with deaf.db.begin() as tx:
        tx.execute(update(orders).values(erased_at=1.0))

    deaf.holds.see_others(order_id)

    assert (stored(deaf, order_id).by_others, stored(deaf, order_id).others_note) == (True, "")
