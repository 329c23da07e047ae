"""Orders that programs have cancelled, each by its own way in, and the policy that holds such cancels back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from house import House
from ordercall.domain.orders.belt import Guard
from ordercall.domain.policy.rules import Belt
from ordercall.sandbox.orders import make_order
from ordercall.services import policy_service
from ordercall.services.report_service import ReceivedReport
from ordercall.storage.reads import needs_you
from ordercall.storage.records import policies
from ordercall.storage.records.reports import Door, Incoming
from ringing import rung
from web_app import Shop


def buckle(place: House | Shop, **rules: Any) -> None:
    """Publish the policy in force with a belt of these rules."""
    policy_service.begin(place.db, place.settings, place.now)
    with place.db.read() as tx:
        known = policies.newest(tx)
    assert known is not None
    policy_service.publish(place.db, replace(known.policy, belt=Belt(**rules)), by="a test", now=place.now)


def rung_order(house: House, number: int = 1, **changes: Any) -> int:
    """Return the id of an order that Shopify and we know, and whose customer is being rung by its own card."""
    order = make_order(number, **{"phone": f"+9155500{number:05}"} | changes)
    house.shopify.add(order)
    order_id = house.receive(order)
    with house.db.begin() as tx:
        rung(tx, order_id, now=house.now, contact=f"contact-{number}")
    return order_id


def say(house: House, order_id: int | None = None, *, door: Door = Door.STATUS, **said: Any) -> ReceivedReport:
    """Take in what a program says, with the token; at an order's own address where its id is given."""
    return say_body(house, order_id, json.dumps(said).encode(), door=door)


def say_body(house: House, order_id: int | None, body: bytes, *, door: Door = Door.STATUS) -> ReceivedReport:
    """The same in a program's own bytes."""
    return house.reports.receive(
        Incoming(
            door=door,
            sender="API",
            body=body,
            received_at=house.now,
            shopify_id=order_id,
            may_force=door is not Door.ADDRESS,
        )
    )


def refuse(house: House, order_id: int, **said: Any) -> ReceivedReport:
    """Have a program say that an order is Failed."""
    return say(house, order_id, status="Failed", **said)


def cancel_jobs(house: House) -> list[int]:
    """Return the orders whose cancels wait for a worker."""
    return [arguments["shopify_id"] for arguments, _ in house.jobs("cancel_order")]


def a_minute_passes(house: House, minutes: float = 1) -> None:
    """Let time pass and a worker look which delayed cancels are due."""
    house.now += timedelta(minutes=minutes)
    with house.db.begin() as tx:
        house.worker.belt.come_due(tx)


def refused_and_tried(house: House, order_id: int, **said: Any) -> Any:
    """Have a program say that an order is Failed and a worker cancel it; return the order's row."""
    refuse(house, order_id, **said)
    house.cancels.cancel(order_id)
    return house.order(order_id)


def waits_for_a_person(house: House, order_id: int) -> bool:
    with house.db.read() as tx:
        return order_id in [order.shopify_id for order in needs_you.page(tx, before=None, after=None).rows]


def held_back(house: House, order_id: int, guard: Guard) -> bool:
    """Return whether an order was kept from Shopify by this guard, and waits for a person who reads why."""
    order = house.order(order_id)
    assert house.shopify.cancellations == []
    told = order.cancel_detail == f"It was held back, for no person asked for it. {guard.sentence}"
    return told and order.cancel_state == "refused" and waits_for_a_person(house, order_id)
