"""A signed body that comes again under ids and topics of anybody's choice: a signature covers neither."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from receiving import Shop, make_intake
from receiving import make_received as received

from makers import NOW, ORDER_ID, make_body
from ordercall.intake.reading import read
from ordercall.storage.engine.database import Database
from ordercall.storage.records import deliveries, shop_notices
from ordercall.storage.records.deliveries import Outcome, ProcessedDelivery

COPIES = 40
ONCE = {"deliveries": 1, "orders": 1, "logs": 1, "procrastinate_jobs": 1}
REFUND = json.dumps({"id": 929361462, "order_id": ORDER_ID}).encode()
STORE = {"shop_id": 954889, "shop_domain": "shop.myshopify.com"}
SHOP_REDACT = json.dumps(STORE).encode()
DATA_REQUEST = json.dumps(STORE | {"customer": {"id": 7}, "orders_requested": [], "data_request": {"id": 9}}).encode()
THE_SHOP = {"id": 954889, "name": "Super Toys", "shop_owner": "John Smith", "myshopify_domain": "shop.myshopify.com"}
UNINSTALLED = json.dumps(THE_SHOP).encode()


def replay(shop: Shop, body: bytes, *topics: str, first: int = 1) -> list[Any]:
    """Send a body under each topic, and under a new id each time; return what became of each."""
    return [
        shop.outcome_of(body, topic=topic, webhook_id=f"delivery-{number}")
        for number, topic in enumerate(topics, first)
    ]


def test_an_order_is_stored_once_under_however_many_ids(shop: Shop) -> None:
    outcomes = replay(shop, make_body(), *["orders/create"] * COPIES)

    assert outcomes == ["recorded"] + ["repeat"] * (COPIES - 1)
    assert shop.counts() == ONCE
    assert shop.rows("SELECT webhook_id, repeats FROM deliveries") == [("delivery-1", COPIES - 1)]


def test_an_order_that_comes_under_many_ids_at_once_is_stored_once(shop: Shop) -> None:
    body = make_body()

    with ThreadPoolExecutor(COPIES) as senders:
        outcomes = list(
            senders.map(lambda number: shop.outcome_of(body, webhook_id=f"delivery-{number}"), range(COPIES))
        )

    assert sorted(outcomes) == ["recorded"] + ["repeat"] * (COPIES - 1)
    assert shop.counts() == ONCE


def test_an_order_is_stored_once_a_topic_however_often_shopify_says_the_same(shop: Shop) -> None:
    topics = ["orders/create", "orders/updated", "orders/paid"]

    outcomes = replay(shop, make_body(), *topics, *topics)

    assert outcomes == ["recorded"] + ["repeat"] * 5
    assert shop.rows("SELECT topic, repeats FROM deliveries ORDER BY id") == [(topic, 1) for topic in topics]


def test_a_body_is_stored_once_for_all_topics_that_nobody_uses(shop: Shop) -> None:
    outcomes = replay(shop, make_body(), "orders/create", *(f"made/up{number}" for number in range(COPIES)))

    assert outcomes == ["recorded"] + ["unused"] * COPIES
    assert shop.counts() == ONCE


def test_what_cannot_be_read_waits_for_a_person_once(shop: Shop) -> None:
    assert replay(shop, b"not JSON", *["orders/create"] * 3) == ["unreadable"] * 3
    assert shop.rows("SELECT outcome, repeats FROM deliveries") == [("unreadable", 2)]


def test_what_could_not_be_stored_is_taken_in_when_it_comes_under_another_id(shop: Shop) -> None:
    kept = ProcessedDelivery(delivery=received(make_body()).delivery, outcome=Outcome.UNREADABLE)
    with shop.database.begin() as tx:
        deliveries.add_all(tx, [kept])

    assert replay(shop, make_body(), "orders/create") == ["recorded"]


def test_a_refund_has_its_order_read_again_once(shop: Shop) -> None:
    assert replay(shop, REFUND, *["refunds/create"] * 3) == ["recorded", "repeat", "repeat"]
    assert (shop.count("deliveries"), shop.count("procrastinate_jobs")) == (1, 1)


@pytest.mark.parametrize(("topic", "body"), [("customers/data_request", DATA_REQUEST), ("shop/redact", SHOP_REDACT)])
def test_what_is_asked_by_law_is_done_once_a_day_however_often_it_comes(shop: Shop, topic: str, body: bytes) -> None:
    assert replay(shop, body, *[topic] * 3) == ["recorded", "repeat", "repeat"]
    assert (shop.count("deliveries"), shop.count("privacy_requests")) == (1, 1)


def test_a_shop_that_is_left_once_more_is_erased_once_more(database: Database) -> None:
    """The words are the same each time that the app is taken out of a shop."""
    intake, asked = (
        make_intake(database),
        replace(received(make_body()).delivery, topic="shop/redact", body=SHOP_REDACT),
    )
    later = replace(asked, webhook_id="delivery-2", received_at=NOW + timedelta(days=3))

    with database.begin() as tx:
        outcomes = [intake.receive(tx, [read(delivery)]) for delivery in (asked, later)]

    assert outcomes == [["recorded"], ["recorded"]]


def test_an_app_that_is_taken_out_again_stops_the_calls_again(shop: Shop) -> None:
    assert replay(shop, UNINSTALLED, "app/uninstalled") == ["recorded"]
    with shop.database.begin() as tx:
        shop_notices.connect(tx, by="admin", now=NOW - timedelta(minutes=1))

    assert replay(shop, UNINSTALLED, *["app/uninstalled"] * 3, first=2) == ["recorded", "repeat", "repeat"]
    assert shop.rows("SELECT count(*) FROM disconnections WHERE ended_at IS NULL") == [(1,)]
    assert shop.count("deliveries") == 2
