"""An order that changed in Shopify: what is known of it follows, and so does its call.

Deliveries come late, twice and in the wrong order. So a body is believed only when it is not older than what is
known, by Shopify's own ``updated_at``; a cancellation is believed from a body of any age, because nothing undoes it.
Nor does anything undo that an order was deleted, of which Shopify says no more than the id.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ordercall.domain.activity import SHOPIFY, Event
from ordercall.domain.calls.calling import CallingState, Reason
from ordercall.domain.orders.belt import ON_CARD, ON_CARD_NOW
from ordercall.domain.orders.order import LABELS, CancelState, Order, Status
from ordercall.jobs.engine import JobEngine
from ordercall.services import address_proposals, hidden_customers
from ordercall.services.decision_service import DecisionService
from ordercall.services.merging import changes_of
from ordercall.services.order_rules import (
    COMES_BACK,
    WITHDRAWN,
    hold_what_waits_again,
    leave_corrected,
    overtake,
    queue_call,
    restore_call,
    settle_hold,
    stop_calling,
    store_status,
)
from ordercall.storage.records import activity, belt, campaigns, contacts, joint_calls, orders
from ordercall.storage.records.campaigns import ListingState
from ordercall.storage.records.stored_order import StoredOrder

AT_KALIMERA = frozenset({*campaigns.IN_DOUBT, ListingState.LISTED})
"""The request may have left. Kalimera's API has no call that takes a contact off a campaign."""
MENDABLE = COMES_BACK | {Reason.KALIMERA_REFUSED, Reason.PARTLY_KNOWN, Reason.DO_NOT_CALL}
"""Reasons against a call that a change in Shopify may put right: another phone, or shipping that was taken back."""
PASSING = WITHDRAWN | {Reason.PARTLY_KNOWN}
"""Reasons that the next body may replace by another: the one that is shown is the one that stands."""
COMES_AGAIN = "The further call that was withdrawn is planned again: the order is back."
STILL_RUNG = "The customer is on the calling list and may still be rung: Kalimera takes nobody off it."
OLD_CARD = (
    "Kalimera was told of the order as it was before: its agent may speak of the earlier items, amount or address."
    " What the customer answers is shown to a person, and cancels nothing by itself."
)


