"""*Call again*: a person or a program asks for a further call of an order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calls.call import CallState, Follows, Plan, Waits
from ordercall.domain.calls.calling import INDIA, Reason
from ordercall.domain.calls.decision import Decision
from ordercall.domain.calls.decision_words import Answer
from ordercall.domain.orders.order import Status
from ordercall.errors import InvalidRequest, UnknownOrder
from ordercall.jobs.engine import JobEngine
from ordercall.services.decision_service import DecisionService
from ordercall.services.order_rules import queue_further_call
from ordercall.services.waiting import look_until
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, answered_requests, belt, calls, further_calls, orders
from ordercall.storage.records.calls import Call
from ordercall.storage.records.stored_order import StoredOrder

SAME_CALL = timedelta(minutes=1)
"""Who asks again so soon has pressed twice, or did not see what the first press did."""

NEVER, ASKS_FIRST = "NotCallable", "ConfirmFirst"
"""The codes of a refusal: nothing brings the call about, or the same request with ``confirm``."""


@dataclass(frozen=True, slots=True)
class CalledAgain:
    """The call that was asked for, and how far it is, as a sentence for a person."""

    call: Call
    message: str


class CallAgain:
    """Plans the calls that people and programs ask for.

    Args:
        wait_seconds: how long a request waits for the worker to place the call.
    """

    def __init__(
        self,
        db: Database,
        jobs: JobEngine,
        decisions: DecisionService,
        clock: Callable[[], datetime],
        *,
        wait_seconds: float,
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._decisions = decisions
        self._clock = clock
        self._wait_seconds = wait_seconds

    def request(self, shopify_id: int, *, by: str, key: str | None = None, confirmed: bool = False) -> CalledAgain:
        """Have an order called once more, and wait a few seconds for the call.

        Args:
            key: the idempotency key. For one that was carried out it is the call of that time.
            confirmed: also where the order is decided, or a call before may still ring.

        Raises:
            UnknownOrder: there is no such order.
            InvalidRequest: nobody may ring for it, or it is to be confirmed first; the message says why.
        """
        with self._db.begin() as tx:
            known = orders.find_to_change(tx, shopify_id)
            if known is None:
                raise UnknownOrder(shopify_id)
            call_id = answered_requests.first_answer(tx, key)
            if call_id is None:
                call_id = self.queue(tx, known, by=by, confirmed=confirmed)
                answered_requests.keep(tx, key, call_id, now=self._clock())
        return self._await(shopify_id, call_id)

    def queue(self, tx: Connection, known: StoredOrder, *, by: str, confirmed: bool = False) -> str:
        """Plan the call of an order whose row the caller holds, unless the same was asked for a moment ago.

        Returns:
            Its id, or that of the call which comes anyway.

        Raises:
            InvalidRequest: as :meth:`request`.
        """
        now, before = self._clock(), calls.of_order(tx, known.shopify_id)
        despite, decided = _decided(known), self.decide(tx, known)
        if decided.answer is not Answer.CALL:
            raise _refusal(known, decided.reason)
        if before and _is_the_same(before[0], now):
            return before[0].call_id
        if not confirmed and (question := self.question(tx, known)):
            raise InvalidRequest(question, code=ASKS_FIRST, status=409)
        belt.contradict(tx, [known.shopify_id], now=now)  # its customer is asked once more before it is cancelled
        call_id = queue_further_call(tx, self._jobs, known, Follows.ASKED, now=now, asked_by=by, despite=despite)
        self._decisions.for_calls(tx, [known], asked=True)
        activity.record(tx, known.shopify_id, Event.SYNC_REQUESTED, f"Call requested by {by}.", now=now, actor=by)
        return call_id

    def decide(self, tx: Connection, known: StoredOrder) -> Decision:
        """Decide about a call that somebody asks for, whatever the order's status."""
        return self._decisions.at_present(tx, known, Plan(follows=Follows.ASKED, despite=_decided(known)))

    def question(self, tx: Connection, known: StoredOrder) -> str | None:
        """Return what is to be confirmed before the order is called again, or None."""
        until, now = further_calls.may_ring_until(tx, known.shopify_id), self._clock()
        reasons = []
        if _decided(known):
            reasons.append(f"The order is {known.status_word} already.")
        if until and until > now:
            reasons.append(
                f"Its customer may still be rung until {until.astimezone(INDIA):%d %b, %H:%M} India time, "
                "and would then be rung twice."
            )
        return " ".join([*reasons, "Confirm that it is called again."]) if reasons else None

    def _await(self, shopify_id: int, call_id: str) -> CalledAgain:
        """Return the call once it is placed or waits, or after a few seconds."""

        def look() -> Call:
            with self._db.read() as tx:
                return next(one for one in calls.of_order(tx, shopify_id) if one.call_id == call_id)

        call = look_until(look, _rests, seconds=self._wait_seconds)
        return CalledAgain(call, _in_words(call))


def _rests(call: Call) -> bool:
    """Return whether no worker is about to do something for a call."""
    return call.state is not CallState.PLACING and (call.state is not CallState.PLANNED or call.waits is not None)


def _decided(order: StoredOrder) -> Status | None:
    """Return the status by which an order is decided, or None."""
    return None if order.confirmation_status is Status.PLACED else order.confirmation_status


def _is_the_same(last: Call, now: datetime) -> bool:
    """Return whether the last call is the one that is asked for: asked for a moment ago, or about to be placed."""
    own = last.follows in (None, Follows.ASKED)
    if own and last.state is CallState.PLANNED and last.waits in (None, Waits.HOURS, Waits.PAUSE, Waits.CAMPAIGN):
        return True
    asked = last.follows is Follows.ASKED and last.state is not CallState.WITHDRAWN
    return asked and abs(now - last.planned_at) < SAME_CALL


def _refusal(order: StoredOrder, reason: Reason | None) -> InvalidRequest:
    why = f"{reason.sentence} {reason.remedy}" if reason else ""
    return InvalidRequest(f"Order {order.name} is not called: {why}", code=NEVER, status=409)


def _in_words(call: Call) -> str:
    match call.state:
        case CallState.PLANNED if call.waits:
            until = call.not_before.astimezone(INDIA) if call.not_before else None
            return (
                f"{call.waits.sentence} The call is planned{f' for {until:%d %b, %H:%M} India time' if until else ''}."
            )
        case CallState.PLANNED | CallState.PLACING:
            return "The call is on its way to Kalimera, but Kalimera has not answered yet."
        case CallState.PLACED:
            return "Kalimera will ring the customer again."
        case CallState.REJECTED:
            reason = Reason.of(call.reason)
            return f"Kalimera does not ring the customer. {reason.remedy if reason else ''}".strip()
    return f"The call ended: {call.state.short}."
