"""The pages of a list of orders, and an order's place in it. What a list costs does not depend on its length."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from ordercall.storage.engine.index_hints import BY_KEY, by_index
from ordercall.storage.reads import counters
from ordercall.storage.reads.order_filter import OrderFilter, conditions, index_of
from ordercall.storage.records.orders import find_all
from ordercall.storage.records.stored_order import StoredOrder, stored_order
from ordercall.storage.tables import orders

PAGE = 25
"""A screenful or two; the weight of the page is bounded by it."""
COUNTED = 10_000
"""In a longer list an order's place is not counted: it would be read up to there."""


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

    @property
    def by(self) -> str:
        return self.value.removeprefix("-")

    @classmethod
    def usual(cls, *, to_ship: bool) -> Sort:
        """Return how a list stands where nobody chose: who has waited longest for their parcel comes first."""
        return cls.OLDEST if to_ship else cls.NEWEST


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and whether there are orders before and after it."""

    rows: list[StoredOrder]
    has_newer: bool
    has_older: bool


@dataclass(frozen=True, slots=True)
class _Key:
    """What a sort goes by, something that no value is below, and the index in its order."""

    column: ColumnElement[Any]
    lowest: float | str
    index: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """An order's position for keyset pagination: its sort key as it is stored, and its id."""

    key: Any
    shopify_id: int


_KEYS = {
    "placed": _Key(orders.c.placed_at, -1e300, "orders_by_time"),
    "total": _Key(orders.c.total_price, -1e300, "orders_by_total"),
    "name": _Key(orders.c.order_name, "", "orders_by_name"),
}
_BY_CHANGE = _Key(orders.c.status_changed_at, -1e300, "orders_by_change")


def page(tx: Connection, wanted: OrderFilter, sort: Sort, *, before: int | None, after: int | None) -> Page:
    """Return one page of orders.

    Args:
        before: the id of an order; the page begins behind it. Pages are cut by key, never by number, so new
            orders that arrive meanwhile shift nothing.
        after: the id of an order; the page ends in front of it.

    An id that no order has counts as not given. Orders leave a list while its pages are read: a page before
    the first or after the last is the first one.
    """
    anchor = _anchor(tx, wanted, sort, before or after)
    backwards = anchor is not None and before is None
    rows = _walk(tx, wanted, sort, behind=anchor, backwards=backwards, limit=PAGE + 1)
    found = cut_page(rows, anchored=anchor is not None, backwards=backwards)
    return found or page(tx, wanted, sort, before=None, after=None)


def cut_page(rows: list[StoredOrder], *, anchored: bool, backwards: bool) -> Page | None:
    """Return the page that begins with these rows, of which there is one more than it shows where more follow.

    Args:
        anchored: they stand behind a given order, or in front of it where they were read backwards.

    Returns:
        None where the first page is to be shown in its place.
    """
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        return Page(rows[::-1], has_newer=True, has_older=True) if more else None
    return Page(rows, has_newer=anchored, has_older=more) if rows or not anchored else None


def walk(
    tx: Connection, wanted: OrderFilter, sort: Sort, *, behind: Anchor | None, limit: int
) -> tuple[list[StoredOrder], Anchor | None]:
    """Return the next orders of a list, and where the last of them stood: behind it the list goes on.

    Args:
        behind: None: from the top.
    """
    places = _places(tx, wanted, sort, behind=behind, limit=limit)
    return _read(tx, places), places[-1] if places else None


def _walk(
    tx: Connection, wanted: OrderFilter, sort: Sort, *, behind: Anchor | None, limit: int, backwards: bool = False
) -> list[StoredOrder]:
    """Return the next orders of a list, or those before."""
    return _read(tx, _places(tx, wanted, sort, behind=behind, limit=limit, backwards=backwards))


def _places(
    tx: Connection, wanted: OrderFilter, sort: Sort, *, behind: Anchor | None, limit: int, backwards: bool = False
) -> list[Anchor]:
    """Return where the next orders of a list stand, or those before.

    Orders whose time, total or name is not known are the smallest. They are read by a query of their own:
    a key that puts them in order with the others would have to be computed for each row, and every page would sort
    the whole table.
    """
    key, descending, index = _key(wanted, sort), sort.descending is not backwards, _index(tx, wanted, sort, limit)
    places: list[Anchor] = []
    for known in _walks(wanted, key, behind, descending=descending):
        query = by_index(select(key.column, orders.c.shopify_id), orders, index)
        query = query.where(*conditions(wanted), *_beyond(key, behind, known=known, descending=descending))
        columns = (key.column, orders.c.shopify_id) if known else (orders.c.shopify_id,)
        ordered = query.order_by(*(column.desc() if descending else column.asc() for column in columns))
        places += [Anchor(*row) for row in tx.execute(ordered.limit(limit - len(places)))]
        if len(places) == limit:
            break
    return places


