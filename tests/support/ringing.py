"""Calls as a worker would have placed them, for the tests of what is reported about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from ordercall.domain.calls.call import MAY_RING, CallState
from ordercall.storage.records import calls
from ordercall.storage.records.call_ids import new_call_id
from ordercall.storage.tables import call_orders, orders
from ordercall.storage.tables import calls as table


def rung(
    tx: Connection,
    shopify_id: int,
    *,
    now: datetime,
    contact: str = "card",
    on_card: bool = True,
    state: CallState = CallState.PLACED,
    began: timedelta = timedelta(),
    call_id: str = "",
) -> str:
    """Give an order one call in this state, in a window of two hours that began some time ago; return the call's id."""
    start, call_id = now - began, call_id or new_call_id()
    phone = tx.execute(select(orders.c.customer_phone).where(orders.c.shopify_id == shopify_id)).scalar()
    calls.remove(tx, [shopify_id])
    row: dict[str, Any] = {
        "call_id": call_id,
        "state": state,
        "planned_at": start.timestamp(),
        "changed_at": start.timestamp(),
        "phone": phone,
        "contact_id": contact,
        "window_start": start.timestamp(),
        "window_end": (start + timedelta(hours=2)).timestamp(),
        "may_ring_until": (start + timedelta(hours=2)).timestamp(),
    }
    if tx.execute(select(table.c.call_id).where(table.c.call_id == call_id)).first() is None:
        tx.execute(insert(table).values(row))
    about = {"shopify_id": shopify_id, "call_id": call_id, "on_card": int(on_card), "is_live": int(state in MAY_RING)}
    tx.execute(insert(call_orders).values(about))
    return call_id
