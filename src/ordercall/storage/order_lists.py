"""Which orders a list shows, and its pages. The same filter serves the counts and sums beside the list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Connection, Select, TextClause, and_, func, or_, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from ordercall.domain.calling import CallingState
from ordercall.domain.orders import Status
from ordercall.storage.orders import OrderRow
from ordercall.storage.tables import DECIDED, orders

PAGE = 25
COUNTED = 10_000
OFF_CAMPAIGN = (CallingState.FAILED, CallingState.NOT_CALLED)
OUTCOMES = (Status.SUCCESS, Status.RETURNED, Status.FAILED)


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
        by_change: only decided ones, and start and end are about the time of that and not about the placing.
    """

    status: Status | None = None
    off_campaign: bool = False
    text: str = ""
    start: float | None = None
    end: float | None = None
    by_change: bool = False

    @property
    def moment(self) -> Column[Any]:
        """The time that start and end are about."""
        return orders.c.status_changed_at if self.by_change else orders.c.placed_at

    def everywhere(self) -> OrderFilter:
        """Return the filter without its status: what the counts on the tabs are about."""
        return replace(self, status=None, off_campaign=False)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and whether there are orders before and after it."""

    rows: list[OrderRow]
    has_newer: bool
    has_older: bool


def page(tx: Connection, wanted: OrderFilter, sort: Sort, *, before: int | None, after: int | None) -> Page:
    """Return one page of orders.

    Args:
        before: the id of an order; the page begins behind it. Pages are cut by key, never by number, so new
            orders that arrive meanwhile shift nothing.
        after: likewise; the page ends in front of it.

    An id that no order has counts as not given.
    """
    key = _sort_key(sort, wanted)
    query = select(orders).where(*conditions(wanted))
    anchor = _key_of(tx, key, before or after)
    backwards = anchor is not None and before is None
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


def neighbours(tx: Connection, order: OrderRow, wanted: OrderFilter) -> tuple[int | None, int | None]:
    """Return the ids of the next newer and the next older order in the list that the filter makes."""
    when = wanted.moment
    mine, here = tuple_(when, orders.c.shopify_id), (order._mapping[when.name], order.shopify_id)
    ids = select(orders.c.shopify_id).where(*conditions(wanted))
    newer = ids.where(mine > here).order_by(when, orders.c.shopify_id).limit(1)
    older = ids.where(mine < here).order_by(when.desc(), orders.c.shopify_id.desc()).limit(1)
    return tx.execute(newer).scalar(), tx.execute(older).scalar()


def position(tx: Connection, order: OrderRow, wanted: OrderFilter) -> tuple[int, int] | None:
    """Return which order of the list this is, newest first and from 1, and how many the list has.

    None when the order is not in the list, or when the list is longer than 10,000: nobody counts there, and
    counting would take longer than the page.
    """
    when = wanted.moment
    listed = select(when.label("moment"), orders.c.shopify_id).where(*conditions(wanted), when.is_not(None))
    if tx.execute(listed.where(orders.c.shopify_id == order.shopify_id)).first() is None:
        return None
    few = listed.limit(COUNTED + 1).subquery()
    length: int = tx.execute(select(func.count()).select_from(few)).scalar_one()
    if length > COUNTED:
        return None
    newer = tuple_(few.c.moment, few.c.shopify_id) > (order._mapping[when.name], order.shopify_id)
    return tx.execute(select(func.count()).select_from(few).where(newer)).scalar_one() + 1, length


def earlier_of_phone(tx: Connection, order: OrderRow, limit: int = 5) -> list[OrderRow]:
    """Return the other orders of this order's phone, newest first."""
    if not order.customer_phone:
        return []
    others = select(orders).where(
        orders.c.customer_phone == order.customer_phone, orders.c.shopify_id != order.shopify_id
    )
    return list(tx.execute(others.order_by(orders.c.placed_at.desc()).limit(limit)))


def conditions(wanted: OrderFilter) -> list[ColumnElement[bool] | TextClause]:
    """Return what an order must fulfil to pass the filter."""
    demanded: list[ColumnElement[bool] | TextClause] = []
    if wanted.by_change:
        demanded.append(DECIDED)
    if wanted.status:
        demanded.append(orders.c.confirmation_status == wanted.status)
    elif wanted.by_change:
        demanded.append(orders.c.confirmation_status.in_(OUTCOMES))  # one search of the index for each, not a walk
    if wanted.off_campaign:
        demanded.append(is_off_campaign())
    if wanted.start is not None:
        demanded.append(wanted.moment >= wanted.start)
    if wanted.end is not None:
        demanded.append(wanted.moment < wanted.end)
    if wanted.text:
        demanded.append(_contains(wanted.text))
    return demanded


def is_off_campaign() -> ColumnElement[bool]:
    """Match the orders whose customers nobody will ring, though they should be rung."""
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


def _sort_key(sort: Sort, wanted: OrderFilter) -> ColumnElement[Any]:
    if sort in (Sort.DEAREST, Sort.CHEAPEST):
        return func.coalesce(orders.c.total_price, -1.0)
    if sort in (Sort.NAME, Sort.NAME_DOWN):
        return func.coalesce(orders.c.order_name, "")
    return wanted.moment


def _key_of(tx: Connection, key: ColumnElement[Any], shopify_id: int | None) -> tuple[Any, int] | None:
    query: Select[Any] = select(key, orders.c.shopify_id).where(orders.c.shopify_id == shopify_id)
    row = tx.execute(query).first()
    return (row[0], row[1]) if row else None
