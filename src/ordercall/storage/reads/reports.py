"""What the pages count and sum up. Nothing here writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, cast, func, select

from ordercall.domain.activity import Event
from ordercall.domain.calls.calling import CallingState
from ordercall.domain.orders.order import Status
from ordercall.domain.quiet_webhooks import is_out_of_rhythm, same_hours_before
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.reads import counters, facets
from ordercall.storage.reads.counters import Tally
from ordercall.storage.reads.order_filter import PAID_FOR, OrderFilter, conditions, index_of
from ordercall.storage.records import holds
from ordercall.storage.records.deliveries import LISTED, Outcome, StoredDelivery
from ordercall.storage.tables import BY_SHOPIFY, FROM_KALIMERA, TO_SHIP, UNHANDLED, deliveries, logs, orders
from ordercall.storage.tables import reports as reported

LOOKED_AT = 1_000
"""How many of the latest orders a report's median and rankings are worked out from."""

MOST_WAITING = 10_000
"""Beyond it the exact number helps nobody, and the count stays within milliseconds."""


@dataclass(slots=True)
class Counts:
    """How many orders there are, of each status and of each way the calling went."""

    of: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    on_campaign: int = 0
    off_campaign: int = 0
    to_ship: int = 0  # of any period, as far as they are counted
    more_to_ship: bool = False
    held_by_others: int = 0  # and would be to ship else
    more: bool = False  # a search found more orders than are counted here

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


Revenue = dict[str, dict[Status, Sum]]
"""Sums by currency (never added up) and status, the currency of most orders first. Test orders bring no money."""


@dataclass(frozen=True, slots=True)
class Health:
    """When each side was last heard of, and what waits, each counted up to 10,000.

    ``last_webhook`` and ``last_report`` are unix seconds, ``last_kalimera`` is ISO text."""

    last_webhook: float | None
    last_report: float | None
    last_kalimera: str | None
    waiting: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class Quiet:
    """A pause of Shopify's webhooks that is out of the ordinary; ``since``: unix seconds."""

    since: float


def counts(tx: Connection, wanted: OrderFilter) -> Counts:
    """Count the orders that the filter without its status lets through."""
    return _counts(counters.tallies(tx, wanted.everywhere()), more=wanted.found_more or wanted.cut)


def count_to_ship(tx: Connection, wanted: OrderFilter) -> tuple[int, bool]:
    """Return how many orders wait for their parcel, counted up to 10,000, and whether there are more."""
    number = counters.number(tx, wanted)
    return min(number, counters.MOST_TO_SHIP), wanted.found_more or number > counters.MOST_TO_SHIP


def count_held_by_others(tx: Connection) -> int:
    """Return how many orders would wait for their parcel if others did not hold them, counted up to 10,000."""
    held = select(orders.c.shopify_id).where(TO_SHIP, PAID_FOR, orders.c.shopify_id.in_(holds.held_by_others()))
    return counters.number_up_to(tx, by_index(held, orders, ""), counters.MOST_TO_SHIP)


def revenue(tx: Connection, wanted: OrderFilter) -> Revenue:
    """Return what the orders that pass the filter come to."""
    return _revenue(counters.tallies(tx, wanted))


def counts_and_revenue(tx: Connection, period: OrderFilter) -> tuple[Counts, Revenue]:
    """Return both for the orders of all statuses."""
    tallies = counters.tallies(tx, period.everywhere())
    return _counts(tallies, more=period.found_more), _revenue(tallies)


def _counts(tallies: list[Tally], *, more: bool) -> Counts:
    result = Counts(more=more)
    for tally in tallies:
        if status := Status.of(tally.status):
            result.of[status] += tally.orders
        result.on_campaign += tally.on_campaign
        result.off_campaign += tally.off_campaign
    return result


def _revenue(tallies: list[Tally]) -> Revenue:
    sums: Revenue = defaultdict(dict)
    for tally in tallies:
        status = Status.of(tally.status)
        if tally.paid_orders and status:
            sums[tally.currency][status] = Sum(Decimal(tally.thousandths) / 1_000, tally.paid_orders)
    return dict(sorted(sums.items(), key=lambda item: -sum(part.orders for part in item[1].values())))


def by_interval(tx: Connection, borders: Sequence[float], wanted: OrderFilter) -> list[dict[Status, int]]:
    """Count the orders of a filter by status between each border, in unix seconds, and the next."""
    intervals = list(pairwise(borders))
    counted = [dict.fromkeys(Status, 0) for _ in intervals]
    for tally in counters.tallies(tx, wanted, intervals):
        if status := Status.of(tally.status):
            counted[tally.interval][status] += tally.orders
    return counted


