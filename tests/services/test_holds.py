"""Parcels are held in Shopify until their customers have answered: by the job, on a real database, over real HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from house import House
from ordercall.domain.calling import Reason
from ordercall.domain.holds import Why
from ordercall.domain.orders import Status
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy
from ordercall.sandbox.fulfilment_orders import ANOTHER_APP, FulfilmentOrder
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.services.order_rules import do_not_call
from ordercall.storage.records import holds
from ordercall.storage.records.holds import StoredHold

PLACED_AT = "2026-11-24T11:59:53+05:30"
"""Seven seconds before the present of the house."""


@pytest.fixture
def shop(house: House) -> House:
    """A house whose policy holds parcels."""
    house.publish("hold", until_answered=True)
    return house


def placed(house: House, number: int = 1, **changes: Any) -> int:
    order = make_order(number, created_at=PLACED_AT, **changes)
    house.shopify.add(order)
    return house.receive(order)


def held(house: House, number: int = 1) -> int:
    """Place an order and let its job hold it."""
    order_id = placed(house, number)
    house.holds.align(order_id)
    assert ours(house, order_id) == [1]
    return order_id


def parts(house: House, order_id: int) -> list[FulfilmentOrder]:
    return house.shopify.fulfilment.of_order(order_id)


def ours(house: House, order_id: int) -> list[int]:
    """Return how many holds of ours each fulfilment order of an order has that waits."""
    return [sum(hold.handle == "ordercall" for hold in one.holds) for one in parts(house, order_id) if one.waits]


def stored(house: House, order_id: int) -> StoredHold:
    with house.db.read() as tx:
        found = holds.find(tx, order_id)
    assert found
    return found


def aligned(house: House) -> list[int]:
    """Return the orders that wait for their hold to be looked at, once each."""
    return list(dict.fromkeys(arguments["shopify_id"] for arguments, _ in house.jobs("align_hold")))


def questions(house: House) -> int:
    return len(house.shopify.calls)


def test_nothing_is_asked_while_the_policy_is_off(house: House) -> None:
    order_id = placed(house)
    house.orders.change_status(order_id, Status.SUCCESS, by="the agent")

    house.holds.look()
    house.holds.align(order_id)

    assert (house.jobs("align_hold"), questions(house)) == ([], 0)


def test_an_order_that_is_called_is_held_by_its_job(shop: House) -> None:
    order_id = placed(shop)
    [(arguments, at)] = shop.jobs("align_hold")
    shop.holds.align(arguments["shopify_id"])

    assert (at, ours(shop, order_id)) == (None, [1])
    assert stored(shop, order_id).held_at == shop.now
    assert shop.messages(order_id)[-1] == "On hold in Shopify, 7 s after it was placed."


def test_an_order_that_is_not_called_is_not_held(shop: House) -> None:
    placed(shop, test=True)

    assert shop.jobs("align_hold") == []


def test_a_hold_that_was_made_and_not_stored_is_found_and_made_no_second_time(shop: House) -> None:
    order_id = placed(shop)
    [one] = parts(shop, order_id)
    shop.shopify.fulfilment.hold(one.id, handle="ordercall")

    shop.holds.align(order_id)

    assert ours(shop, order_id) == [1]
    assert stored(shop, order_id).held == {f"gid://shopify/FulfillmentOrder/{one.id}"}


def test_a_hold_whose_answer_is_lost_is_made_once(shop: House) -> None:
    order_id = placed(shop)
    shop.shopify.fail_next(1, Mode.LOST)

    with pytest.raises((OutcomeUnknown, ProviderBusy)):
        shop.holds.align(order_id)
    shop.pass_time(minutes=1)
    shop.shopify.switch(Mode.NORMAL)
    for _ in range(2):
        shop.holds.align(order_id)

    assert ours(shop, order_id) == [1]


def test_fulfilment_orders_that_are_not_there_yet_are_looked_for_again(shop: House) -> None:
    shop.shopify.fulfilment.after = timedelta(days=3_000)
    order_id = placed(shop)

    pauses = []
    for _ in range(3):
        shop.holds.align(order_id)
        due = max(at for _, at in shop.jobs("align_hold") if at)
        pauses.append(round((due - shop.now).total_seconds()))
        shop.now = due.astimezone(shop.now.tzinfo)
        with shop.db.begin() as tx:
            tx.exec_driver_sql("DELETE FROM procrastinate_jobs")
    shop.shopify.fulfilment.after = timedelta(0)
    shop.holds.align(order_id)

    assert pauses == [2, 3, 10]
    assert ours(shop, order_id) == [1]
    assert shop.messages(order_id)[-1] == "On hold in Shopify, 22 s after it was placed."


def test_after_a_quarter_of_an_hour_without_one_a_person_is_told(shop: House) -> None:
    shop.shopify.fulfilment.after = timedelta(days=3_000)
    order_id = placed(shop)
    shop.pass_time(minutes=15)

    shop.holds.align(order_id)

    assert "Has the app the scopes" in (stored(shop, order_id).refused or "")


def test_what_leaves_as_no_parcel_is_not_held(shop: House) -> None:
    shop.shopify.fulfilment.method = "PICK_UP"
    order_id = placed(shop)
    shop.pass_time(minutes=15)

    shop.holds.align(order_id)
    shop.holds.look()

    found = stored(shop, order_id)
    assert (found.is_live, found.let_go, found.refused, ours(shop, order_id)) == (False, Why.NOTHING, None, [0])


@pytest.mark.parametrize("status", [Status.SUCCESS, Status.RETURNED])
def test_a_decided_order_is_released_before_all_that_nobody_waits_for(shop: House, status: Status) -> None:
    order_id = held(shop)
    shop.orders.change_status(order_id, status, by="the agent")
    with shop.db.read() as tx:
        query = "SELECT max(priority) FROM procrastinate_jobs WHERE task_name = 'align_hold'"
        urgent = tx.exec_driver_sql(query).scalar_one()

    shop.holds.align(order_id)

    assert (urgent, ours(shop, order_id)) == (1, [0])
    assert not stored(shop, order_id).is_live
    assert shop.messages(order_id)[-1].startswith("No longer held in Shopify.")


def test_a_refused_order_stays_held_until_it_is_cancelled_in_shopify(shop: House) -> None:
    order_id = held(shop)
    shop.orders.change_status(order_id, Status.FAILED, by="the agent")
    shop.holds.align(order_id)
    before = ours(shop, order_id)

    shop.cancels.cancel(order_id)
    shop.holds.align(order_id)

    assert (before, stored(shop, order_id).is_live) == ([1], False)


def test_a_release_frees_nobody_elses_hold(shop: House) -> None:
    order_id = held(shop)
    shop.shopify.fulfilment.hold(parts(shop, order_id)[0].id, handle="flow", app=ANOTHER_APP)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")

    shop.holds.align(order_id)

    assert [hold.handle for hold in parts(shop, order_id)[0].holds] == ["flow"]
    assert stored(shop, order_id).by_others


@pytest.mark.parametrize("happens", ["split", "move", "cancel"])
def test_what_happens_to_a_fulfilment_order_is_held_anew(shop: House, happens: str) -> None:
    shop.shopify.fulfilment.after = timedelta(0)
    order_id = placed(shop, 5)  # two pieces
    shop.holds.align(order_id)
    getattr(shop.shopify.fulfilment, happens)(parts(shop, order_id)[0].id)

    shop.holds.align(order_id)

    assert set(ours(shop, order_id)) == {1}


def test_an_edit_has_what_it_adds_held(shop: House) -> None:
    order_id = held(shop)
    shop.receive(shop.shopify.book.edit(order_id), "orders/updated")

    [again] = aligned(shop)
    shop.holds.align(again)

    assert ours(shop, order_id) == [1, 1]


def test_all_parts_of_an_order_are_released(shop: House) -> None:
    order_id = placed(shop, 5)
    shop.shopify.fulfilment.split(parts(shop, order_id)[0].id)
    shop.holds.align(order_id)
    before = ours(shop, order_id)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")

    shop.holds.align(order_id)

    assert (before, ours(shop, order_id)) == ([1, 1], [0, 0])


def test_what_somebody_else_releases_is_held_once_more_and_then_left_alone(shop: House) -> None:
    order_id = held(shop)
    [one] = parts(shop, order_id)
    shop.shopify.fulfilment.release(one.id, None)
    shop.holds.align(order_id)
    after_the_first = ours(shop, order_id)
    shop.shopify.fulfilment.release(one.id, None)

    shop.holds.align(order_id)
    shop.holds.look()

    assert (after_the_first, ours(shop, order_id)) == ([1], [0])
    assert stored(shop, order_id).let_go is Why.OTHERS
    assert "not held a third time" in shop.messages(order_id)[-1]


def test_what_is_packed_already_is_told_with_shopifys_word(shop: House) -> None:
    order_id = placed(shop)
    shop.shopify.fulfilment.accept(parts(shop, order_id)[0].id)

    shop.holds.align(order_id)

    assert stored(shop, order_id).refused == "Shopify offers no hold for what is IN_PROGRESS."
    assert shop.events(order_id)[-1] == "Shopify_Hold_Error"


def test_a_refusal_is_asked_about_again_a_quarter_of_an_hour_later(shop: House) -> None:
    order_id = placed(shop)
    one = parts(shop, order_id)[0]
    shop.shopify.fulfilment.accept(one.id)
    shop.holds.align(order_id)
    with shop.db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM procrastinate_jobs")

    shop.holds.look()
    at_once = aligned(shop)
    shop.pass_time(minutes=15)
    shop.holds.look()

    assert (at_once, aligned(shop)) == ([], [order_id])


def test_a_missing_scope_is_told_and_stops_nothing_else(shop: House) -> None:
    order_id = placed(shop)
    shop.shopify.tokens.scopes = ("read_orders", "write_orders", "read_merchant_managed_fulfillment_orders")

    with pytest.raises(CredentialsRefused):
        shop.holds.align(order_id)

    assert "write_merchant_managed_fulfillment_orders" in (stored(shop, order_id).refused or "")
    shop.orders.change_status(order_id, Status.FAILED, by="a person")
    shop.cancels.cancel(order_id)
    assert shop.order(order_id).cancel_state == "done"


def test_a_scope_that_is_lost_does_not_pass_for_a_release(shop: House) -> None:
    order_id = held(shop)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    shop.shopify.tokens.scopes = ("read_orders", "write_orders")

    shop.holds.align(order_id)

    found = stored(shop, order_id)
    assert found.is_live
    assert "Release the order in Shopify" in (found.refused or "")


def test_a_hold_that_is_too_old_is_released_and_told_loudly(shop: House, caplog: pytest.LogCaptureFixture) -> None:
    order_id = held(shop)
    shop.pass_time(hours=48)
    with shop.db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM procrastinate_jobs")

    shop.holds.look()
    assert aligned(shop) == [order_id]
    shop.holds.align(order_id)
    shop.holds.look()
    shop.holds.align(order_id)

    assert (ours(shop, order_id), stored(shop, order_id).let_go) == ([0], Why.TOO_LONG)
    assert shop.events(order_id).count("Shopify_Hold_Error") == 1
    assert f"Order {order_id} is let go" in caplog.text


def test_switching_the_policy_off_releases_what_is_held(shop: House) -> None:
    first, second = held(shop, 1), held(shop, 2)
    shop.publish("hold", until_answered=False)

    shop.holds.look()
    for order_id in aligned(shop):
        shop.holds.align(order_id)

    assert (ours(shop, first), ours(shop, second)) == ([0], [0])


def test_an_order_whose_call_was_given_up_is_released_within_a_minute(shop: House) -> None:
    order_id = held(shop)
    with shop.db.begin() as tx:
        do_not_call(tx, order_id, Reason.DO_NOT_CALL, now=shop.now)
        tx.exec_driver_sql("DELETE FROM procrastinate_jobs")

    shop.holds.look()
    [again] = aligned(shop)
    shop.holds.align(again)

    assert ours(shop, order_id) == [0]


def test_an_order_that_was_on_its_way_when_the_policy_began_is_held_within_a_minute(house: House) -> None:
    order_id = placed(house)
    house.publish("hold", until_answered=True)

    house.holds.look()
    [again] = aligned(house)
    house.holds.align(again)

    assert ours(house, order_id) == [1]


def test_an_order_that_is_placed_and_called_again_is_held_again(shop: House) -> None:
    order_id = held(shop)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    shop.holds.align(order_id)
    shop.orders.change_status(order_id, Status.PLACED, by="a person")
    shop.orders.request_sync(order_id, by="a person")

    shop.holds.look()
    shop.holds.align(order_id)

    assert ours(shop, order_id) == [1]


def test_a_hold_that_crashes_its_worker_is_left_to_a_person(shop: House) -> None:
    order_id = placed(shop)

    shop.holds.give_up(order_id)

    assert "worker stopped" in (stored(shop, order_id).refused or "")


def forget_jobs(house: House) -> None:
    with house.db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM procrastinate_jobs")


def test_a_hold_that_nobody_here_knows_of_is_found_and_released(shop: House) -> None:
    order_id = held(shop)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    shop.holds.align(order_id)
    shop.shopify.fulfilment.hold(parts(shop, order_id)[0].id, handle="ordercall")
    forget_jobs(shop)
    shop.pass_time(minutes=1)

    shop.holds.find_forgotten()
    [again] = aligned(shop)
    shop.holds.align(again)

    assert ours(shop, order_id) == [0]
    assert any("found on hold in Shopify by this app" in message for message in shop.messages(order_id))


def test_a_hold_that_is_gone_in_shopify_is_found(shop: House) -> None:
    gone, stands = held(shop, 1), held(shop, 2)
    shop.shopify.fulfilment.release(parts(shop, gone)[0].id, None)
    forget_jobs(shop)
    shop.pass_time(minutes=1)

    shop.holds.find_forgotten()

    assert aligned(shop) == [gone]
    assert ours(shop, stands) == [1]


def test_an_order_that_the_database_does_not_know_is_named_by_its_number_alone(
    shop: House, caplog: pytest.LogCaptureFixture
) -> None:
    held(shop)
    shop.shopify.add(make_order(9, created_at=PLACED_AT))
    [one] = shop.shopify.fulfilment.of_order(make_order(9)["id"])
    shop.shopify.fulfilment.hold(one.id, handle="ordercall")

    shop.holds.find_forgotten()

    assert "On hold in Shopify by this app and not in its database: 1 orders" in caplog.text


def test_a_shop_that_never_held_anything_is_not_asked(house: House) -> None:
    placed(house)

    house.holds.find_forgotten()

    assert questions(house) == 0
