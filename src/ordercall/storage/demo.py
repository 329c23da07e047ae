"""The orders that the sandbox placed, in a database that may hold real ones too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, func, select, text

from ordercall.storage.attention import MOST_COUNTED
from ordercall.storage.tables import DEMO, orders

REAL = text("is_demo = 0")
_BY_INDEX = "INDEXED BY orders_of_the_sandbox"
"""SQLite would rather walk the table by its key: it does not know that most shops have none of them."""


def any_real(tx: Connection) -> bool:
    """Return whether there is an order that the sandbox did not place."""
    return tx.execute(select(orders.c.shopify_id).where(REAL).limit(1)).first() is not None


def number(tx: Connection) -> int:
    """Count the sandbox's orders, up to 1,000."""
    few = _demo().limit(MOST_COUNTED).subquery()
    counted: int = tx.execute(select(func.count()).select_from(few)).scalar_one()
    return counted


def some(tx: Connection, limit: int) -> list[int]:
    """Return the ids of the first of the sandbox's orders."""
    return list(tx.execute(_demo().order_by(orders.c.shopify_id).limit(limit)).scalars())


def _demo() -> Select[Any]:
    return select(orders.c.shopify_id).where(DEMO).with_hint(orders, _BY_INDEX, "sqlite")
