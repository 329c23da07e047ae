"""The activity log of the orders: one row for everything that happened."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from ordercall.domain.activity import Event, ProviderCall
from ordercall.storage.tables import logs


def record(
    tx: Connection,
    shopify_id: int | None,
    event: Event,
    message: str,
    *,
    now: datetime,
    actor: str | None = None,
    call: ProviderCall | None = None,
) -> None:
    """Write one entry.

    Args:
        shopify_id: the order it is about, or None for a delivery without one.
        message: a sentence for a person, without phone, e-mail or address.
        actor: the person or program that caused it; None for Ordercall itself.
        call: the masked provider call behind it.
    """
    record_for_all(tx, [shopify_id], event, message, now=now, actor=actor, call=call)


def record_for_all(
    tx: Connection,
    shopify_ids: Iterable[int | None],
    event: Event,
    message: str,
    *,
    now: datetime,
    actor: str | None = None,
    call: ProviderCall | None = None,
) -> None:
    """Write the same entry for several orders that one step was for."""
    entry = {
        "timestamp": now.isoformat(timespec="milliseconds"),
        "event_type": event.value,
        "message": message,
        "actor": actor,
        "detail": json.dumps(call.to_json(), ensure_ascii=False) if call else None,
    }
    entries = [{"shopify_id": shopify_id, **entry} for shopify_id in shopify_ids]
    if entries:
        tx.execute(insert(logs), entries)


def of_order(tx: Connection, shopify_id: int) -> list[Row[Any]]:
    """Return an order's entries, newest first."""
    return list(tx.execute(select(logs).where(logs.c.shopify_id == shopify_id).order_by(logs.c.id.desc())))
