"""What a decision would come to, without all that tells why: a trial of a policy asks it of 100,000 orders."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ordercall.domain.calls.calling import Language, Reason
from ordercall.domain.calls.decision import RULES, Case, History, ShopFacts, chosen_language, due_from
from ordercall.domain.orders.order import OrderFacts
from ordercall.domain.policy.rules import Policy


class Forecast(NamedTuple):
    """Why nobody would call, when the call may begin, and in which language it would be."""

    reason: Reason | None
    not_before: datetime | None
    language: Language


def foresee(order: OrderFacts, history: History, shop: ShopFacts, policy: Policy, now: datetime) -> Forecast:
    """Return what :func:`ordercall.domain.calls.decision.decide` would come to."""
    against = reason_against(order, history, shop, policy)
    silent = against is not None or policy.when.paused
    opening = None if silent else policy.when.next_opening(due_from(history, policy.when, now))
    return Forecast(against, opening, chosen_language(order, history, policy)[0])


def reason_against(order: OrderFacts, history: History, shop: ShopFacts, policy: Policy) -> Reason | None:
    """Return the first reason against the call, without when it would be, by whom, and all the rest."""
    case = Case(order=order, history=history, shop=shop, policy=policy, asked=history.came_at is None)
    for _, says in RULES:
        if reason := says(case)[0]:
            return reason
    return None
