"""What the calls said is written to the orders in Shopify: by the job, on a real database, over real HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from house import House
from ordercall.domain.orders.order import Status
from ordercall.domain.parcels.write_back import WriteBack
from ordercall.errors import CredentialsRefused, ProviderBusy
from ordercall.sandbox.order_book import tags_of
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.sandbox.shopify_tokens import READ
from ordercall.services import policy_service

TAGS = {
    "tag_pending": "to confirm",
    "tag_confirmed": "ok",
    "tag_failed": "not ok",
    "tag_no_answer": "silent",
    "tag_call_back": "later",
}


@pytest.fixture
def shop(house: House) -> House:
    """A house whose policy has tags and metafields written."""
    house.publish("write_back", **TAGS, metafields=True)
    return house


def placed(house: House, number: int = 1, **changes: Any) -> int:
    order = make_order(number, **changes)
    house.shopify.add(order)
    return house.receive(order)


def in_line(house: House) -> list[int]:
    return [arguments["shopify_id"] for arguments, _ in house.jobs("write_order")]


def work(house: House, most: int = 20) -> list[int]:
    """Do what waits as the worker would, one job after the other; return the orders."""
    done: list[int] = []
    while (waiting := in_line(house)) and len(done) < most:
        with house.db.begin() as tx:
            tx.exec_driver_sql("DELETE FROM procrastinate_jobs WHERE task_name = 'write_order'")
        house.writing.write(waiting[0])
        done.append(waiting[0])
    return done


def settle(house: House) -> list[int]:
    house.writing.look()
    return work(house)


def tags(house: House, order_id: int) -> list[str]:
    order = house.shopify.order(order_id)
    assert order
    return sorted(tags_of(order))


def lose_the_next_answer_but_one(house: House) -> None:
    """Have Shopify read the order, and carry out what it is asked for then without an answer."""

    def once(call: Any) -> None:
        if "mutation writeBack(" in str(call.body):
            house.shopify.on_call.remove(once)
            call.mode = Mode.LOST

    house.shopify.on_call.append(once)


def test_nothing_is_asked_while_the_policy_is_off(house: House) -> None:
    order_id = placed(house)
    house.orders.change_status(order_id, Status.SUCCESS, by="the agent")

    assert (settle(house), house.shopify.calls) == ([], [])


def test_an_order_that_waits_is_told_to_shopify(shop: House) -> None:
    order_id = placed(shop, tags="VIP, gift")

    assert settle(shop) == [order_id]
    assert tags(shop, order_id) == ["VIP", "gift", "to confirm"]
    assert shop.shopify.metafields.told(order_id) == {"status": "pending", "attempts": "0"}
    assert shop.messages(order_id)[-1] == (
        "Waits for its customer: tag 'to confirm' added, metafield status is pending, metafield attempts is 0."
    )


def test_an_answer_takes_the_place_of_the_waiting_at_once(shop: House) -> None:
    order_id = placed(shop, tags="VIP")
    settle(shop)

    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    work(shop)

    assert tags(shop, order_id) == ["VIP", "ok"]
    assert shop.shopify.metafields.told(order_id)["answered_at"] == "2026-11-24T06:30:00Z"


def test_an_order_that_is_not_called_is_left_alone(shop: House) -> None:
    placed(shop, test=True)

    assert settle(shop) == []


def test_what_is_written_is_looked_at_and_written_no_second_time(shop: House) -> None:
    order_id = placed(shop)
    settle(shop)
    asked = len(shop.shopify.calls)

    shop.writing.look()
    shop.writing.write(order_id)

    assert (in_line(shop), len(shop.shopify.calls)) == ([], asked)


def test_the_webhook_of_our_own_writing_changes_nothing(shop: House) -> None:
    order_id = placed(shop)
    sent: list[tuple[str, dict[str, Any]]] = []
    shop.shopify.book.on_event.append(lambda *webhook: sent.append(webhook))
    settle(shop)
    before, events, asked = shop.order(order_id)._asdict(), shop.events(order_id), len(shop.shopify.calls)

    for topic, body in sent:
        shop.receive(body, topic=topic)

    after = shop.order(order_id)._asdict()
    assert {topic for topic, _ in sent} == {"orders/updated"}
    assert {name for name in after if after[name] != before[name]} <= {"shopify_updated_at"}
    assert (settle(shop), shop.events(order_id), len(shop.shopify.calls)) == ([], events, asked)


def test_the_same_tag_that_the_shop_gave_stays_when_the_state_is_another(shop: House) -> None:
    order_id = placed(shop, tags="To Confirm")
    settle(shop)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    work(shop)

    assert tags(shop, order_id) == ["To Confirm", "ok"]


def test_a_tag_that_a_person_took_away_stays_away_until_the_state_is_another(shop: House) -> None:
    order_id = placed(shop)
    settle(shop)
    shop.shopify.book.untag(order_id, ["to confirm"])

    assert (settle(shop), tags(shop, order_id)) == ([], [])
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    work(shop)
    assert tags(shop, order_id) == ["ok"]


def test_an_order_that_came_before_is_left_alone_until_its_status_changes(house: House) -> None:
    order_id = placed(house)
    house.pass_time(minutes=5)
    house.publish("write_back", **TAGS)

    assert settle(house) == []
    house.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    work(house)
    assert tags(house, order_id) == ["ok"]


def test_a_change_of_the_rules_while_it_is_on_forgets_no_order(shop: House) -> None:
    order_id = placed(shop)
    shop.pass_time(minutes=5)
    shop.publish("write_back", tag_pending="waits")

    assert (settle(shop), tags(shop, order_id)) == ([order_id], ["waits"])


def test_what_is_there_stays_when_it_is_switched_off(shop: House) -> None:
    order_id = placed(shop)
    settle(shop)
    shop.publish("write_back", **dict.fromkeys(TAGS, ""), metafields=False)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")

    assert (settle(shop), tags(shop, order_id)) == ([], ["to confirm"])


def test_answers_go_before_what_only_waits(shop: House) -> None:
    first, second, third = (placed(shop, number) for number in (1, 2, 3))
    shop.writing.look()
    shop.orders.change_status(third, Status.SUCCESS, by="the agent")

    assert work(shop) == [first, third, second]


def test_an_answer_in_line_keeps_its_place_when_all_are_put_there(shop: House) -> None:
    first, second = placed(shop, 1), placed(shop, 2)
    shop.orders.change_status(second, Status.SUCCESS, by="the agent")
    shop.pass_time(seconds=1)
    with shop.db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM procrastinate_jobs WHERE task_name = 'write_order'")

    shop.writing.take_up(shop.now - timedelta(days=1))

    assert work(shop) == [second, first]


def test_what_comes_while_shopify_answers_is_written_next(shop: House) -> None:
    order_id = placed(shop)

    def once(call: Any) -> None:
        shop.shopify.on_call.remove(once)
        shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")

    shop.shopify.on_call.append(once)

    assert settle(shop) == [order_id, order_id]
    assert tags(shop, order_id) == ["ok"]


@pytest.mark.parametrize("is_set_aside", [False, True])
def test_a_tag_whose_answer_was_lost_is_known_to_be_ours(shop: House, is_set_aside: bool) -> None:
    order_id = placed(shop)
    shop.writing.look()
    lose_the_next_answer_but_one(shop)
    work(shop, most=1)
    shop.shopify.switch(Mode.NORMAL)

    if is_set_aside:
        shop.writing.give_up(order_id)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    work(shop)

    assert tags(shop, order_id) == ["ok"]


def test_what_was_written_without_an_answer_is_asked_for_no_second_time(shop: House) -> None:
    order_id = placed(shop)
    shop.writing.look()
    lose_the_next_answer_but_one(shop)
    work(shop, most=1)
    shop.shopify.switch(Mode.NORMAL)
    sent: list[str] = []
    shop.shopify.book.on_event.append(lambda topic, _body: sent.append(topic))

    assert (work(shop), tags(shop, order_id), sent) == ([order_id], ["to confirm"], [])


def test_an_order_at_which_shopify_stumbles_stops_no_other(shop: House) -> None:
    first, second = placed(shop, 1), placed(shop, 2)
    shop.writing.look()
    shop.pass_time(seconds=1)
    shop.shopify.fail_next(1, Mode.LOST)
    work(shop, most=1)
    shop.shopify.switch(Mode.NORMAL)

    [(arguments, at)] = shop.jobs("write_order")

    assert (arguments["shopify_id"], at) == (second, shop.now + timedelta(seconds=5))
    assert work(shop) == [second, first]


def test_a_tag_that_an_earlier_version_queued_is_written(house: House) -> None:
    order_id = placed(house)
    house.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    house.publish("write_back", tag_confirmed="ok")

    house.writing.take_in(order_id)
    work(house)

    assert tags(house, order_id) == ["ok"]


def test_a_missing_scope_is_no_matter_of_the_order(shop: House) -> None:
    shop.shopify.tokens.scopes = (READ,)
    order_id = placed(shop)
    shop.writing.look()

    with pytest.raises(CredentialsRefused, match="write_orders"):
        work(shop)

    assert "Shopify_Tag_Error" not in shop.events(order_id)


def test_a_busy_shopify_is_asked_again_later(shop: House) -> None:
    placed(shop)
    shop.writing.look()
    shop.shopify.fail_next(1, "cost_throttled")

    with pytest.raises(ProviderBusy) as busy:
        work(shop)

    assert busy.value.retry_after == pytest.approx(2.0, abs=0.1)


def test_half_of_the_points_are_left_to_others(shop: House) -> None:
    placed(shop, 1)
    placed(shop, 2)
    shop.writing.look()
    shop.shopify.graphql_bucket.take(1_200)

    [first] = in_line(shop)
    with shop.db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM procrastinate_jobs WHERE task_name = 'write_order'")
    shop.writing.write(first)

    [(_, at)] = shop.jobs("write_order")
    assert at is not None
    assert at - shop.now > timedelta(seconds=1)


def test_an_order_that_shopify_does_not_have_is_told_once(shop: House) -> None:
    order_id = shop.receive(make_order(1))

    assert (settle(shop), settle(shop)) == ([order_id], [])
    assert shop.messages(order_id)[-1].startswith("Not written to Shopify. Shopify shows no such order")


def test_a_metafield_that_shopify_refuses_leaves_the_tag_and_is_told_once(shop: House) -> None:
    shop.shopify.metafields.definitions["ordercall", "status"] = "boolean"
    order_id = placed(shop)

    assert (settle(shop), settle(shop)) == ([order_id], [])
    assert tags(shop, order_id) == ["to confirm"]
    assert shop.messages(order_id)[-1] == (
        "Not written to Shopify. Type must be consistent with the definition's type: boolean"
    )


def test_a_deleted_order_is_asked_about_no_more(shop: House) -> None:
    order_id = placed(shop)
    shop.writing.look()
    shop.receive({"id": order_id}, topic="orders/delete")
    asked = len(shop.shopify.calls)

    assert (work(shop), len(shop.shopify.calls)) == ([order_id], asked)


def test_an_archived_order_is_written_to_as_any_other(shop: House) -> None:
    order_id = placed(shop)
    shop.receive(shop.shopify.book.archive(order_id), topic="orders/updated")
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    work(shop)

    assert tags(shop, order_id) == ["ok"]


def test_an_order_that_keeps_crashing_the_worker_is_set_aside_and_the_next_one_goes_on(shop: House) -> None:
    first, second = placed(shop, 1), placed(shop, 2)
    shop.writing.look()
    with shop.db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM procrastinate_jobs WHERE task_name = 'write_order'")

    shop.writing.give_up(first)

    assert shop.messages(first)[-1].startswith("Not written to Shopify. The worker stopped")
    assert (work(shop), settle(shop)) == ([second], [])


def test_the_orders_of_the_last_days_are_written_to_when_that_is_asked_for(house: House) -> None:
    old, decided, uncalled = placed(house, 1), placed(house, 2), placed(house, 3, test=True)
    house.orders.change_status(decided, Status.SUCCESS, by="the agent")
    house.pass_time(minutes=5)
    house.publish("write_back", **TAGS)
    house.writing.take_up(house.now - timedelta(days=1))
    work(house)

    assert [tags(house, each) for each in (old, decided, uncalled)] == [["to confirm"], ["ok"], []]


def test_what_was_refused_is_asked_for_again_when_that_is_asked_for(shop: House) -> None:
    shop.shopify.metafields.definitions["ordercall", "status"] = "boolean"
    order_id = placed(shop)
    settle(shop)
    shop.shopify.metafields.definitions.clear()

    shop.writing.take_up(shop.now - timedelta(days=1))
    work(shop)

    assert shop.shopify.metafields.told(order_id) == {"status": "pending", "attempts": "0"}


def test_nothing_is_put_in_line_while_the_policy_is_off(house: House) -> None:
    placed(house)

    assert (house.writing.take_up(house.now - timedelta(days=1)), in_line(house)) == (None, [])


def test_the_environment_holds_the_tags_that_it_names(house: House) -> None:
    settings = replace(
        house.settings, shopify_tag_confirmed="yes", chosen=house.settings.chosen | {"SHOPIFY_TAG_CONFIRMED"}
    )
    policy_service.bring_in_force(house.db, settings, house.now)
    house.publish("write_back", tag_confirmed="another", tag_failed="no")

    known = policy_service.in_force(house.db, settings, house.now)

    assert known.policy.write_back == WriteBack(tag_confirmed="yes", tag_failed="no")
