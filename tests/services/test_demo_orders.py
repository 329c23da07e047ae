"""The sandbox's orders in a real shop: whatever they waited for when it was set up, nobody is asked for anything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from databases import ask
from house import House
from ordercall.domain.calls.calling import INDIA
from ordercall.domain.orders.order import Status
from ordercall.errors import OutcomeUnknown
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.storage.records import campaigns, reconciliations
from ordercall.storage.records.campaigns import ListingState

CAMPAIGN = "sandbox-campaign"


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {
        "SHOPIFY_ACCESS_TOKEN": "sandbox-access-token",
        "SHOPIFY_STORE_DOMAIN": "sari-house",
        "SHOPIFY_TAG_CONFIRMED": "confirmed",
        "CALLING_HOURS": "09:00-21:00",
    }


def placed(house: House, number: int = 1) -> int:
    """Return the id of an order that the shop of this house knows as well."""
    order = make_order(number, created_at=house.now.isoformat())
    house.shopify.add(order)
    return house.receive(order)


def turn_real(house: House, *demo: int) -> None:
    """Let these orders be ones that the sandbox placed, before the shop was set up; forget what it was asked for."""
    with house.db.begin() as tx:
        for shopify_id in demo:
            ask(tx, "UPDATE orders SET is_demo = 1 WHERE shopify_id = ?", shopify_id)
    house.kalimera.forget_calls()
    house.shopify.forget_calls()


def nobody_was_asked(house: House) -> bool:
    return house.kalimera.calls == [] and house.shopify.calls == []


def test_one_that_was_just_received_is_not_called(house: House) -> None:
    order_id = placed(house)
    turn_real(house, order_id)

    house.sync.sync(order_id)

    assert house.states()[order_id] == ("not_called", "demo_order")
    assert house.messages(order_id)[-1] == "Not called: It is a demo order, which the sandbox placed."
    assert nobody_was_asked(house)


def test_one_that_waits_for_the_calling_hours_is_not_called_at_the_opening(house: House) -> None:
    house.now = house.now.replace(hour=22)
    order_id = placed(house)
    house.sync.sync(order_id)
    [_, (arguments, opening)] = house.jobs("sync_order")
    assert house.states()[order_id] == ("waiting_for_hours", None)
    turn_real(house, order_id)

    assert opening is not None
    house.now = opening.astimezone(INDIA)
    house.sync.sync(arguments["shopify_id"])

    assert house.states()[order_id] == ("not_called", "demo_order")
    assert nobody_was_asked(house)


@pytest.mark.parametrize("state", campaigns.UNFINISHED)
def test_one_that_is_on_its_way_to_the_campaign_is_taken_off_before_anybody_is_told(
    house: House, state: ListingState
) -> None:
    order_id = placed(house)
    house.sync.sync(order_id)
    with house.db.begin() as tx:
        ask(tx, "UPDATE listings SET state = ?", state)
    turn_real(house, order_id)

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("not_called", "demo_order")
    with house.db.read() as tx:
        assert campaigns.place_of(tx, order_id) is None
    assert nobody_was_asked(house)


def test_real_orders_on_the_same_campaign_are_called_without_them(house: House) -> None:
    demo, real = placed(house, 1), placed(house, 2)
    for order_id in (demo, real):
        house.sync.sync(order_id)
    turn_real(house, demo)

    house.campaigns.flush(CAMPAIGN)

    assert house.states() == {demo: ("not_called", "demo_order"), real: ("on_campaign", None)}
    assert [entry.phone for entry in house.kalimera.listings] == [house.order(real).customer_phone]


def test_one_that_a_person_syncs_is_not_called_and_the_answer_says_why(house: House) -> None:
    order_id = placed(house)
    turn_real(house, order_id)
    house.sync.sync(order_id)
    house.orders.request_sync(order_id, by="Asha")

    house.sync.sync(order_id)

    answer = house.orders.request_sync(order_id, by="Asha")
    assert (answer.synced, house.order(order_id).calling_reason) == (False, None)
    house.sync.sync(order_id)
    assert house.states()[order_id] == ("not_called", "demo_order")
    assert nobody_was_asked(house)


def failed(house: House) -> int:
    order_id = placed(house)
    house.orders.change_status(order_id, Status.FAILED, by="a test")
    return order_id


def test_one_that_failed_is_not_cancelled_in_the_real_shop(house: House) -> None:
    order_id = failed(house)
    turn_real(house, order_id)

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state is None
    assert house.messages(order_id)[-1] == "Not cancelled in Shopify: it is a demo order, which the sandbox placed."
    assert nobody_was_asked(house)


def test_a_cancellation_that_was_under_way_is_not_followed(house: House) -> None:
    order_id = failed(house)
    house.shopify.mode = Mode.LOST
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)
    turn_real(house, order_id)

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state is None
    assert nobody_was_asked(house)


def test_one_that_is_confirmed_gets_no_tag(house: House) -> None:
    order_id = placed(house)
    house.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    turn_real(house, order_id)

    house.writing.look()
    house.writing.write(order_id)

    assert house.events(order_id)[-1] == "Order_Not_Called"
    assert nobody_was_asked(house)


def test_one_that_changed_is_not_read_again(house: House) -> None:
    order_id = placed(house)
    turn_real(house, order_id)

    house.reconcile.read_again(order_id)

    assert house.events(order_id)[-1] == "Shopify_Order_Updated"
    assert "it is of another shop" in house.messages(order_id)[-1]
    assert nobody_was_asked(house)


# -- how far the shop was read


def read_since(house: House) -> timedelta:
    """Read the shop, and return how far back that went."""
    run = house.reconcile.run()
    assert run is not None
    assert run.fault is None
    return house.now - run.since


def test_a_reading_of_the_sandboxs_shop_does_not_count_as_one_of_the_real_shop(house: House) -> None:
    with house.db.begin() as tx:
        begun = house.now - timedelta(days=40)
        run = reconciliations.begin(tx, asked_by=reconciliations.THE_SANDBOX, since=begun, now=begun)
        reconciliations.end(tx, run.id, now=begun, silent={})

    assert read_since(house) == timedelta(minutes=10)


def test_a_reading_of_the_sandboxs_shop_that_was_cut_off_is_not_taken_up(house: House) -> None:
    with house.db.begin() as tx:
        begun = house.now - timedelta(hours=5)
        reconciliations.begin(tx, asked_by=reconciliations.THE_SANDBOX, since=begun, now=begun)

    assert read_since(house) == timedelta(minutes=10)


def test_no_customer_is_called_because_the_sandbox_was_tried_in_the_morning(house: House) -> None:
    placed(house)  # its webhook came from the sandbox's shop, as all do in the tests
    house.pass_time(hours=5)

    assert read_since(house) == timedelta(minutes=10)