def _read(tx: Connection, places: list[Anchor]) -> list[StoredOrder]:
    """Return the orders that stand there; only now, so that what is sorted are keys and ids alone."""
    found = {order.shopify_id: order for order in find_all(tx, [place.shopify_id for place in places])}
    return [found[place.shopify_id] for place in places]


def neighbours(tx: Connection, shopify_id: int, wanted: OrderFilter) -> tuple[int | None, int | None]:
    """Return the ids of the orders before and behind this one in the list that the filter makes."""
    sort = Sort.usual(to_ship=wanted.to_ship)
    here = _anchor(tx, wanted, sort, shopify_id)
    before = _walk(tx, wanted, sort, behind=here, limit=1, backwards=True)
    behind = _walk(tx, wanted, sort, behind=here, limit=1)
    return before[0].shopify_id if before else None, behind[0].shopify_id if behind else None


def position(tx: Connection, shopify_id: int, wanted: OrderFilter) -> tuple[int, int] | None:
    """Return which order of the list this is, as it usually stands and from 1, and how many the list has.

    None when the order is not in the list, or when the list is longer than 10,000: counting would take longer than
    the page.
    """
    mine = select(wanted.moment).where(*conditions(wanted), orders.c.shopify_id == shopify_id)
    when = tx.execute(mine).scalar()
    if when is None:
        return None
    length = counters.number(tx, wanted)
    if length > COUNTED:
        return None
    listed = select(func.count()).select_from(orders).where(*conditions(wanted))
    place, here = tuple_(wanted.moment, orders.c.shopify_id), (when, shopify_id)
    before = listed.where(place < here if wanted.to_ship else place > here)
    return tx.execute(before).scalar_one() + 1, length


def earlier_of_phone(tx: Connection, order: StoredOrder, limit: int = 5) -> list[StoredOrder]:
    """Return the other orders of this order's phone, newest first, those of unknown time last."""
    if not order.customer_phone:
        return []
    others = select(orders).where(
        orders.c.customer_phone == order.customer_phone, orders.c.shopify_id != order.shopify_id
    )
    newest = others.order_by(orders.c.placed_at.desc().nulls_last()).limit(limit)
    return [stored_order(row) for row in tx.execute(newest)]


def _anchor(tx: Connection, wanted: OrderFilter, sort: Sort, shopify_id: int | None) -> Anchor | None:
    """Return the anchor of the order with this id, whether it passes the filter or not; None: no such order."""
    mine = select(_key(wanted, sort).column, orders.c.shopify_id).where(orders.c.shopify_id == shopify_id)
    row = tx.execute(mine).first() if shopify_id else None
    return Anchor(*row) if row else None


def _key(wanted: OrderFilter, sort: Sort) -> _Key:
    return _BY_CHANGE if sort.by == "placed" and wanted.moment is orders.c.status_changed_at else _KEYS[sort.by]


def _walks(wanted: OrderFilter, key: _Key, behind: Anchor | None, *, descending: bool) -> tuple[bool, ...]:
    """Return which walks are still to be made: over the orders whose key is known, and over the others."""
    walks: tuple[bool, ...] = (True, False) if descending else (False, True)
    if key.column is wanted.moment and not wanted.always:
        walks = (True,)  # a period has no order of unknown time
    if behind is None:
        return walks
    here = behind.key is not None
    return walks[walks.index(here) :] if here in walks else ()


def _beyond(key: _Key, behind: Anchor | None, *, known: bool, descending: bool) -> list[ColumnElement[bool]]:
    """Match what a walk still has to pass."""
    demanded = [key.column >= key.lowest if known else key.column.is_(None)]
    start = None if behind is None else behind.key
    if behind is None or (start is not None) is not known:
        return demanded
    mine = tuple_(key.column, orders.c.shopify_id) if known else orders.c.shopify_id
    there = (start, behind.shopify_id) if known else behind.shopify_id
    return [*demanded, mine < there if descending else mine > there]


def index_by_id(tx: Connection, wanted: OrderFilter, limit: int) -> str:
    """Return the index over which the next orders of a list are best found by their ids."""
    if wanted.found is not None or _are_many(tx, wanted, limit):
        return BY_KEY
    return index_of(wanted)


def _index(tx: Connection, wanted: OrderFilter, sort: Sort, limit: int) -> str:
    """Return the index to walk a list over; SQLite does not know how many orders a filter lets through.

    Names go with time, so on a walk by name the orders of a period may all come last.
    """
    if wanted.found is not None:
        return BY_KEY
    scattered = sort.by == "total" or (sort.by == "name" and wanted.always)
    if scattered and not wanted.by_change and not wanted.facets and _are_many(tx, wanted, limit):
        return _KEYS[sort.by].index
    return index_of(wanted)


def _are_many(tx: Connection, wanted: OrderFilter, limit: int) -> bool:
    """Return whether to walk all orders until a page of them passed the filter, instead of sorting those that pass it.

    The better of the two ways looks at some thousands of a million orders, where the other might look at all.
    """
    passing, stored = counters.number(tx, wanted), counters.number(tx, OrderFilter())
    return passing * passing >= limit * stored
