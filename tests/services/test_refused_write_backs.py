"""What Shopify refuses of what is written to an order, in part or without a clear answer, leaves the truth stored."""

from __future__ import annotations

from typing import Any

import pytest

from house import House
from ordercall.domain.orders.order import Status
from ordercall.domain.parcels.write_back import Written
from ordercall.sandbox.order_book import tags_of
from ordercall.sandbox.orders import make_order
from ordercall.storage.records import write_backs

GRAPHQL = "/shopify/admin/api/2026-10/graphql.json"


@pytest.fixture
def shop(house: House) -> House:
    """A house whose policy has tags and metafields written."""
    tags = {"tag_pending": "to confirm", "tag_confirmed": "ok", "tag_failed": "not ok"}
    house.publish("write_back", **tags, metafields=True)
    return house


def waiting(house: House) -> int:
    """Place an order, and have its tag written."""
    order = make_order(1, tags="VIP")
    house.shopify.add(order)
    order_id = house.receive(order)
    house.writing.look()
    write(house)
    return order_id


def write(house: House, most: int = 5) -> None:
    for _ in range(most):
        jobs = house.jobs("write_order")
        with house.db.begin() as tx:
            tx.exec_driver_sql("DELETE FROM procrastinate_jobs WHERE task_name = 'write_order'")
        for arguments, _at in jobs:
            house.writing.write(arguments["shopify_id"])


def stored(house: House, order_id: int) -> Written:
    with house.db.read() as tx:
        return write_backs.find(tx, order_id).written


def tags(house: House, order_id: int) -> list[str]:
    order = house.shopify.order(order_id)
    assert order
    return sorted(tags_of(order))


def answer_the_next_write_with_an_error(house: House, code: str) -> None:
    """Have Shopify carry out what it is asked for, and answer that a part of it came to nothing."""
    error = {"message": "No", "path": ["set"], "extensions": {"code": code}}

    def once(call: Any) -> None:
        if "mutation writeBack(" in str(call.body):
            house.shopify.on_call.remove(once)
            house.gate.says_once("POST", GRAPHQL, {"data": {"set": None}, "errors": [error]})

    house.shopify.on_call.append(once)


def test_the_metafields_are_defined_once_before_the_first_is_written(shop: House) -> None:
    shop.shopify.metafields.definitions["ordercall", "language"] = "multi_line_text_field"  # as the shop wants it
    order_id = waiting(shop)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    write(shop)

    asked = [call for call in shop.shopify.calls if "metafieldDefinitionCreate" in str(call.body)]
    assert len(asked) == 1
    assert shop.shopify.metafields.definitions == {
        ("ordercall", "status"): "single_line_text_field",
        ("ordercall", "attempts"): "number_integer",
        ("ordercall", "language"): "multi_line_text_field",
        ("ordercall", "answered_at"): "date_time",
    }
    assert "Not written" not in " ".join(shop.messages(order_id))


def test_nothing_is_defined_where_only_tags_are_written(house: House) -> None:
    house.publish("write_back", tag_pending="to confirm")
    waiting(house)

    assert house.shopify.metafields.definitions == {}


def test_a_new_tag_beside_one_that_cannot_be_taken_away_is_known_as_ours(shop: House) -> None:
    order_id = waiting(shop)
    shop.shopify.book.kept_tags.add("to confirm")
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    write(shop)
    beside = tags(shop, order_id)

    shop.shopify.book.kept_tags.clear()
    shop.orders.change_status(order_id, Status.FAILED, by="the agent")
    write(shop)

    assert beside == ["VIP", "ok", "to confirm"]
    assert tags(shop, order_id) == ["VIP", "not ok"]


def test_a_third_tag_is_not_added_where_two_cannot_be_taken_away(shop: House) -> None:
    order_id = waiting(shop)
    shop.shopify.book.kept_tags |= {"to confirm", "ok"}
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    write(shop)
    shop.orders.change_status(order_id, Status.FAILED, by="the agent")
    write(shop)

    beside, known = tags(shop, order_id), stored(shop, order_id)
    shop.shopify.book.kept_tags.clear()
    shop.writing.take_up(shop.now.replace(hour=0))
    write(shop)

    assert (beside, {known.tag, known.adding}) == (["VIP", "ok", "to confirm"], {"to confirm", "ok"})
    assert tags(shop, order_id) == ["VIP", "not ok"]


@pytest.mark.parametrize("code", ["BAD_REQUEST", "INTERNAL_SERVER_ERROR"])
def test_a_tag_that_was_added_before_an_error_is_known_as_ours(shop: House, code: str) -> None:
    order_id = waiting(shop)
    answer_the_next_write_with_an_error(shop, code)
    shop.orders.change_status(order_id, Status.SUCCESS, by="the agent")
    write(shop, most=1)
    after, known = tags(shop, order_id), stored(shop, order_id)

    shop.pass_time(minutes=1)
    shop.orders.change_status(order_id, Status.FAILED, by="the agent")
    write(shop)

    assert (after, {known.tag, known.adding} >= {"ok"}) == (["VIP", "ok"], True)
    assert tags(shop, order_id) == ["VIP", "not ok"]
    assert shop.shopify.metafields.told(order_id)["status"] == "failed"
