"""One action for many orders, carried out order by order.

Which orders it is for is written down before anything happens. Each order is one transaction that changes the order
and says so in the run, so a worker that dies has done an order wholly or not at all, and the next goes on behind it.
What a provider must answer first (a call, a cancellation) goes the way that a single click goes; the run looks at what
came of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ordercall.domain.activity import Event, run_started
from ordercall.domain.audit import Act
from ordercall.domain.calls.calling import CallingState, Reason
from ordercall.domain.orders.bulk import BulkAction, ItemState
from ordercall.domain.orders.order import CancelChoices, CancelState, Status
from ordercall.errors import InvalidRequest, UnknownRun
from ordercall.jobs.engine import JobEngine
from ordercall.services.call_again import CallAgain
from ordercall.services.decision_service import DecisionService
from ordercall.services.order_rules import reason_against_sync, who_changed
from ordercall.services.order_service import OrderService
from ordercall.storage.engine.database import Database
from ordercall.storage.reads import needs_you
from ordercall.storage.records import activity, audit, bulk, orders
from ordercall.storage.records.bulk import Item, Run, Selection
from ordercall.storage.records.stored_order import StoredOrder

WORKING_SECONDS = 2.0
"""So long a job works on a run before it lets others have its turn; a worker that is stopped ends between two jobs."""

LOOK_FIRST = "It may be on the campaign already. Look in Kalimera, then sync it from its own page."
LOOK_AGAIN = timedelta(seconds=1)
"""Until a run looks again at what a provider was asked for: a person watches its page."""


class BulkService:
    """Makes runs, starts and stops them, and works on them."""

    def __init__(
        self,
        db: Database,
        jobs: JobEngine,
        order_service: OrderService,
        again: CallAgain,
        decisions: DecisionService,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._orders = order_service
        self._again = again
        self._decisions = decisions
        self._clock = clock

    # -- what people ask for

    def prepare(self, action: BulkAction, selection: Selection, *, by: str, key: str | None = None) -> int:
        """Write down which orders a run is for, and return its number. Nothing happens to them yet.

        Args:
            key: the idempotency key. For one that was used before the run of that time is returned.
        """
        run = self._added(action, selection.described, by=by, key=key)
        return self._collected(run, lambda tx: bulk.collect(tx, run, selection))

    def start(self, run_id: int, *, by: str, choices: CancelChoices | None = None) -> None:
        """Begin with the orders of a run; one that has begun is left alone.

        Args:
            choices: how Shopify cancels the orders of a Failed run. None: each as was chosen for it before, else by
                the defaults.
        """
        with self._db.begin() as tx:
            run, now = self._to_change(tx, run_id), self._clock()
            if run.started_at or run.stopped_at or not run.collected_at:
                return
            if choices:
                bulk.set_choices(tx, run_id, choices)
            bulk.mark(tx, run_id, started_at=now.timestamp())
            sentence = run_started(run_id, run.action, run.described)
            activity.record(tx, None, Event.BULK_STARTED, sentence, now=now, actor=by)
            self._jobs.run_bulk(tx, run_id)

    def stop(self, run_id: int, *, by: str) -> bool:
        """Leave the orders alone whose turn has not come. What a provider was asked for already is waited for.

        Returns:
            Whether the run had begun.
        """
        with self._db.begin() as tx:
            run = self._to_change(tx, run_id)
            begun = run.started_at is not None
            if run.stopped_at or run.finished_at:
                return begun
            now = self._clock().timestamp()
            bulk.mark(tx, run_id, stopped_at=now, stopped_by=by, finished_at=None if begun else now)
            audit.write(tx, Act.RUN_STOPPED, f"run {run_id}")
        self._move_all(run_id, ItemState.WAITING, ItemState.SKIPPED, _stopped(by))
        return begun

    def again(self, run_id: int, *, by: str, key: str | None = None) -> int:
        """Do the same once more for the orders with which a run did not succeed; return the new run's number."""
        with self._db.read() as tx:
            run = self._existing(tx, run_id)
        if run.undoes:
            return self.undo(run.undoes, by=by, key=key)  # what each order had before stands in the run taken back
        with self._db.read() as tx:
            left = self._left_to_try(tx, run)
        number = self.prepare(run.action, left, by=by, key=key)
        self.start(number, by=by, choices=run.choices)
        return number

    def repeatable(self, tx: Connection, run: Run) -> int:
        """Return how many orders :meth:`again` would be for: of what was not done, what may come to something now."""
        return bulk.count(tx, run.id, self._left_to_try(tx, run)) if run.finished_at else 0

    def _left_to_try(self, tx: Connection, run: Run) -> Selection:
        left = bulk.left_in(run.id, ItemState.FAILED, f"what run {run.id} did not succeed with")
        if run.action is BulkAction.SYNC:
            return left.narrowed(needs_you.sync_may_help(missing=bool(self._decisions.missing(tx))))
        return left.narrowed([needs_you.still_here()]) if run.action is BulkAction.FAILED else left

    def undo(self, run_id: int, *, by: str, key: str | None = None) -> int:
        """Give the orders of a run the status that they had before; return the new run's number.

        Raises:
            InvalidRequest: what the run did cannot be taken back.
        """
        with self._db.read() as tx:
            undone = self._existing(tx, run_id)
        if not undone.action.undoable or not undone.finished_at:
            raise InvalidRequest("This run cannot be taken back.", code="NotUndoable", status=409)
        run = self._added(BulkAction.UNDO, f"what run {run_id} changed", by=by, key=key, undoes=run_id)
        number = self._collected(run, lambda tx: bulk.collect_to_undo(tx, run))
        self.start(number, by=by)
        return number

    def _added(self, action: BulkAction, described: str, *, by: str, key: str | None, undoes: int | None = None) -> Run:
        with self._db.begin() as tx:
            known = bulk.find_by_key(tx, key)
            if known is not None:
                return known
            number = bulk.add(tx, action, described, by=by, now=self._clock(), key=key, undoes=undoes)
            known = bulk.find(tx, number) if number else bulk.find_by_key(tx, key)
            assert known is not None  # noqa: S101 - it was added a moment ago, here or by whoever used the key too
            return known

    def _collected(self, run: Run, next_slice: Callable[[Connection], bool]) -> int:
        """Write down the orders slice by slice, so that no webhook waits for a long list."""
        more = run.collected_at is None
        while more:
            with self._db.begin() as tx:
                more = self._to_change(tx, run.id).collected_at is None and next_slice(tx)
                if not more:
                    bulk.mark(tx, run.id, collected_at=self._clock().timestamp())
        return run.id

    # -- what the worker does

    def work(self, run_id: int) -> None:
        """Go on with a run for two seconds and queue the rest of it."""
        deadline = time.monotonic() + WORKING_SECONDS
        while time.monotonic() < deadline:
            with self._db.begin() as tx:
                run = bulk.find_to_change(tx, run_id)
                if run is None or not run.started_at or run.finished_at:
                    return
                if self._advance(tx, run):
                    continue
                if not bulk.under_way(tx, run_id):
                    bulk.mark(tx, run_id, finished_at=self._clock().timestamp())
                    return
                self._jobs.run_bulk(tx, run_id, at=self._clock() + LOOK_AGAIN)
                return
        with self._db.begin() as tx:
            self._jobs.run_bulk(tx, run_id)

    def give_up(self, run_id: int) -> None:
        """End a run that keeps crashing the worker; a person must look."""
        why = "The worker stopped again and again while it worked on this run."
        for state in (ItemState.WAITING, ItemState.UNDER_WAY):
            self._move_all(run_id, state, ItemState.FAILED, why)
        with self._db.begin() as tx:
            bulk.mark(tx, run_id, finished_at=self._clock().timestamp())

    def _move_all(self, run_id: int, old: ItemState, new: ItemState, message: str) -> None:
        """Move the orders of a run slice by slice, so that no webhook waits for many."""
        more = True
        while more:
            with self._db.begin() as tx:
                more = bulk.move_some(tx, run_id, old, new, message)

    def _advance(self, tx: Connection, run: Run) -> bool:
        """Do one order, or see what came of those under way; return whether anything moved."""
        if run.stopped_by and bulk.move_some(
            tx, run.id, ItemState.WAITING, ItemState.SKIPPED, _stopped(run.stopped_by)
        ):
            return True  # whoever stopped it is at the same, unless that was cut off
        asked = bulk.under_way(tx, run.id)
        item = bulk.next_waiting(tx, run.id) if len(asked) < run.action.most_under_way else None
        if item is not None:
            self._do(tx, run, item)
            return True
        settle = _cancel_outcome if run.action is BulkAction.FAILED else _sync_outcome
        moved = False
        for order in orders.find_all(tx, asked):
            outcome = settle(order)
            if outcome is not None:
                state, message = outcome
                bulk.set_item(tx, run.id, order.shopify_id, state, message=message)
                moved = True
        return moved

    def _do(self, tx: Connection, run: Run, item: Item) -> None:
        order = orders.find_to_change(tx, item.shopify_id)
        assert order is not None  # noqa: S101 - an item refers to its order
        if run.action in (BulkAction.SYNC, BulkAction.CALL):
            ask = self._sync if run.action is BulkAction.SYNC else self._call
            state, message = ask(tx, run, order)
            bulk.set_item(tx, run.id, order.shopify_id, state, message=message)
        else:
            self._set_status(tx, run, item, order)

    def _sync(self, tx: Connection, run: Run, order: StoredOrder) -> tuple[ItemState, str | None]:
        if order.calling_state is CallingState.ON_CAMPAIGN or self._orders.on_campaign_since(tx, order):
            return ItemState.SKIPPED, "On the campaign already."
        if order.calling_state is CallingState.QUEUED:
            return ItemState.UNDER_WAY, None
        if order.calling_reason is Reason.OUTCOME_UNKNOWN:
            return ItemState.SKIPPED, LOOK_FIRST
        reason = reason_against_sync(order, self._decisions.at_present(tx, order).reason)
        if reason:
            return ItemState.SKIPPED, reason.sentence
        self._orders.queue_sync(tx, order, by=run.by)
        return ItemState.UNDER_WAY, None

    def _call(self, tx: Connection, run: Run, order: StoredOrder) -> tuple[ItemState, str | None]:
        """Have an order called again. What is to be confirmed first is confirmed on its own page."""
        try:
            self._again.queue(tx, order, by=run.by)
        except InvalidRequest as refusal:
            return ItemState.SKIPPED, str(refusal)
        return ItemState.UNDER_WAY, None

    def _set_status(self, tx: Connection, run: Run, item: Item, order: StoredOrder) -> None:
        wanted = Status.of(item.wanted or run.action)
        against = self._against(item, order, wanted)
        if wanted is None or against:
            bulk.set_item(tx, run.id, order.shopify_id, ItemState.SKIPPED, message=against)
            return
        self._orders.store_change(tx, order, wanted, run.choices, by=run.by, word=None)
        after = orders.find(tx, order.shopify_id)
        assert after is not None  # noqa: S101 - it was changed a moment ago, in this transaction
        state, message = ItemState.DONE, "Shopify keeps it cancelled." if order.shopify_cancelled_at else None
        if wanted is Status.FAILED:
            state, message = _cancel_outcome(after) or (ItemState.UNDER_WAY, None)
        left_as = after.version
        bulk.set_item(tx, run.id, order.shopify_id, state, previous=order.status_word, left_as=left_as, message=message)

    def _against(self, item: Item, order: StoredOrder, wanted: Status | None) -> str | None:
        """Return why this order's status is left as it is, or None."""
        if wanted is None:
            return f"It was {item.wanted} before, which is none of the four statuses: set it by hand."
        if order.version != item.seen:
            return who_changed(order, self._clock())
        if order.confirmation_status is not wanted:
            return "It was Failed before; Shopify keeps it cancelled." if item.wanted == Status.FAILED else None
        if wanted is not Status.FAILED:
            return f"It is {wanted} already."
        return "Cancelled in Shopify already." if order.shopify_cancelled_at else None

    def _existing(self, tx: Connection, run_id: int) -> Run:
        return _unless_unknown(bulk.find(tx, run_id), run_id)

    def _to_change(self, tx: Connection, run_id: int) -> Run:
        return _unless_unknown(bulk.find_to_change(tx, run_id), run_id)


def _stopped(by: str) -> str:
    return f"Stopped by {by} before its turn."


def _unless_unknown(run: Run | None, run_id: int) -> Run:
    if run is None:
        raise UnknownRun(run_id)
    return run


def _cancel_outcome(order: StoredOrder) -> tuple[ItemState, str | None] | None:
    """Return what came of a cancellation, or None while it is under way."""
    if order.cancel_under_way:
        return None
    if order.shopify_cancelled_at or order.cancel_state is CancelState.DONE:
        return ItemState.DONE, None
    if order.cancel_state and order.cancel_state.left_to_a_person:
        return ItemState.FAILED, order.cancel_detail
    return ItemState.SKIPPED, "Taken back before Shopify was asked."


def _sync_outcome(order: StoredOrder) -> tuple[ItemState, str | None] | None:
    """Return what came of a sync, or None while it is under way."""
    if order.calling_state is CallingState.QUEUED:
        return None
    if order.calling_state is CallingState.ON_CAMPAIGN:
        return ItemState.DONE, None
    if order.calling_state is CallingState.WAITING_FOR_HOURS:
        return ItemState.DONE, "Waits for its time."
    return ItemState.FAILED, order.why_not_on_campaign or None
