"""What the pages count and sum up. Nothing here writes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, case, cast, func, select
from sqlalchemy import Integer as SqlInteger

from ordercall.domain.calling import CallingState
from ordercall.domain.orders import Status
from ordercall.storage.order_lists import OrderFilter, conditions, is_off_campaign
from ordercall.storage.tables import UNHANDLED, deliveries, logs, orders


@dataclass(slots=True)
class Counts:
    """How many orders there are, of each status and of each way the calling went."""

    of: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    on_campaign: int = 0
    off_campaign: int = 0

    @property
    def all(self) -> int:
        return sum(self.of.values())

    @property
    def decided(self) -> int:
        return self.all - self.of[Status.PLACED]


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount in one currency, and of how many orders."""

    amount: Decimal
    orders: int


@dataclass(frozen=True, slots=True)
class Health:
    """Signs of life, as unix seconds, and what waits."""

    last_webhook: float | None
    last_kalimera: str | None
    waiting: int
    unreadable: int


def counts(tx: Connection, wanted: OrderFilter) -> Counts:
    """Count the orders that the filter without its status lets through."""
    on, off = orders.c.calling_state == CallingState.ON_CAMPAIGN, is_off_campaign()
    grouped = (
        select(
            orders.c.confirmation_status,
            func.count(),
            func.sum(case((on, 1), else_=0)),
            func.sum(case((off, 1), else_=0)),
        )
        .where(*conditions(wanted.everywhere()))
        .group_by(orders.c.confirmation_status)
    )
    result = Counts()
    for status, number, on_campaign, off_campaign in tx.execute(grouped):
        if status in result.of:
            result.of[Status(status)] += number
        result.on_campaign += on_campaign
        result.off_campaign += off_campaign
    return result


def revenue(tx: Connection, wanted: OrderFilter) -> dict[str, dict[Status, Sum]]:
    """Return the sums by currency and status, the currency with most orders first; currencies are never added.

    Test orders bring no money and are left out.
    """
    grouped = (
        select(orders.c.currency, orders.c.confirmation_status, func.sum(orders.c.total_price), func.count())
        .where(*conditions(wanted), orders.c.is_test == 0)
        .where(orders.c.currency.is_not(None), orders.c.total_price.is_not(None))
        .group_by(orders.c.currency, orders.c.confirmation_status)
    )
    sums: defaultdict[str, dict[Status, Sum]] = defaultdict(dict)
    for currency, status, amount, number in tx.execute(grouped):
        if status in set(Status):
            sums[currency][Status(status)] = Sum(Decimal(str(round(amount, 3))), number)
    return dict(sorted(sums.items(), key=lambda item: -sum(part.orders for part in item[1].values())))


def by_slot(tx: Connection, wanted: OrderFilter, *, seconds: int) -> dict[int, dict[Status, int]]:
    """Count orders by status in slots of so many seconds from the filter's start; a slot's number is its place."""
    slot = cast(func.floor((wanted.moment - wanted.start) / seconds), SqlInteger).label("slot")
    grouped = (
        select(slot, orders.c.confirmation_status, func.count())
        .where(*conditions(wanted))
        .group_by(slot, orders.c.confirmation_status)
    )
    slots: defaultdict[int, dict[Status, int]] = defaultdict(lambda: dict.fromkeys(Status, 0))
    for number, status, count in tx.execute(grouped):
        if status in set(Status):
            slots[number][Status(status)] += count
    return slots


def most_frequent(tx: Connection, wanted: OrderFilter, column: str, limit: int = 6) -> list[tuple[str, int]]:
    """Return the commonest values of ``state`` or ``product_title``, with how many orders each has."""
    chosen = {"state": orders.c.state, "product_title": orders.c.product_title}[column]
    number = func.count().label("number")
    grouped = select(chosen, number).where(*conditions(wanted), chosen.is_not(None)).group_by(chosen)
    return [(name, count) for name, count in tx.execute(grouped.order_by(number.desc(), chosen).limit(limit))]


def minutes_to_decision(tx: Connection, wanted: OrderFilter) -> float | None:
    """Return the median time from placing to the last change of status, in minutes, of the latest 500 orders."""
    taken = orders.c.status_changed_at - orders.c.placed_at
    latest = (
        select(taken)
        .where(*conditions(wanted), orders.c.status_changed_by.is_not(None), taken.is_not(None))
        .order_by(orders.c.placed_at.desc())
        .limit(500)
    )
    seconds = sorted(tx.execute(latest).scalars())
    return seconds[len(seconds) // 2] / 60 if seconds else None


def health(tx: Connection) -> Health:
    """Return when something was last heard of each side, and what waits."""
    last_call = select(logs.c.timestamp).where(logs.c.event_type.like("Kalimera\\_%", escape="\\"))
    last_webhook = select(deliveries.c.received_at).where(deliveries.c.secret_name != "")  # else we read it ourselves
    waiting = select(func.count()).where(orders.c.calling_state == CallingState.QUEUED)
    unreadable = select(func.count(deliveries.c.id)).where(UNHANDLED)
    return Health(
        last_webhook=tx.execute(last_webhook.order_by(deliveries.c.received_at.desc()).limit(1)).scalar(),
        last_kalimera=tx.execute(last_call.order_by(logs.c.id.desc()).limit(1)).scalar(),
        waiting=tx.execute(waiting).scalar_one(),
        unreadable=tx.execute(unreadable).scalar_one(),
    )


def any_order(tx: Connection) -> bool:
    """Return whether the shop ever had an order."""
    return tx.execute(select(orders.c.shopify_id).limit(1)).first() is not None


def newest_log(tx: Connection) -> int:
    """Return the id of the newest log entry: every change of an order writes one."""
    newest: int = tx.execute(select(func.coalesce(func.max(logs.c.id), 0))).scalar_one()
    return newest


def changes_since(tx: Connection, log_id: int, wanted: OrderFilter) -> tuple[int, int]:
    """Return how many orders of the filter arrived and how many others of it changed since this log entry.

    It looks at the first 1,000 entries after it: a screen left open over a weekend costs no more than any other.
    """
    newer = select(logs.c.shopify_id, logs.c.event_type).where(logs.c.id > log_id, logs.c.shopify_id.is_not(None))
    latest = newer.order_by(logs.c.id).limit(1_000).subquery()
    wanted_ones = select(latest).join(orders, orders.c.shopify_id == latest.c.shopify_id).where(*conditions(wanted))
    touched: dict[int, bool] = {}
    for shopify_id, event in tx.execute(wanted_ones):
        touched[shopify_id] = touched.get(shopify_id, False) or event == "Shopify_Webhook_Received"
    arrived = sum(touched.values())
    return arrived, len(touched) - arrived


def odd_deliveries(tx: Connection, limit: int = 100) -> list[Any]:
    """Return the latest deliveries from which no order came, the unreadable ones first."""
    columns = (deliveries.c.id, deliveries.c.received_at, deliveries.c.topic, deliveries.c.outcome, deliveries.c.reason)
    odd = select(
        *columns,
        deliveries.c.handled_at,
        deliveries.c.handled_by,
        deliveries.c.repeats,
        func.length(deliveries.c.body).label("size"),
    )
    odd = odd.where(deliveries.c.outcome.in_(["unreadable", "unused"]))
    return list(tx.execute(odd.order_by(deliveries.c.outcome, deliveries.c.id.desc()).limit(limit)))
