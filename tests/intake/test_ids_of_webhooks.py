"""An id in a webhook's body, whichever its topic: a number, its digits in a text, or Shopify's global id."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from makers import NOW, make_body
from ordercall.domain.shop_notices import PrivacyRequest
from ordercall.domain.topics import (
    CARRY_THE_ORDER,
    NAME_FULFILMENT_ORDERS,
    POINT_AT_PARCELS,
    POINT_AT_THE_ORDER,
    PRIVACY,
    Topic,
)
from ordercall.intake.reading import read
from ordercall.services.intake_service import ReceivedDelivery
from ordercall.storage.records.deliveries import Delivery

ID = 5_678_901_234_567

WRITTEN: list[Any] = [
    *(ID, str(ID), f" {ID}\n", f"0{ID}"),
    *(f"gid://shopify/{{}}/{ID}", f" gid://shopify/{{}}/{ID} ", f"gid://shopify/{{}}/{ID}?inContext=a"),
]
UNUSABLE: list[Any] = [
    *(0, -ID, True, 1.5, None, "", "x", f"-{ID}", f"{ID}.5", f"{ID}e3", "५६७८", "²", "9" * 30, 2**63, [], {}),
    *(f"gid://shopify/Product/{ID}", "gid://shopify/{}/", f"gid://shopify/{{}}/{ID}x", f"gid://other/{{}}/{ID}"),
    *(f"gid://shopify/{{}}/-{ID}", f"see gid://shopify/{{}}/{ID}", f"gid://shopify/{{}}/{'9' * 19}"),
]


def in_a_body(topic: Topic, value: Any) -> dict[str, Any]:
    """Return a body of this topic with the id in its place."""
    if topic in CARRY_THE_ORDER:
        cancelled_at = "2026-11-23T12:05:00+05:30" if topic is Topic.CANCELLED else None
        return {**json.loads(make_body(cancelled_at=cancelled_at)), "id": value}
    if topic is Topic.DELETED:
        return {"id": value}
    if topic is Topic.EDITED:
        return {"order_edit": {"id": 7, "order_id": value}}
    if topic in POINT_AT_THE_ORDER | POINT_AT_PARCELS:
        return {"id": 7, "order_id": value, "status": "delivered"}
    if topic in NAME_FULFILMENT_ORDERS:
        return {"fulfillment_order": {"id": value, "status": "open"}, "fulfillment_hold": {"id": 7}}
    about = {"shop_id": 7, "shop_domain": "shop.myshopify.com", "customer": {"id": 8}}
    return about | {"orders_requested" if topic is Topic.DATA_REQUEST else "orders_to_redact": [value]}


def kind_in(topic: Topic) -> str:
    return "FulfillmentOrder" if topic in NAME_FULFILMENT_ORDERS else "Order"


def delivered(topic: Topic, body: Any) -> ReceivedDelivery:
    delivery = Delivery(
        webhook_id="w-1",
        body_digest="d-1",
        topic=topic,
        shop="shop.myshopify.com",
        headers={},
        body=json.dumps(body).encode(),
        secret_name="current",
        received_at=NOW,
    )
    return read(delivery)


def written(topic: Topic, value: Any) -> Any:
    return value.replace("{}", kind_in(topic)) if isinstance(value, str) else value


def ids_of(received: ReceivedDelivery) -> set[int]:
    """Return every id that was understood."""
    if isinstance(received.notice, PrivacyRequest):
        return set(received.notice.order_ids)
    if received.holds_of:
        return set(received.holds_of.fulfilment_orders)
    return {received.about} if received.about else set()


OF_ONE_ID = sorted(set(Topic) - {Topic.FOUND, Topic.READ_AGAIN, Topic.UNINSTALLED, Topic.SHOP_REDACT})


@pytest.mark.parametrize("topic", OF_ONE_ID)
@pytest.mark.parametrize("value", WRITTEN, ids=repr)
def test_an_id_is_understood_in_every_topic_however_it_is_written(topic: Topic, value: Any) -> None:
    received = delivered(topic, in_a_body(topic, written(topic, value)))

    assert (ids_of(received), received.reason) == ({ID}, None)


@pytest.mark.parametrize("topic", OF_ONE_ID)
@pytest.mark.parametrize("value", UNUSABLE, ids=repr)
def test_what_is_no_id_is_none_in_any_topic_and_kept_with_the_reason(topic: Topic, value: Any) -> None:
    body = in_a_body(topic, written(topic, value))
    body.pop("admin_graphql_api_id", None)

    received = delivered(topic, body)

    assert (ids_of(received), received.outcome) == (set(), "unreadable")
    assert received.reason


@pytest.mark.parametrize("topic", [Topic.DELETED, *sorted(POINT_AT_THE_ORDER | POINT_AT_PARCELS)])
@pytest.mark.parametrize(
    "about", [{"id": ID}, {"admin_graphql_api_id": f"gid://shopify/Order/{ID}"}, {"id": f"gid://shopify/Order/{ID}"}]
)
def test_an_order_may_be_named_by_an_object_or_by_its_global_id_alone(topic: Topic, about: dict[str, Any]) -> None:
    body = about if topic is Topic.DELETED else {"id": 7, "status": "delivered", "order": about}

    assert ids_of(delivered(topic, {"order_edit": body} if topic is Topic.EDITED else body)) == {ID}


@pytest.mark.parametrize(
    "body",
    [
        {"id": ID},
        {"id": str(ID), "admin_graphql_api_id": f"gid://shopify/Order/{ID}"},
        {"id": f"gid://shopify/Order/{ID}", "admin_graphql_api_id": None},
        {"admin_graphql_api_id": f"gid://shopify/Order/{ID}"},
    ],
    ids=repr,
)
def test_an_id_alone_says_that_the_order_was_deleted(body: dict[str, Any]) -> None:
    assert delivered(Topic.DELETED, body).deleted == ID


@pytest.mark.parametrize(
    "more",
    [
        {"admin_graphql_api_id": f"gid://shopify/Order/{ID + 1}"},
        {"admin_graphql_api_id": f"gid://shopify/Product/{ID}"},
        {"name": "#1001"},
    ],
    ids=repr,
)
def test_a_deletion_that_names_something_else_besides_is_looked_up(more: dict[str, Any]) -> None:
    received = delivered(Topic.DELETED, {"id": ID} | more)

    assert (received.deleted, received.points_at) == (None, ID)


@pytest.mark.parametrize("topic", sorted(PRIVACY - {Topic.SHOP_REDACT}))
@pytest.mark.parametrize("value", [ID, str(ID), f"gid://shopify/Customer/{ID}"], ids=repr)
def test_a_customer_is_named_by_an_id_however_it_is_written(topic: Topic, value: Any) -> None:
    received = delivered(topic, in_a_body(topic, 1) | {"customer": {"id": value, "email": "asha@example.com"}})

    assert isinstance(received.notice, PrivacyRequest)
    assert received.notice.reference == str(ID)


@pytest.mark.parametrize(
    "place",
    [
        lambda one, two: {"original_fulfillment_order": {"id": one}, "moved_fulfillment_order": {"id": two}},
        lambda one, two: {"fulfillment_order_merges": [{"fulfillment_order": {"id": each}} for each in (one, two)]},
        lambda one, two: {"fulfillment_order": {"id": one}, "replacement_fulfillment_order": {"id": two}},
        lambda one, two: {"fulfillment_order_id": one, "remaining_fulfillment_order_id": two},
        lambda one, two: {"fulfillment_orders": [{"id": one}, {"id": two}], "fulfillment_hold": {"id": 7}},
        lambda one, two: {"fulfillment_order_ids": [one, two]},
    ],
)
@pytest.mark.parametrize("form", [int, str, "gid://shopify/FulfillmentOrder/{}".format], ids=["int", "text", "gid"])
def test_every_fulfilment_order_of_a_body_is_found(
    place: Callable[[Any, Any], Any], form: Callable[[int], Any]
) -> None:
    assert ids_of(delivered(Topic.PART_MOVED, place(form(ID), form(ID + 1)))) == {ID, ID + 1}
