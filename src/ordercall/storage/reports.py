"""What the pages read: lists, counts and sums. Nothing here writes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, and_, case, cast, func, or_, select, tuple_
from sqlalchemy import Integer as SqlInteger
from sqlalchemy.sql.elements import ColumnElement

from ordercall.domain.calling import CallingState
from ordercall.domain.orders import Status
from ordercall.storage.orders import OrderRow
from ordercall.storage.tables import deliveries, logs, orders

PAGE = 25
OFF_CAMPAIGN = (CallingState.FAILED, CallingState.NOT_CALLED)
HOUR = 3_600


class Sort(StrEnum):
    """What a list is ordered by; a leading minus means the largest first."""

    NEWEST = "-placed"
    OLDEST = "placed"
    DEAREST = "-total"
    CHEAPEST = "total"
    NAME = "name"
    NAME_DOWN = "-name"

    @property
    def descending(self) -> bool:
        return self.value.startswith("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders a page is about.

    Attributes:
        status: only these; None for all.
        off_campaign: only orders that still are Placed and on whose campaign nobody will call them.
        text: part of a name, phone, order number, city or e-mail address.
        start, end: placed in [start, end), unix seconds; None leaves that side open.
    """

    status: Status | None = None
    off_campaign: bool = False
    text: str = ""
    start: float | None = None
    end: float | None = None

    def everywhere(self) -> OrderFilter:
        """Return the filter without its status: what the counts on the tabs are about."""
        return replace(self, status=None, off_campaign=False)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and whether there are orders before and after it."""

    rows: list[OrderRow]
    has_newer: bool
    has_older: bool


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


def page(tx: Connection, wanted: OrderFilter, sort: Sort, *, before: int | None, after: int | None) -> Page:
    """Return one page of orders.

    Args:
        before: the id of an order; the page begins behind it. Pages are cut by key, never by number, so new
            orders that arrive meanwhile shift nothing.
        after: likewise; the page ends in front of it.
    """
    key = _sort_key(sort)
    query = select(orders).where(*_conditions(wanted))
    anchor = _key_of(tx, key, before or after)
    backwards = after is not None and before is None
    descending = sort.descending is not backwards
    if anchor is not None:
        mine = tuple_(key, orders.c.shopify_id)
        query = query.where(mine < anchor if descending else mine > anchor)
    direction = (key.desc(), orders.c.shopify_id.desc()) if descending else (key.asc(), orders.c.shopify_id.asc())
    rows = list(tx.execute(query.order_by(*direction).limit(PAGE + 1)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        return Page(rows[::-1], has_newer=more, has_older=True)
    return Page(rows, has_newer=anchor is not None, has_older=more)


def counts(tx: Connection, wanted: OrderFilter) -> Counts:
    """Count the orders that the filter without its status lets through."""
    on, off = orders.c.calling_state == CallingState.ON_CAMPAIGN, _is_off_campaign()
    grouped = (
        select(
            orders.c.confirmation_status,
            func.count(),
            func.sum(case((on, 1), else_=0)),
            func.sum(case((off, 1), else_=0)),
        )
        .where(*_conditions(wanted.everywhere()))
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
        .where(*_conditions(wanted), orders.c.is_test == 0)
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
    slot = cast(func.floor((orders.c.placed_at - wanted.start) / seconds), SqlInteger).label("slot")
    grouped = (
        select(slot, orders.c.confirmation_status, func.count())
        .where(*_conditions(wanted))
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
    grouped = select(chosen, number).where(*_conditions(wanted), chosen.is_not(None)).group_by(chosen)
    return [(name, count) for name, count in tx.execute(grouped.order_by(number.desc(), chosen).limit(limit))]


def minutes_to_decision(tx: Connection, wanted: OrderFilter) -> float | None:
    """Return the median time from placing to the last change of status, in minutes, of the latest 500 orders."""
    latest = (
        select(orders.c.status_changed_at - orders.c.placed_at)
        .where(*_conditions(wanted), orders.c.status_changed_by.is_not(None))
        .order_by(orders.c.placed_at.desc())
        .limit(500)
    )
    seconds = sorted(tx.execute(latest).scalars())
    return seconds[len(seconds) // 2] / 60 if seconds else None


def neighbours(tx: Connection, order: OrderRow, wanted: OrderFilter) -> tuple[int | None, int | None]:
    """Return the ids of the next newer and the next older order in the list that the filter makes."""
    mine, here = tuple_(orders.c.placed_at, orders.c.shopify_id), (order.placed_at, order.shopify_id)
    ids = select(orders.c.shopify_id).where(*_conditions(wanted))
    newer = ids.where(mine > here).order_by(orders.c.placed_at, orders.c.shopify_id).limit(1)
    older = ids.where(mine < here).order_by(orders.c.placed_at.desc(), orders.c.shopify_id.desc()).limit(1)
    return tx.execute(newer).scalar(), tx.execute(older).scalar()


def earlier_of_phone(tx: Connection, order: OrderRow, limit: int = 5) -> list[OrderRow]:
    """Return the other orders of this order's phone, newest first."""
    if not order.customer_phone:
        return []
    others = select(orders).where(
        orders.c.customer_phone == order.customer_phone, orders.c.shopify_id != order.shopify_id
    )
    return list(tx.execute(others.order_by(orders.c.placed_at.desc()).limit(limit)))


