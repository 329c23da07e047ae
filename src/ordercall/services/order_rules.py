"""What every use case keeps to when it changes an order's status or its call, in a transaction of the caller's.

An order's row is locked before its call's, or two transactions on Postgres would wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ordercall.domain.activity import Event, ProviderCall, status_changed
from ordercall.domain.calls.call import NOTHING_ASKED, CallState, Follows, Plan, Waits
from ordercall.domain.calls.calling import INDIA, CallingState, Reason
from ordercall.domain.calls.decision import LONGEST_REST
from ordercall.domain.orders.order import Status
from ordercall.domain.parcels.holds import Why
from ordercall.errors import ProviderError
from ordercall.jobs.engine import JobEngine
from ordercall.services.decision_service import DecisionService
from ordercall.storage.records import activity, calls, campaigns, further_calls, holds, orders, write_backs
from ordercall.storage.records.calls import Call
from ordercall.storage.records.stored_order import StoredOrder

WITHDRAWN = frozenset({Reason.PAYMENT_VOIDED, Reason.PAYMENT_EXPIRED, Reason.EMPTIED, Reason.ARCHIVED})
"""Reasons against a call that the shop may take back: what is unarchived, filled or paid anew is called after all."""

COMES_BACK = WITHDRAWN | {Reason.NO_PHONE, Reason.PHONE_HIDDEN, Reason.SHIPPED}
"""Reasons for which a further call is withdrawn that comes back once they are gone. Who wanted no calls at one phone is
rung at another by no promise of before."""

LOGGED = {
    Waits.HOURS: "Outside the calling hours",
    Waits.PAUSE: "Calling is paused",
    Waits.CAMPAIGN: "Its campaign is paused at Kalimera",
    Waits.DELAY: "The policy has more time pass before the call",
    Waits.AGAIN: "Rung again later",
}
"""How the timeline begins to tell what a call waits for."""


def store_status(
    tx: Connection, found: Collection[StoredOrder], wanted: Status, *, by: str, now: datetime
) -> list[StoredOrder]:
    """Set the status of orders, and return those that had another."""
    moved = orders.move_status(tx, [known.shopify_id for known in found], wanted, by=by, now=now)
    changed = [known for known in found if known.shopify_id in moved]
    for was, same in _by_status_word(changed).items():
        message = status_changed(was, wanted, by)
        activity.record_for_all(tx, same, Event.STATUS_UPDATED, message, now=now, actor=by)
    write_backs.status_changed(tx, moved, now=now)
    return changed


def _by_status_word(found: Collection[StoredOrder]) -> dict[str, list[int]]:
    words = dict.fromkeys(known.status_word for known in found)
    return {word: [known.shopify_id for known in found if known.status_word == word] for word in words}


def stop_calling(tx: Connection, found: Collection[StoredOrder], reason: Reason, *, now: datetime) -> None:
    """Take orders off the way to the campaign; one that is there already cannot be taken back.

    Nearly every order that is decided is there, with its call answered: nothing is left to be stopped then.
    """
    decided = reason is Reason.ALREADY_DECIDED
    there = [known.shopify_id for known in found if decided and known.calling_state is CallingState.ON_CAMPAIGN]
    over = set(there) - calls.live_of(tx, there).keys() if there else set()
    for known in found:
        if known.shopify_id not in over:
            campaigns.give_up_place(tx, [known.shopify_id])
            do_not_call(tx, known.shopify_id, reason, now=now)


def do_not_call(tx: Connection, shopify_id: int, reason: Reason, *, now: datetime) -> None:
    """Store that nobody is rung for this order, and why, unless that is so already or too late.

    An order that was called before stays on its campaign.
    """
    if further_calls.was_called(tx, shopify_id):
        if orders.move_calling(tx, [shopify_id], CallingState.ON_CAMPAIGN, now=now):
            activity.record(tx, shopify_id, Event.NOT_CALLED, f"Not called again: {reason.sentence}", now=now)
        if reason is Reason.NOT_REACHED:
            orders.move_calling(tx, [shopify_id], CallingState.FAILED, now=now, reason=reason)
        elif reason.waits_for_a_person:
            orders.leave_to_a_person(tx, [shopify_id], reason)
    elif orders.move_calling(tx, [shopify_id], CallingState.NOT_CALLED, now=now, reason=reason):
        activity.record(tx, shopify_id, Event.NOT_CALLED, f"Not called: {reason.sentence}", now=now)
    calls.settle(tx, [shopify_id], reason, now=now)


def overtake(tx: Connection, shopify_ids: Collection[int], reason: Reason | None, *, now: datetime) -> None:
    """Store that whatever the open calls of these orders come to, they are settled otherwise."""
    calls.move(tx, shopify_ids, CallState.OVERTAKEN, now=now, reason=reason)


def leave_corrected(tx: Connection, decisions: DecisionService, shopify_ids: Collection[int], *, now: datetime) -> None:
    """Leave to a person those of the orders that are on their campaign, whose call has ended and is still due.

    Only that the phone was corrected ends a call for which there is no reason against.
    """
    found = orders.find_all(tx, shopify_ids)
    due = [order.shopify_id for order in found if decisions.alone(tx, order).reason is None]
    left = orders.move_calling(tx, due, CallingState.FAILED, now=now, reason=Reason.PHONE_CHANGED)
    message = f"{Reason.PHONE_CHANGED.sentence} {Reason.PHONE_CHANGED.remedy}"
    activity.record_for_all(tx, left, Event.CALL_STANDS, message, now=now)


def queue_call(tx: Connection, shopify_ids: list[int], *, now: datetime, asked_by: str | None = None) -> list[int]:
    """Put orders on their way to a call where they may come to that; return which were. The caller queues their jobs.

    An order whose call waits or is under way keeps that call. The caller holds the orders' rows.
    """
    queued = orders.move_calling(tx, shopify_ids, CallingState.QUEUED, now=now)
    calls.plan_missing(tx, queued, now=now, asked_by=asked_by)
    return queued


def queue_further_call(
    tx: Connection,
    jobs: JobEngine,
    order: StoredOrder,
    follows: Follows,
    *,
    now: datetime,
    due: datetime | None = None,
    **asked: Any,
) -> str:
    """Put an order on its way to a further call, in place of one that is planned or open; return the call's id.

    Its contact is added to the campaign once more: what is known of its place there is past its use.

    Args:
        due: before which it is not to begin.
        asked: further arguments of :func:`further_calls.plan`.
    """
    mine, due = [order.shopify_id], due if due and due > now else None
    calls.settle(tx, mine, None, now=now)
    campaigns.remove(tx, mine)
    if further_calls.rung_elsewhere(tx, order.shopify_id):
        orders.forget_contact(tx, mine)
    orders.move_calling(tx, mine, CallingState.QUEUED, now=now, further=True)
    call_id = further_calls.plan(tx, order.shopify_id, follows, now=now, due=due, **asked)
    if due:
        wait_for_opening(tx, mine, due, Waits.AGAIN, now=now)
        jobs.sync_at_opening(tx, order.shopify_id, order.phone_to_ring, min(due, now + LONGEST_REST))
    else:
        jobs.sync_order(tx, order.shopify_id, order.phone_to_ring)
    return call_id


def end_calling(tx: Connection, shopify_ids: list[int], *, now: datetime) -> None:
    """End the calling of orders whose customers have answered: what is planned, and what was asked for meanwhile."""
    if calls.live_of(tx, shopify_ids):  # mostly the answer has ended the only one
        withdraw_planned(tx, shopify_ids, None, now=now)
        overtake(tx, shopify_ids, None, now=now)


def withdraw_planned(tx: Connection, shopify_ids: Collection[int], reason: Reason | None, *, now: datetime) -> None:
    """Withdraw the planned calls of orders that were called before, which stay on their campaign."""
    planned = calls.move(tx, shopify_ids, CallState.WITHDRAWN, now=now, among=(CallState.PLANNED,), reason=reason)
    if planned:
        campaigns.give_up_place(tx, planned)
        orders.move_calling(tx, planned, CallingState.ON_CAMPAIGN, now=now)


def start_over(
    tx: Connection, jobs: JobEngine, decisions: DecisionService, shopify_ids: list[int], *, now: datetime
) -> None:
    """Have orders looked at from the start that were on their way to their campaign and have lost their call."""
    found = orders.find_all_to_change(tx, shopify_ids)
    orders.forget_contact(tx, shopify_ids)
    overtake(tx, shopify_ids, None, now=now)
    lost = calls.latest_of(tx, shopify_ids)
    for order in found:
        wish = _wish_of(lost.get(order.shopify_id))
        if reason := decisions.at_present(tx, order, wish).reason:
            do_not_call(tx, order.shopify_id, reason, now=now)
        elif wish.follows:
            asked = {"asked_by": lost[order.shopify_id].asked_by, "language": wish.language, "despite": wish.despite}
            queue_further_call(tx, jobs, order, wish.follows, now=now, due=None, **asked)
        else:
            queue_call(tx, [order.shopify_id], now=now)
            jobs.sync_order(tx, order.shopify_id, order.phone_to_ring)


def _wish_of(lost: Call | None) -> Plan:
    """Return what somebody asked of a call that an order has lost; of an attempt that is its language alone.

    An attempt is one no more where the phone is another: nobody has rung that before.
    """
    if lost is None or lost.follows is None or lost.state is not CallState.OVERTAKEN:
        return NOTHING_ASKED
    if lost.follows is not Follows.SILENCE:
        return Plan(follows=lost.follows, language=lost.wanted_language, despite=lost.despite)
    return Plan(follows=Follows.LANGUAGE, language=lost.wanted_language) if lost.wanted_language else NOTHING_ASKED


def restore_call(tx: Connection, jobs: JobEngine, order: StoredOrder, *, now: datetime) -> bool:
    """Plan a further call anew that was withdrawn for what has been put right; return whether there was one.

    What a person is to decide for another reason by now, such as an undone cancel, stays theirs.
    """
    lost = next(iter(calls.of_order(tx, order.shopify_id)), None)
    if lost is None or lost.follows is None or order.calling_reason not in {None, *COMES_BACK}:
        return False
    if lost.state is not CallState.WITHDRAWN or lost.reason not in COMES_BACK:
        return False
    asked = {"asked_by": lost.asked_by, "language": lost.wanted_language, "despite": lost.despite}
    queue_further_call(tx, jobs, order, lost.follows, now=now, due=lost.not_before, **asked)
    return True


def park(tx: Connection, shopify_ids: list[int], reason: Reason, error: ProviderError, *, now: datetime) -> None:
    """Set those of the orders aside for a person that may still be set aside, with the provider's words."""
    parked = orders.move_calling(tx, shopify_ids, CallingState.FAILED, now=now, reason=reason, detail=str(error))
    ended = CallState.IN_DOUBT if reason is Reason.OUTCOME_UNKNOWN else CallState.REJECTED
    calls.move(tx, shopify_ids, ended, now=now, reason=reason, detail=str(error))
    call: ProviderCall | None = error.call
    activity.record_for_all(tx, parked, Event.SYNC_ERROR, f"Not on the campaign: {error.sentence}", now=now, call=call)


