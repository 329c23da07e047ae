"""Erasing personal data wherever it is stored. The order's id, amount and outcome stay: the shop's books.

What is about no order is searched for the person (:mod:`ordercall.storage.records.sweep`); all raw deliveries are
emptied when the whole shop is erased. :mod:`ordercall.storage.personal` names what is personal in which table.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from ordercall.domain.activity import Event
from ordercall.domain.contact_ids import named_in, shown
from ordercall.domain.orders.order import PERSONAL
from ordercall.domain.orders.traces import Traces
from ordercall.storage import tables
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.records import addresses, belt, calls, contacts, decisions, first_calls, reports, sweep
from ordercall.storage.records.sweep import ERASED
from ordercall.storage.tables import address_proposals, awaited_erasures, call_orders, deliveries, logs, orders

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


def not_erased(tx: Connection, shopify_ids: Iterable[int]) -> list[int]:
    """Return those of the orders that are stored here and still have their customer's data."""
    kept = select(orders.c.shopify_id).where(orders.c.shopify_id.in_(list(shopify_ids)), orders.c.erased_at.is_(None))
    return list(tx.execute(kept).scalars())


def next_not_erased(tx: Connection, limit: int, *, after: int) -> list[int]:
    """Return the next orders, by their ids, that still have their customer's data.

    It goes on behind the last one: looked for from the first again, those that are done would be read each time.
    """
    kept = select(orders.c.shopify_id).where(orders.c.erased_at.is_(None), orders.c.shopify_id > after)
    return list(tx.execute(kept.order_by(orders.c.shopify_id).limit(limit)).scalars())


def erased(tx: Connection, shopify_ids: Iterable[int]) -> set[int]:
    """Return those of the orders whose customer's data was erased, or is to be as soon as they come."""
    ids = list(shopify_ids)
    gone = select(orders.c.shopify_id).where(orders.c.shopify_id.in_(ids), orders.c.erased_at.is_not(None))
    awaited = select(awaited_erasures.c.shopify_id).where(awaited_erasures.c.shopify_id.in_(ids))
    return set(tx.execute(gone.union_all(awaited)).scalars())


def mark_erased(tx: Connection, shopify_ids: Iterable[int], *, now: datetime) -> None:
    """Say of orders that are stored without their customers that these were erased."""
    mine = orders.c.shopify_id.in_(list(shopify_ids))
    tx.execute(update(orders).where(mine).values(erased_at=now.timestamp()))


def traces_each(tx: Connection, shopify_ids: list[int]) -> dict[int, Traces]:
    """Return by what the customer of each of these orders is found in texts."""
    whose = (orders.c.first_name, orders.c.last_name, orders.c.ship_first_name, orders.c.ship_last_name)
    where = (orders.c.address, orders.c.address2, orders.c.city, orders.c.zip)
    wanted = select(*whose, *where, orders.c.customer_email, orders.c.customer_phone, orders.c.shopify_id)
    rows = tx.execute(wanted.where(orders.c.shopify_id.in_(shopify_ids))).all()
    rung, told = _rung_each(tx, shopify_ids), _told_each(tx, shopify_ids)
    return {
        row.shopify_id: Traces.of(
            phones=[row.customer_phone, *rung[row.shopify_id]],
            names=[(row.first_name, row.last_name), (row.ship_first_name, row.ship_last_name)],
            lines=[row.address, row.address2, row.customer_email, *told[row.shopify_id]],
            parts=[row.city, row.zip],
        )
        for row in rows
    }


def traces_of(tx: Connection, shopify_ids: list[int]) -> Traces:
    """Return by what the customers of all these orders are found."""
    return Traces.of_all(traces_each(tx, shopify_ids).values())


def _told_each(tx: Connection, shopify_ids: list[int]) -> dict[int, list[str]]:
    """Return the texts of the addresses that were given in calls, by their orders."""
    columns = address_proposals.c.shopify_id, address_proposals.c.said, address_proposals.c.after
    found = defaultdict[int, list[str]](list)
    for shopify_id, *texts in tx.execute(select(*columns).where(address_proposals.c.shopify_id.in_(shopify_ids))):
        for place in (json.loads(text) for text in texts if text):
            found[shopify_id] += [text for text in place.values() if isinstance(text, str)]
    return found