class OrderChanges:
    """Applies what Shopify says about an order that is known, in a transaction of the caller's."""

    def __init__(self, jobs: JobEngine, decisions: DecisionService) -> None:
        self._jobs = jobs
        self._decisions = decisions

    def follow(self, tx: Connection, known: StoredOrder, order: Order, *, now: datetime) -> bool:
        """Bring a known order up to date with this body, and return whether it held anything new."""
        order = hidden_customers.as_shown(tx, order, known, now=now)
        cancelled = bool(order.shopify_cancelled_at) and not known.shopify_cancelled_at
        changes = changes_of(order, known)
        if changes:
            orders.change_facts(tx, known.shopify_id, changes)
        is_off = (
            order.shopify_cancelled_at or known.shopify_cancelled_at
        )  # nothing is ordered any more: that is no edit
        if not is_off and _is_another_order(changes, known):
            _note_old_card(tx, known)
        if "customer_phone" in changes and known.customer_phone:
            contacts.forget_unneeded(tx, [known.customer_phone])
        if message := _summary(changes, known):
            activity.record(tx, known.shopify_id, Event.ORDER_CHANGED, message, now=now, actor=SHOPIFY)
        if cancelled and order.shopify_cancelled_at:
            _store_cancellation(tx, known, order.shopify_cancelled_at, now)
        elif changes:
            self._follow_with_call(tx, known, now)
        if changes and known.address_waits:
            address_proposals.follow(tx, self._jobs, known.shopify_id, now=now)
        if cancelled or changes:
            settle_hold(tx, self._jobs, [known.shopify_id], urgent=False)
        came_back = "fulfillment_status" in changes and not order.fulfillment_status.has_left
        if came_back or _is_another_order(changes, known):  # what was picked up may be sent now, or have more in it
            hold_what_waits_again(tx, self._jobs, self._decisions, known.shopify_id)
        return cancelled or bool(changes)

    def follow_deletion(self, tx: Connection, known: StoredOrder, *, now: datetime) -> bool:
        """Store that the order is gone from Shopify, stop its call, and return whether that is news."""
        if known.shopify_deleted_at is not None:
            return False
        orders.mark_deleted_in_shopify(tx, known.shopify_id, now)
        activity.record(tx, known.shopify_id, Event.ORDER_CHANGED, "Deleted in Shopify.", now=now, actor=SHOPIFY)
        _withdraw(tx, known, Reason.DELETED, now)
        return True

    def _follow_with_call(self, tx: Connection, before: StoredOrder, now: datetime) -> None:
        """Stop a call that is no longer in order; set up one that is now, or whose phone or agent was corrected."""
        after = orders.find(tx, before.shopify_id)
        assert after is not None  # noqa: S101 - it was changed a moment ago, in this transaction
        # One that was known in part is judged now as one that has just come.
        came_at = now if before.calling_reason is Reason.PARTLY_KNOWN else None
        was, decided = self._decisions.alone(tx, before), self._decisions.alone(tx, after, came_at=came_at)
        corrected = before.customer_phone != after.customer_phone
        mended = was.reason is not None and not _at_kalimera(tx, before)
        if corrected or decided.reason:  # what Kalimera has of an order that is at Kalimera is past its use
            overtake(tx, [after.shopify_id], decided.reason, now=now)
        if decided.reason:
            if decided.reason in WITHDRAWN and was.reason is None:
                _tell_if_it_stands(tx, after, now)
            if before.on_its_way or before.calling_reason in PASSING:
                _stop(tx, after, decided.reason, now)
        elif corrected or was.language is not decided.language or mended:
            self._set_up_anew(tx, after, now)
            if corrected:
                leave_corrected(tx, self._decisions, [after.shopify_id], now=now)
        elif _is_told_otherwise(before, after, now):
            activity.record(tx, after.shopify_id, Event.CALL_STANDS, OLD_CARD, now=now)

        if after.confirmation_status is Status.PLACED:
            self._decisions.for_calls(tx, [after])

    def _set_up_anew(self, tx: Connection, order: StoredOrder, now: datetime) -> None:
        if _at_kalimera(tx, order):
            message = "The customer was on the calling list already: Kalimera rings as it was told before."
            activity.record(tx, order.shopify_id, Event.CALL_STANDS, message, now=now)
        elif restore_call(tx, self._jobs, order, now=now):
            activity.record(tx, order.shopify_id, Event.SYNC_REQUESTED, COMES_AGAIN, now=now, actor=SHOPIFY)
        elif self._may_go_on(tx, order, now):
            campaigns.give_up_place(tx, [order.shopify_id])
            orders.forget_contact(tx, [order.shopify_id])
            queue_call(tx, [order.shopify_id], now=now)
            self._jobs.sync_order(tx, order.shopify_id, order.phone_to_ring)

    def _may_go_on(self, tx: Connection, order: StoredOrder, now: datetime) -> bool:
        """Return whether the order was on its way to a call, or was kept from one only by what has been put right."""
        if order.on_its_way:
            return True
        if order.calling_reason not in MENDABLE or order.placed_at is None:
            return False
        return self._decisions.alone(tx, order, came_at=now).reason is None


def _summary(changes: dict[str, Any], known: StoredOrder) -> str:
    """Return what changed, or came to what was known in part, in a sentence or two without a value that is personal."""
    learned = {"address2"} if known.lines is None else set()  # earlier versions did not keep these: that is no change
    learned |= set() if known.ship_first_name or known.ship_last_name else {"ship_first_name", "ship_last_name"}
    parts = list(dict.fromkeys(LABELS[column] for column in changes if column in LABELS and column not in learned))
    did = "Completed" if known.unknown else "Changed"
    sentences = (*_states(changes), *_what_is_left(changes, known))
    return " ".join((*([f"{did}: {', '.join(parts)}."] if parts else []), *sentences))


def _what_is_left(changes: dict[str, Any], known: StoredOrder) -> Iterator[str]:
    """Tell what is ordered now. An order that an earlier version stored was as it is, and only now it is known."""
    if "items" in changes and known.units_left is not None:
        yield f"Ordered now: {changes['items'] or 'nothing'}."
    total_is_told = "total_price" in changes or known.current_total_price is None
    if changes.get("current_total_price") is not None and not total_is_told:
        currency = changes.get("presentment_currency", known.presentment_currency)
        yield f"Total now: {changes['current_total_price']:,.2f} {currency}."


