"""Calls that end in silence: their window is over, and nobody said how they went."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calls.call import GRACE, CallState, Follows, silent_since
from ordercall.domain.calls.calling import INDIA, CallingState, Reason
from ordercall.domain.orders.order import Status
from ordercall.domain.policy.rules import After
from ordercall.domain.reports.fates import Why
from ordercall.domain.reports.road_back import Closed, RoadBack, Span
from ordercall.services.next_calls import NextCalls
from ordercall.services.order_rules import withdraw_planned
from ordercall.storage.engine.database import Database
from ordercall.storage.records import (
    activity,
    call_answers,
    calls,
    campaigns,
    further_calls,
    joint_calls,
    orders,
    reports,
    road_back,
)
from ordercall.storage.records.activity import Entry
from ordercall.storage.records.call_answers import Spoken
from ordercall.storage.records.calls import Call

type End = Callable[[Connection, list[Call], datetime], object]

logger = logging.getLogger(__name__)

CUT_OFF = (
    "A pause ended its window before anybody was known to be reached. It is no attempt: the customer is called again."
)


class CallService:
    """Ends what is over. Several workers may look at once: who comes second finds nothing to end."""

    def __init__(self, db: Database, next_calls: NextCalls, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._next = next_calls
        self._clock = clock

    def see_silence(self) -> None:
        """End the calls whose own window was over long enough ago, a slice in each transaction.

        One that Kalimera was certainly asked to ring was not answered. One of which that is not certain has ended
        all the same, and a person must look; a request that was cut off so long ago is one of those, and so is one
        that may have been answered while no report could reach us.
        """
        with self._db.begin() as tx:
            road_back.note_running(tx, now=self._clock())
            road = road_back.known(tx, now=self._clock())
        self._end_all(CallState.PLACED, lambda tx, over, now: self._end_rung(tx, over, road, now))
        self._end_all(CallState.PLACING, lambda tx, over, now: calls.end(tx, over, CallState.IN_DOUBT, now=now))
        self._end_all(CallState.IN_DOUBT, _end_in_doubt)

    def _end_all(self, was: CallState, end: End) -> None:
        now, more = self._clock(), True
        while more:
            with self._db.begin() as tx:
                over = calls.silent(tx, was, silent_since(now))
                orders.find_all_to_change(tx, [call.shopify_id for call in over])  # locked before their calls are
                end(tx, over, now)
                more = bool(over)

    def _end_rung(self, tx: Connection, over: list[Call], road: RoadBack, now: datetime) -> None:
        """End calls that Kalimera rang: unanswered, unless a report could not have reached us."""
        unheard = {call.call_id: why for call in over if (why := road.closed_in(_rang(call)))}
        heard = [call for call in over if call.call_id not in unheard]
        self._tell_of_silence(tx, [call for call in heard if call.cut_off_at is None], now)
        self._tell_of_cut_off(tx, [call for call in heard if call.cut_off_at is not None], now)
        if unheard:
            _tell_of_the_unheard(tx, [call for call in over if call.call_id in unheard], unheard, now)
            earlier = road_back.untold_orders(tx, road, now=now)
            _withdraw_attempts(tx, earlier, now)
            orders.leave_to_a_person(tx, earlier, Reason.NOT_HEARD)

    def _tell_of_silence(self, tx: Connection, over: list[Call], now: datetime) -> None:
        """End calls that nobody answered, and plan what follows; nothing follows those that are from before."""
        ended = calls.end(tx, over, CallState.UNANSWERED, now=now)
        heard = leave_unfinished(tx, ended, now)
        silent = [call for call in ended if call.call_id not in heard]
        activity.record_all(tx, [Entry(call.shopify_id, Event.CALL_UNANSWERED, _until(call), now) for call in silent])
        self._next.after(tx, [call.shopify_id for call in silent if not call.is_before], After.SILENCE)

    def _tell_of_cut_off(self, tx: Connection, over: list[Call], now: datetime) -> None:
        """End calls whose window a pause of ours ended or may have ended; whoever was not reached is called after it.

        That waits for the grace as silence does: until then the customer may be talking.
        """
        ended = calls.end(tx, over, CallState.ENDED_UNKNOWN, now=now)
        heard = leave_unfinished(tx, ended, now)
        silent = [call for call in ended if call.call_id not in heard]
        activity.record_all(tx, [Entry(call.shopify_id, Event.CALL_UNKNOWN, CUT_OFF, now) for call in silent])
        self._next.in_place_of(tx, [call for call in silent if not call.is_before])


def leave_unfinished(tx: Connection, ended: Iterable[Call], now: datetime) -> set[str]:
    """Leave to a person what calls told that ended without a last word; such calls were answered. Return which.

    So is an order of a joint call in which another was answered and it was not: its customer was reached.
    """
    over = list(ended)
    told = reports.leave_unfinished(tx, over)
    heard = [call for call in over if call.known_as in told]
    orders_heard = [call.shopify_id for call in heard]
    call_answers.answer(tx, [Spoken(shopify_id) for shopify_id in orders_heard], now=now)
    activity.record_for_all(tx, orders_heard, Event.REPORTED, Why.NEVER_FINAL.sentence, now=now)
    return {call.call_id for call in (*heard, *_leave_passed_over(tx, over, now))}


def _leave_passed_over(tx: Connection, over: list[Call], now: datetime) -> list[Call]:
    answered = joint_calls.answered(tx, {call.rings_with for call in over if call.rings_with})
    passed_over = [call for call in over if call.rings_with in answered]
    found = orders.find_all(tx, [call.shopify_id for call in passed_over])
    ids = [order.shopify_id for order in found if order.confirmation_status is Status.PLACED]
    left = orders.move_calling(tx, ids, CallingState.FAILED, now=now, reason=Reason.PASSED_OVER)
    activity.record_for_all(tx, left, Event.CALL_UNANSWERED, Reason.PASSED_OVER.sentence, now=now)
    return passed_over


def _withdraw_attempts(tx: Connection, shopify_ids: list[int], now: datetime) -> None:
    """Withdraw what was to follow by itself on silences that were taken for the customers'."""
    orders.find_all_to_change(tx, shopify_ids)  # locked before their calls are
    plans = further_calls.plans_of(tx, shopify_ids)
    planned = [shopify_id for shopify_id, plan in plans.items() if plan.follows is Follows.SILENCE]
    withdraw_planned(tx, planned, Reason.NOT_HEARD, now=now)


