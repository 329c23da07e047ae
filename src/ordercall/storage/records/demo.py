"""The orders that the sandbox placed, in a database that may hold real ones too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, delete, select, text

from ordercall.domain.topics import CARRY_THE_ORDER
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.hold_tables import fulfilment_orders
from ordercall.storage.reads.counters import number_up_to
from ordercall.storage.reads.needs_you import MOST_COUNTED
from ordercall.storage.records import bulk, calls, contacts, reconciliations
from ordercall.storage.records.stored_order import StoredOrder, stored_order
from ordercall.storage.tables import (
    DEMO,
    access_tokens,
    address_proposals,
    bulk_items,
    campaigns,
    card_edits,
    decisions,
    deliveries,
    disconnections,
    listings,
    logs,
    look_ups,
    order_holds,
    order_parcels,
    orders,
    privacy_requests,
    program_cancels,
    reports,
    write_backs,
)

REAL = text("is_demo = 0")
_BY_INDEX = "orders_of_the_sandbox"
"""SQLite would rather walk the table by its key: it does not know that most shops have none of them."""


def any_real(tx: Connection) -> bool:
    """Return whether there is an order that the sandbox did not place."""
    return tx.execute(select(orders.c.shopify_id).where(REAL).limit(1)).first() is not None


def number(tx: Connection) -> int:
    """Count the sandbox's orders, up to 1,000."""
    return number_up_to(tx, _demo(orders.c.shopify_id), MOST_COUNTED)


def some(tx: Connection, limit: int) -> list[int]:
    """Return the ids of the first of the sandbox's orders."""
    return list(tx.execute(_demo(orders.c.shopify_id).order_by(orders.c.shopify_id).limit(limit)).scalars())


def latest(tx: Connection, limit: int) -> list[StoredOrder]:
    """Return the last of the sandbox's orders, the newest first."""
    newest = _demo(orders).order_by(orders.c.shopify_id.desc())
    return [stored_order(row) for row in tx.execute(newest.limit(limit))]


def bodies(tx: Connection, shopify_ids: list[int]) -> list[tuple[int, bytes]]:
    """Return the webhooks of these orders whose bodies are still kept: the order's id, and its body at that time."""
    kept = select(deliveries.c.shopify_id, deliveries.c.body).where(deliveries.c.shopify_id.in_(shopify_ids))
    whole = deliveries.c.topic.in_(CARRY_THE_ORDER), deliveries.c.body.is_not(None)
    return [(shopify_id, body) for shopify_id, body in tx.execute(kept.where(*whole))]


def remove(tx: Connection, shopify_ids: list[int]) -> None:
    """Remove these orders of the sandbox, and what is kept about them. Counters and search follow by themselves."""
    mine = orders.c.shopify_id.in_(shopify_ids)
    phones = set(tx.execute(select(orders.c.customer_phone).where(mine)).scalars()) - {None}
    runs = list(tx.execute(select(bulk_items.c.run_id).where(bulk_items.c.shopify_id.in_(shopify_ids))).scalars())
    of_orders = (bulk_items, listings, decisions, logs, deliveries, reports, look_ups)
    more = (program_cancels, card_edits, order_holds, order_parcels, fulfilment_orders, write_backs, address_proposals)
    for table in (*of_orders, *more):
        tx.execute(delete(table).where(table.c.shopify_id.in_(shopify_ids)))
    calls.remove(tx, shopify_ids)
    tx.execute(delete(orders).where(mine, DEMO))
    contacts.forget_unneeded(tx, phones)
    bulk.forget_empty(tx, runs)


def deliveries_without_an_order(tx: Connection, store: str) -> list[int]:
    """Return the ids of the deliveries of the sandbox's shop that are about no order that is kept here.

    Reads the whole inbox: for what a person does once.
    """
    of_an_order = select(orders.c.shopify_id).where(orders.c.shopify_id == deliveries.c.shopify_id).exists()
    theirs = select(deliveries.c.id).where(deliveries.c.shop == _domain(store), ~of_an_order)
    return list(tx.execute(theirs).scalars())


def remove_deliveries(tx: Connection, delivery_ids: Iterable[int]) -> None:
    tx.execute(delete(deliveries).where(deliveries.c.id.in_(list(delivery_ids))))


def remove_shop(tx: Connection, store: str, campaign_id: str) -> None:
    """Remove what is kept about the sandbox's shop and campaign apart from orders."""
    for table in (disconnections, privacy_requests):
        tx.execute(delete(table).where(table.c.shop == _domain(store)))
    tx.execute(delete(access_tokens).where(access_tokens.c.app.endswith(f"@{store}", autoescape=True)))
    reconciliations.forget_the_sandbox(tx)
    in_use = select(listings.c.id).where(listings.c.campaign_id == campaigns.c.campaign_id).exists()
    tx.execute(delete(campaigns).where(campaigns.c.campaign_id == campaign_id, ~in_use))


def _domain(store: str) -> str:
    return f"{store}.myshopify.com"


def _demo(*columns: Any) -> Select[Any]:
    return by_index(select(*columns).where(DEMO), orders, _BY_INDEX)
