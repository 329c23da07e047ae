"""Real orders beside the sandbox, as when one machine of several lacks its settings: it does nothing in their name."""

from __future__ import annotations

import pytest

from databases import ask
from house import House
from ordercall.domain.orders.order import Status
from ordercall.sandbox.orders import make_order
from ordercall.storage.records import campaigns, reconciliations, window_endings
from ordercall.storage.records.campaigns import ListingState

CAMPAIGN = "sandbox-campaign"


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {
        "SHOPIFY_ACCESS_TOKEN": "sandbox-access-token",
        "SHOPIFY_TAG_CONFIRMED": "confirmed",
        "CALLING_HOURS": "00:00-24:00",
        "ORDERCALL_SANDBOXED": "1",
    }


def placed(house: House, *, demo: bool = False) -> int:
    order = make_order(1)
    house.shopify.add(order)
    order_id = house.receive(order)
    with house.db.begin() as tx:
        ask(tx, "UPDATE orders SET is_demo = ?", int(demo))
    return order_id


def nobody_was_asked(house: House) -> bool:
    return house.kalimera.calls == [] and house.shopify.calls == []


def test_the_sandboxs_own_order_is_called(house: House) -> None:
    order_id = placed(house, demo=True)

    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("on_campaign", None)


def test_a_real_order_waits_for_a_person_as_where_settings_are_missing(house: House) -> None:
    order_id = placed(house)

    house.sync.sync(order_id)

    assert house.states()[order_id] == ("failed", "settings_missing")
    assert house.order(order_id).calling_detail == "Kalimera's settings not set."
    assert nobody_was_asked(house)


@pytest.mark.parametrize("state", campaigns.UNFINISHED)
def test_a_real_order_keeps_its_place_on_the_way_to_its_campaign(house: House, state: ListingState) -> None:
    order_id = placed(house, demo=True)
    house.sync.sync(order_id)
    with house.db.begin() as tx:
        ask(tx, "UPDATE listings SET state = ?", state)
        ask(tx, "UPDATE orders SET is_demo = 0")
    house.kalimera.forget_calls()

    house.campaigns.flush(CAMPAIGN)

    with house.db.read() as tx:
        assert campaigns.place_of(tx, order_id) == state
    assert nobody_was_asked(house)


def test_a_real_order_is_not_cancelled_for_show(house: House) -> None:
    order_id = placed(house)
    house.orders.change_status(order_id, Status.FAILED, by="a test")

    house.cancels.cancel(order_id)

    order = house.order(order_id)
    assert (order.cancel_state, order.shopify_cancelled_at) == ("refused", None)
    assert order.cancel_detail == "Set Shopify's settings, then try again."
    assert nobody_was_asked(house)


def test_a_real_order_is_not_written_to_for_show(house: House) -> None:
    order_id = placed(house)
    house.orders.change_status(order_id, Status.SUCCESS, by="the agent")

    house.writing.look()
    house.writing.write(order_id)

    assert nobody_was_asked(house)


def test_nothing_of_a_real_order_is_overwritten_by_what_the_sandbox_makes_up(house: House) -> None:
    order_id = placed(house)
    house.shopify.accept_any_order = True
    before = house.order(order_id)

    house.reconcile.read_again(order_id)

    assert house.order(order_id) == before
    assert nobody_was_asked(house)


def test_a_reading_says_that_it_was_the_sandboxs(house: House) -> None:
    house.reconcile.run()

    with house.db.read() as tx:
        assert ask(tx, "SELECT asked_by FROM reconciliations").scalars().all() == [reconciliations.THE_SANDBOX]


def test_a_sandbox_ends_no_window_in_which_real_customers_are_rung(house: House) -> None:
    order_id = placed(house, demo=True)
    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)
    with house.db.begin() as tx:
        ask(tx, "UPDATE orders SET is_demo = 0")
    before = len(house.kalimera.calls)

    house.pauses.pause(by="Asha")
    house.campaigns.flush(CAMPAIGN)

    with house.db.read() as tx:
        assert window_endings.to_be_ended(tx) == [CAMPAIGN]
    assert len(house.kalimera.calls) == before
