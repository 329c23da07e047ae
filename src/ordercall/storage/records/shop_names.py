"""The domains by which Shopify knows the shop. One that is renamed keeps its id, and answers to its old name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from ordercall.storage.tables import shop_names


def same_shop(tx: Connection, domain: str) -> set[str]:
    """Return all domains of the shop that has this one, as far as Shopify was asked."""
    its_id = select(shop_names.c.shop_id).where(shop_names.c.domain == domain).scalar_subquery()
    return {domain, *tx.execute(select(shop_names.c.domain).where(shop_names.c.shop_id == its_id)).scalars()}


def seen_at(tx: Connection, domain: str) -> datetime | None:
    """Return when Shopify was last asked which shop has this domain, or None if it never was."""
    seconds = tx.execute(select(shop_names.c.seen_at).where(shop_names.c.domain == domain)).scalar()
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def remember(tx: Connection, shop_id: str, domains: Iterable[str], *, now: datetime) -> None:
    """Store that a shop has these domains."""
    rows = [{"domain": domain, "shop_id": shop_id, "seen_at": now.timestamp()} for domain in sorted(set(domains))]
    tx.execute(delete(shop_names).where(shop_names.c.domain.in_([row["domain"] for row in rows])))
    tx.execute(insert(shop_names), rows)
