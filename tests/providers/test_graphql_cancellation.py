"""What an order is asked for by GraphQL, and how each answer is read, in the versions that Shopify keeps open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from makers import make_settings
from ordercall.domain.orders.order import CancelChoices
from ordercall.errors import OutcomeUnknown, ProviderRefused
from ordercall.providers.shopify.admin import ShopifyAdmin, shopify_http
from ordercall.providers.shopify.cancelling import OrderInShopify
from ordercall.providers.shopify.graphql import GraphQLOrders
from ordercall.providers.shopify.tokens import PermanentToken
from stub import Stub

BIG = 2**53 + 1
RESULT, JOB = "gid://shopify/OrderCancelJobResult/1", "gid://shopify/Job/1"


@pytest.fixture
def orders(stub: Stub) -> Iterator[Callable[..., GraphQLOrders]]:
    """Ask the stub with this API version, after it was told what to answer under ``data``."""
    with ExitStack() as opened:

        def told(data: Any, version: str = "2026-10") -> GraphQLOrders:
            stub.answers({"data": data})
            settings = make_settings(SHOPIFY_ADMIN_URL=stub.url, SHOPIFY_API_VERSION=version)
            admin = ShopifyAdmin(settings, shopify_http(settings), PermanentToken("a-token"))
            return GraphQLOrders(opened.enter_context(closing(admin)))

        yield told


def shown(word: str, *fulfilments: str) -> dict[str, Any]:
    return {
        "cancelledAt": None,
        "fulfillment_status": word,
        "fulfillments": [{"status": status} for status in fulfilments],
    }


def cancelled(**answer: Any) -> dict[str, Any]:
    return {"orderCancel": {"orderCancelUserErrors": []} | answer}


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (shown("UNFULFILLED"), OrderInShopify(None, shipped=False)),
        (shown("FULFILLED", "SUCCESS"), OrderInShopify(None, shipped=True)),
        (shown("PARTIALLY_FULFILLED", "SUCCESS"), OrderInShopify(None, shipped=True)),
        (shown("ON_HOLD"), OrderInShopify(None, shipped=False)),
        (shown("ON_HOLD", "CANCELLED", "SUCCESS"), OrderInShopify(None, shipped=True)),
        (shown("ON_HOLD", "CANCELLED", "ERROR"), OrderInShopify(None, shipped=False)),
        (shown("UNFULFILLED", *["CANCELLED"] * 5), OrderInShopify(None, shipped=False)),
        (shown("ON_HOLD", *["CANCELLED"] * 5), OrderInShopify(None, shipped=True)),  # a sixth may have left
        (shown("A_NEW_WORD"), OrderInShopify(None, shipped=False)),
        (shown("A_NEW_WORD", "SUCCESS"), OrderInShopify(None, shipped=True)),
        ({"cancelledAt": "2026-11-23T06:30:00Z"}, OrderInShopify("2026-11-23T06:30:00Z", shipped=False)),
        (None, None),
    ],
)
def test_an_order_is_read_as_it_stands(
    orders: Callable[..., GraphQLOrders], order: Any, expected: OrderInShopify | None
) -> None:
    assert orders({"order": order}).read_order(BIG) == expected


@pytest.mark.parametrize(
    ("version", "asked", "answer", "job"),
    [
        ("2026-10", "jobResult { id }", {"jobResult": {"id": RESULT}}, RESULT),
        ("2027-01", "jobResult { id }", {"jobResult": {"id": RESULT}}, RESULT),
        ("unstable", "jobResult { id }", {"jobResult": {"id": RESULT}}, RESULT),
        ("2026-07", "job { id }", {"job": {"id": JOB}}, JOB),
    ],
)
def test_each_version_is_asked_for_the_job_it_has(
    stub: Stub, orders: Callable[..., GraphQLOrders], version: str, asked: str, answer: Any, job: str
) -> None:
    accepted = orders(cancelled(**answer), version).cancel_order(BIG, CancelChoices())

    assert accepted.job == job
    assert asked in stub.payload["query"]
    assert stub.payload["variables"]["id"] == "gid://shopify/Order/9007199254740993"


@pytest.mark.parametrize("answer", [{}, {"job": None}, {"jobResult": {}}])
def test_a_yes_that_names_no_job_may_or_may_not_be_one(orders: Callable[..., GraphQLOrders], answer: Any) -> None:
    with pytest.raises(OutcomeUnknown, match="its answer names no job"):
        orders(cancelled(**answer)).cancel_order(BIG, CancelChoices())


def test_what_shopify_has_against_it_is_a_refusal_in_its_words(orders: Callable[..., GraphQLOrders]) -> None:
    errors = [{"message": "Order has an active return"}, {"message": "ring +91 90000 00002"}]

    with pytest.raises(ProviderRefused) as refused:
        orders(cancelled(orderCancelUserErrors=errors)).cancel_order(BIG, CancelChoices())

    assert refused.value.reason == "Order has an active return; ring +•••"


@pytest.mark.parametrize(
    ("job", "data", "done", "fault"),
    [
        (RESULT, {"node": {"done": False, "status": "STARTED", "errors": []}}, False, None),
        (RESULT, {"node": {"done": True, "status": "SUCCEEDED", "errors": []}}, True, None),
        (RESULT, {"node": {"done": True, "status": "FAILED", "errors": [{"message": "No"}]}}, True, "No"),
        (RESULT, {"node": {"status": "FAILED"}}, True, "Shopify's job ended without cancelling the order"),
        (JOB, {"job": {"done": False}}, False, None),
        (JOB, {"job": {"done": True}}, True, None),
    ],
)
def test_how_a_job_ended_is_read_as_far_as_it_is_told(
    orders: Callable[..., GraphQLOrders], job: str, data: Any, done: bool, fault: str | None
) -> None:
    seen = orders(data).look_at_job(job)

    assert seen
    assert (seen.done, seen.fault) == (done, fault)


def test_a_job_that_shopify_does_not_know_is_none(orders: Callable[..., GraphQLOrders]) -> None:
    assert orders({"node": None}).look_at_job(RESULT) is None
