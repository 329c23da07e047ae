"""An order, its calls and its hold as the API shows them, each by one function."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict

from ordercall.domain.calls.call import Answer, CallState, Follows, Waits
from ordercall.domain.calls.calling import CallingState, Language, Reason
from ordercall.domain.orders.order import CancelState, Fulfilment, Status
from ordercall.domain.parcels.holds import Why
from ordercall.storage.records.calls import Call
from ordercall.storage.records.holds import StoredHold
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.web.declared import Id, Time
from ordercall.web.view.contacts import row_seen, text_seen


class CallJson(TypedDict):
    """A call of an order. ``call_id`` is what its agent reports by; times are in UTC."""

    call_id: str
    state: CallState
    attempt: int
    asked_by: str | None
    answer: Answer | None
    language: Language | None
    not_before: Time | None
    window_start: Time | None
    window_end: Time | None
    may_ring_until: Time | None


class WholeCallJson(CallJson):
    """A call with where it went and why."""

    planned_at: Time
    changed_at: Time
    waits: Waits | None
    follows: Follows | None
    reason: str | None
    detail: str | None
    agent_id: str | None
    campaign_id: str | None


class HoldJson(TypedDict):
    """The hold of an order's parcel in Shopify. ``refused``: why it could not be made or released;
    ``others_note``: what others noted in Shopify who hold it."""

    shopify_id: Id
    is_live: bool
    wanted_at: Time
    held_at: Time | None
    released_at: Time | None
    by_others: bool
    others_note: str | None
    let_go: Why | None
    refused: str | None
    refused_at: Time | None


class OrderJson(TypedDict):
    """An order. ``cash_on_delivery`` is null where Shopify did not say how it is paid."""

    shopify_id: Id
    order_name: str | None
    product_title: str | None
    item_count: int | None
    total_price: float | None
    currency: str | None
    total_outstanding: float | None
    cash_on_delivery: bool | None
    customer_phone: str | None
    customer_email: str | None
    first_name: str | None
    last_name: str | None
    address: str | None
    address2: str | None
    city: str | None
    zip: str | None
    state: str | None
    country: str | None
    is_test: bool
    created_at: str | None
    placed_at: Time | None
    received_at: Time | None
    shopify_updated_at: Time | None
    shopify_cancelled_at: str | None
    fulfillment_status: Fulfilment
    confirmation_status: Status | None
    status_changed_at: Time | None
    status_changed_by: str | None
    calling_state: CallingState | None
    calling_reason: Reason | None
    calling_detail: str | None
    language: Language | None
    contact_id: str | None
    campaign_id: str | None
    cancel_state: CancelState | None
    cancel_detail: str | None
    call: CallJson | None
    hold: HoldJson | None


_AS_THEY_ARE = frozenset(OrderJson.__annotations__) - {"cash_on_delivery", "received_at", "call", "hold"}


def order_to_json(order: StoredOrder, last_calls: Mapping[int, Call], holds: Mapping[int, StoredHold]) -> OrderJson:
    """Return an order with its last call and its hold. Every order that the API shows is made here and nowhere else.

    Args:
        last_calls, holds: by the ids of the orders that have one.
    """
    call, hold = last_calls.get(order.shopify_id), holds.get(order.shopify_id)
    made: dict[str, Any] = {
        "cash_on_delivery": order.is_cod,
        "received_at": _plain(order.webhook_timestamp),
        "call": call_to_json(call) if call else None,
        "hold": hold_to_json(hold) if hold else None,
    }
    names = OrderJson.__annotations__
    return row_seen({name: _plain(getattr(order, name)) if name in _AS_THEY_ARE else made[name] for name in names})  # type: ignore[return-value]


def call_to_json(call: Call) -> CallJson:
    return {name: _plain(getattr(call, _CALLED.get(name, name))) for name in CallJson.__annotations__}  # type: ignore[return-value]


def whole_call_to_json(call: Call) -> WholeCallJson:
    names = WholeCallJson.__annotations__
    shown = {name: _plain(getattr(call, _CALLED.get(name, name))) for name in names}
    return shown | {"detail": text_seen(call.detail) if call.detail else None}  # type: ignore[return-value]


def hold_to_json(hold: StoredHold) -> HoldJson:
    shown = {name: _plain(getattr(hold, name)) for name in HoldJson.__annotations__}
    return shown | {name: text_seen(shown[name]) if shown[name] else None for name in ("refused", "others_note")}  # type: ignore[return-value]


_CALLED = {"call_id": "known_as"}
"""The id under which its agent knows it."""


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
