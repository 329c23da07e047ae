"""What the tests of holds share: orders that are placed and held, and what Shopify and the database have of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from house import House
from ordercall.sandbox.fulfilment_orders import FulfilmentOrder
from ordercall.sandbox.orders import make_order
from ordercall.storage.records import holds
from ordercall.storage.records.holds import StoredHold

PLACED_AT = "2026-11-24T11:59:53+05:30"
"""Seven seconds before the present of the house."""

SINCE = datetime(2026, 11, 24, 6, 20, tzinfo=UTC)
"""When the shop was read before: ten minutes before the present of the house."""


def placed(house: House, number: int = 1, **changes: Any) -> int:
    order = make_order(number, created_at=PLACED_AT, **changes)
    house.shopify.add(order)
    return house.receive(order)


def held(house: House, number: int = 1) -> int:
    """Place an order and let its job hold it."""
    order_id = placed(house, number)
    house.holds.align(order_id)
    assert ours(house, order_id) == [1]
    return order_id


def parts(house: House, order_id: int) -> list[FulfilmentOrder]:
    return house.shopify.fulfilment.of_order(order_id)


def ours(house: House, order_id: int) -> list[int]:
    """Return how many holds of ours each fulfilment order of an order has that waits."""
    return [sum(hold.handle == "ordercall" for hold in one.holds) for one in parts(house, order_id) if one.waits]


def stored(house: House, order_id: int) -> StoredHold:
    with house.db.read() as tx:
        found = holds.find(tx, order_id)
    assert found
    return found


def aligned(house: House) -> list[int]:
    """Return the orders that wait for their hold to be looked at, once each."""
    return list(dict.fromkeys(arguments["shopify_id"] for arguments, _ in house.jobs("align_hold")))


def questions(house: House) -> int:
    return len(house.shopify.calls)


def forget_jobs(house: House) -> None:
    with house.db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM procrastinate_jobs")
