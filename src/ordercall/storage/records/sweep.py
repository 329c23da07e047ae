"""Searching free texts for a person who is erased: in rows about their orders, and in those about no order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Column, Connection, LargeBinary, Table, delete, or_, select, update

from ordercall.domain.orders.traces import Traces
from ordercall.storage.personal import TABLES
from ordercall.storage.tables import metadata, saved_views

ERASED = "Erased at the customer's request."
SLICE = 200
"""Rows that are read at a time, as a body may be long."""


@dataclass(frozen=True, slots=True)
class Place:
    """A table with free texts, and where a search of it goes on."""

    table: Table
    columns: tuple[Column[str], ...]
    after: int = 0

    @property
    def is_about_orders(self) -> bool:
        return "shopify_id" in self.table.c


def _places() -> Iterator[Place]:
    for name, holds in TABLES.items():
        if holds.searched:
            table = metadata.tables[name]
            yield Place(table, tuple(table.c[column] for column in holds.searched.split()))


PLACES = tuple(_places())


def of_orders(tx: Connection, traces: Mapping[int, Traces]) -> int:
    """Empty the texts about these orders in which the customer of each is named; return how many rows that were."""
    return sum(_of_orders(tx, place, traces) for place in PLACES if place.is_about_orders)


def _of_orders(tx: Connection, place: Place, traces: Mapping[int, Traces]) -> int:
    key, about = tuple(place.table.primary_key.columns), place.table.c.shopify_id
    filled = or_(*(column.is_not(None) for column in place.columns))
    wanted = select(about, *(column.label(f"k{column.name}") for column in key), *place.columns)
    changed = 0
    for shopify_id, *rest in tx.execute(wanted.where(about.in_(traces), filled)).all():
        ids, texts = rest[: len(key)], tuple(rest[len(key) :])
        changed += _empty(tx, place, dict(zip(key, ids, strict=True)), texts, traces[shopify_id].are_touched_in)
    return changed


def next_rows(tx: Connection, place: Place, traces: Traces) -> tuple[int, Place | None]:
    """Search the next rows about no order; return how many were emptied, and where it goes on (None: nowhere)."""
    key = place.table.c.id
    filled = or_(*(column.is_not(None) for column in place.columns))
    wanted = select(key, *place.columns).where(key > place.after, filled)
    if place.is_about_orders:
        wanted = wanted.where(place.table.c.shopify_id.is_(None))
    rows = tx.execute(wanted.order_by(key).limit(SLICE)).all()
    changed = sum(_empty(tx, place, {key: row[0]}, row[1:], traces.are_in) for row in rows)
    return changed, Place(place.table, place.columns, rows[-1][0]) if len(rows) == SLICE else None


LOOSE = tuple(place for place in PLACES if "id" in place.table.c)
"""Those that may hold texts about no order."""


def _empty(
    tx: Connection,
    place: Place,
    key: dict[Column[int], int],
    texts: tuple[str | bytes | None, ...],
    named: Callable[[str | bytes], bool],
) -> bool:
    hit = [column for column, text in zip(place.columns, texts, strict=True) if text and named(text)]
    if not hit:
        return False
    mine = [column == value for column, value in key.items()]
    if place.table is saved_views:  # without what it looks for it would be another list
        tx.execute(delete(saved_views).where(*mine))
    else:
        instead = {column.name: None if isinstance(column.type, LargeBinary) else ERASED for column in hit}
        tx.execute(update(place.table).where(*mine).values(instead))
    return True
