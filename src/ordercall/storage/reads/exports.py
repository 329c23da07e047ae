"""The orders of a filter from the newest to the oldest, slice by slice, however many they are."""

from __future__ import annotations

from sqlalchemy import Connection

from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.reads.order_lists import Sort, walk
from ordercall.storage.records.stored_order import StoredOrder

SLICE = 500
"""So many rows take half a megabyte, and a read that is no longer than a page's."""


def next_slice(tx: Connection, wanted: OrderFilter, last: int | None) -> list[StoredOrder]:
    """Return the orders that follow on the one with the id *last*, or the first ones; empty at the end."""
    return walk(tx, wanted, Sort.NEWEST, behind=last, limit=SLICE)