def wait_for_opening(
    tx: Connection, shopify_ids: list[int], opening: datetime | None, waits: Waits, *, now: datetime
) -> None:
    """Store that those of the orders that are on their way wait until their calls may begin, which is logged once.

    Args:
        opening: None: calling or the campaign is paused, and nobody knows for how long.
    """
    news = orders.move_calling(tx, shopify_ids, CallingState.WAITING_FOR_HOURS, now=now)
    calls.defer(tx, shopify_ids, opening, waits)
    until = f"{opening.astimezone(INDIA):%d %b, %H:%M} India time" if opening else "it goes on"
    activity.record_for_all(tx, news, Event.SYNC_DEFERRED, f"{LOGGED[waits]}: waits until {until}.", now=now)


def want_holds(
    tx: Connection, jobs: JobEngine, decisions: DecisionService, shopify_ids: Collection[int], *, now: datetime
) -> None:
    """Have orders that are called held in Shopify, where the policy has parcels held."""
    if shopify_ids and decisions.policy(tx).hold.until_answered:
        holds.want(tx, shopify_ids, now=now)
        for shopify_id in shopify_ids:
            jobs.align_hold(tx, shopify_id)


def want_missing_holds(
    tx: Connection, jobs: JobEngine, decisions: DecisionService, shopify_ids: Collection[int]
) -> None:
    """Have those of the orders held whose hold nobody has wanted, or that were released and not let go for good.

    They are called now and were on no way to a call when they came, or have given another address after their answer.
    """
    if shopify_ids and decisions.policy(tx).hold.until_answered:
        known = holds.of_orders(tx, shopify_ids)
        for shopify_id in shopify_ids:
            hold = known.get(shopify_id)
            if hold is None or not (hold.is_live or hold.let_go):
                jobs.align_hold(tx, shopify_id)


