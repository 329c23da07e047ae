"""All that is kept of a person, for whoever asks to see it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import batched
from typing import Any

from sqlalchemy import Connection, Table, or_, select

from ordercall.domain.orders.traces import Traces
from ordercall.storage.personal import TABLES
from ordercall.storage.records import sweep
from ordercall.storage.tables import call_orders, calls, contacts, metadata, reports

MOST_AT_ONCE = 500
"""Orders that one statement names: SQLite takes some thousands of values."""


def rows_of(
    tx: Connection, shopify_ids: list[int], traces: Traces, phones: list[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows about these orders, and those about none that name the person, by their table.

    Args:
        phones: in E.164, by which contacts and reports are found.
    """
    found = {name: list(_about(tx, metadata.tables[name], shopify_ids)) for name in TABLES}
    found["calls"] = list(_calls(tx, shopify_ids))
    found["contacts"] = _plain(tx, contacts, contacts.c.phone.in_(phones))
    found["reports"] += _plain(tx, reports, reports.c.phone.in_(phones), reports.c.shopify_id.is_(None))
    for place in sweep.LOOSE:
        found[place.table.name] += [row for row in _loose(tx, place, traces) if row not in found[place.table.name]]
    return {name: rows for name, rows in found.items() if rows}


def _about(tx: Connection, table: Table, shopify_ids: list[int]) -> Iterator[dict[str, Any]]:
    for some in batched(shopify_ids, MOST_AT_ONCE) if "shopify_id" in table.c else ():
        yield from _plain(tx, table, table.c.shopify_id.in_(some))


def _calls(tx: Connection, shopify_ids: list[int]) -> Iterator[dict[str, Any]]:
    for some in batched(shopify_ids, MOST_AT_ONCE):
        theirs = select(call_orders.c.call_id).where(call_orders.c.shopify_id.in_(some))
        yield from _plain(tx, calls, calls.c.call_id.in_(theirs))


def _loose(tx: Connection, place: sweep.Place, traces: Traces) -> Iterator[dict[str, Any]]:
    filled = [or_(*(column.is_not(None) for column in place.columns))]
    if place.is_about_orders:
        filled.append(place.table.c.shopify_id.is_(None))
    for row in tx.execute(select(place.table).where(*filled), execution_options={"yield_per": sweep.SLICE}):
        if traces and any(text and traces.are_in(text) for text in (row._mapping[c.name] for c in place.columns)):
            yield _row(row._mapping)


def _plain(tx: Connection, table: Table, *conditions: Any) -> list[dict[str, Any]]:
    return [_row(row._mapping) for row in tx.execute(select(table).where(*conditions))]


def _row(values: Any) -> dict[str, Any]:
    """Return what of a row is filled; bytes as text."""
    return {
        name: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        for name, value in values.items()
        if value is not None
    }
