"""What a shop is asked for about holds, and how each answer is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from asking import ORDER_ID, environment

from looking import AtOnce
from makers import make_settings
from ordercall.domain.parcels.holds import FulfilmentOrder, HeldInShop, Hold, Release
from ordercall.errors import OutcomeUnknown, ProviderBusy, ProviderRefused
from ordercall.providers.shopify.admin import ShopifyAdmin, shopify_http
from ordercall.providers.shopify.holds import ShopHolds
from ordercall.providers.shopify.tokens import PermanentToken
from stub import Stub

FO = "gid://shopify/FulfillmentOrder/1"


@pytest.fixture
def holds(stub: Stub) -> Iterator[ShopHolds]:
    settings = make_settings(**environment(stub.url))
    with closing(ShopifyAdmin(settings, shopify_http(settings, watch=AtOnce()), PermanentToken("a-token"))) as admin:
        yield ShopHolds(admin)


def node(**changes: Any) -> dict[str, Any]:
    return {
        "id": FO,
        "status": "OPEN",
        "supportedActions": [{"action": "HOLD"}, {"action": "MOVE"}],
        "deliveryMethod": {"methodType": "SHIPPING"},
        "fulfillmentHolds": [],
    } | changes


def hold_node(handle: str | None = "ordercall", *, ours: bool = True) -> dict[str, Any]:
    return {"id": "gid://shopify/FulfillmentHold/5", "handle": handle, "reasonNotes": "n", "heldByRequestingApp": ours}


def page(*nodes: dict[str, Any], after: str | None = None) -> dict[str, Any]:
    return {"fulfillmentOrders": {"nodes": list(nodes), "pageInfo": {"hasNextPage": bool(after), "endCursor": after}}}


def refusal(field: str, code: str | None, message: str = "No") -> dict[str, Any]:
    return {"data": {field: {"userErrors": [{"message": message, "code": code}]}}}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (node(), FulfilmentOrder(id=FO, status="OPEN", actions=frozenset({"HOLD", "MOVE"}))),
        (
            node(deliveryMethod=None, supportedActions=[]),
            FulfilmentOrder(id=FO, status="OPEN", method=None),
        ),
        (
            node(status="A_NEW_WORD", deliveryMethod={"methodType": "PICK_UP"}, supportedActions=[]),
            FulfilmentOrder(id=FO, status="A_NEW_WORD", method="PICK_UP"),
        ),
    ],
)
def test_a_fulfilment_order_is_read_as_it_is(
    stub: Stub, holds: ShopHolds, shown: dict[str, Any], expected: FulfilmentOrder
) -> None:
    stub.answers({"data": {"order": page(shown)}})

    assert holds.of_order(ORDER_ID) == [expected]
    assert stub.payload["variables"]["id"] == f"gid://shopify/Order/{ORDER_ID}"


@pytest.mark.parametrize(
    ("shown", "is_ours"),
    [(hold_node(), True), (hold_node("another"), False), (hold_node(None), False), (hold_node(ours=False), False)],
)
def test_a_hold_is_ours_by_app_and_handle(
    stub: Stub, holds: ShopHolds, shown: dict[str, Any], *, is_ours: bool
) -> None:
    stub.answers({"data": {"order": page(node(fulfillmentHolds=[shown]))}})

    [one] = holds.of_order(ORDER_ID)

    assert one.holds == (Hold(id="gid://shopify/FulfillmentHold/5", is_ours=is_ours, notes="n"),)


def test_an_order_that_is_not_shown_has_no_fulfilment_orders(stub: Stub, holds: ShopHolds) -> None:
    stub.answers({"data": {"order": None}})

    assert holds.of_order(ORDER_ID) == []


def test_all_pages_are_read(stub: Stub, holds: ShopHolds) -> None:
    stub.pages = [{"data": {"order": page(node(), after="c1")}}, {"data": {"order": page(node(id="last"))}}]

    assert [one.id for one in holds.of_order(ORDER_ID)] == [FO, "last"]
    assert [json.loads(body)["variables"]["after"] for *_, body in stub.requests] == [None, "c1"]


def test_a_hold_that_is_there_already_is_no_refusal(stub: Stub, holds: ShopHolds) -> None:
    stub.answers(refusal("fulfillmentOrderHold", "DUPLICATE_FULFILLMENT_HOLD_HANDLE"))

    holds.hold(FO)

    asked = stub.payload["variables"]
    assert (asked["id"], asked["handle"]) == (FO, "ordercall")


@pytest.mark.parametrize("code", ["FULFILLMENT_ORDER_HOLD_LIMIT_REACHED", "FULFILLMENT_ORDER_NOT_FOUND", None])
def test_what_shopify_has_against_a_hold_is_a_refusal_in_its_words(
    stub: Stub, holds: ShopHolds, code: str | None
) -> None:
    stub.answers(refusal("fulfillmentOrderHold", code, "The maximum number of holds"))

    with pytest.raises(ProviderRefused, match="The maximum number of holds"):
        holds.hold(FO)


def test_another_objection_beside_that_it_is_there_already_is_a_refusal(stub: Stub, holds: ShopHolds) -> None:
    errors = [{"message": "No", "code": code} for code in ("DUPLICATE_FULFILLMENT_HOLD_HANDLE", None)]
    stub.answers({"data": {"fulfillmentOrderHold": {"userErrors": errors}}})

    with pytest.raises(ProviderRefused):
        holds.hold(FO)


def test_an_id_that_shopify_does_not_take_is_a_refusal(stub: Stub, holds: ShopHolds) -> None:
    error = {"message": "Invalid id", "extensions": {"code": "RESOURCE_NOT_FOUND"}}
    stub.answers({"data": {"fulfillmentOrderHold": None}, "errors": [error]})

    with pytest.raises(ProviderRefused, match="Invalid id"):
        holds.hold(FO)


def test_a_missing_scope_is_named(stub: Stub, holds: ShopHolds) -> None:
    error = {
        "message": "Access denied for fulfillmentOrderHold field.",
        "extensions": {"code": "ACCESS_DENIED"},
        "path": ["fulfillmentOrderHold"],
    }
    stub.answers({"data": {"fulfillmentOrderHold": None}, "errors": [error]})

    with pytest.raises(ProviderBusy, match="Access denied for fulfillmentOrderHold"):
        holds.hold(FO)


def test_points_that_are_used_up_come_back(stub: Stub, holds: ShopHolds) -> None:
    stub.answers({"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]})

    with pytest.raises(ProviderBusy):
        holds.of_order(ORDER_ID)


def test_no_clear_answer_is_told_as_one(stub: Stub, holds: ShopHolds) -> None:
    stub.answers({"errors": [{"message": "?", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]})

    with pytest.raises(OutcomeUnknown):
        holds.hold(FO)


def test_a_release_names_its_holds(stub: Stub, holds: ShopHolds) -> None:
    stub.answers({"data": {"fulfillmentOrderReleaseHold": {"userErrors": []}}})

    holds.release(Release(FO, ("a", "b")))

    assert stub.payload["variables"] == {"id": FO, "holds": ["a", "b"]}


def test_a_release_without_holds_never_leaves(stub: Stub, holds: ShopHolds) -> None:
    with pytest.raises(ValueError, match="everybody's"):
        holds.release(Release(FO, ()))

    assert stub.requests == []


def test_the_orders_that_are_held_are_found_by_whose_holds_they_are(stub: Stub, holds: ShopHolds) -> None:
    ours = {"orderId": "gid://shopify/Order/7", "fulfillmentHolds": [hold_node(ours=False), hold_node()]}
    theirs = {"orderId": "gid://shopify/Order/8", "fulfillmentHolds": [hold_node("flow")]}
    stub.answers({"data": page(ours, theirs)})

    assert holds.orders_held() == HeldInShop(ours=frozenset({7}), others=frozenset({7, 8}))


def test_what_may_be_packed_is_asked_for_since_a_time(stub: Stub, holds: ShopHolds) -> None:
    stub.answers({"data": page({"orderId": "gid://shopify/Order/7"})})

    assert holds.orders_open(datetime(2026, 11, 24, 6, 30, tzinfo=UTC)) == {7}
    assert stub.payload["variables"]["query"] == "status:OPEN updated_at:>='2026-11-24T06:30:00Z'"
