"""Rounds of calls: orders that are brought to their campaign, called in vain, reported and called again."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from house import House
from ordercall.domain.calls.call import CallState
from ordercall.domain.reports.fates import Fate, Why
from ordercall.sandbox.orders import make_order
from ordercall.storage.records import pauses
from ordercall.storage.records.calls import Call
from ordercall.storage.records.pauses import Effect
from ordercall.storage.records.reports import Door, Incoming

CAMPAIGN = "sandbox-campaign"


def go_on(house: House, *order_ids: int) -> None:
    """Let the worker do what it would for these orders by now."""
    for order_id in order_ids:
        house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)


def placed(house: House, number: int = 1, **changes: Any) -> int:
    """Return the id of an order whose customer is rung, in English unless it ships elsewhere."""
    order_id = house.receive(make_order(number, **({"state": "Kerala"} | changes)))
    go_on(house, order_id)
    return order_id


def silence(house: House, order_id: int) -> None:
    """Let the order's last call end in silence."""
    end = last(house, order_id).window_end
    assert end
    house.run_until(end + timedelta(minutes=15, seconds=1))
    house.calls.see_silence()


def unanswered(house: House, number: int = 1, **changes: Any) -> int:
    """Return the id of an order whose only call ended in silence."""
    order_id = placed(house, number, **changes)
    silence(house, order_id)
    return order_id


def states(house: House, order_id: int) -> list[CallState]:
    """Return the states of an order's calls, the newest first."""
    return [call.state for call in house.calls_of(order_id)]


def last(house: House, order_id: int) -> Call:
    return house.calls_of(order_id)[0]


def rung(house: House) -> int:
    """Return how often Kalimera was asked to ring somebody."""
    return len(house.kalimera.listings)


def report(house: House, order_id: int, **said: Any) -> tuple[Fate, Why]:
    """Report something of an order's call."""
    body = json.dumps({"shopify_id": order_id} | said).encode()
    received = house.reports.receive(Incoming(door=Door.API, sender="API", body=body, received_at=house.now))
    return received.fate, received.why


def at(house: House, hour: int, minute: int = 0, days: int = 0) -> datetime:
    """Return a time of the house's day, or of one that many days later."""
    return house.now.replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days=days)


def pause(house: House) -> None:
    """Pause all calls and let the worker tell the campaign."""
    house.pauses.pause(by="Asha")
    house.campaigns.flush(CAMPAIGN)


def effect(house: House) -> Effect:
    """Return what the pause holds back, and what it cannot."""
    with house.db.read() as tx:
        return pauses.effect(tx, house.now)


def puts(house: House) -> int:
    """Return how often Kalimera was given an agent and a window."""
    return len([call for call in house.kalimera.calls if call.method == "PUT"])


def sweep(house: House, after: timedelta = timedelta(minutes=16)) -> None:
    """Let time pass, by default more than the grace, and what is over end."""
    house.run_until(house.now + after)
    house.calls.see_silence()
