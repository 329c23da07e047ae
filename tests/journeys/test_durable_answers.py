"""What was answered 200 is stored, however the processes end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from installation import Installation
from ordercall.sandbox.orders import make_order
from waiting import until

pytestmark = pytest.mark.journey

SENDERS = 24


def send_until_it_ends(shop: Installation, over: threading.Event, answered: list[int], first: int) -> None:
    """Send orders one after the other, and note those that were answered 200."""
    number = first
    while not over.is_set():
        number += 1
        order = make_order(number)
        try:
            if shop.deliver(order).status_code == 200:
                answered.append(order["id"])
        except httpx.HTTPError:
            return  # whatever this one was, nobody was told that it is stored


@pytest.mark.parametrize("end", [Installation.kill, Installation.stop], ids=["kill -9", "SIGTERM"])
def test_nothing_that_was_answered_200_is_lost(
    install: Callable[..., Installation], end: Callable[[Installation], object]
) -> None:
    shop, over, answered = install(WORKER="external"), threading.Event(), list[int]()
    shop.start()
    with ThreadPoolExecutor(SENDERS) as senders:
        for sender in range(SENDERS):
            senders.submit(send_until_it_ends, shop, over, answered, 1 + sender * 10_000)
        try:
            until(lambda: len(answered) >= 200, "200 orders were answered")
            end(shop)
        finally:
            over.set()

    stored = {row[0] for row in shop.rows("SELECT shopify_id FROM orders")}
    assert set(answered) - stored == set()
    assert len(stored - set(answered)) <= SENDERS


def test_refusals_of_the_last_seconds_are_counted_when_the_server_ends(install: Callable[..., Installation]) -> None:
    shop = install(WORKER="external")
    shop.start()
    refused = [shop.deliver(make_order(1), **{"X-Shopify-Hmac-SHA256": "bm90IG91cnM="}) for _ in range(3)]

    assert shop.stop() == 0
    assert {answer.status_code for answer in refused} == {403}
    assert shop.rows("SELECT sum(number) FROM refusals") == [(3,)]
    assert "could not write" not in shop.log.read_text()
