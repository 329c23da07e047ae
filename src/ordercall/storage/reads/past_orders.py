"""Orders that came, each as it arrived and as it is: for whoever asks what a policy would have done about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, select, tuple_

from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.records.stored_order import JUDGED, StoredOrder, as_it_arrived, judged_order
from ordercall.storage.records.trials import Trial
from ordercall.storage.tables import orders


class PastOrder(NamedTuple):
    """An order that came. To ask either of more than a policy judges an order by is an error.

    Attributes:
        then: without what its parcel, its money and the shop came to later.
    """

    then: StoredOrder
    row: Row[Any]

    @property
    def now(self) -> StoredOrder:
        """It as it is: few are asked for it, so it is read only then."""
        return judged_order(self.row)


def next_of(tx: Connection, trial: Trial, most: int) -> list[PastOrder]:
    """Return the next orders that a trial is about, in the order in which they were placed."""
    since = trial.last[0] if trial.last else trial.since
    found = _by_time().where(orders.c.placed_at >= since, orders.c.placed_at < trial.made_at)
    if trial.last:
        found = found.where(tuple_(orders.c.placed_at, orders.c.shopify_id) > trial.last)
    return _read(tx, found.order_by(orders.c.placed_at, orders.c.shopify_id).limit(most))


def latest(tx: Connection, since: datetime, most: int) -> list[PastOrder]:
    """Return the latest of the orders that were placed since a time."""
    found = _by_time().where(orders.c.placed_at >= since.timestamp())
    return _read(tx, found.order_by(orders.c.placed_at.desc(), orders.c.shopify_id.desc()).limit(most))


def _by_time() -> Select[Any]:
    return by_index(select(*JUDGED), orders, "orders_by_time")


def _read(tx: Connection, found: Select[Any]) -> list[PastOrder]:
    return [PastOrder(as_it_arrived(row), row) for row in tx.execute(found)]
