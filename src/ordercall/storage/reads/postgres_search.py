"""Search on Postgres: pg_trgm's indexes of the orders themselves, which Postgres keeps."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, select

from ordercall.storage.reads.order_filter import OrderFilter, conditions
from ordercall.storage.tables import orders

NEWEST_FIRST = (orders.c.placed_at.desc(), orders.c.shopify_id.desc())


class PostgresSearch:
    """Postgres knows how often a text occurs, and chooses: by the words, or by the time until enough are found."""

    def latest(self, tx: Connection, wanted: OrderFilter, most: int) -> tuple[list[int], bool]:
        """Look through the orders without a time last and by themselves: no index has them behind the others."""
        ids = _newest(tx, wanted, orders.c.placed_at.is_not(None), most + 1)
        if wanted.always and len(ids) <= most:
            ids += _newest(tx, wanted, orders.c.placed_at.is_(None), most + 1 - len(ids))
        return ids[:most], len(ids) > most

    def index_some(self, tx: Connection, limit: int) -> int:
        """Nothing waits: the indexes are right as soon as an order is stored."""
        del tx, limit
        return 0

    def drop_old_words(self, tx: Connection, *, begin: bool) -> bool:
        """Nothing is to be done: a vacuum takes old words out of the indexes (``Database.forget_for_good``)."""
        del tx, begin
        return False


def _newest(tx: Connection, wanted: OrderFilter, some: ColumnElement[bool], most: int) -> list[int]:
    matching = select(orders.c.shopify_id).where(*conditions(wanted), some)
    return list(tx.execute(matching.order_by(*NEWEST_FIRST).limit(most)).scalars())
