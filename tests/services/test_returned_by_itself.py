"""An order that came back becomes Returned by itself: from Shopify's webhooks and readings, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from house import House
from ordercall.domain.orders.order import Status
from ordercall.sandbox.orders import make_order


def shipped(house: House, number: int = 5, status: Status = Status.SUCCESS) -> int:
    """Place an order of two pieces, let it be decided, and ship it."""
    order = make_order(number, created_at="2026-11-24T11:00:00+05:30")
    house.shopify.add(order)
    order_id = house.receive(order)
    if status is not Status.PLACED:
        house.orders.change_status(order_id, status, by="the agent")
    house.receive(house.shopify.ship(order_id), "orders/fulfilled")
    return order_id


def tell(house: House, happens: Callable[[], object]) -> list[int]:
    """Let something happen to a parcel, take its webhook in, and look at whatever is to be looked at; return that."""
    sent: list[tuple[str, dict[str, Any]]] = []
    house.shopify.book.on_event.append(lambda topic, body: sent.append((topic, body)))
    happens()
    house.shopify.book.on_event.pop()
    for topic, body in sent:
        house.receive(body, topic)
    return look(house)


def look(house: House) -> list[int]:
    asked = [arguments["shopify_id"] for arguments, _ in house.jobs("look_at_parcels")]
    with house.db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM procrastinate_jobs")
    for order_id in asked:
        house.worker.parcels.look(order_id)
    return asked


def status_of(house: House, order_id: int) -> str:
    return str(house.order(order_id).confirmation_status)


def test_a_confirmed_order_that_could_not_be_delivered_is_returned(house: House) -> None:
    order_id = shipped(house)

    tell(house, lambda: house.shopify.parcels.tell(order_id, "failure"))

    assert status_of(house, order_id) == Status.RETURNED
    assert house.order(order_id).status_changed_by == "Shopify"
    assert "Delivery: failure. It could not be delivered." in house.messages(order_id)


def test_that_nobody_was_at_the_door_is_only_told(house: House) -> None:
    order_id = shipped(house)

    tell(house, lambda: house.shopify.parcels.tell(order_id, "attempted_delivery"))

    assert (status_of(house, order_id), house.messages(order_id)[-1]) == (
        Status.SUCCESS,
        "Delivery: attempted delivery.",
    )


def test_an_order_of_which_all_was_returned_is_returned(house: House) -> None:
    order_id = shipped(house)
    tell(house, lambda: house.shopify.parcels.tell(order_id, "delivered"))

    tell(house, lambda: house.shopify.parcels.take_back(order_id))

    assert status_of(house, order_id) == Status.RETURNED


def test_an_order_of_which_a_part_was_returned_is_only_told_about(house: House) -> None:
    order_id = shipped(house)

    tell(house, lambda: house.shopify.parcels.take_back(order_id, 1))

    assert status_of(house, order_id) == Status.SUCCESS
    assert house.messages(order_id)[-1] == "Return: returned, 1 of 2 pieces."


def test_a_return_that_is_closed_with_nothing_received_is_only_told_about(house: House) -> None:
    order_id = shipped(house)

    tell(house, lambda: house.shopify.parcels.close_unreceived(order_id))

    assert status_of(house, order_id) == Status.SUCCESS
    assert house.messages(order_id)[-1] == "Return: returned, 0 of 2 pieces."


def test_what_is_missing_of_a_return_did_not_come_back(house: House) -> None:
    order_id = shipped(house)

    tell(house, lambda: house.shopify.parcels.take_back(order_id, missing=1))

    assert status_of(house, order_id) == Status.SUCCESS
    assert house.messages(order_id)[-1] == "Return: returned, 1 of 2 pieces."


def test_an_app_without_the_scopes_asks_nothing_of_parcels(house: House) -> None:
    order_id = shipped(house)
    house.shopify.tokens.scopes = ("read_orders", "write_orders", "read_customers", "read_returns")

    tell(house, lambda: house.shopify.parcels.tell(order_id, "failure"))
    house.worker.parcels.look_at_some()

    asked = {call.body["query"].split()[1].split("(")[0] for call in house.shopify.calls}
    assert (status_of(house, order_id), asked, look(house)) == (Status.SUCCESS, {"installation"}, [])


@pytest.mark.parametrize("status", ["in_transit", "out_for_delivery"])
def test_a_parcel_on_its_way_is_not_looked_at_at_each_step(house: House, status: str) -> None:
    order_id = shipped(house)

    assert tell(house, lambda: house.shopify.parcels.tell(order_id, status)) == []


def test_an_order_of_which_a_part_waits_to_be_shipped_did_not_come_back(house: House) -> None:
    order_id = shipped(house)
    house.receive(house.shopify.book.change(order_id, lambda _: {"fulfillment_status": "partial"}), "orders/updated")

    tell(house, lambda: house.shopify.parcels.tell(order_id, "failure"))

    assert (status_of(house, order_id), house.messages(order_id)[-1]) == (Status.SUCCESS, "Delivery: failure.")


@pytest.mark.parametrize("status", [Status.PLACED, Status.FAILED])
def test_no_other_order_is_changed_by_what_becomes_of_its_parcel(house: House, status: Status) -> None:
    order_id = shipped(house, status=status)

    tell(house, lambda: house.shopify.parcels.tell(order_id, "failure"))

    assert status_of(house, order_id) == status
    assert house.messages(order_id)[-1] == "Delivery: failure. It could not be delivered."


def test_what_a_person_has_put_right_is_not_changed_by_the_same_news(house: House) -> None:
    order_id = shipped(house)
    tell(house, lambda: house.shopify.parcels.tell(order_id, "failure"))
    house.orders.change_status(order_id, Status.SUCCESS, by="Asha")
    before = house.messages(order_id)

    tell(house, lambda: house.shopify.parcels.tell(order_id, "failure"))

    assert (status_of(house, order_id), house.messages(order_id)) == (Status.SUCCESS, before)


def test_an_order_that_was_returned_and_is_not_any_more_is_left_to_a_person(house: House) -> None:
    order_id = shipped(house)
    tell(house, lambda: house.shopify.parcels.take_back(order_id))

    tell(house, lambda: house.shopify.parcels.reopen(order_id))

    assert status_of(house, order_id) == Status.RETURNED
    assert "set its status if it is another" in house.messages(order_id)[-1]


def test_a_parcel_that_is_delivered_after_it_failed_is_left_to_a_person(house: House) -> None:
    order_id = shipped(house)
    tell(house, lambda: house.shopify.parcels.tell(order_id, "failure"))

    tell(house, lambda: house.shopify.parcels.tell(order_id, "delivered"))

    assert status_of(house, order_id) == Status.RETURNED
    assert house.messages(order_id)[-1].startswith("Delivery: delivered. It was seen as one that came back")


def test_a_lost_webhook_is_made_up_for_by_a_look_a_day(house: House) -> None:
    order_id, placed_only = shipped(house), shipped(house, 6, Status.PLACED)
    house.shopify.parcels.tell(order_id, "failure")
    house.shopify.parcels.tell(placed_only, "failure")

    house.worker.parcels.look_at_some()
    looked_at = look(house)
    house.worker.parcels.look_at_some()

    assert (looked_at, look(house), status_of(house, order_id)) == ([order_id], [], Status.RETURNED)


def test_an_order_on_its_way_is_looked_at_again_the_next_day(house: House) -> None:
    order_id = shipped(house)
    house.worker.parcels.look_at_some()
    look(house)

    house.pass_time(hours=25)
    house.worker.parcels.look_at_some()

    assert look(house) == [order_id]


def test_a_delivery_of_an_order_that_nobody_knows_changes_nothing(house: House) -> None:
    house.receive({"id": 46_000_000_009, "order_id": 77, "status": "failure"}, "fulfillment_events/create")

    assert look(house) == [77]
