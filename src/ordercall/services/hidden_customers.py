"""What becomes of orders while Shopify hides their customers: no phone is called missing, and none is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calling import Reason
from ordercall.domain.hidden_customers import REDACTION_WAITS, hides_somebody, shows_somebody
from ordercall.domain.orders import PERSONAL, PHONE_NOT_SHOWN, Order
from ordercall.storage.reads.hidden_customers import customers_hidden, newest
from ordercall.storage.records import activity, orders
from ordercall.storage.records.stored_order import StoredOrder

WHO = frozenset({"customer_phone", "customer_email", "first_name", "last_name"})
"""A body that leaves all of these open, as one with an empty address alone, does not tell who the customer is."""


def explain(tx: Connection, new: Sequence[Order]) -> list[Order]:
    """Return new orders, with the fault of the phone where one shows nobody and the shop hides its customers."""
    if all(map(shows_somebody, new)) or not customers_hidden(tx):
        return list(new)
    return [order if shows_somebody(order) else replace(order, phone_fault=PHONE_NOT_SHOWN) for order in new]


def explain_earlier(tx: Connection, stored: Sequence[Order], *, now: datetime) -> None:
    """Give the first orders that hid somebody their true reason, once these that were stored show what it is."""
    if not any(hides_somebody(order) and not order.phone_is_hidden for order in stored) or not customers_hidden(tx):
        return
    hiding = takewhile(lambda order: not shows_somebody(order), newest(tx))
    ids = orders.phones_are_hidden(tx, [order.shopify_id for order in hiding])
    activity.record_for_all(tx, ids, Event.NOT_CALLED, f"Not called: {Reason.PHONE_HIDDEN.sentence}", now=now)


def as_shown(tx: Connection, order: Order, known: StoredOrder, *, now: datetime) -> Order:
    """Return what a body tells of a known order: where it hides its customer, null is not nothing but unknown.

    So it is while the shop hides its customers; before that is clear, where a body tells of a phone, e-mail or name
    and shows nothing of somebody who was known and whom no erasure can have reached yet.
    """
    if shows_somebody(order):
        return order
    young = known.placed_at is not None and now - known.placed_at < REDACTION_WAITS
    if (young and not order.absent.issuperset(WHO) and shows_somebody(known)) or customers_hidden(tx):
        return replace(order, absent=order.absent.union(name for name in PERSONAL if getattr(order, name) is None))
    return order
