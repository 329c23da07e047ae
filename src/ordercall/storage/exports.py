"""The orders of a filter from the newest to the oldest, slice by slice, however many they are."""

from __future__ import annotations

from sqlalchemy import Connection, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from ordercall.storage.order_lists import OrderFilter, conditions
from ordercall.storage.orders import OrderRow
from ordercall.storage.tables import orders

SLICE = 500


def next_slice(tx: Connection, wanted: OrderFilter, last: OrderRow | None) -> list[OrderRow]:
    """Return the orders that follow on *last*, or the first ones; empty at the end.

    Orders of the original program may have no time. They come after all others, in a walk of their own: one key
    for both would have to be computed for each row, and every slice would sort the whole table anew.
    """
    if last is None or last.placed_at is not None:
        timed = _slice(tx, wanted, orders.c.placed_at.is_not(None), *_behind(last))
        if timed:
            return timed
        last = None
    return _slice(tx, wanted, orders.c.placed_at.is_(None), *_behind(last))


def _slice(tx: Connection, wanted: OrderFilter, *demanded: ColumnElement[bool]) -> list[OrderRow]:
    query = select(orders).where(*conditions(wanted), *demanded)
    newest_first = (orders.c.placed_at.desc(), orders.c.shopify_id.desc())
    return list(tx.execute(query.order_by(*newest_first).limit(SLICE)))


def _behind(last: OrderRow | None) -> list[ColumnElement[bool]]:
    if last is None:
        return []
    if last.placed_at is None:
        return [orders.c.shopify_id < last.shopify_id]
    return [tuple_(orders.c.placed_at, orders.c.shopify_id) < (last.placed_at, last.shopify_id)]