def _states(changes: dict[str, Any]) -> Iterator[str]:
    if "closed_at" in changes:
        yield "Archived." if changes["closed_at"] else "No longer archived."
    if "financial_status" in changes:
        yield f"Payment: {_word(changes['financial_status'])}."
    if "fulfillment_status" in changes:
        yield f"Shipping: {_word(changes['fulfillment_status'])}."


def _word(state: str | None) -> str:
    return (state or "nothing yet").replace("_", " ")


def _store_cancellation(tx: Connection, known: StoredOrder, cancelled_at: str, now: datetime) -> None:
    """Store that an order is cancelled: by us, whose request may have left, or else by the shop."""
    ours = known.cancel_may_have_left or known.cancel_state is CancelState.UNCLEAR
    event, actor = (Event.CANCEL_SUCCESS, None) if ours else (Event.ORDER_CANCELLED, SHOPIFY)
    orders.mark_cancelled_in_shopify(tx, known.shopify_id, cancelled_at)
    activity.record(tx, known.shopify_id, event, "Cancelled in Shopify.", now=now, actor=actor)
    follow_cancellation(tx, known, now)


def follow_cancellation(tx: Connection, known: StoredOrder, now: datetime) -> None:
    """Make an order that is cancelled in Shopify Failed, and stop its call; no second cancellation is requested."""
    store_status(tx, [known], Status.FAILED, by=SHOPIFY, now=now)
    _withdraw(tx, known, Reason.CANCELLED, now)


def _withdraw(tx: Connection, order: StoredOrder, reason: Reason, now: datetime) -> None:
    """Stop the call of an order that never comes back, or tell that it is too late for that."""
    _tell_if_it_stands(tx, order, now)
    _stop(tx, order, reason, now)


def _tell_if_it_stands(tx: Connection, order: StoredOrder, now: datetime) -> None:
    if order.confirmation_status is Status.PLACED and _at_kalimera(tx, order):
        activity.record(tx, order.shopify_id, Event.CALL_STANDS, STILL_RUNG, now=now)


def _stop(tx: Connection, order: StoredOrder, reason: Reason, now: datetime) -> None:
    """Stop the call while it can be stopped. An order that is being added just now is looked at once that is done."""
    if _at_kalimera(tx, order):
        overtake(tx, [order.shopify_id], reason, now=now)
        return
    if order.calling_reason in PASSING and order.calling_reason is not reason:
        orders.move_calling(tx, [order.shopify_id], CallingState.QUEUED, now=now)  # out of the old reason
    stop_calling(tx, [order], reason, now=now)


def _is_another_order(changes: dict[str, Any], known: StoredOrder) -> bool:
    """Return whether the order is no longer what its customer was asked about."""
    on_the_card = ON_CARD if known.units_left is None else ON_CARD | ON_CARD_NOW
    return not on_the_card.isdisjoint(changes)


def _note_old_card(tx: Connection, known: StoredOrder) -> None:
    """Store that the card which was made of the order, or is being made just now, tells of it as it was."""
    being_made = belt.BEING_MADE if joint_calls.begun(tx, [known.customer_phone]) else None
    card = known.contact_id or being_made
    if card is not None:
        belt.card_is_old(tx, known.shopify_id, card)


def _is_told_otherwise(before: StoredOrder, after: StoredOrder, now: datetime) -> bool:
    """Return whether an edit came after Kalimera was told of the order, whose customer may still be rung."""
    was, is_now = (
        (one.items, one.current_total_price, one.presentment_currency, one.address, one.city, one.zip)
        for one in (before, after)
    )
    if before.units_left is None or was == is_now or after.contact_id is None:
        return False
    state = after.calling_state
    return state is not None and not state.off_campaign and (after.window is None or now <= after.window.end)


def _at_kalimera(tx: Connection, order: StoredOrder) -> bool:
    return campaigns.place_of(tx, order.shopify_id) in AT_KALIMERA
