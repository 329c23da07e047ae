"""Two workers on one Postgres that look at orders of one customer at the same moment: each order is on one card only.

The lock of the phone keeps them apart as a rule. It does not where a phone was corrected: an order's job of before then
has the lock of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from joining import of_the_customer
from sqlalchemy import Connection, update

from databases import ask
from house import House
from ordercall.bootstrap.worker import worker_services
from ordercall.domain.calls.call import CallState
from ordercall.domain.calls.calling import CallingState
from ordercall.services.sync_service import SyncService
from ordercall.storage.engine.database import Database
from ordercall.storage.records import orders
from ordercall.storage.tables import orders as orders_table
from rounds import CAMPAIGN, last
from waiting import until

pytestmark = pytest.mark.postgres

WAIT = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def others_sync(house: House, open_database: Callable[..., Database]) -> Iterator[SyncService]:
    """The other machine's worker."""
    house.publish("attempts", together=True, number=3, gaps=(timedelta(hours=1),))
    house.kalimera.several_contacts = True
    with worker_services(house.settings, open_database(), house.clock, pauses=(0, 0)) as worker:
        yield worker.sync


def waiting(house: House) -> int:
    """Return how many transactions wait for a lock."""
    with house.db.read() as tx:
        return int(ask(tx, WAIT).scalar() or 0)


def while_they_are_locked(
    house: House,
    order_ids: list[int],
    *deeds: Callable[[], object],
    meanwhile: Callable[[Connection], object] = lambda _: None,
) -> None:
    """Have deeds begin that all wait for these orders, so that each has looked around before any goes on.

    Args:
        meanwhile: what happens before they do.
    """
    with ThreadPoolExecutor(len(deeds)) as threads:
        with house.db.begin() as tx:
            orders.find_all_to_change(tx, order_ids)
            begun = [threads.submit(deed) for deed in deeds]
            until(lambda: waiting(house) == len(deeds), "all wait for the orders")
            meanwhile(tx)
        for deed in begun:
            deed.result()


def cards_that_ring(house: House) -> list[set[int]]:
    """Return of which orders each card tells by which somebody is rung."""
    rung = {last(house, order_id).contact_id for order_id in house.states()}
    cards = [house.kalimera.card(contact) for contact in rung if contact]
    return sorted(({one["shopify_id"] for one in card.get("orders", [card])} for card in cards), key=sorted)


def test_orders_that_two_workers_join_at_once_are_rung_by_one_card(house: House, others_sync: SyncService) -> None:
    first, second = house.receive(of_the_customer(1)), house.receive(of_the_customer(2))

    while_they_are_locked(house, [first, second], lambda: house.sync.sync(first), lambda: others_sync.sync(second))
    house.campaigns.flush(CAMPAIGN)

    assert [last(house, order_id).state for order_id in (first, second)] == [CallState.PLACED] * 2
    assert cards_that_ring(house) == [{first, second}]


@pytest.mark.parametrize(
    "goes",
    [
        {"calling_state": CallingState.ON_CAMPAIGN},
        {"confirmation_status": "Success"},
        {"customer_phone": "+915550000190"},
    ],
)
def test_an_order_that_goes_before_it_is_locked_is_on_nobodys_card(
    house: House, others_sync: SyncService, goes: dict[str, Any]
) -> None:
    first, second = house.receive(of_the_customer(1)), house.receive(of_the_customer(2))

    gone = update(orders_table).where(orders_table.c.shopify_id == second).values(goes)
    while_they_are_locked(
        house, [first, second], lambda: others_sync.sync(first), meanwhile=lambda tx: tx.execute(gone)
    )
    house.campaigns.flush(CAMPAIGN)

    assert cards_that_ring(house) == [{first}]
