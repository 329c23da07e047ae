"""Calls that end in silence: their window is over, and nobody said how they went."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calling import INDIA, CallingState, Reason
from ordercall.domain.calls import CallState, silent_since
from ordercall.domain.fates import Why
from ordercall.domain.policy import After
from ordercall.services.next_calls import NextCalls
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, calls, campaigns, orders, reports
from ordercall.storage.records.activity import Entry
from ordercall.storage.records.calls import Call

type Tell = Callable[[Connection, list[Call], datetime], None]


class CallService:
    """Ends what is over. Several workers may look at once: who comes second finds nothing to end."""

    def __init__(self, db: Database, next_calls: NextCalls, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._next = next_calls
        self._clock = clock

    def see_silence(self) -> None:
        """End the calls whose own window was over long enough ago, a slice in each transaction.

        One that Kalimera was certainly asked to ring was not answered. One of which that is not certain has ended
        all the same, and a person must look; a request that was cut off so long ago is one of those.
        """
        self._end_all(CallState.PLACED, CallState.UNANSWERED, self._tell_of_silence)
        self._end_all(CallState.PLACING, CallState.IN_DOUBT, lambda *_: None)
        self._end_all(CallState.IN_DOUBT, CallState.ENDED_UNKNOWN, _leave_to_a_person)

    def _end_all(self, was: CallState, state: CallState, tell: Tell) -> None:
        now, more = self._clock(), True
        while more:
            with self._db.begin() as tx:
                over = calls.silent(tx, was, silent_since(now))
                orders.find_all_to_change(tx, [call.shopify_id for call in over])  # locked before their calls are
                tell(tx, calls.end(tx, over, state, now=now), now)
                more = bool(over)

    def _tell_of_silence(self, tx: Connection, ended: list[Call], now: datetime) -> None:
        """Log the silence, and plan what follows it; of calls of before they were written down nothing does."""
        heard = leave_unfinished(tx, ended, now)
        silent = [call for call in ended if call.call_id not in heard]
        activity.record_all(tx, [Entry(call.shopify_id, Event.CALL_UNANSWERED, _until(call), now) for call in silent])
        self._next.after(tx, [call.shopify_id for call in silent if not call.is_before], After.SILENCE)


def leave_unfinished(tx: Connection, ended: Iterable[Call], now: datetime) -> set[str]:
    """Leave to a person what calls told that ended without a last word; such calls were answered. Return which."""
    of_call = {call.call_id: call for call in ended}
    heard = reports.leave_unfinished(tx, {call_id: call.shopify_id for call_id, call in of_call.items()})
    orders_heard = [of_call[call_id].shopify_id for call_id in sorted(heard)]
    for shopify_id in orders_heard:
        calls.answer(tx, shopify_id, None, now=now)
    activity.record_for_all(tx, orders_heard, Event.REPORTED, Why.NEVER_FINAL.sentence, now=now)
    return heard


def _leave_to_a_person(tx: Connection, ended: list[Call], now: datetime) -> None:
    """Set aside what still waits to be found on Kalimera's list: whoever is found there now was not rung in time."""
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
