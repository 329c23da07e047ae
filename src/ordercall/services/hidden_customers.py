"""What becomes of orders while Shopify hides their customers: no phone is called missing, and none is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calls.calling import Reason
from ordercall.domain.hidden_customers import REDACTION_WAITS, Hidden, is_somebodys, shows_phone, shows_somebody
from ordercall.domain.orders.order import PERSONAL, PHONE_FACTS, PHONE_NOT_SHOWN, Order
from ordercall.storage.reads.hidden_customers import hidden_now, newest
from ordercall.storage.records import activity, orders
from ordercall.storage.records.stored_order import StoredOrder

WHO = frozenset({"customer_phone", "customer_email", "first_name", "last_name"})
"""A body that leaves all of these open, as one with an empty address alone, does not tell who the customer is."""


def explain(tx: Connection, new: Sequence[Order]) -> list[Order]:
    """Return new orders, with the fault of the phone where one lacks it because the shop hides it."""
    if all(map(shows_phone, new)) or not (hidden := hidden_now(tx)):
        return list(new)
    return [order if hidden.shows(order) else replace(order, phone_fault=PHONE_NOT_SHOWN) for order in new]


def explain_earlier(tx: Connection, stored: Sequence[Order], *, now: datetime) -> None:
    """Give the first orders that hid a phone their true reason, once these that were stored show what it is."""
    unexplained = (order for order in stored if not shows_phone(order) and not order.phone_is_hidden)
    if not any(map(is_somebodys, unexplained)) or not (hidden := hidden_now(tx)):
        return
    hiding = takewhile(lambda order: not hidden.shows(order), newest(tx))
    ids = orders.phones_are_hidden(tx, [order.shopify_id for order in hiding])
    activity.record_for_all(tx, ids, Event.NOT_CALLED, f"Not called: {Reason.PHONE_HIDDEN.sentence}", now=now)


def as_shown(tx: Connection, order: Order, known: StoredOrder, *, now: datetime) -> Order:
    """Return what a body tells of a known order: where something is hidden, its null is not nothing but unknown.

    So it is while the shop hides it; before that is clear, where a body tells of a phone, e-mail or name and shows
    nothing of somebody who was known and whom no erasure can have reached yet. A phone that alone is gone may have been
    taken out.
    """
    if shows_phone(order):
        return order
    hidden = Hidden.CUSTOMERS if _shows_nobody_now(order, known, now) else hidden_now(tx)
    if hidden is None or hidden.shows(order):
        return order
    protected = PERSONAL if hidden is Hidden.CUSTOMERS else PHONE_FACTS
    return replace(order, absent=order.absent.union(name for name in protected if getattr(order, name) is None))


def _shows_nobody_now(order: Order, known: StoredOrder, now: datetime) -> bool:
    young = known.placed_at is not None and now - known.placed_at < REDACTION_WAITS
    tells = not order.absent.issuperset(WHO) and not shows_somebody(order)
    return young and tells and shows_somebody(known)
