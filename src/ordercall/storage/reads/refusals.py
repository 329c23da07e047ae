"""What customers said in their calls: of which products, states and pincodes they refuse, and how often they rang."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    Text,
    case,
    cast,
    distinct,
    func,
    literal,
    null,
    select,
    union_all,
)

from ordercall.domain.calls.call import Answer, CallState
from ordercall.domain.orders.order import Fulfilment
from ordercall.domain.rates import FEWEST, Rate
from ordercall.storage.engine.dialects import number_in
from ordercall.storage.reads.facets import last_answer
from ordercall.storage.reads.order_filter import OrderFilter, conditions
from ordercall.storage.tables import call_orders, calls, orders, reports

LOOKED_AT = 20_000
"""The latest orders of a period: those of a month with 600 a day, counted in 0.4 s."""

BY = {"product": orders.c.product_title, "state": orders.c.state, "pincode": orders.c.zip}

_NONE = cast(null(), Text)
DID_NOT_RING = (CallState.PLANNED, CallState.WITHDRAWN, CallState.REJECTED)
_HAS_LEFT = tuple(one.value for one in Fulfilment if one.has_left)


@dataclass(frozen=True, slots=True)
class Few:
    """The groups of which too few orders were answered: how many groups, refused orders and answered ones."""

    groups: int = 0
    refused: int = 0
    answered: int = 0


@dataclass(slots=True)
class Refusals:
    """The answers of a period's orders.

    Attributes:
        all: refused out of answered.
        by: the same for each product, state and pincode of enough answers; ``few``: for the others, folded.
        not_sent: refused orders that have not left, by currency: how many, and their amount.
    """

    all: Rate | None = None
    by: dict[str, dict[str, Rate]] = field(default_factory=lambda: defaultdict(dict))
    few: dict[str, Few] = field(default_factory=dict)
    not_sent: dict[str, tuple[int, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of an agent that rang, or may have, and those of them that were answered. A joint call is one."""

    agent: str
    made: int
    answered: int


@dataclass(frozen=True, slots=True)
class Talk:
    """How many calls told how long they took, and how many seconds that was in all."""

    calls: int = 0
    seconds: float = 0


def read(tx: Connection, period: OrderFilter) -> Refusals:
    """Return what was answered of the latest orders of a period, each by its last answer. Test orders are left out."""
    some = _answered(period)
    found = Refusals()
    parts = [part for kind, column in BY.items() for part in _groups(some, kind, some.c[column.name])]
    for kind, name, *numbers in tx.execute(union_all(_all(some), *parts)):
        groups, refused, answered = map(int, numbers)  # Postgres sums up in numbers of any size
        if kind == "all":
            found.all = Rate(refused, answered) if answered else None
        elif name is None:
            found.few[kind] = Few(groups, refused, answered)
        else:
            found.by[kind][name] = Rate(refused, answered)
    found.not_sent = {
        currency: (number, Decimal(thousandths) / 1_000)
        for currency, number, thousandths in tx.execute(_not_sent(some))
    }
    return found


def calls_made(tx: Connection, period: OrderFilter) -> list[Calls]:
    """Return the calls of the latest orders of a period, by agent, the busiest first."""
    some = latest(period, orders.c.shopify_id).subquery()
    rang = func.coalesce(calls.c.rings_with, calls.c.call_id)
    answered = case((calls.c.state == CallState.ANSWERED, rang))
    counted = (
        select(calls.c.agent_id, func.count(distinct(rang)), func.count(distinct(answered)))
        .select_from(some)
        .join(call_orders, call_orders.c.shopify_id == some.c.shopify_id)
        .join(calls, calls.c.call_id == call_orders.c.call_id)
        .where(calls.c.state.not_in(DID_NOT_RING), calls.c.is_before == 0)
        .group_by(calls.c.agent_id)
    )
    return sorted(
        (Calls(agent or "", *rest) for agent, *rest in tx.execute(counted)), key=lambda one: (-one.made, one.agent)
    )


def talk_of(tx: Connection, period: OrderFilter) -> Talk:
    """Return how long the calls of the latest orders of a period took, as far as a report of one order said so."""
    some = latest(period, orders.c.shopify_id).subquery()
    seconds = number_in(tx, reports.c.said, "duration_seconds")
    told = (
        select(func.max(seconds).label("seconds"))
        .select_from(some)
        .join(reports, reports.c.shopify_id == some.c.shopify_id)
        .where(reports.c.rung_call.is_not(None), reports.c.said.like('%"duration_seconds"%'))
        .group_by(reports.c.rung_call)  # which tells of itself in parts
        .subquery()
    )
    count, total = tx.execute(select(func.count(told.c.seconds), func.coalesce(func.sum(told.c.seconds), 0))).one()
    return Talk(count, float(total))


def latest(period: OrderFilter, *columns: Any) -> Select[Any]:
    """Return the latest orders of a period, the last first; test orders are left out."""
    some = select(*columns).where(*conditions(period), orders.c.is_test == 0, orders.c.placed_at.is_not(None))
    return some.order_by(orders.c.placed_at.desc(), orders.c.shopify_id.desc()).limit(LOOKED_AT)


def _answered(period: OrderFilter) -> CTE:
    """Return the latest orders of a period that have an answer, and whether it is a refusal."""
    wanted = (*BY.values(), orders.c.currency, orders.c.total_price, orders.c.fulfillment_status)
    some = latest(period, *wanted, last_answer.label("answer")).subquery()
    refused = case((some.c.answer == Answer.REFUSED, 1), else_=0).label("refused")
    return select(some, refused).where(some.c.answer.is_not(None)).cte("answered")


def _all(latest: CTE) -> Select[Any]:
    return select(literal("all"), _NONE, literal(1), func.coalesce(func.sum(latest.c.refused), 0), func.count())


def _groups(latest: CTE, kind: str, name: ColumnElement[str]) -> tuple[Select[Any], Select[Any]]:
    """Return the groups of enough answers, and all others as one."""
    answered, refused = func.count().label("answered"), func.sum(latest.c.refused).label("refused")
    grouped = select(name.label("name"), answered, refused).where(name.is_not(None), name != "").group_by(name)
    each, folded = grouped.subquery(), grouped.subquery()
    enough = select(literal(kind), each.c.name, literal(1), each.c.refused, each.c.answered)
    few = select(
        *(literal(kind), _NONE, func.count(), func.coalesce(func.sum(folded.c.refused), 0)),
        func.coalesce(func.sum(folded.c.answered), 0),
    )
    return enough.where(each.c.answered >= FEWEST), few.where(folded.c.answered < FEWEST)


def _not_sent(latest: CTE) -> Select[str, int, Any]:
    here = func.coalesce(latest.c.fulfillment_status, "").not_in(_HAS_LEFT)
    amount = func.sum(func.round(func.coalesce(latest.c.total_price, 0) * 1_000))
    summed = select(func.coalesce(latest.c.currency, ""), func.count(), amount).where(latest.c.refused == 1, here)
    return summed.group_by(latest.c.currency)
