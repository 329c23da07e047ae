"""Erasing personal data wherever it is stored. The order's id, amount and outcome stay: the shop's books.

Raw deliveries whose bodies never became an order cannot be looked up by customer; they are emptied after the set number
of days, and all of them when the whole shop is erased.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from ordercall.domain.activity import Event
from ordercall.domain.contact_ids import named_in, shown
from ordercall.domain.orders.order import PERSONAL
from ordercall.storage import tables
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.records import addresses, belt, calls, contacts, decisions, first_calls, reports
from ordercall.storage.tables import call_orders, deliveries, logs, orders

FREE_WORDS = (
    Event.NOTE_ADDED,
    Event.AGENT_SELECTED,
    Event.SYNC_ERROR,
    Event.CANCEL_ERROR,
    Event.CANCEL_UNCLEAR,
    Event.TAG_ERROR,
    Event.ADDRESS_DECIDED,
    Event.ADDRESS_ERROR,
)
"""Entries that quote free text: the order's address, people's notes, providers' answers."""

TELL_OF_CONTACTS = (Event.CONTACT_CREATED, Event.CONTACT_REUSED)

ERASED = "Erased at the customer's request."


def not_erased(tx: Connection, shopify_ids: Iterable[int]) -> list[int]:
    """Return those of the orders that are stored here and still have their customer's data."""
    kept = select(orders.c.shopify_id).where(orders.c.shopify_id.in_(list(shopify_ids)), orders.c.erased_at.is_(None))
    return list(tx.execute(kept).scalars())


def next_not_erased(tx: Connection, limit: int) -> list[int]:
    """Return some orders that still have their customer's data."""
    return list(tx.execute(select(orders.c.shopify_id).where(orders.c.erased_at.is_(None)).limit(limit)).scalars())


def erased(tx: Connection, shopify_ids: Iterable[int]) -> set[int]:
    """Return those of the orders whose customer's data was erased."""
    gone = select(orders.c.shopify_id).where(
        orders.c.shopify_id.in_(list(shopify_ids)), orders.c.erased_at.is_not(None)
    )
    return set(tx.execute(gone).scalars())


def erase(tx: Connection, shopify_ids: list[int], *, now: datetime) -> dict[str, Any]:
    """Erase the customers of these orders and return how much was found, and the contacts that Kalimera still has."""
    dialect(tx).zero_freed_space(tx)
    phones = set(tx.execute(select(orders.c.customer_phone).where(orders.c.shopify_id.in_(shopify_ids))).scalars())
    known = _contacts_of(tx, shopify_ids)
    blank = dict.fromkeys((*PERSONAL, "calling_detail", "cancel_detail", "contact_id"))
    tx.execute(update(orders).where(orders.c.shopify_id.in_(shopify_ids)).values(**blank, erased_at=now.timestamp()))
    mine = logs.c.shopify_id.in_(shopify_ids)
    requests = tx.execute(update(logs).where(mine, logs.c.detail.is_not(None)).values(detail=None)).rowcount
    notes = tx.execute(update(logs).where(mine, logs.c.event_type.in_(FREE_WORDS)).values(message=ERASED)).rowcount
    digests = select(deliveries.c.body_digest).where(deliveries.c.shopify_id.in_(shopify_ids))
    of_orders = deliveries.c.body_digest.in_(digests)  # the same body may have come under a topic that is not used, too
    bodies = tx.execute(update(deliveries).where(of_orders, deliveries.c.body.is_not(None)).values(body=None))
    belt.forget(tx, shopify_ids)
    addresses.forget(tx, shopify_ids)
    rung = calls.erase(tx, shopify_ids)
    first_calls.erase(tx, phones - {None})
    known |= contacts.forget_unneeded(tx, phones - {None})
    heard = reports.erase(tx, shopify_ids, phones - {None}, known)
    return {
        "orders": len(shopify_ids),
        "provider calls": requests,
        "notes and providers' words": notes,
        "webhook bodies": bodies.rowcount,
        "calls": rung,
        "decisions": decisions.forget(tx, shopify_ids),
        "reports": heard,
        "contacts": sorted(known),
    }


def _contacts_of(tx: Connection, shopify_ids: list[int]) -> set[str]:
    """Return the contacts that these orders have, and those that they had: by their calls, or by their timelines.

    An order had another where its phone or its state was corrected, or where Kalimera's campaign refused it.
    """
    now = select(orders.c.contact_id).where(orders.c.shopify_id.in_(shopify_ids))
    theirs = call_orders.c.call_id == tables.calls.c.call_id, call_orders.c.shopify_id.in_(shopify_ids)
    known = set(tx.execute(now.union(select(tables.calls.c.contact_id).where(*theirs))).scalars()) - {None}
    told = select(logs.c.message).where(logs.c.shopify_id.in_(shopify_ids), logs.c.event_type.in_(TELL_OF_CONTACTS))
    shown_ones = set(map(shown, known))
    return known | {one for words in tx.execute(told).scalars() if (one := named_in(words))} - shown_ones