def _rang(call: Call) -> Span:
    start = call.window_start or call.planned_at
    return Span(start, max(start, call.window_end or start) + GRACE)


def _tell_of_the_unheard(tx: Connection, over: list[Call], why: Mapping[str, Closed], now: datetime) -> None:
    ended = calls.end(tx, over, CallState.ENDED_UNKNOWN, now=now, reason=Reason.NOT_HEARD)
    heard = leave_unfinished(tx, ended, now)
    silent = [call for call in ended if call.call_id not in heard]
    orders.leave_to_a_person(tx, [call.shopify_id for call in silent], Reason.NOT_HEARD)
    messages = {call.call_id: f"The customer may have answered. {why[call.call_id].sentence}" for call in silent}
    entries = [
        Entry(one.shopify_id, Event.CALL_UNKNOWN, f"{messages[one.call_id]} {_until(one)}", now) for one in silent
    ]
    activity.record_all(tx, entries)
    if silent:
        causes = " ".join(dict.fromkeys(why[call.call_id].sentence for call in silent))
        logger.warning("%d calls ended while no report could be heard, and wait for a person: %s", len(silent), causes)


def _end_in_doubt(tx: Connection, over: list[Call], now: datetime) -> None:
    """Set aside what still waits to be found on Kalimera's list: whoever is found there now was not rung in time."""
    ended = calls.end(tx, over, CallState.ENDED_UNKNOWN, now=now)
    leave_unfinished(tx, ended, now)
    ids = [call.shopify_id for call in ended]
    campaigns.park_unclear(tx, ids, now=now)
    orders.move_calling(tx, ids, CallingState.FAILED, now=now, reason=Reason.OUTCOME_UNKNOWN)
    message = "Its window is over, and nobody knows whether Kalimera rang. "
    entries = [Entry(call.shopify_id, Event.CALL_UNKNOWN, message + _until(call), now) for call in ended]
    activity.record_all(tx, entries)


def _until(call: Call) -> str:
    until = f"{call.window_end.astimezone(INDIA):%d %b, %H:%M}" if call.window_end else "an unknown time"
    return f"Nobody reported how the call went that was to ring until {until} India time."
