"""What Shopify showed of the parcels of orders after they left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from ordercall.domain.orders.order import Fulfilment, Status
from ordercall.domain.parcels.came_back import CameBack
from ordercall.storage.engine.dialects import upsert
from ordercall.storage.tables import DECIDED, order_parcels, orders

LOOKED_FOR = timedelta(days=45)
"""How long after the answer a parcel is looked at without news: couriers try for a week and take weeks to bring back
what they could not deliver."""

ANEW = timedelta(days=1)
"""How old a look is before another is taken without news."""

_KEEP = upsert(
    lambda make: (put := make(order_parcels)).on_conflict_do_update(
        index_elements=["shopify_id"],
        set_={name: put.excluded[name] for name in ("looked_at", "words", "came_back")},
    )
)


@dataclass(frozen=True, slots=True)
class SeenParcels:
    """What was seen of an order's parcels: in words, and how all of it came back, if it did."""

    words: str = ""
    came_back: CameBack | None = None


def find(tx: Connection, shopify_id: int) -> SeenParcels:
    row = tx.execute(select(order_parcels).where(order_parcels.c.shopify_id == shopify_id)).first()
    return SeenParcels(row.words, CameBack.of(row.came_back)) if row else SeenParcels()


def keep(tx: Connection, shopify_id: int, seen: SeenParcels, *, now: datetime) -> None:
    row = {"shopify_id": shopify_id, "looked_at": now.timestamp(), "words": seen.words, "came_back": seen.came_back}
    tx.execute(_KEEP.of(tx), [row])


def to_look_at(tx: Connection, now: datetime, limit: int) -> list[int]:
    """Return some of the orders that were confirmed and have left, the one first that was looked at longest ago."""
    looked_at = func.coalesce(order_parcels.c.looked_at, 0)
    query = select(orders.c.shopify_id).outerjoin(order_parcels, order_parcels.c.shopify_id == orders.c.shopify_id)
    way = query.where(
        DECIDED,
        orders.c.confirmation_status == Status.SUCCESS,
        orders.c.status_changed_at > (now - LOOKED_FOR).timestamp(),
        orders.c.fulfillment_status.in_([Fulfilment.ALL, Fulfilment.PART]),
        or_(order_parcels.c.shopify_id.is_(None), order_parcels.c.looked_at < (now - ANEW).timestamp()),
    )
    return list(tx.execute(way.order_by(looked_at, orders.c.shopify_id).limit(limit)).scalars())
