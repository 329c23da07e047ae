"""Where a contact rings but once, each further call has one of its own, also when the worker is killed meanwhile."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from installation import HTTP, TOKEN, Installation
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.orders import make_order
from waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.sqlite]  # on Postgres the takeover alone takes 15 s

ORDERS = 12


def call_again(shop: Installation, order_id: int) -> int:
    url = f"{shop.url}/api/orders/{order_id}/call"
    return HTTP.post(url, json={"confirm": True}, headers={"X-App-Token": TOKEN}).status_code


def contacts_made(kalimera: FakeKalimera) -> int:
    return sum((call.method, call.path) == ("POST", "/kalimera/contact") for call in kalimera.calls)


def test_a_worker_that_is_killed_rings_nobody_twice_for_one_further_call(
    install: Callable[..., Installation], kalimera: FakeKalimera
) -> None:
    kalimera.several_contacts, kalimera.rings_listed_again = True, False
    shop = install(KALIMERA_CALL_AGAIN="new-contact")
    shop.start()
    orders = [make_order(number) for number in range(1, ORDERS + 1)]
    assert {shop.deliver(order).status_code for order in orders} == {200}
    until(lambda: shop.on_campaign() == ORDERS, "all are rung")
    kalimera.delay = 0.1

    with ThreadPoolExecutor(ORDERS) as people:
        answers = [people.submit(call_again, shop, order["id"]) for order in orders]
        until(lambda: contacts_made(kalimera) > ORDERS, "a further contact is made")
        os.kill(shop.process("worker") or 0, signal.SIGKILL)
        assert {answer.result() for answer in answers} <= {200, 202}
    asked = "SELECT call_id, contact_id FROM calls WHERE follows = 'asked' AND state = 'placed'"
    placed = until(lambda: len(found := shop.rows(asked)) == ORDERS and found, "each is rung once more")

    rung = Counter(listing.contact_id for listing in kalimera.listings)
    assert set(rung.values()) == {1}
    assert len(rung) == 2 * ORDERS
    assert [kalimera.card(contact_id)["call_id"] for _, contact_id in placed] == [call_id for call_id, _ in placed]