def first_placed(tx: Connection) -> float | None:
    """Return when the first order was placed of which that is known."""
    first: float | None = tx.execute(select(func.min(orders.c.placed_at))).scalar()
    return first


def most_frequent(
    tx: Connection, wanted: OrderFilter, facet: str, limit: int = 6, *, among: int = LOOKED_AT
) -> list[tuple[Any, int]]:
    """Return the commonest values of a facet, such as ``state``, and of how many of the latest orders."""
    latest = select(facets.COLUMNS[facet].label("name")).where(*conditions(wanted), wanted.moment.is_not(None))
    if wanted.facets and wanted.found is None:
        latest = by_index(latest, orders, index_of(wanted))
    some = latest.order_by(*_newest_first(wanted)).limit(among).subquery()
    number = func.count().label("number")
    given = cast(some.c.name, Text) != ""  # Postgres compares no number with a text
    grouped = select(some.c.name, number).where(some.c.name.is_not(None), given).group_by(some.c.name)
    return [(name, count) for name, count in tx.execute(grouped.order_by(number.desc(), some.c.name).limit(limit))]


def minutes_to_decision(tx: Connection, wanted: OrderFilter) -> float | None:
    """Return the median time from placing to the last change of status, in minutes, of the latest 1,000 orders."""
    columns = (orders.c.status_changed_at - orders.c.placed_at, orders.c.status_changed_by)
    latest = select(*columns).where(*conditions(wanted), wanted.moment.is_not(None))
    rows = tx.execute(latest.order_by(*_newest_first(wanted)).limit(LOOKED_AT))
    seconds = sorted(taken for taken, by in rows if by is not None and taken is not None)
    return seconds[len(seconds) // 2] / 60 if seconds else None


def _newest_first(wanted: OrderFilter) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return wanted.moment.desc(), orders.c.shopify_id.desc()


def health(tx: Connection) -> Health:
    """Return when something was last heard of each side, and what waits."""
    last_call = by_index(select(logs.c.timestamp).where(FROM_KALIMERA), logs, "logs_of_kalimera")
    last_webhook = select(deliveries.c.received_at).where(BY_SHOPIFY)
    last_webhook = by_index(last_webhook, deliveries, "deliveries_by_shopify")
    queued = select(orders.c.shopify_id).where(orders.c.calling_state == CallingState.QUEUED)
    return Health(
        last_webhook=tx.execute(last_webhook.order_by(deliveries.c.received_at.desc()).limit(1)).scalar(),
        last_report=tx.execute(select(reported.c.received_at).order_by(reported.c.id.desc()).limit(1)).scalar(),
        last_kalimera=tx.execute(last_call.order_by(logs.c.id.desc()).limit(1)).scalar(),
        waiting=counters.number_up_to(tx, queued, MOST_WAITING),
        unreadable=counters.number_up_to(tx, select(deliveries.c.id).where(UNHANDLED), MOST_WAITING),
    )


def quiet_webhooks(tx: Connection, now: datetime) -> Quiet | None:
    """Return since when Shopify brings nothing, where by the shop's own rhythm it should; else None."""
    brought = by_index(select(deliveries.c.received_at).where(BY_SHOPIFY), deliveries, "deliveries_by_shopify")
    last = tx.execute(brought.order_by(deliveries.c.received_at.desc()).limit(1)).scalar()
    if last is None:
        return None
    came = [_orders_brought(tx, *hours) for hours in same_hours_before(last, now.timestamp())]
    return Quiet(last) if is_out_of_rhythm(came) else None


def _orders_brought(tx: Connection, start: float, end: float) -> int:
    """Count the orders that the first hundred webhooks of these hours brought: an order has a few."""
    brought = by_index(select(deliveries.c.shopify_id).where(BY_SHOPIFY), deliveries, "deliveries_by_shopify")
    these = brought.where(deliveries.c.received_at >= start, deliveries.c.received_at < end)
    some = these.order_by(deliveries.c.received_at).limit(100).subquery()
    number: int = tx.execute(select(func.count(some.c.shopify_id.distinct()))).scalar_one()
    return number


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
        touched[shopify_id] = touched.get(shopify_id, False) or event == Event.WEBHOOK_RECEIVED
    arrived = sum(touched.values())
    return arrived, len(touched) - arrived


def odd_deliveries(tx: Connection, limit: int = 100) -> list[StoredDelivery]:
    """Return the latest deliveries from which no order came, the unreadable ones first."""
    found: list[StoredDelivery] = []
    for outcome in (Outcome.UNREADABLE, Outcome.UNUSED):
        latest = LISTED.where(deliveries.c.outcome == outcome).order_by(deliveries.c.id.desc())
        found += [StoredDelivery(*row) for row in tx.execute(latest.limit(limit - len(found)))]
    return found
