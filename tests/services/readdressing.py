"""What the tests of corrected addresses share: confirmed orders, and an address on its way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from holding import PLACED_AT

from belting import rung_order, say
from house import House
from ordercall.domain.places.addresses import State, fingerprint, of_order, proposed
from ordercall.storage.records import addresses, orders
from ordercall.storage.records.addresses import Proposal

SAID = {"address1": "7 Corrected Street", "city": "Kochi", "state": "Kerala", "pincode": "682 031"}
MUTATION = "orderUpdate"


def confirmed(house: House, number: int = 1, **address: Any) -> int:
    """Return an order whose customer has confirmed it in a call, with another address."""
    order_id = rung_order(house, number, created_at=PLACED_AT)
    say(house, order_id, status="Success", address=address or SAID)
    return order_id


def proposal(house: House, order_id: int) -> Proposal:
    with house.db.read() as tx:
        found = addresses.latest(tx, order_id)
    assert found
    return found


def known(house: House, order_id: int) -> Any:
    with house.db.read() as tx:
        return orders.find(tx, order_id)


def approve(house: House, order_id: int, **edits: str) -> None:
    """Approve the latest address as a person does who sees the order as it is now."""
    found, place = proposal(house, order_id), of_order(known(house, order_id))
    wanted = replace(proposed(found.said, place), **edits)
    house.addresses.approve(order_id, wanted, seen=found.version, shown=fingerprint(place), note="", by="Asha")


def approved(house: House, number: int = 1, **edits: str) -> int:
    order_id = confirmed(house, number)
    approve(house, order_id, **edits)
    return order_id


def correct(house: House, order_id: int) -> None:
    house.worker.addresses.correct(order_id)


def hear_from_shopify(house: House, order_id: int) -> None:
    """Take in the order as Shopify has it now, as its webhook would bring it."""
    body = house.shopify.book.order(order_id)
    assert body
    house.receive(body, "orders/updated")


def in_shopify(house: House, order_id: int) -> dict[str, Any]:
    found: dict[str, Any] = (house.shopify.book.order(order_id) or {})["shipping_address"]
    return found


def mutations(house: House) -> int:
    return sum(MUTATION in str(call.body) for call in house.shopify.calls)


def state(house: House, order_id: int) -> tuple[State, bool]:
    """Return how far its address got, and whether the order is kept from leaving by that."""
    return proposal(house, order_id).state, known(house, order_id).address_waits