def health(tx: Connection) -> Health:
    """Return when something was last heard of each side, and what waits."""
    last_call = select(logs.c.timestamp).where(logs.c.event_type.like("Kalimera\\_%", escape="\\"))
    waiting = select(func.count()).where(orders.c.calling_state == CallingState.QUEUED)
    unreadable = select(func.count()).where(deliveries.c.outcome == "unreadable")
    return Health(
        last_webhook=tx.execute(select(func.max(deliveries.c.received_at))).scalar(),
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


def changes_since(tx: Connection, log_id: int) -> tuple[int, int]:
    """Return how many orders arrived and how many others changed since this log entry, looking at 1,000 at most."""
    latest = select(logs.c.shopify_id, logs.c.event_type).where(logs.c.id > log_id).order_by(logs.c.id).limit(1_000)
    touched: dict[int, bool] = {}
    for shopify_id, event in tx.execute(latest):
        touched[shopify_id] = touched.get(shopify_id, False) or event == "Shopify_Webhook_Received"
    arrived = sum(touched.values())
    return arrived, len(touched) - arrived


def odd_deliveries(tx: Connection, limit: int = 100) -> list[Any]:
    """Return the latest deliveries from which no order came, the unreadable ones first."""
    columns = (deliveries.c.id, deliveries.c.received_at, deliveries.c.topic, deliveries.c.outcome, deliveries.c.reason)
    odd = select(*columns, deliveries.c.repeats, func.length(deliveries.c.body).label("size"))
    odd = odd.where(deliveries.c.outcome.in_(["unreadable", "unused"]))
    return list(tx.execute(odd.order_by(deliveries.c.outcome, deliveries.c.id.desc()).limit(limit)))


def _conditions(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.status:
        conditions.append(orders.c.confirmation_status == wanted.status)
    if wanted.off_campaign:
        conditions.append(_is_off_campaign())
    if wanted.start is not None:
        conditions.append(orders.c.placed_at >= wanted.start)
    if wanted.end is not None:
        conditions.append(orders.c.placed_at < wanted.end)
    if wanted.text:
        conditions.append(_contains(wanted.text))
    return conditions


def _is_off_campaign() -> ColumnElement[bool]:
    return and_(
        orders.c.confirmation_status == Status.PLACED,
        orders.c.calling_state.in_(OFF_CAMPAIGN),
        orders.c.is_test == 0,
    )


def _contains(text: str) -> ColumnElement[bool]:
    """Match the text in a name, order number, city or e-mail address, and its digits in the phone."""
    name = func.coalesce(orders.c.first_name, "").concat(" ").concat(func.coalesce(orders.c.last_name, ""))
    places = [name, orders.c.order_name, orders.c.city, orders.c.customer_email]
    found = [place.icontains(text, autoescape=True) for place in places]
    digits = "".join(character for character in text if character.isdigit())
    if len(digits) >= 3:
        found.append(orders.c.customer_phone.contains(digits.removeprefix("0")))
    return or_(*found)


def _sort_key(sort: Sort) -> ColumnElement[Any]:
    if sort in (Sort.DEAREST, Sort.CHEAPEST):
        return func.coalesce(orders.c.total_price, -1.0)
    if sort in (Sort.NAME, Sort.NAME_DOWN):
        return func.coalesce(orders.c.order_name, "")
    return orders.c.placed_at


def _key_of(tx: Connection, key: ColumnElement[Any], shopify_id: int | None) -> tuple[Any, int] | None:
    query: Select[Any] = select(key, orders.c.shopify_id).where(orders.c.shopify_id == shopify_id)
    row = tx.execute(query).first()
    return (row[0], row[1]) if row else None
