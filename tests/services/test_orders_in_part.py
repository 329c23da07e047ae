"""An order that is first seen in part: the shop is read before anybody is rung, and without it nobody is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from house import House
from ordercall.sandbox.orders import make_order

FIELDS = ("id", "name", "phone", "updated_at")


def placed(house: House, number: int = 1, **changes: Any) -> dict[str, Any]:
    """Place an order in the shop a minute ago."""
    at = (house.now - timedelta(minutes=1)).isoformat(timespec="seconds")
    order = make_order(number, **{"created_at": at, "updated_at": at} | changes)
    house.shopify.add(order)
    return order


def in_part(order: dict[str, Any], *fields: str) -> dict[str, Any]:
    return {name: order[name] for name in fields or FIELDS}


def read_what_waits(house: House) -> None:
    for arguments, _ in house.jobs("read_order_again"):
        house.reconcile.read_again(arguments["shopify_id"])


def test_what_the_shop_shows_completes_the_order_and_its_customer_is_rung(house: House) -> None:
    order_id = house.receive(in_part(placed(house)))
    assert house.states() == {order_id: ("not_called", "partly_known")}

    read_what_waits(house)

    stored = house.order(order_id)
    assert house.states() == {order_id: ("queued", None)}
    assert (stored.city is None, stored.total_price is None, stored.fact_times) == (False, False, None)
    assert len(house.jobs("sync_order")) == 1


def test_what_the_shop_shows_against_a_call_counts(house: House) -> None:
    shipped = house.receive(in_part(placed(house, 1, fulfillment_status="fulfilled")))
    trial = house.receive(in_part(placed(house, 2, test=True)))
    nobody = house.receive(in_part(placed(house, 3, phone=None) | {"phone": None}))

    read_what_waits(house)

    reasons = {order_id: reason for order_id, (_, reason) in house.states().items()}
    assert reasons == {shipped: "shipped", trial: "test_order", nobody: "no_phone"}
    assert house.jobs("sync_order") == []


@pytest.mark.parametrize("mark", [{"cancelled_at": "soon"}, {"closed_at": -7}, {"test": "maybe"}], ids=str)
def test_an_order_with_a_mark_that_nobody_can_read_is_read_from_the_shop_before_anybody_is_rung(
    house: House, mark: dict[str, Any]
) -> None:
    order_id = house.receive(placed(house) | mark)
    assert house.states() == {order_id: ("not_called", "partly_known")}

    read_what_waits(house)

    assert house.states() == {order_id: ("queued", None)}


@pytest.mark.parametrize("mark", [{"cancelled_at": "soon"}, {"closed_at": -7}, {"test": "maybe"}], ids=str)
def test_an_order_whose_mark_becomes_unreadable_before_its_call_waits_until_the_shop_is_read(
    house: House, mark: dict[str, Any]
) -> None:
    order_id = house.receive(order := placed(house))
    house.receive(order | mark, "orders/updated")
    assert house.states() == {order_id: ("not_called", "partly_known")}

    read_what_waits(house)

    assert house.states() == {order_id: ("queued", None)}


def test_a_person_cannot_have_somebody_rung_on_half_of_an_order(house: House) -> None:
    order_id = house.receive(in_part(placed(house)))

    house.sync.sync(order_id)

    assert house.states() == {order_id: ("not_called", "partly_known")}
    assert house.kalimera.calls == []


def test_without_shopifys_credentials_it_waits_for_a_person_with_the_reason(house: House) -> None:
    house.reconcile._settings = replace(house.reconcile._settings, shopify_access_token="")
    order_id = house.receive(in_part(placed(house)))

    read_what_waits(house)

    assert house.states() == {order_id: ("not_called", "partly_known")}
    assert "Known in part, and it could not be read again" in house.messages(order_id)[-1]
    assert house.jobs("sync_order") == []


def test_an_order_in_part_that_the_shop_does_not_show_waits_for_a_person(house: House) -> None:
    order_id = house.receive(in_part(make_order(1)))

    read_what_waits(house)

    assert house.states() == {order_id: ("not_called", "partly_known")}
    assert "Shopify does not show it" in house.messages(order_id)[-1]


def test_the_next_reading_of_the_shop_completes_it_too(house: House) -> None:
    house.reconcile.run()
    order_id = house.receive(in_part(placed(house)))

    house.reconcile.run()

    assert house.states() == {order_id: ("queued", None)}


def test_the_whole_webhook_that_comes_before_the_shop_was_read_is_enough(house: House) -> None:
    order = placed(house)
    order_id = house.receive(in_part(order))
    house.receive(order, "orders/updated")

    read_what_waits(house)

    assert house.states() == {order_id: ("queued", None)}
    assert len(house.jobs("sync_order")) == 1


def test_the_first_entries_tell_what_came_and_what_completed_it(house: House) -> None:
    order_id = house.receive(in_part(placed(house)))

    read_what_waits(house)

    assert house.messages(order_id)[:2] == [
        "Order #1 received from Shopify (orders/create).",
        "Not called: Shopify sent only a part of it, and the rest has not been read from the shop yet.",
    ]
    assert house.messages(order_id)[2].startswith("Completed: ")
