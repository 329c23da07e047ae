"""Where the orders of a time were shipped to, for the tables that say in which language a place is called."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Connection, func, select

from ordercall.domain.places.provinces import indian_province
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.tables import orders


def orders_by_province(tx: Connection, since: datetime) -> Counter[str | None]:
    """Return how many orders were placed since then, by the code of the Indian province; None: elsewhere or unknown."""
    place = (orders.c.state, orders.c.province_code, orders.c.country)
    young = by_index(select(*place, func.count()), orders, "orders_by_time").where(
        orders.c.placed_at >= since.timestamp()
    )
    counted: Counter[str | None] = Counter()
    for state, code, country, number in tx.execute(young.group_by(*place)):
        counted[indian_province(state, code, country)] += number
    return counted
