"""What must change about an app's webhooks, and which scopes it lacks."""

from __future__ import annotations

from typing import Any

import pytest

from ordercall.domain.topics import Topic
from ordercall.providers.shopify.scopes import HOLD_OWN
from ordercall.providers.shopify.subscriptions import (
    ASKED_FOR,
    OF_HOLDS,
    OF_PARCELS,
    Deed,
    Step,
    Subscription,
    plan,
    topics_for,
    webhook_address,
)

HERE = "https://ordercall.example/shopify/webhook"
ELSEWHERE = "https://old.example/shopify/webhook"


def subscription(topic: str = "orders/create", uri: str = HERE, **more: Any) -> Subscription:
    return Subscription(id=f"gid://{topic}", topic=topic, uri=uri, api_version="2026-10", **more)


def step(*subscriptions: Subscription) -> Step:
    """Return what orders/create needs."""
    return plan(subscriptions, HERE)[0]


def test_an_app_without_webhooks_needs_each_topic() -> None:
    steps = plan([], HERE)

    assert [each.topic for each in steps] == list(ASKED_FOR)
    assert {each.deed for each in steps} == {Deed.CREATE}


def test_a_topic_that_goes_here_needs_nothing() -> None:
    assert step(subscription()) == Step(Topic.CREATED, Deed.NOTHING, subscription())


@pytest.mark.parametrize(
    "wrong",
    [
        subscription(uri=ELSEWHERE),
        subscription(include_fields=("id", "name")),
        subscription(filter="total_price:>=100"),
        subscription(format="XML"),
    ],
    ids=["another address", "some fields", "some orders", "XML"],
)
def test_what_does_not_bring_all_of_each_order_here_is_repaired(wrong: Subscription) -> None:
    assert step(wrong) == Step(Topic.CREATED, Deed.REPAIR, wrong)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"format": "XML"}, "the body is XML and not JSON, so none can be read"),
        ({"include_fields": ("id", "customer.phone")}, "only the fields id, customer.phone are sent"),
        ({"filter": "total_price:>=100"}, "only what matches the filter total_price:>=100 is sent"),
        (
            {"include_fields": ("id",), "filter": "id:*"},
            "only the fields id are sent, only what matches the filter id:* is sent",
        ),
    ],
)
def test_what_keeps_whole_orders_from_coming_is_named(limits: dict[str, Any], words: str) -> None:
    assert step(subscription(**limits)).in_words == f"goes to {HERE}, {words}"


def test_a_webhook_that_comes_here_with_a_slash_behind_its_address_needs_nothing() -> None:
    assert step(subscription(uri=f"{HERE}/")).deed is Deed.NOTHING


def test_what_goes_here_in_part_is_repaired_before_what_goes_elsewhere() -> None:
    partial = subscription(include_fields=("id",))

    assert step(subscription(uri=ELSEWHERE), partial).subscription == partial


def test_what_serves_another_installation_beside_this_one_is_left_alone() -> None:
    assert step(subscription(uri=ELSEWHERE), subscription()).deed is Deed.NOTHING


@pytest.mark.parametrize("public", ["https://ordercall.example", "https://ordercall.example/", HERE])
def test_webhooks_go_to_one_path_of_the_public_address(public: str) -> None:
    assert webhook_address(public) == HERE


def test_webhooks_about_parcels_are_asked_for_by_an_app_that_may_look_at_them() -> None:
    assert topics_for({"read_orders", "read_returns"}, holds=False) == list(ASKED_FOR)
    assert topics_for({"read_returns", "write_fulfillments"}, holds=False) == [*ASKED_FOR, *OF_PARCELS]


def test_webhooks_about_holds_are_asked_for_where_parcels_are_held() -> None:
    assert topics_for({HOLD_OWN}, holds=False) == list(ASKED_FOR)
    assert topics_for({"read_orders"}, holds=True) == list(ASKED_FOR)
    assert topics_for({HOLD_OWN}, holds=True) == [*ASKED_FOR, *OF_HOLDS]