def hold_what_waits_again(tx: Connection, jobs: JobEngine, decisions: DecisionService, shopify_id: int) -> None:
    """Have an order looked at whose hold has ended and that may wait again, be it shipped or confirmed before.

    One that failed, too, which nobody calls: its customer does not want it.
    """
    hold = holds.find(tx, shopify_id)
    if hold is None or hold.is_live or not decisions.policy(tx).hold.until_answered:
        return
    if hold.let_go is Why.NOTHING:  # so it was when its fulfilment orders were looked at, and they are others now
        holds.let_go(tx, shopify_id, None)
    jobs.align_hold(tx, shopify_id)


def settle_hold(tx: Connection, jobs: JobEngine, shopify_ids: Collection[int], *, urgent: bool) -> None:
    """Have the holds of orders that have changed looked at, where there are any."""
    for shopify_id in sorted(holds.live_among(tx, shopify_ids)) if shopify_ids else ():
        jobs.align_hold(tx, shopify_id, urgent=urgent)


def write_soon(
    tx: Connection, jobs: JobEngine, decisions: DecisionService, shopify_ids: Sequence[int], *, now: datetime
) -> None:
    """Have orders whose status has changed written to in Shopify before those that only wait for an answer."""
    if shopify_ids and decisions.policy(tx).write_back.is_on:
        write_backs.mark(tx, shopify_ids, place=write_backs.FIRST, now=now)
        jobs.write_order(tx, shopify_ids[0])  # it goes on to the others


def reason_against_sync(order: StoredOrder, decided: Reason | None) -> Reason | None:
    """Return why a person cannot have this order called, beside what was decided about it."""
    return decided or (Reason.PHONE_CHANGED if order.calling_reason is Reason.PHONE_CHANGED else None)


def who_changed(known: StoredOrder, now: datetime) -> str:
    """Return who set the order's status to what, and how long ago, as a sentence."""
    seconds = max(int((now - (known.status_changed_at or now)).total_seconds()), 0)
    lengths = (("d", 86_400), ("h", 3_600), ("min", 60))
    ago = next((f"{seconds // length} {unit}" for unit, length in lengths if seconds >= 2 * length), f"{seconds} s")
    return f"{known.status_changed_by or 'Somebody'} set this order to {known.status_word} {ago} ago."
