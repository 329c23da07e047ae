"""Holds that Shopify refuses, that are too old, forgotten or not wanted any more, and what is done about each."""

from __future__ import annotations

import pytest
from holding import PLACED_AT, SINCE, aligned, forget_jobs, held, ours, parts, placed, questions, stored
from sqlalchemy import delete, update

from house import House
from ordercall.bootstrap.shopify import reconcile_now
from ordercall.domain.calls.calling import Reason
from ordercall.domain.orders.order import Status
from ordercall.domain.parcels.holds import LOOKS, Why
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy
from ordercall.sandbox.fulfilment_orders import ANOTHER_APP
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.services.order_rules import do_not_call
from ordercall.storage.reads import needs_you
from ordercall.storage.records import holds
from ordercall.storage.tables import order_holds, orders


@pytest.fixture
def shop(house: House) -> House:
    """A house whose policy holds parcels."""
    house.publish("hold", until_answered=True)
    return house


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

    assert (stored(shop, order_id).refused or "").endswith("`write_merchant_managed_fulfillment_orders` access scope.")
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


def test_a_hold_that_nobody_here_knows_of_is_found_and_released(shop: House) -> None:
    order_id = held(shop)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    shop.holds.align(order_id)
    shop.shopify.fulfilment.hold(parts(shop, order_id)[0].id, handle="ordercall")
    forget_jobs(shop)
    shop.pass_time(minutes=1)

    shop.holds.find_forgotten(SINCE)
    [again] = aligned(shop)
    shop.holds.align(again)

    assert ours(shop, order_id) == [0]
    assert any("found on hold in Shopify by this app" in message for message in shop.messages(order_id))


def test_a_hold_that_is_gone_in_shopify_is_found(shop: House) -> None:
    gone, stands = held(shop, 1), held(shop, 2)
    shop.shopify.fulfilment.release(parts(shop, gone)[0].id, None)
    forget_jobs(shop)
    shop.pass_time(minutes=1)

    shop.holds.find_forgotten(SINCE)

    assert aligned(shop) == [gone]
    assert ours(shop, stands) == [1]


def test_an_order_that_the_database_does_not_know_is_named_by_its_number_alone(
    shop: House, caplog: pytest.LogCaptureFixture
) -> None:
    held(shop)
    shop.shopify.add(make_order(9, created_at=PLACED_AT))
    [one] = shop.shopify.fulfilment.of_order(make_order(9)["id"])
    shop.shopify.fulfilment.hold(one.id, handle="ordercall")

    shop.holds.find_forgotten(SINCE)

    assert "On hold in Shopify by this app and not in its database: 1 orders" in caplog.text


def test_a_shop_that_never_held_anything_is_not_asked(house: House) -> None:
    placed(house)

    house.holds.find_forgotten(SINCE)

    assert questions(house) == 0


@pytest.mark.parametrize("mode", [Mode.LOST, Mode.DOWN])
@pytest.mark.parametrize("step", [1, 2])
def test_a_worker_that_hears_no_answer_to_any_of_its_questions_holds_and_releases_once(
    shop: House, step: int, mode: Mode
) -> None:
    order_id = placed(shop)
    shop.shopify.fulfilment.hold(parts(shop, order_id)[0].id, handle="flow", app=ANOTHER_APP)

    for status in (Status.PLACED, Status.SUCCESS):
        if status is Status.SUCCESS:
            shop.orders.change_status(order_id, status, by="the agent")
        shop.shopify.fail_next(step - 1, Mode.NORMAL)
        shop.shopify.fail_next(1, mode)
        with pytest.raises((OutcomeUnknown, ProviderBusy)):
            shop.holds.align(order_id)
        shop.holds.align(order_id)
        assert [hold.handle for hold in parts(shop, order_id)[0].holds] == (
            ["flow", "ordercall"] if status is Status.PLACED else ["flow"]
        )

    assert not stored(shop, order_id).is_live


def test_a_scope_that_is_lost_before_the_answer_does_not_pass_for_a_release(shop: House) -> None:
    order_id = held(shop)
    shop.shopify.tokens.scopes = ("read_orders", "write_orders")
    shop.holds.align(order_id)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")

    shop.holds.align(order_id)

    found = stored(shop, order_id)
    assert found.is_live
    assert "Release the order in Shopify" in (found.refused or "")


def test_a_part_that_is_shown_no_more_does_not_pass_for_released(shop: House) -> None:
    order_id = placed(shop, 5)
    first = parts(shop, order_id)[0].id
    shop.shopify.tokens.scopes = (*shop.shopify.tokens.scopes, "write_third_party_fulfillment_orders")
    moved = shop.shopify.fulfilment.move(first)
    shop.holds.align(order_id)
    assert ours(shop, order_id) == [1]
    shop.shopify.tokens.scopes = ("read_orders", "write_orders", "write_merchant_managed_fulfillment_orders")
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")

    shop.holds.align(order_id)

    assert shop.shopify.fulfilment.find(moved).holds
    assert stored(shop, order_id).is_live


def test_a_forgotten_hold_of_a_parcel_that_a_person_let_go_is_only_released(shop: House) -> None:
    order_id = held(shop)
    with shop.db.begin() as tx:
        holds.let_go(tx, order_id, Why.PERSON)
    shop.holds.align(order_id)
    shop.shopify.fulfilment.hold(parts(shop, order_id)[0].id, handle="ordercall")
    forget_jobs(shop)
    shop.pass_time(minutes=1)

    shop.holds.find_forgotten(SINCE)
    shop.holds.align(order_id)

    assert (ours(shop, order_id), stored(shop, order_id).let_go) == ([0], Why.PERSON)


