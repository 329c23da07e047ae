"""Search on Postgres: pg_trgm's indexes of the orders themselves, which Postgres keeps."""

from __future__ import annotations

from sqlalchemy import Connection, select

from ordercall.storage.order_filter import OrderFilter, conditions
from ordercall.storage.tables import orders


class PostgresSearch:
    """Postgres knows how often a text occurs, and chooses: by the words, or by the time until enough are found."""

    def latest(self, tx: Connection, wanted: OrderFilter, most: int) -> tuple[list[int], bool]:
        newest = (orders.c.placed_at.desc().nulls_last(), orders.c.shopify_id.desc())
        matching = select(orders.c.shopify_id).where(*conditions(wanted)).order_by(*newest)
        ids = list(tx.execute(matching.limit(most + 1)).scalars())
        return ids[:most], len(ids) > most

    def index_some(self, tx: Connection, limit: int) -> int:
        """Nothing waits: the indexes are right as soon as an order is stored."""
        del tx, limit
        return 0

    def drop_old_words(self, tx: Connection, *, begin: bool) -> bool:
        """Nothing is to be done: a vacuum takes old words out of the indexes (``Database.forget_for_good``)."""
        del tx, begin
        return False
