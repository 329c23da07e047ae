"""Which confirmed orders wait for their parcel."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ordercall.domain.orders import CancelState, Fulfilment, OrderFacts, Status
from ordercall.domain.shipping import is_to_ship

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", [None, *Status])
def test_only_a_confirmed_order_waits_for_its_parcel(status: Status | None) -> None:
    assert is_to_ship(OrderFacts(shopify_id=1), status, None) is (status is Status.SUCCESS)


@pytest.mark.parametrize("shipped", Fulfilment)
def test_what_is_left_of_an_order_must_still_be_shipped(shipped: Fulfilment) -> None:
    order = OrderFacts(shopify_id=1, fulfillment_status=shipped)

    assert is_to_ship(order, Status.SUCCESS, None) is (shipped in (Fulfilment.NOTHING, Fulfilment.PART))


@pytest.mark.parametrize(
    "facts",
    [
        {"shopify_cancelled_at": "2026-11-24T12:00:00+05:30"},
        {"shopify_deleted_at": NOW},
        {"closed_at": "2026-11-24T12:00:00+05:30"},
        {"units_left": 0},
        {"is_test": True},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_an_order_that_shopify_no_longer_has_open_is_none_to_ship(facts: dict[str, Any]) -> None:
    assert not is_to_ship(OrderFacts(shopify_id=1, **facts), Status.SUCCESS, None)


@pytest.mark.parametrize("cancel", CancelState)
def test_an_order_that_is_or_may_be_cancelled_is_none_to_ship(cancel: CancelState) -> None:
    assert is_to_ship(OrderFacts(shopify_id=1), Status.SUCCESS, cancel) is (cancel is CancelState.REFUSED)
