"""What is asked of the newest orders to see what of its customers the shop hides."""

from __future__ import annotations

from sqlalchemy import Connection, select

from ordercall.domain.hidden_customers import LOOKED_AT, Hidden, shows_phone, what_is_hidden
from ordercall.domain.orders.order import OrderFacts
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.tables import orders

_SHOWN = (
    *("shopify_id", "customer_phone", "customer_email", "first_name", "last_name", "address", "zip", "phone_fault"),
    *("city", "state", "country", "is_cod"),
)
_newest = by_index(select(orders), orders, "orders_by_time").where(orders.c.placed_at.is_not(None))
_few = _newest.order_by(orders.c.placed_at.desc(), orders.c.shopify_id.desc()).limit(LOOKED_AT).subquery()
_REAL = (
    select(*(_few.c[name] for name in _SHOWN))
    .where(_few.c.is_test == 0, _few.c.erased_at.is_(None), _few.c.fact_times.is_(None))
    .order_by(_few.c.placed_at.desc(), _few.c.shopify_id.desc())
)
_THE_LAST = _REAL.limit(1)


def newest(tx: Connection) -> list[OrderFacts]:
    """Return what the newest real orders show of their customers; of nothing else."""
    return [OrderFacts(**row._mapping) for row in tx.execute(_REAL)]


def hidden_now(tx: Connection) -> Hidden | None:
    """Return what the shop hides. In a shop whose last order shows a phone, this looks at that one alone."""
    last = tx.execute(_THE_LAST).first()
    if last is None or shows_phone(OrderFacts(**last._mapping)):
        return None
    return what_is_hidden(newest(tx))
