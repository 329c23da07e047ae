"""What each answer of Shopify's REST API means."""

from __future__ import annotations

from typing import Any

import pytest
from asking import error_of

from ordercall.domain.orders.order import CancelChoices
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderError, ProviderRefused
from ordercall.providers.shopify.cancelling import OrderInShopify
from ordercall.providers.shopify.orders import ShopOrders
from stub import Stub


@pytest.mark.parametrize(
    ("status", "meaning"), [(401, CredentialsRefused), (422, ProviderRefused), (404, ProviderRefused)]
)
def test_what_a_refusal_of_shopify_means(
    stub: Stub, shopify: ShopOrders, status: int, meaning: type[ProviderError]
) -> None:
    stub.answers({"errors": {"base": ["Cannot cancel a fulfilled order"]}}, status)

    assert type(error_of(lambda: shopify.cancel_order(1, CancelChoices()))) is meaning


def test_a_cancellation_by_rest_is_done_at_once_and_leaves_no_job_to_follow(stub: Stub, shopify: ShopOrders) -> None:
    stub.answers({"notice": "Order has been canceled", "order": {"id": 1, "cancelled_at": "2026-11-23T12:00:00+05:30"}})

    assert shopify.cancel_order(1, CancelChoices()).job is None


@pytest.mark.parametrize(
    "body",
    [{}, [], {"order": None}, b"<html>Welcome</html>", {"order": {"id": 1, "cancelled_at": None}}, {"notice": "OK"}],
)
def test_a_cancel_whose_answer_does_not_say_cancelled_may_or_may_not_be_done(
    stub: Stub, shopify: ShopOrders, body: Any
) -> None:
    stub.answers(body)

    assert type(error_of(lambda: shopify.cancel_order(1, CancelChoices()))) is OutcomeUnknown


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"id": 1, "cancelled_at": None, "fulfillment_status": None}, OrderInShopify(None, shipped=False)),
        ({"id": 1, "fulfillment_status": "fulfilled"}, OrderInShopify(None, shipped=True)),
        ({"id": 1, "fulfillment_status": "partial"}, OrderInShopify(None, shipped=True)),
        ({"id": 1, "cancelled_at": "2026-11-23"}, OrderInShopify("2026-11-23", shipped=False)),
        ({"id": 1, "cancelled_at": 5, "fulfillment_status": []}, OrderInShopify(None, shipped=False)),
    ],
)
def test_an_order_is_read_as_it_stands_in_shopify(
    stub: Stub, shopify: ShopOrders, order: dict[str, Any], expected: OrderInShopify
) -> None:
    stub.answers({"order": order})

    assert shopify.read_order(1) == expected


def test_an_order_that_shopify_does_not_have_is_none(stub: Stub, shopify: ShopOrders) -> None:
    stub.answers({"errors": "Not Found"}, 404)

    assert shopify.read_order(1) is None


def test_a_look_at_an_order_with_a_wrong_token_is_an_error(stub: Stub, shopify: ShopOrders) -> None:
    stub.answers({"errors": "Invalid API key"}, 401)

    assert type(error_of(lambda: shopify.read_order(1))) is CredentialsRefused


@pytest.mark.parametrize("body", [{"notice": "The order was not found"}, {"errors": "Not Found"}])
def test_an_answer_without_an_order_is_not_taken_for_a_live_order(stub: Stub, shopify: ShopOrders, body: Any) -> None:
    stub.answers(body)

    assert type(error_of(lambda: shopify.read_order(1))) is OutcomeUnknown
