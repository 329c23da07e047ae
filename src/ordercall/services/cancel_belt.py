"""The belt around every cancel that no person asked for: it may be delayed and undone, held back, or frozen.

Whoever changes an order says whether a program wants it. Such a cancel is looked at once more in the transaction after
which it leaves, by the policy in force then. What is held back is a person's, whose own cancel no guard is asked about.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calls.calling import CallingState, Reason
from ordercall.domain.orders.belt import BUDGET_OF, Asked, ProgramsWord, due_at, guard_against, is_frozen
from ordercall.domain.orders.order import CancelState, Status
from ordercall.domain.policy.rules import Belt
from ordercall.errors import InvalidRequest
from ordercall.jobs.engine import JobEngine
from ordercall.services.decision_service import DecisionService
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.records import activity, belt, orders, policies, reports
from ordercall.storage.records.stored_order import StoredOrder

logger = logging.getLogger(__name__)

HELD_BACK = "It was held back, for no person asked for it."
FROZEN = "As many cancels that no person asked for have left within an hour as the policy allows (belt.most_an_hour)."
LEAVING = "cancels that leave"
"""The advisory lock of whoever counts them and lets one leave."""


@dataclass(frozen=True, slots=True)
class Held:
    """Why a cancel does not leave. ``is_frozen``: a person may let it, with all others that wait for the same."""

    why: str
    is_frozen: bool = False


class CancelBelt:
    """Asks the guards. Where it takes a transaction, the caller holds the order's row."""

    def __init__(
        self, db: Database, jobs: JobEngine, decisions: DecisionService, clock: Callable[[], datetime]
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._decisions = decisions
        self._clock = clock

    def begin(self, tx: Connection, known: StoredOrder, word: ProgramsWord | None, *, by: str) -> CancelState | None:
        """Store who wants an order cancelled, and return in which state that begins; None: nothing begins.

        Args:
            known: the order as it was until now.
            word: a program's. None: a person wants it.
        """
        if word is None:
            belt.take_over(tx, known.shopify_id, by)
            return CancelState.QUEUED
        if known.confirmation_status is Status.FAILED and known.cancel_state is not None:
            return None  # a program that says it again changes nothing of what a person may be deciding
        now = self._clock()
        due = due_at(self._decisions.policy(tx).belt, now)
        belt.ask(tx, known.shopify_id, _asked(tx, known, word), due_at=due, now=now)
        return CancelState.DELAYED if due else CancelState.QUEUED

    def before_it_leaves(self, tx: Connection, order: StoredOrder) -> Held | None:
        """Return why a cancel does not leave; None: it leaves with this transaction, and is counted."""
        found = belt.find_to_leave(tx, order.shopify_id)
        if found is None or found.person is not None:
            return None
        policies.hold(tx)
        rules = self._decisions.policy(tx).belt
        edited = bool(belt.old_cards(tx, [order.shopify_id]))
        if guard := guard_against(found.asked, order, rules, edited=edited, contradicted=found.is_held):
            belt.hold(tx, order.shopify_id, now=self._clock())
            return Held(f"{HELD_BACK} {guard.sentence}")
        if found.is_released:
            return None
        dialect(tx).take_advisory_locks(tx, [LEAVING])
        if not order.cancel_may_have_left and self._is_frozen(tx, order, rules):
            return Held(FROZEN, is_frozen=True)
        belt.sent(tx, order.shopify_id, now=self._clock())
        return None

    def _is_frozen(self, tx: Connection, order: StoredOrder, rules: Belt) -> bool:
        now, waiting = self._clock(), belt.frozen(tx)
        left = belt.left_since(tx, now - BUDGET_OF, but=order.shopify_id)
        if not is_frozen(rules, left, waiting):
            return False
        belt.freeze(tx, order.shopify_id, now=now)
        if not waiting:
            logger.warning("%d cancels that no person asked for have left within an hour; the others wait", left)
        return True

    def withdraw(self, tx: Connection, known: StoredOrder, status: Status, *, by: str) -> None:
        """Take back a cancel that waits: the order gets another status."""
        belt.stop_waiting(tx, known.shopify_id)
        orders.move_cancel(tx, known.shopify_id, None)
        message = f"Not cancelled in Shopify: {by} made the order {status} in time."
        activity.record(tx, known.shopify_id, Event.CANCEL_WITHDRAWN, message, now=self._clock(), actor=by)

    # -- what people do

    def status_to_restore(self, tx: Connection, known: StoredOrder) -> Status:
        """Return the status that an order gets back whose cancel is undone.

        Raises:
            InvalidRequest: Shopify may have been asked already, or nothing of the kind waits.
        """
        found = belt.find(tx, known.shopify_id)
        in_time = known.cancel_waits or known.cancel_state is CancelState.QUEUED
        if found is None or found.person is not None or not in_time or known.confirmation_status is not Status.FAILED:
            state = known.cancel_state.sentence if known.cancel_state else "Nothing of it is to be cancelled."
            message = f"Order {known.name} has no cancellation that can be undone. {state}"
            raise InvalidRequest(message, code="NothingToUndo", status=409)
        return Status.PLACED if found.asked.before in (None, Status.FAILED) else found.asked.before

    def leave_to_a_person(self, tx: Connection, shopify_id: int, status: Status) -> None:
        """Put where people look what was undone: an order that waits for its customer again, else the report.

        Args:
            status: which the order got back.
        """
        if status is not Status.PLACED:
            reports.leave_undone(tx, shopify_id)
            return
        orders.move_calling(tx, [shopify_id], CallingState.FAILED, now=self._clock(), reason=Reason.CANCEL_UNDONE)

    def frozen(self, tx: Connection) -> int:
        """Return how many orders wait until a person lets more cancels leave."""
        return belt.frozen(tx)

    def go_on(self, *, by: str) -> int:
        """Let all cancels leave that wait for it; the other guards are asked as ever. Return how many those are."""
        number, more = 0, True
        while more:
            with self._db.begin() as tx:
                released = [
                    order for order in orders.find_all_to_change(tx, belt.some_frozen(tx)) if self._go(tx, order, by)
                ]
            number, more = number + len(released), bool(released)
        return number

    def _go(self, tx: Connection, order: StoredOrder, by: str) -> bool:
        now = self._clock()
        belt.release(tx, order.shopify_id, now=now)
        if not orders.move_cancel(tx, order.shopify_id, CancelState.QUEUED, among={CancelState.FROZEN}):
            return False
        message = f"{by} lets the cancellation in Shopify go on."
        activity.record(tx, order.shopify_id, Event.CANCEL_REQUESTED, message, now=now, actor=by)
        self._jobs.cancel_order(tx, order.shopify_id)
        return True

    # -- what the worker does

    def come_due(self, tx: Connection) -> int:
        """Queue some of the cancels that have waited long enough; return how many were looked at."""
        due = orders.find_all_to_change(tx, belt.some_due(tx, self._clock()))
        for order in due:
            belt.stop_waiting(tx, order.shopify_id)
            if orders.move_cancel(tx, order.shopify_id, CancelState.QUEUED, among={CancelState.DELAYED}):
                self._jobs.cancel_order(tx, order.shopify_id)
        return len(due)


def _asked(tx: Connection, known: StoredOrder, word: ProgramsWord) -> Asked:
    return Asked(
        before=known.confirmation_status,
        forced=word.forced,
        quoted=word.quoted,
        undone=known.calling_reason is Reason.CANCEL_UNDONE,
        phone=word.phone or belt.phone_rung(tx, known.shopify_id, word.call_id) or known.customer_phone,
    )
