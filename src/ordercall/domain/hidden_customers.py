"""Whether Shopify hides from the app who the customers are.

An app that has no access to protected customer data gets null for names, phones, e-mails, streets and postal codes, in
webhooks and from the API alike, and nothing says so. One order without them is a counter sale, or an odd one; a row of
orders that somebody must receive or pay, none of which says who that is, is a shop that hides them.

Source: Shopify's page on protected customer data; city, province and country are not protected.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from ordercall.domain.orders import PHONE_NOT_SHOWN, OrderFacts

LOOKED_AT = 50
"""The newest orders among which enough are looked for; counter sales may lie between them."""

ENOUGH = 5
"""One order without a customer happens, and a second; five in a row with nobody in between do not."""

REDACTION_WAITS = timedelta(days=10)
"""Shopify carries out an erasure so long after it was asked for, at the earliest: until then nulls are no erasure."""

TOLD = "Shopify hides from this app who the customers are"
REMEDY = (
    "Give it access to name, address, phone and e-mail: Partner Dashboard, API access, Protected customer data access."
    " An app that was made in the shop's own admin needs the plan Grow for it. Then run: ordercall reconcile --since,"
    " with the day on which this began."
)


def customers_are_hidden(newest: Iterable[OrderFacts]) -> bool:
    """Return whether the shop hides its customers, by its real orders, the newest first.

    It ends with the first order that shows somebody.
    """
    hiding = 0
    for order in newest:
        if shows_somebody(order):
            break
        hiding += hides_somebody(order)
        if hiding == ENOUGH:
            return True
    return False


def shows_somebody(order: OrderFacts) -> bool:
    """Return whether anything that Shopify protects stands in the order, be it an unusable phone."""
    shown = (order.customer_phone, order.customer_email, order.first_name, order.last_name, order.address, order.zip)
    return any(shown) or order.phone_fault not in (None, PHONE_NOT_SHOWN)


def hides_somebody(order: OrderFacts) -> bool:
    """Return whether nothing is shown of somebody who must be there: a parcel goes somewhere or is paid at the door."""
    return not shows_somebody(order) and bool(order.city or order.state or order.country or order.is_cod)
