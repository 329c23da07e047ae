"""A policy played over the orders that came, before it is published: who would be called, when, in which language.

Each order is taken as it arrived: whatever its parcel, its money and its customer did later is left out. What is not
kept from then, such as an address that was corrected, is as it is now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, func, select

from ordercall.domain.calling import CallingState, Reason
from ordercall.domain.decision import Decision, History, ShopFacts, decide
from ordercall.domain.decision_words import Answer
from ordercall.domain.orders import Fulfilment, Status
from ordercall.domain.policy import Policy
from ordercall.storage.records.stored_order import StoredOrder, stored_order
from ordercall.storage.tables import orders

STEP = 1_000
"""Orders between two words about the progress: some hundredths of a second."""

CALLED = "Called"


@dataclass(slots=True)
class Trial:
    """What came of a trial, each counted by words for a person.

    Attributes:
        answers: "Called", or the short word of the reason why not.
        hours: the hour of the policy's zone at which those who are called would have been rung at the earliest.
        differences: what was done, and what this policy would have done, where that is another.
    """

    orders: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    differences: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, decision: Decision, done: str) -> None:
        """Count one order. *done*: what was done with it."""
        self.orders += 1
        would = decision.reason.short if decision.reason else CALLED
        self.answers[would] += 1
        if decision.answer is Answer.CALL:
            self.languages[decision.language.label] += 1
            if decision.not_before:
                self.hours[decision.not_before.hour] += 1
        if would != done:
            self.differences[done, would] += 1


def play(tx: Connection, policy: Policy, since: datetime, progress: Callable[[int, int], None]) -> Trial:
    """Play a policy over the orders that came since then.

    Args:
        progress: told how many orders are done, of how many.
    """
    came = orders.c.webhook_timestamp >= since.timestamp()
    number = tx.execute(select(func.count()).where(came)).scalar_one()
    trial, shop = Trial(), ShopFacts()
    rows = tx.execution_options(yield_per=STEP).execute(select(orders).where(came))
    for row in rows:
        order = stored_order(row)
        arrived = order.webhook_timestamp or since
        wish = order.calling_reason is Reason.DO_NOT_CALL
        history = History(came_at=arrived, is_demo=order.is_demo, do_not_call=wish)
        trial.add(decide(_as_it_arrived(order), history, shop, policy, arrived), _done(order))
        if trial.orders % STEP == 0:
            progress(trial.orders, number)
    progress(number, number)
    return trial


def _as_it_arrived(order: StoredOrder) -> StoredOrder:
    due = order.total_price if order.is_cod else order.total_outstanding
    return replace(
        order,
        fulfillment_status=Fulfilment.NOTHING,
        financial_status="pending" if order.is_cod else order.financial_status,
        total_outstanding=due,
        current_outstanding=order.current_total_price if order.is_cod else order.current_outstanding,
        shopify_cancelled_at=None,
        shopify_deleted_at=None,
        closed_at=None,
        confirmation_status=Status.PLACED,
    )


def _done(order: StoredOrder) -> str:
    if order.calling_state in (CallingState.NOT_CALLED, CallingState.FAILED) and order.calling_reason:
        return order.calling_reason.short
    return CALLED if order.calling_state else "Unknown"
