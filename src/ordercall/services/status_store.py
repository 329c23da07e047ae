"""How another status of orders is stored, with all that follows from it; for many by the same few statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calls.calling import Reason
from ordercall.domain.orders.belt import ProgramsWord
from ordercall.domain.orders.order import CancelChoices, CancelState, Status
from ordercall.jobs.engine import JobEngine
from ordercall.services.cancel_belt import CancelBelt
from ordercall.services.decision_service import DecisionService
from ordercall.services.order_rules import hold_what_waits_again, settle_hold, stop_calling, store_status, write_soon
from ordercall.storage.records import activity, orders
from ordercall.storage.records.stored_order import StoredOrder


@dataclass(frozen=True, slots=True)
class Change:
    """Another status for an order.

    Attributes:
        known: the order as it is, locked.
        by: who wants it, for the timeline.
        word: of the program that wants it. None: a person does.
        choices: how Shopify cancels a Failed order. None: as was chosen when it became Failed, else the defaults.
    """

    known: StoredOrder
    wanted: Status
    by: str
    word: ProgramsWord | None = None
    choices: CancelChoices | None = None


class StatusStore:
    """Stores statuses, in a transaction of the caller's, who holds the orders' rows."""

    def __init__(
        self, jobs: JobEngine, decisions: DecisionService, belt: CancelBelt, clock: Callable[[], datetime]
    ) -> None:
        self._jobs = jobs
        self._decisions = decisions
        self._belt = belt
        self._clock = clock

    def store(self, tx: Connection, changes: Sequence[Change]) -> None:
        """Store the statuses and all that follows from them, and queue what Shopify must be asked for.

        Args:
            changes: no two of one order.
        """
        changed = self._store_statuses(tx, changes)
        write_soon(tx, self._jobs, self._decisions, changed, now=self._clock())
        for change in changes:
            if change.wanted is Status.FAILED:
                is_new = change.known.shopify_id in changed
                chosen_before = CancelChoices() if is_new else change.known.cancel_choices
                self._request_cancel(tx, change, change.choices or chosen_before)
            elif change.known.cancel_waits:
                self._belt.withdraw(tx, change.known, change.wanted, by=change.by)
        decided = [change.known for change in changes if change.wanted is not Status.PLACED]
        if decided:
            stop_calling(tx, decided, Reason.ALREADY_DECIDED, now=self._clock())
            settle_hold(tx, self._jobs, [known.shopify_id for known in decided], urgent=True)
        for change in changes:
            if change.known.confirmation_status is Status.SUCCESS and change.wanted in (Status.PLACED, Status.FAILED):
                hold_what_waits_again(tx, self._jobs, self._decisions, change.known.shopify_id)

    def _store_statuses(self, tx: Connection, changes: Sequence[Change]) -> list[int]:
        """Store the statuses, and return of which orders they are others, in the order of the changes."""
        changed: set[int] = set()
        for wanted, by in dict.fromkeys((change.wanted, change.by) for change in changes):
            same = [change.known for change in changes if (change.wanted, change.by) == (wanted, by)]
            moved = store_status(tx, same, wanted, by=by, now=self._clock())
            changed |= {known.shopify_id for known in moved}
        return [change.known.shopify_id for change in changes if change.known.shopify_id in changed]

    def _request_cancel(self, tx: Connection, change: Change, choices: CancelChoices) -> None:
        known, by = change.known, change.by
        if known.shopify_cancelled_at or known.shopify_deleted_at:
            return
        begins = self._belt.begin(tx, known, change.word, by=by)
        if begins is None or known.cancel_may_have_left:
            return
        orders.set_cancel_choices(tx, known.shopify_id, choices)
        if not orders.move_cancel(tx, known.shopify_id, begins):
            return  # it is queued already
        later = " It can be undone before Shopify is asked." if begins is CancelState.DELAYED else ""
        message = f"Cancellation in Shopify requested: {choices.words}.{later}"
        activity.record(tx, known.shopify_id, Event.CANCEL_REQUESTED, message, now=self._clock(), actor=by)
        if begins is CancelState.QUEUED:
            self._jobs.cancel_order(tx, known.shopify_id)