def _rung_each(tx: Connection, shopify_ids: list[int]) -> dict[int, set[str | None]]:
    theirs = tables.calls.c.call_id == call_orders.c.call_id, call_orders.c.shopify_id.in_(shopify_ids)
    found = defaultdict[int, set[str | None]](set)
    for shopify_id, phone in tx.execute(select(call_orders.c.shopify_id, tables.calls.c.phone).where(*theirs)):
        found[shopify_id].add(phone)
    return found


def spellings(tx: Connection, shopify_ids: list[int], traces: Traces) -> set[str]:
    """Return how the phones are written in what is kept raw about these orders."""
    kept = (
        select(table.c.body).where(table.c.shopify_id.in_(shopify_ids), table.c.body.is_not(None))
        for table in (deliveries, tables.reports)
    )
    return {
        written for wanted in kept for body in tx.execute(wanted).scalars() for written in traces.spellings_in(body)
    }


def phones_of(tx: Connection, shopify_ids: list[int]) -> set[str]:
    """Return the phones of these orders, and those that were rung about them."""
    theirs = select(orders.c.customer_phone).where(orders.c.shopify_id.in_(shopify_ids))
    found: set[str | None] = set(tx.execute(theirs).scalars()).union(*_rung_each(tx, shopify_ids).values())
    return {phone for phone in found if phone}


def of_person(tx: Connection, *, phone: str | None, email: str | None) -> list[int]:
    """Return the orders of a phone or an e-mail address, also those that were rung under the phone."""
    found: set[int] = set()
    if phone:
        found.update(tx.execute(select(orders.c.shopify_id).where(orders.c.customer_phone == phone)).scalars())
        theirs = tables.calls.c.call_id == call_orders.c.call_id, tables.calls.c.phone == phone
        found.update(tx.execute(select(call_orders.c.shopify_id).where(*theirs)).scalars())
    if email:
        same = func.lower(orders.c.customer_email) == email.strip().lower()
        found.update(tx.execute(select(orders.c.shopify_id).where(same)).scalars())
    return sorted(found)


def await_orders(tx: Connection, shopify_ids: Iterable[int], *, now: datetime) -> int:
    """Note which of these orders are not stored here, to be stored without their customers; return how many."""
    ids = list(shopify_ids)
    here = set(tx.execute(select(orders.c.shopify_id).where(orders.c.shopify_id.in_(ids))).scalars())
    rows = [{"shopify_id": one, "asked_at": now.timestamp()} for one in ids if one not in here]
    if rows:
        tx.execute(dialect(tx).insert(awaited_erasures).on_conflict_do_nothing(), rows)
        told = deliveries.c.shopify_id.in_([row["shopify_id"] for row in rows])  # an edit, for one, may have come
        tx.execute(update(deliveries).where(told, deliveries.c.body.is_not(None)).values(body=None))
    return len(rows)


def take_awaited(tx: Connection, shopify_ids: Collection[int]) -> set[int]:
    """Return those of these orders, which come for the first time, that are to be stored without their customers.

    They are awaited no longer: once stored, their rows say it.
    """
    mine = awaited_erasures.c.shopify_id.in_(shopify_ids)
    found = set(tx.execute(select(awaited_erasures.c.shopify_id).where(mine)).scalars()) if shopify_ids else set()
    if found:
        tx.execute(delete(awaited_erasures).where(awaited_erasures.c.shopify_id.in_(found)))
    return found


def erase(
    tx: Connection, traces: Mapping[int, Traces], *, now: datetime, keeping: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Erase the customers of these orders and return how much was found, and the contacts that Kalimera still has.

    Args:
        traces: the orders, and by what the customer of each is found in texts.
        keeping: columns of ``orders`` that stay, for what is counted by them.
    """
    dialect(tx).zero_freed_space(tx)
    shopify_ids = list(traces)
    phones = phones_of(tx, shopify_ids)
    known = _contacts_of(tx, shopify_ids)
    names = {*PERSONAL, "calling_detail", "cancel_detail", "contact_id"} - set(keeping)
    blank: dict[str, Any] = dict.fromkeys(names)
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
    first_calls.erase(tx, phones)
    known |= contacts.forget_unneeded(tx, phones)
    heard = reports.erase(tx, shopify_ids, phones, known)
    named = sweep.of_orders(tx, traces)
    return {
        "orders": len(shopify_ids),
        "provider calls": requests,
        "notes and providers' words": notes + named,
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
