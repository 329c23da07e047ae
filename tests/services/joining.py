"""Orders of one customer, for whom one call is made."""

from __future__ import annotations

import json
from typing import Any

from house import House
from ordercall.domain.reports.fates import Fate, Why
from ordercall.sandbox.orders import make_order
from ordercall.storage.records.reports import Door, Incoming
from rounds import last

CANCELLED = {"cancelled_at": "2026-11-24T12:00:00+05:30"}


def of_the_customer(number: int, **changes: Any) -> dict[str, Any]:
    """Return an order of the customer who placed the first, to the same address."""
    first = make_order(1)
    same = {key: first[key] for key in ("phone", "customer", "shipping_address", "billing_address") if key in first}
    return make_order(number) | same | changes


def by_card(house: House, order_id: int, **said: Any) -> tuple[Fate, Why]:
    """Report what the agent heard who has only the card of an order before it."""
    body = {"contact_id": house.order(order_id).contact_id, "call_id": last(house, order_id).known_as} | said
    incoming = Incoming(door=Door.API, sender="API", body=json.dumps(body).encode(), received_at=house.now)
    received = house.reports.receive(incoming)
    return received.fate, received.why


def died_before_the_answer(house: House, order_id: int) -> None:
    """Have a worker die that has announced a card."""
    with house.db.begin() as tx:
        house.sync.prepare(tx, [order_id])
