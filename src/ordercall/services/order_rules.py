"""What every use case keeps to when it changes an order's status or its call, in a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calling import CallingState, Reason, why_not_called
from ordercall.domain.orders import Status
from ordercall.storage.records import activity, campaigns, orders, shop_notices
from ordercall.storage.records.stored_order import StoredOrder


def store_status(tx: Connection, known: StoredOrder, wanted: Status, *, by: str, now: datetime) -> bool:
    """Set the status, and return whether the order had another."""
    changed = orders.move_status(tx, known.shopify_id, wanted, by=by, now=now)
    if changed:
        message = f"Status changed from {known.status_word} to {wanted} by {by}."
        activity.record(tx, known.shopify_id, Event.STATUS_UPDATED, message, now=now, actor=by)
    return changed


def stop_calling(tx: Connection, known: StoredOrder, reason: Reason, *, now: datetime) -> None:
    """Take the order off the way to the campaign; one that is there already cannot be taken back."""
    campaigns.give_up_place(tx, [known.shopify_id])
    do_not_call(tx, known.shopify_id, reason, now=now)


def do_not_call(tx: Connection, shopify_id: int, reason: Reason, *, now: datetime) -> None:
    """Store that nobody is rung for this order, and why, unless that is so already or too late."""
    if orders.move_calling(tx, [shopify_id], CallingState.NOT_CALLED, now=now, reason=reason):
        activity.record(tx, shopify_id, Event.NOT_CALLED, f"Not called: {reason.sentence}", now=now)


def reason_against(order: StoredOrder) -> Reason | None:
    """Return why nobody may ring for this stored order, or None if a call is in order."""
    return why_not_called(order, order.confirmation_status)


def reason_now(tx: Connection, order: StoredOrder) -> Reason | None:
    """Return why nobody may ring for this order, or for any order, at present."""
    return reasons_now(tx, [order])[order.shopify_id]


def reasons_now(tx: Connection, found: Iterable[StoredOrder]) -> dict[int, Reason | None]:
    """Return why nobody may ring for each of these orders at present, by their ids; None where a call is in order."""
    away = Reason.DISCONNECTED if shop_notices.disconnected_since(tx) is not None else None
    return {order.shopify_id: reason_against(order) or away for order in found}


def who_changed(known: StoredOrder, now: datetime) -> str:
    """Return who set the order's status to what, and how long ago, as a sentence."""
    seconds = max(int((now - (known.status_changed_at or now)).total_seconds()), 0)
    lengths = (("d", 86_400), ("h", 3_600), ("min", 60))
    ago = next((f"{seconds // length} {unit}" for unit, length in lengths if seconds >= 2 * length), f"{seconds} s")
    return f"{known.status_changed_by or 'Somebody'} set this order to {known.status_word} {ago} ago."
