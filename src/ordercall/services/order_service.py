"""What people and programs do with an order: set its status, have it called, have it cancelled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calls.call import Answer, CallState
from ordercall.domain.calls.calling import INDIA, CallingState, Reason
from ordercall.domain.contact_ids import shown
from ordercall.domain.orders.belt import ProgramsWord
from ordercall.domain.orders.order import CancelChoices, Status
from ordercall.errors import InvalidRequest, StatusConflict, UnknownOrder
from ordercall.jobs.engine import JobEngine, NextTry
from ordercall.services import address_proposals
from ordercall.services.cancel_belt import CancelBelt
from ordercall.services.decision_service import DecisionService
from ordercall.services.order_rules import (
    overtake,
    queue_call,
    reason_against_sync,
    settle_hold,
    want_missing_holds,
    who_changed,
)
from ordercall.services.standstill_service import (
    CatchingUp,
    Standstill,
    look_for_catching_up,
    look_for_standstill,
)
from ordercall.services.status_changes import StatusChange, status_change
from ordercall.services.status_store import Change, StatusStore
from ordercall.services.waiting import look_until
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, answered_requests, call_answers, calls, campaigns, further_calls, orders
from ordercall.storage.records.call_answers import Spoken
from ordercall.storage.records.stored_order import StoredOrder

WAIT_SECONDS = 5.0
"""A few seconds, as the API promises: most cancellations take one, and a program does not hang up before ten."""

LONGEST_NOTE = 2_000
"""Characters, a page of text: the timeline shows them whole."""


NOT_THERE = frozenset({*calls.NEVER_RANG, CallState.PLANNED, CallState.PLACING, CallState.IN_DOUBT})
"""Calls that did not bring their order to its campaign, or not certainly."""

ANSWERS = {Status.SUCCESS: Answer.CONFIRMED, Status.FAILED: Answer.REFUSED}
"""What a status that is reported of a call says that its customer said. A parcel that returns says nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncAnswer:
    """How far a requested sync got while the caller waited. ``message`` is a sentence for a person."""

    synced: bool
    contact_id: str | None
    message: str
    state: CallingState | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """When an order is next tried to be put on its campaign, and how that went so far.

    Attributes:
        next_try: of the order alone, or of all that wait for its campaign.
        of_all: it is of all, so some of its failures may be older than the order.
    """

    next_try: NextTry
    of_all: bool


