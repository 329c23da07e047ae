"""Parcels are held in Shopify until their customers have answered: by the job, on a real database, over real HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from holding import aligned, forget_jobs, held, ours, parts, placed, questions, stored

from databases import ask
from house import House
from ordercall.domain.orders.order import Status
from ordercall.domain.parcels.holds import Why
from ordercall.errors import OutcomeUnknown, ProviderBusy
from ordercall.sandbox.fulfilment_orders import ANOTHER_APP
from ordercall.sandbox.provider import Mode
from ordercall.storage.records import holds, orders
from waiting import until


@pytest.fixture
def shop(house: House) -> House:
    """A house whose policy holds parcels."""
    house.publish("hold", until_answered=True)
    return house


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


def test_an_order_that_may_be_called_after_all_is_held_before_anybody_is_rung(shop: House) -> None:
    order_id = placed(shop, phone=None, customer=None, shipping_address=None, billing_address=None)
    shop.receive({**shop.shopify.book.change(order_id, lambda _: {"phone": "+919000000041"})}, "orders/updated")

    shop.sync.sync(order_id)

    assert aligned(shop) == [order_id]


def test_a_parcel_that_was_let_go_is_held_by_no_further_call(shop: House) -> None:
    order_id = held(shop)
    with shop.db.begin() as tx:
        holds.let_go(tx, order_id, Why.PERSON)
    shop.holds.align(order_id)
    forget_jobs(shop)

    shop.sync.sync(order_id)

    assert (shop.order(order_id).contact_id is not None, aligned(shop)) == (True, [])


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


def test_news_of_an_order_waits_for_no_later_look(shop: House) -> None:
    shop.shopify.fulfilment.after = timedelta(days=3_000)
    order_id = placed(shop)
    shop.pass_time(minutes=4)
    shop.holds.align(order_id)
    assert max(at for _, at in shop.jobs("align_hold") if at) > shop.now

    shop.receive(shop.shopify.book.edit(order_id), "orders/updated")

    assert {at for _, at in shop.jobs("align_hold")} == {None}


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


@pytest.mark.postgres
def test_a_person_lets_go_while_the_hold_is_stored_and_neither_waits_for_the_other(shop: House) -> None:
    order_id = placed(shop)
    shop.gate.close()
    with ThreadPoolExecutor(1) as worker:
        job = worker.submit(shop.holds.align, order_id)
        until(shop.gate.waiting, "Shopify is asked")
        with shop.db.begin() as tx:
            orders.find_to_change(tx, order_id)
            shop.gate.open()
            until(lambda: row_is_waited_for(shop), "the worker waits for the order")
            holds.let_go(tx, order_id, Why.PERSON)
        job.result()

    assert stored(shop, order_id).let_go is Why.PERSON


def row_is_waited_for(house: House) -> bool:
    with house.db.read() as tx:
        return bool(ask(tx, "SELECT count(*) FROM pg_locks WHERE NOT granted").scalar())


def test_two_questions_hold_an_order_and_two_release_it(shop: House) -> None:
    order_id = placed(shop)
    shop.holds.align(order_id)
    to_hold = questions(shop)
    shop.holds.align(order_id)  # as the webhook of our own hold asks
    to_look = questions(shop) - to_hold
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")

    shop.holds.align(order_id)

    assert (to_hold, to_look, questions(shop) - to_hold - to_look) == (2, 1, 2)
