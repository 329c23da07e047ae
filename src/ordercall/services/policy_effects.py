"""What each choice of a rule is about, in numbers: who would be called, how calls ended lately, which cancels came."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from ordercall.domain.orders.belt import BUDGET_OF, guard_against
from ordercall.domain.policy.rules import After, Belt, Payment, Policy
from ordercall.services.policy_trial import would_call
from ordercall.storage.reads import past_orders
from ordercall.storage.reads.past_calls import ends_of_calls
from ordercall.storage.records import belt, orders

MOST_CALLS = 10_000
"""The latest calls that are counted: some hundredths of a second, and enough for a share."""

MOST_ORDERS = 300
"""The latest orders about which each choice of payment is asked: a tenth of a second."""

MOST_CANCELS = 1_000
"""The latest cancels that each guard is asked about: the same time, for each has its order read."""

ALONE = {
    "evidence": Belt(evidence=True),
    "paid": Belt(paid=True),
    "edited": Belt(edited=True),
    "other_number": Belt(other_number=True),
}
"""Belts of one guard each, by its name."""


@dataclass(frozen=True, slots=True)
class Cancels:
    """The cancels that programs asked for.

    Attributes:
        held: how many each guard would have held back, had it stood alone, by its name in the policy.
        busiest: how many came within one hour, at most.
    """

    number: int
    held: Mapping[str, int]
    busiest: int


@dataclass(frozen=True, slots=True)
class Effects:
    """Of a time: the calls that left, how those ended that reached nobody, and the cancels."""

    calls: int
    unreached: Mapping[After, int]
    cancels: Cancels

    @property
    def unreached_in_all(self) -> int:
        """The calls that reached nobody, whether another may follow them or not."""
        return sum(self.unreached.values())


def effects(tx: Connection, since: datetime) -> Effects:
    """Count what came since a time, within the limits of this module."""
    number, unreached = ends_of_calls(tx, since, MOST_CALLS)
    return Effects(number, unreached, _cancels(tx, since))


def called_by_payment(tx: Connection, policy: Policy, since: datetime) -> tuple[int, dict[Payment, int]]:
    """Return how many of the latest orders were looked at, and how many each choice of payment would have called."""
    latest = past_orders.latest(tx, since, MOST_ORDERS)
    return len(latest), {
        payment: sum(would_call(order, _choosing(policy, payment)) for order, _ in latest) for payment in Payment
    }


def _choosing(policy: Policy, payment: Payment) -> Policy:
    return replace(policy, who=replace(policy.who, payment=payment))


def _cancels(tx: Connection, since: datetime) -> Cancels:
    ids = belt.asked_since(tx, since, MOST_CANCELS)
    came = belt.asked_for(tx, ids)
    held: Counter[str] = Counter()
    for order in orders.find_all(tx, ids):
        one = came[order.shopify_id]
        held.update(
            guard
            for guard, belt_of_it in ALONE.items()
            if guard_against(one.asked, order, belt_of_it, edited=one.edited)
            and not guard_against(one.asked, order, Belt(), edited=one.edited)
        )
    return Cancels(len(came), held, busiest_hour(one.at for one in came.values()))


def busiest_hour(times: Iterable[float]) -> int:
    """Return how many of these moments, in seconds, lie within one hour at most, whenever it begins."""
    within: deque[float] = deque()
    busiest = 0
    for at in sorted(times):
        within.append(at)
        while at - within[0] >= BUDGET_OF.total_seconds():
            within.popleft()
        busiest = max(busiest, len(within))
    return busiest
