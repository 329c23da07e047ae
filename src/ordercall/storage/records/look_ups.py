"""When an agent last asked for an order: since then it knows better than a card that tells of another."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from ordercall.storage.engine.dialects import upsert
from ordercall.storage.tables import look_ups

_LOOKED_UP = upsert(
    lambda make: (put := make(look_ups)).on_conflict_do_update(
        index_elements=["shopify_id"], set_={"looked_up_at": put.excluded.looked_up_at}
    )
)


def note(tx: Connection, shopify_ids: Collection[int], *, now: datetime) -> None:
    """Note that an agent has asked for these orders."""
    if shopify_ids:
        rows = [{"shopify_id": shopify_id, "looked_up_at": now.timestamp()} for shopify_id in shopify_ids]
        tx.execute(_LOOKED_UP.of(tx), rows)
