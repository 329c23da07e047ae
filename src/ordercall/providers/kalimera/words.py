"""Kalimera's words: every payload is built here. What is answered is read in ``verdicts``, ``contacts`` and ``lists``.

The API is not publicly documented, so what is sent is our working contract, whose names a file can change
(:mod:`ordercall.domain.contract`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ordercall.domain.calls.calling import CallWindow
from ordercall.domain.contact_ids import as_it_came
from ordercall.domain.contract import OURS, Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCard:
    """What Kalimera is told about a customer and the order the agent talks about.

    ``call_id`` is that of the call which it was made for; later ones may use the card again. That of a joint call,
    which has no ``shopify_id``, is made of those of its ``orders``. A card of several open calls has neither.
    ``total_price`` is the number that Shopify sent, in the shop's ``currency``. What is ordered and owed by now, after
    every edit, is ``items`` (to be read out), ``current_total_price`` and ``total_outstanding``, in
    ``presentment_currency``, in which the customer pays.
    """

    call_id: str | None
    shopify_id: int | None
    phone: str
    first_name: str | None
    last_name: str | None
    email: str | None
    address: str | None
    city: str | None
    state: str | None
    order_name: str | None
    product_title: str | None
    total_price: Decimal | float | None
    currency: str | None
    items: str | None = None
    current_total_price: Decimal | float | None = None
    total_outstanding: Decimal | float | None = None
    presentment_currency: str | None = None
    orders: tuple[ContactCard, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the payload of ``POST contact`` in our names."""
        name = " ".join(part for part in (self.first_name, self.last_name) if part) or "Customer"
        return {
            "name": name,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "phone": self.phone,
            "email": self.email,
            "address": self.address,
            "city": self.city,
            "state": self.state,
            "metadata": {
                "call_id": self.call_id,
                **self._told(),
                **({"orders": [card._told() for card in self.orders]} if self.orders else {}),
            },
        }

    def _told(self) -> dict[str, Any]:
        """Return what is told of the order, or of all of them together."""
        return {
            "shopify_id": self.shopify_id,
            "order_name": self.order_name,
            "product_title": self.product_title,
            "total_price": _finite(self.total_price),
            "currency": self.currency,
            "items": self.items,
            "current_total_price": _finite(self.current_total_price),
            "total_outstanding": _finite(self.total_outstanding),
            "presentment_currency": self.presentment_currency,
        }


def _finite(amount: Decimal | float | None) -> float | None:
    """Return an amount as the number that JSON can hold, or None."""
    return float(amount) if amount is not None and math.isfinite(amount) else None


def contact_json(card: ContactCard, contract: Contract = OURS) -> dict[str, Any]:
    """Return the payload of ``POST contact``."""
    ours = card.to_json()
    told = ours["metadata"]
    if card.orders:
        told["orders"] = [contract.sent("metadata", order) for order in told["orders"]]
    return contract.sent("contact", ours | {"metadata": contract.sent("metadata", told)})


def campaign_json(agent_id: str, sip_list_id: str, window: CallWindow, contract: Contract = OURS) -> dict[str, Any]:
    """Return the payload of ``PUT campaign``; times like ``2026-11-23T18:05:00+05:30``."""
    ours = {
        "agent_id": agent_id,
        "sip_list_id": sip_list_id,
        "start_time": window.start.isoformat(timespec="seconds"),
        "end_time": window.end.isoformat(timespec="seconds"),
        "timezone": str(window.start.tzinfo),
    }
    return contract.sent("campaign", ours)


def listing_json(campaign_id: str, contact_ids: Iterable[str], contract: Contract = OURS) -> dict[str, Any]:
    """Return the payload of ``POST campaign/contacts``."""
    ours = {"campaign_ids": [campaign_id], "contact_ids": [as_it_came(contact_id) for contact_id in contact_ids]}
    return contract.sent("campaign_contacts", ours)