def test_an_order_whose_fulfilment_orders_cannot_be_read_is_told_to_a_person(shop: House) -> None:
    order_id = placed(shop)
    shop.shopify.switch("unprocessable")

    shop.holds.align(order_id)

    assert stored(shop, order_id).refused


def test_a_release_that_is_refused_is_asked_for_each_quarter_of_an_hour_also_with_the_policy_off(shop: House) -> None:
    order_id = held(shop)
    shop.shopify.tokens.scopes = ("read_orders", "write_orders", "read_merchant_managed_fulfillment_orders")
    shop.publish("hold", until_answered=False)
    with pytest.raises(CredentialsRefused):
        shop.holds.align(order_id)
    forget_jobs(shop)

    shop.holds.look()
    at_once = aligned(shop)
    shop.pass_time(minutes=15)
    shop.holds.look()

    assert (at_once, aligned(shop)) == ([], [order_id])


def test_a_hold_of_the_sandbox_is_looked_at_by_no_real_shop(shop: House) -> None:
    order_id = held(shop)
    with shop.db.begin() as tx:
        tx.execute(update(orders).values(is_demo=1))
    shop.publish("hold", until_answered=False)
    forget_jobs(shop)

    shop.holds.look()

    assert (stored(shop, order_id).is_live, aligned(shop)) == (True, [])


@pytest.mark.parametrize("ends", ["ship", "cancel"])
def test_a_parcel_let_go_without_an_answer_asks_nobody_once_it_has_left_or_never_will(shop: House, ends: str) -> None:
    order_id = held(shop)
    shop.pass_time(hours=48)
    shop.holds.align(order_id)
    with shop.db.read() as tx:
        before = needs_you.count(tx, shop.now).holds

    shop.receive(getattr(shop.shopify.book, ends)(order_id), "orders/updated")

    with shop.db.read() as tx:
        assert (before, needs_you.count(tx, shop.now).holds) == (1, 0)


def test_who_is_on_the_campaign_is_held_again_when_the_policy_comes_back(shop: House) -> None:
    order_id, never_held = held(shop), placed(shop, 2)
    shop.publish("hold", until_answered=False)
    with shop.db.begin() as tx:
        tx.execute(update(orders).values(calling_state="on_campaign"))
    shop.holds.align(order_id)
    while_off = ours(shop, order_id)
    with shop.db.begin() as tx:
        tx.execute(delete(order_holds).where(order_holds.c.shopify_id == never_held))
    forget_jobs(shop)
    shop.publish("hold", until_answered=True)

    shop.holds.look()
    asked = aligned(shop)
    shop.holds.align(order_id)
    forget_jobs(shop)
    shop.holds.look()

    assert (while_off, asked, ours(shop, order_id), aligned(shop)) == ([0], [order_id], [1], [])


@pytest.mark.parametrize("ended", ["let go", "answered", "old", "cancelled"])
def test_an_order_that_needs_no_hold_any_more_is_not_held_again(shop: House, ended: str) -> None:
    order_id = held(shop)
    with shop.db.begin() as tx:
        tx.execute(update(orders).values(calling_state="on_campaign"))
        if ended == "let go":
            holds.let_go(tx, order_id, Why.PERSON)
        holds.release(tx, order_id, now=shop.now)
    if ended == "answered":
        shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    if ended == "old":
        shop.pass_time(hours=48)
    if ended == "cancelled":
        shop.receive(shop.shopify.book.cancel(order_id), "orders/cancelled")
    forget_jobs(shop)

    shop.holds.look()

    assert aligned(shop) == []


def test_what_shopify_takes_and_shows_otherwise_is_looked_at_less_and_less_often(shop: House) -> None:
    order_id = placed(shop)
    shop.shopify.fulfilment.lags = True

    pauses, tries = [], 0
    for _ in LOOKS:
        forget_jobs(shop)
        shop.holds.align(order_id, tries)
        [(arguments, at)] = shop.jobs("align_hold")
        assert at
        pauses.append(at - shop.now)
        tries = arguments["tries"]
    before = stored(shop, order_id).refused
    shop.holds.align(order_id, tries)

    assert pauses == list(LOOKS)
    assert (before, "show it otherwise" in (stored(shop, order_id).refused or "")) == (None, True)


def test_a_reading_by_hand_finds_forgotten_holds_and_parcels_on_their_way(shop: House) -> None:
    order_id, on_its_way = held(shop), held(shop, 2)
    for each in (order_id, on_its_way):
        shop.orders.change_status(each, Status.SUCCESS, by="the agent")
        shop.holds.align(each)
    shop.shopify.fulfilment.hold(parts(shop, order_id)[0].id, handle="ordercall")
    shop.receive(shop.shopify.ship(on_its_way), "orders/fulfilled")
    forget_jobs(shop)
    shop.pass_time(minutes=1)

    run = reconcile_now(shop.settings, None, clock=shop.clock)

    assert run
    assert aligned(shop) == [order_id]
    assert [arguments["shopify_id"] for arguments, _ in shop.jobs("look_at_parcels")] == [on_its_way]