class OrderService:
    """Carries out what people and programs want with an order.

    Args:
        wait_seconds: how long a request waits for the worker to finish what it asked for.
    """

    def __init__(
        self,
        db: Database,
        jobs: JobEngine,
        decisions: DecisionService,
        belt: CancelBelt,
        clock: Callable[[], datetime],
        *,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._decisions = decisions
        self._belt = belt
        self._statuses = StatusStore(jobs, decisions, belt, clock)
        self._clock = clock
        self._wait_seconds = wait_seconds

    def change_status(
        self,
        shopify_id: int,
        wanted: Status,
        *,
        by: str,
        expected: str | None = None,
        choices: CancelChoices | None = None,
        key: str | None = None,
        reported: bool = False,
    ) -> StatusChange:
        """Set the status that a person wants. Failed also cancels the order in Shopify, and waits a few seconds for it.

        Args:
            by: who wants it, for the timeline.
            expected: the version of the status (:func:`orders.version`) that the caller saw; None when it does
                not matter.
            choices: how Shopify cancels a Failed order. None: as was chosen when it became Failed, else the
                defaults. Once a request may have left, it is repeated as it was and never changed.
            key: the idempotency key. One that was carried out gets its answer again, and nothing changes.
            reported: it is what came of the order's call.

        Raises:
            UnknownOrder: there is no such order.
            StatusConflict: the status is no longer *expected*; the message says who changed it and when.
        """
        with self._db.begin() as tx:
            known = self._to_change(tx, shopify_id)
            previous = answered_requests.first_answer(tx, key)
            if previous is None:
                previous = known.status_word
                _refuse_if_changed(known, expected, self._clock())
                if reported and wanted in ANSWERS:
                    call_answers.answer(tx, [Spoken(shopify_id, ANSWERS[wanted])], now=self._clock())
                self.store_change(tx, known, wanted, choices, by=by, word=None)
                answered_requests.keep(tx, key, previous, now=self._clock())
        return self.outcome_of(shopify_id, previous, wanted)

    def outcome_of(self, shopify_id: int, previous: str, wanted: Status) -> StatusChange:
        """Return what a change of status that was stored has done; of Failed, once it is cancelled or a few seconds on.

        Raises:
            UnknownOrder: there is no such order.
        """
        if wanted is Status.FAILED:
            return status_change(previous, wanted, self._await_cancel(shopify_id))
        with self._db.read() as tx:
            return status_change(previous, wanted, self._existing(tx, shopify_id))

    def retry_cancel(
        self, shopify_id: int, *, by: str, expected: str | None = None, key: str | None = None
    ) -> StatusChange:
        """Ask Shopify again to cancel a failed order, and wait a few seconds for it.

        Raises:
            InvalidRequest: the order is not Failed.
            UnknownOrder, StatusConflict: as :meth:`change_status`, which also explains the arguments.
        """
        with self._db.read() as tx:
            known = self._existing(tx, shopify_id)
            is_new = answered_requests.first_answer(tx, key) is None
        if is_new:
            _refuse_if_changed(known, expected, self._clock())
            _refuse_unless_failed(known)
        return self.change_status(shopify_id, Status.FAILED, by=by, expected=known.version, key=key)

    def undo_cancel(self, shopify_id: int, *, by: str, key: str | None = None) -> StatusChange:
        """Take back a cancel that no person asked for, before Shopify is asked: the order gets its status back.

        An order that waits for its customer again is left to a person; of one that was decided before it is the report.

        Raises:
            UnknownOrder: there is no such order.
            InvalidRequest: nothing waits that can be undone; the message says how far it is.
        """
        with self._db.begin() as tx:
            known = self._to_change(tx, shopify_id)
            before = answered_requests.first_answer(tx, key)
            if before is None:
                before = self._belt.status_to_restore(tx, known)
                self.store_change(tx, known, before, None, by=by, word=None)
                self._belt.leave_to_a_person(tx, shopify_id, before)
                answered_requests.keep(tx, key, before, now=self._clock())
        return self.outcome_of(shopify_id, Status.FAILED, Status(before))

    def request_sync(self, shopify_id: int, *, by: str, key: str | None = None) -> SyncAnswer:
        """Send the order to Kalimera now and wait a few seconds for it.

        An order that is on the campaign already is not put there again: the customer would be rung twice.

        Args:
            key: the idempotency key. For one that was carried out nothing is queued; the answer says how far it is.

        Raises:
            UnknownOrder: there is no such order.
            InvalidRequest: nobody may ring for this order; the message says why.
        """
        with self._db.begin() as tx:
            known = self._to_change(tx, shopify_id)
            is_new = answered_requests.first_answer(tx, key) is None
            since = self.on_campaign_since(tx, known) if is_new else None
            if is_new and known.calling_state is not CallingState.ON_CAMPAIGN and since is None:
                self.queue_sync(tx, known, by=by)
                answered_requests.keep(tx, key, CallingState.QUEUED, now=self._clock())
        if since is None:
            return self._await_sync(shopify_id)
        message = f"The order is on the campaign since {since.astimezone(INDIA):%d %b %Y, %H:%M} India time."
        return SyncAnswer(synced=True, contact_id=known.contact_id and shown(known.contact_id), message=message)

    def on_campaign_since(self, tx: Connection, known: StoredOrder) -> datetime | None:
        """Return when the last call began of an order that was put on its campaign; None: it never certainly was."""
        there = known.calling_state is CallingState.ON_CAMPAIGN or known.calling_reason is Reason.NOT_REACHED
        if not there and not further_calls.plans_of(tx, [known.shopify_id]):
            return None
        begun = (call.window_start for call in calls.of_order(tx, known.shopify_id) if call.state not in NOT_THERE)
        return next((moment for moment in begun if moment), None)

    def add_note(self, shopify_id: int, text: str, *, by: str, key: str | None = None) -> None:
        """Keep what a person wants to remember about the order in its timeline.

        Args:
            key: the idempotency key. The note of one that was carried out is there already.

        Raises:
            UnknownOrder: there is no such order.
            InvalidRequest: the note is empty or longer than 2,000 characters; nothing is stored.
        """
        note = "\n".join(text.splitlines()).strip()
        if not note or len(note) > LONGEST_NOTE:
            message = f"Write a note of 1 to {LONGEST_NOTE:,} characters; this one has {len(note):,}."
            raise InvalidRequest(message, code="InvalidNote")
        with self._db.begin() as tx:
            self._to_change(tx, shopify_id)
            if answered_requests.first_answer(tx, key) is None:
                activity.record(tx, shopify_id, Event.NOTE_ADDED, note, now=self._clock(), actor=by)
                answered_requests.keep(tx, key, Event.NOTE_ADDED, now=self._clock())

    def outlook(self, tx: Connection, order: StoredOrder) -> Outlook | None:
        """Return when this stored order is next tried to be put on its campaign, or None when nobody will try."""
        if not order.on_its_way:
            return None
        if order.customer_phone and (sync := self._jobs.next_sync(tx, order.shopify_id, order.customer_phone)):
            return Outlook(sync, of_all=False)
        if not order.campaign_id or not (flush := self._jobs.next_flush(tx, order.campaign_id)):
            return None
        return Outlook(replace(flush, failed=campaigns.failures_in_a_row(tx, order.campaign_id)), of_all=True)

    def standstill(self, tx: Connection) -> Standstill | None:
        """Return what keeps orders waiting for Kalimera longer than they should, or None."""
        return look_for_standstill(tx, self._jobs, self._clock())

    def catching_up(self, tx: Connection) -> CatchingUp | None:
        """Return how far the orders are that waited through an outage of Kalimera's, or None."""
        return look_for_catching_up(tx, self._clock())

    def latest_placed(self) -> dict[str, Any] | None:
        """Return the Placed order that reached us last, each of its columns as it is stored, or None."""
        with self._db.read() as tx:
            return orders.latest_placed(tx)

    def read_again(self, shopify_ids: Collection[int]) -> None:
        """Read orders from Shopify as soon as a worker is free."""
        with self._db.begin() as tx:
            for shopify_id in shopify_ids:
                self._jobs.read_order_again(tx, shopify_id)

    def store_change(
        self,
        tx: Connection,
        known: StoredOrder,
        wanted: Status,
        choices: CancelChoices | None,
        *,
        by: str,
        word: ProgramsWord | None,
    ) -> None:
        """Store a change of one order; the arguments are explained at :class:`Change`."""
        self.store_changes(tx, [Change(known, wanted, by, word, choices)])

    def store_changes(self, tx: Connection, changes: Sequence[Change]) -> None:
        """Store changes of orders, as :meth:`StatusStore.store` does."""
        self._statuses.store(tx, changes)

    def keep_from_leaving(self, tx: Connection, shopify_ids: Collection[int]) -> None:
        """Have those of the orders held, also once more, that wait for their address by now.

        One that is held is looked at too: Shopify may be asked for its release at this moment.
        """
        want_missing_holds(tx, self._jobs, self._decisions, shopify_ids)
        settle_hold(tx, self._jobs, shopify_ids, urgent=True)

    def let_leave(self, tx: Connection, shopify_ids: Collection[int]) -> None:
        """Have those of the orders released that do not wait for their address any more."""
        for shopify_id in shopify_ids:
            address_proposals.let_leave(tx, self._jobs, shopify_id, now=self._clock())

    def queue_sync(self, tx: Connection, known: StoredOrder, *, by: str) -> None:
        """Put the order on its way to Kalimera.

        Raises:
            InvalidRequest: nobody may ring for this order; the message says why.
        """
        reason = reason_against_sync(known, self._decisions.at_present(tx, known).reason)
        if reason:
            message = f"Order {known.name} is not called: {reason.sentence}"
            if reason is Reason.PHONE_CHANGED:
                message += f" {reason.remedy}"
            raise InvalidRequest(message, code="NotCallable", status=409)
        now = self._clock()
        self._decisions.for_calls(tx, [known], asked=True)
        if known.calling_state is CallingState.FAILED:  # a person knows how a call ended that is still in doubt
            overtake(tx, [known.shopify_id], None, now=now)
        queue_call(tx, [known.shopify_id], now=now, asked_by=by)
        activity.record(tx, known.shopify_id, Event.SYNC_REQUESTED, f"Sync requested by {by}.", now=now, actor=by)
        self._jobs.sync_order(tx, known.shopify_id, known.phone_to_ring)

    def _existing(self, tx: Connection, shopify_id: int) -> StoredOrder:
        return _unless_unknown(orders.find(tx, shopify_id), shopify_id)

    def _to_change(self, tx: Connection, shopify_id: int) -> StoredOrder:
        """Return the order, locked, so that two requests at once are carried out one after the other."""
        return _unless_unknown(orders.find_to_change(tx, shopify_id), shopify_id)

    # -- waiting for the worker, with no transaction open

    def _await_cancel(self, shopify_id: int) -> StoredOrder:
        return self._await(shopify_id, lambda order: not order.cancel_under_way)

    def _await_sync(self, shopify_id: int) -> SyncAnswer:
        order = self._await(shopify_id, lambda order: order.calling_state is not CallingState.QUEUED)
        state = order.calling_state
        if state is CallingState.ON_CAMPAIGN:
            message = "Order synced to Kalimera successfully."
        elif state is CallingState.QUEUED:
            message = "The order is on its way to Kalimera, but Kalimera has not answered yet."
        else:
            message = f"The order is not on the campaign. {order.why_not_on_campaign}".strip()
        synced = state is CallingState.ON_CAMPAIGN
        contact_id = order.contact_id and shown(order.contact_id)
        return SyncAnswer(synced=synced, contact_id=contact_id, message=message, state=state)

    def _await(self, shopify_id: int, done: Callable[[StoredOrder], bool]) -> StoredOrder:
        def look() -> StoredOrder:
            with self._db.read() as tx:
                return self._existing(tx, shopify_id)

        return look_until(look, done, seconds=self._wait_seconds)


def _unless_unknown(known: StoredOrder | None, shopify_id: int) -> StoredOrder:
    if known is None:
        raise UnknownOrder(shopify_id)
    return known


def _refuse_if_changed(known: StoredOrder, expected: str | None, now: datetime) -> None:
    if expected is not None and expected != known.version:
        raise StatusConflict(who_changed(known, now), code="StatusConflict")


def _refuse_unless_failed(known: StoredOrder) -> None:
    if known.confirmation_status is not Status.FAILED:
        raise InvalidRequest(
            f"Order {known.shopify_id} is {known.status_word}; only a Failed order is cancelled in Shopify.",
            code="NotFailed",
            status=409,
        )
