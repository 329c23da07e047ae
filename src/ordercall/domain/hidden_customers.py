"""Whether Shopify hides from the app who the customers are, or their phones alone.

An app that has no access to protected customer data gets null for names, phones, e-mails, streets and postal codes, in
webhooks and from the API alike, and nothing says so. Access is given field by field, so an app may see names and no
phone. One order without them is a counter sale, or an odd one; a row of orders that somebody must receive or pay, none
of which says who that is, is a shop that hides them.

Source: Shopify's page on protected customer data; city, province and country are not protected.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import takewhile

from ordercall.domain.orders.order import PHONE_NOT_SHOWN, OrderFacts
from ordercall.domain.words import Word

LOOKED_AT = 50
"""The newest orders among which enough are looked for; counter sales may lie between them."""

ENOUGH = 5
"""One order without a customer happens, and a second; five in a row with nobody in between do not."""

REDACTION_WAITS = timedelta(days=10)
"""Shopify carries out an erasure so long after it was asked for, at the earliest: until then nulls are no erasure."""

_WHERE = "Partner Dashboard, API access, Protected customer data access"
_AGAIN = "Then run: ordercall reconcile --since, with the day on which this began."


class Hidden(Word):
    """What Shopify hides, in words, and what to do about it."""

    told: str
    remedy: str

    CUSTOMERS = (
        "customers",
        "Shopify hides from this app who the customers are",
        f"Give it access to name, address, phone and e-mail: {_WHERE}."
        f" An app that was made in the shop's own admin needs the plan Grow for it. {_AGAIN}",
    )
    # A shop that asks for no phone looks the same from here.
    PHONES = (
        "phones",
        "Shopify shows this app no phone in any of the newest orders",
        f"Give it access to the phone, which Shopify grants on its own: {_WHERE}. {_AGAIN} If the app has it, nobody"
        " is asked for a phone: see in Shopify under Settings, Checkout.",
    )

    def shows(self, order: OrderFacts) -> bool:
        """Return whether an order shows what is hidden then."""
        return shows_somebody(order) if self is Hidden.CUSTOMERS else shows_phone(order)

    def is_proved_by(self, order: OrderFacts) -> bool:
        """Return whether one without it says so: that phones alone are hidden, only an order that shows the rest."""
        return self is Hidden.CUSTOMERS or shows_somebody(order)


def what_is_hidden(newest: Iterable[OrderFacts]) -> Hidden | None:
    """Return what the shop hides, by its real orders, the newest first; None: nothing that these could tell.

    It ends with the first order that shows it.
    """
    orders = list(newest)
    return next((hidden for hidden in Hidden if _are_enough(orders, hidden)), None)


def _are_enough(newest: Iterable[OrderFacts], hidden: Hidden) -> bool:
    hiding = takewhile(lambda order: not hidden.shows(order), newest)
    return sum(is_somebodys(order) and hidden.is_proved_by(order) for order in hiding) >= ENOUGH


def shows_phone(order: OrderFacts) -> bool:
    """Return whether anything stands where a phone may, be it unusable."""
    return bool(order.customer_phone) or order.phone_fault not in (None, PHONE_NOT_SHOWN)


def shows_somebody(order: OrderFacts) -> bool:
    """Return whether anything that Shopify protects stands in the order."""
    shown = (order.customer_email, order.first_name, order.last_name, order.address, order.zip)
    return any(shown) or shows_phone(order)


def is_somebodys(order: OrderFacts) -> bool:
    """Return whether there must be somebody whom it could name: a parcel goes somewhere or is paid at the door."""
    return bool(order.city or order.state or order.country or order.is_cod)
