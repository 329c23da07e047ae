"""A policy played over the orders that came, before it is published: who would be called, when, in which language.

Each order is taken as it arrived: whatever its parcel, its money and its customer did later is left out. What is not
kept from then, such as an address that was corrected, is as it is now. A cancel that a program asked for is asked about
once more by the draft's belt; how many an hour it lets leave is not played.

A worker plays it a step at a time: it reads some orders, decides about them while no transaction is open, and stores
what that came to in one short one. Whoever stores a webhook waits no longer for it than for any other order.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ordercall.domain.calls.calling import CallingState, Reason
from ordercall.domain.calls.decision import History, ShopFacts
from ordercall.domain.calls.forecast import Forecast, foresee, reason_against
from ordercall.domain.orders.belt import guard_against
from ordercall.domain.policy.rules import Policy
from ordercall.domain.policy.trial import CALLED, UNKNOWN, Difference, Past, differences
from ordercall.errors import UnknownTrial
from ordercall.jobs.engine import JobEngine
from ordercall.services.standstill_service import is_alive
from ordercall.storage.engine.database import Database
from ordercall.storage.reads import counters, past_orders
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.reads.past_calls import first_began
from ordercall.storage.reads.past_orders import PastOrder
from ordercall.storage.records import belt, trials
from ordercall.storage.records.belt import AskedThen
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.storage.records.trials import Trial

STEP = 500
"""Orders that are in memory at once: a tenth of a second of work, and what is stored of them a few milliseconds."""

REST = 0.005
"""Seconds between two steps in which the other threads of the process have it to themselves: a twentieth."""

WORKING_SECONDS = 2.0
"""So long a job works on a trial before it lets others have its turn."""

MOST_DAYS = 365
"""A year has each season and each feast once."""

GIVEN_UP = "The worker stopped again and again while it played this draft."

STOPPED = "Stopped by {by}."

NO_SHOP = ShopFacts()


class TrialService:
    """Makes trials, and plays them."""

    def __init__(self, db: Database, jobs: JobEngine, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._jobs = jobs
        self._clock = clock

    def make(
        self, policy: Policy, *, made_from: int, days: int, by: str, address: str = "", queued: bool = True
    ) -> int:
        """Store that a draft is to be played over the last days, and return the trial's number.

        Args:
            policy: the draft as it would be in force.
            address: the page that it is written on.
            queued: a worker plays it; otherwise whoever calls :meth:`play`.
        """
        now = self._clock()
        tried = OrderFilter(start=(now - timedelta(days=days)).timestamp(), end=now.timestamp())
        with self._db.read() as tx:
            number = counters.number(tx, tried)
        with self._db.begin() as tx:
            trial_id = trials.add(
                tx, policy, made_from=made_from, address=address, by=by, days=days, number=number, now=now
            )
            if queued:
                self._jobs.try_policy(tx, trial_id)
        return trial_id

    def find(self, trial_id: int) -> Trial:
        """Return a trial as far as it is.

        Raises:
            UnknownTrial: there is none of this number; the oldest are dropped after a time.
        """
        with self._db.read() as tx:
            found = trials.find(tx, trial_id)
        if found is None:
            raise UnknownTrial(trial_id)
        return found

    def has_worker(self) -> bool:
        """Return whether a worker runs that plays what is queued."""
        with self._db.read() as tx:
            return is_alive(self._jobs.silence(tx))

    def work(self, trial_id: int) -> None:
        """Go on with a trial for two seconds and queue the rest of it."""
        deadline = time.monotonic() + WORKING_SECONDS
        while self.play(trial_id):
            if time.monotonic() > deadline:
                with self._db.begin() as tx:
                    self._jobs.try_policy(tx, trial_id)
                return

    def give_up(self, trial_id: int) -> None:
        """End a trial that keeps crashing the worker; its page says so."""
        with self._db.begin() as tx:
            trials.finish(tx, trial_id, now=self._clock(), fault=GIVEN_UP)

    def stop(self, trial_id: int, *, by: str) -> bool:
        """End a trial before its next step, and return whether it was under way. What it came to until then stays.

        Raises:
            UnknownTrial: there is none of this number.
        """
        self.find(trial_id)
        with self._db.begin() as tx:
            return trials.finish(tx, trial_id, now=self._clock(), fault=STOPPED.format(by=by))

    def play(self, trial_id: int) -> bool:
        """Play the next step of a trial; return whether there is more to play."""
        with self._db.read() as tx:
            trial = trials.find(tx, trial_id)
            if trial is None or trial.finished_at:
                return False
            found = past_orders.next_of(tx, trial, STEP)
            pasts = _pasts(tx, trial, found)
        if not found:
            with self._db.begin() as tx:
                trials.finish(tx, trial_id, now=self._clock())
            return False
        differing = _played(trial, found, pasts)
        with self._db.begin() as tx:
            trials.go_on(tx, trial, found[-1].then, len(found), differing)
        time.sleep(REST)
        return True


def _played(trial: Trial, found: list[PastOrder], pasts: dict[int, Past]) -> dict[int, list[Difference]]:
    """Decide about these orders by the draft, count that, and return what differs, by their ids."""
    differing = {}
    for order, _ in found:
        past, forecast = pasts[order.shopify_id], _by_draft(order, trial.policy)
        found_here = differences(past, forecast)
        trial.tally.add(forecast, found_here)
        trial.tally.waiting += bool(past.would_cancel and trial.policy.belt.delay)
        if found_here:
            differing[order.shopify_id] = found_here
    return differing


def _by_draft(order: StoredOrder, policy: Policy) -> Forecast:
    history = _history(order)
    assert history.came_at is not None  # noqa: S101 - a trial walks by when orders were placed
    return foresee(order, history, NO_SHOP, policy, history.came_at)


def would_call(order: StoredOrder, policy: Policy) -> bool:
    """Return whether a policy would have an order called, which is given as it arrived."""
    return reason_against(order, _history(order), NO_SHOP, policy) is None


def _history(order: StoredOrder) -> History:
    wish = order.calling_reason is Reason.DO_NOT_CALL
    return History(came_at=order.webhook_timestamp or order.placed_at, is_demo=order.is_demo, do_not_call=wish)


def _pasts(tx: Connection, trial: Trial, found: list[PastOrder]) -> dict[int, Past]:
    """Return what was done about these orders, by their ids."""
    ids = [order.shopify_id for order, _ in found]
    began, cancels = first_began(tx, ids), belt.asked_for(tx, ids)
    pasts = {}
    for past in found:
        order = past.then
        start, cancel = began.get(order.shopify_id), cancels.get(order.shopify_id)
        settled = cancel if cancel and cancel.left is not None else None
        pasts[order.shopify_id] = Past(
            called=CALLED if start else _done(order),
            began=start,
            language=order.language,
            cancelled=settled.left if settled else None,
            would_cancel=_would_leave(settled, past.now, trial.policy) if settled else None,
        )
    return pasts


def _would_leave(cancel: AskedThen, order: StoredOrder, policy: Policy) -> bool:
    return guard_against(cancel.asked, order, policy.belt, edited=cancel.edited) is None


def _done(order: StoredOrder) -> str:
    if order.calling_state in (CallingState.NOT_CALLED, CallingState.FAILED) and order.calling_reason:
        return order.calling_reason.value
    return CALLED if order.calling_state else UNKNOWN
