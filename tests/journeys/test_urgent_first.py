"""What is urgent passes by what is many, and after an outage all goes on at once; nobody is asked or listed twice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from installation import HTTP, TOKEN, Installation, mixed_orders
from load import fire
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Call, Mode
from ordercall.sandbox.shopify import FakeShopify
from outcomes import created_twice, wrongly_listed
from waiting import until

pytestmark = pytest.mark.journey

MOST_BEFORE = 200
"""Of 300 contacts, at five a second: what waits for the others comes after all of them, also on a busy machine."""

UNDER_WAY = 16 + 2
"""The most calls that begin before the third failure is known: one of each job that runs, and of two that follow."""


def send(shop: Installation, count: int) -> list[dict[str, object]]:
    orders = mixed_orders(count)
    assert fire(shop.url, shop.webhooks(orders), connections=16).statuses == Counter({200: count})
    return orders


def contacts_asked(kalimera: FakeKalimera, until_time: float) -> list[Call]:
    return [call for call in kalimera.calls if call.path == "/kalimera/contact" and call.at <= until_time]


def started(install: Callable[..., Installation], **settings: str) -> Installation:
    shop = install(**settings)
    shop.start()
    shop.wait_for_workers()
    return shop


def test_a_cancellation_and_a_pause_leave_at_once_while_300_orders_wait_for_kalimera(
    install: Callable[..., Installation], kalimera: FakeKalimera, shopify: FakeShopify
) -> None:
    shop = started(install, KALIMERA_REQUESTS_PER_SECOND="5")
    send(shop, 300)
    failed = make_order(1)
    shopify.add(failed)
    until(lambda: len(kalimera.contacts) >= 10, "contacts are being made")

    shop.set_status(failed["id"], "Failed")
    until(lambda: shopify.cancellations == [failed["id"]], "it is cancelled")

    assert len(kalimera.contacts) < MOST_BEFORE

    until(lambda: kalimera.listings, "somebody is listed")

    HTTP.post(f"{shop.url}/api/calls/pause", headers={"X-App-Token": TOKEN}).raise_for_status()
    until(lambda: shop.rows("SELECT outcome FROM window_endings") == [("ended",)], "Kalimera has ended the window")

    assert len(kalimera.contacts) < MOST_BEFORE
    assert kalimera.campaign.end
    assert kalimera.campaign.end <= datetime.now(UTC)


def test_the_first_customer_is_listed_while_the_contacts_of_the_others_are_still_made(
    install: Callable[..., Installation], kalimera: FakeKalimera
) -> None:
    shop = started(install, KALIMERA_REQUESTS_PER_SECOND="50")
    kalimera.mode = Mode.DOWN
    orders = send(shop, 500)
    kalimera.mode = Mode.NORMAL

    first = until(lambda: kalimera.listings[:1], "somebody is listed")[0]

    assert len(contacts_asked(kalimera, first.at)) < 300
    until(lambda: shop.on_campaign() == 500, "all are on the campaign")
    assert wrongly_listed(orders, kalimera) == []
    assert kalimera.repeats == []
    assert len(kalimera.listings) == 500
    assert len(kalimera.calls) <= 500 * 1.2  # the list is filled for many at a time


def test_a_dead_kalimera_is_left_in_peace_and_after_it_the_oldest_go_first_without_a_pause_of_their_own(
    install: Callable[..., Installation], kalimera: FakeKalimera
) -> None:
    shop = started(install)
    kalimera.mode = Mode.DOWN
    orders = send(shop, 200)
    until(lambda: kalimera.calls and time.time() > kalimera.calls[0].at + 8, "the outage has lasted eight seconds")
    calls = kalimera.calls
    kalimera.mode = Mode.NORMAL

    looks = calls[UNDER_WAY:]
    assert max(Counter(int(call.at - calls[0].at) for call in looks).values(), default=0) <= 3
    assert len(calls) <= 30
    until(lambda: shop.on_campaign() == 200, "all are on the campaign")
    answered = sorted(call.at for call in kalimera.calls[len(calls) :] if (call.status or 500) < 300)
    assert max(then - one for one, then in pairwise(answered)) <= 5
    tried_in_vain = {call.body["phone"] for call in calls if call.body and "phone" in call.body}
    made = list(kalimera.contacts)
    assert max(made.index(phone) for phone in tried_in_vain) < 120
    assert wrongly_listed(orders, kalimera) == []
    assert kalimera.repeats == []


@pytest.mark.sqlite
def test_kill_9_in_the_middle_of_a_batch_repeats_one_look_for_an_order_and_adds_nobody_twice(
    install: Callable[..., Installation], kalimera: FakeKalimera
) -> None:
    kalimera.delay = 0.1
    shop = started(install, WORKER_CONCURRENCY="64")
    orders = send(shop, 300)
    until(lambda: len(kalimera.contacts) >= 100, "100 contacts exist")

    shop.kill()
    shop.start()

    until(lambda: shop.on_campaign() == 300, "all are on the campaign")
    looks = Counter(call.path for call in kalimera.calls if call.method == "GET" and "phone=" in call.path)
    assert max(looks.values(), default=0) <= 1
    assert len(looks) <= 2 * 64
    assert created_twice(kalimera) == []
    assert kalimera.repeats == []
    assert wrongly_listed(orders, kalimera) == []
