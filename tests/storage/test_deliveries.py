"""The inbox: every signed webhook as it came, once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from ordercall.storage.engine.database import Database
from ordercall.storage.records.deliveries import (
    Delivery,
    Outcome,
    ProcessedDelivery,
    add_all,
    count_repeats,
    forget_bodies,
    with_these_bodies,
)
from ordercall.storage.tables import deliveries

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.fixture(scope="module")
def database(module_database: Database) -> Database:
    return module_database


@pytest.fixture
def tx(database: Database) -> Iterator[Connection]:
    """Give a transaction that is undone, so that each test finds the tables empty."""
    with database.engine.connect() as tx:
        yield tx


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def delivery(webhook_id: str = "delivery-1", body: bytes = b'{"id": 42}', **changes: Any) -> Delivery:
    headers = {"topic": "orders/create", "event-id": "e-1", "api-version": "2026-10", "triggered-at": "2026-11-23"}
    made = Delivery(
        webhook_id=webhook_id,
        body_digest=digest(body),
        topic="orders/create",
        shop="shop.myshopify.com",
        headers=headers,
        body=body,
        secret_name="current",
        received_at=NOW,
    )
    return replace(made, **changes)


def keep(tx: Connection, *all_deliveries: Delivery) -> None:
    add_all(tx, [ProcessedDelivery(delivery=each, outcome=Outcome.RECORDED, shopify_id=42) for each in all_deliveries])


def rows(tx: Connection, *columns: str) -> list[tuple[Any, ...]]:
    chosen = select(*[deliveries.c[name] for name in columns]).order_by(deliveries.c.id)
    return [tuple(row) for row in tx.execute(chosen)]


def test_a_delivery_is_kept_as_it_came(tx: Connection) -> None:
    body = '{"id": 42, "name": "कुर्ता"}\n\x00'.encode() + b"\xff"

    keep(tx, delivery(body=body))

    assert rows(tx, "webhook_id", "topic", "shop", "body", "received_at", "secret_name", "repeats") == [
        ("delivery-1", "orders/create", "shop.myshopify.com", body, NOW.timestamp(), "current", 0)
    ]


def test_what_shopify_said_about_a_delivery_is_kept(tx: Connection) -> None:
    keep(tx, delivery())

    assert rows(tx, "event_id", "api_version", "triggered_at") == [("e-1", "2026-10", "2026-11-23")]
    assert json.loads(rows(tx, "headers")[0][0])["topic"] == "orders/create"


def test_what_shopify_did_not_say_is_null(tx: Connection) -> None:
    keep(tx, delivery(headers={}))

    assert rows(tx, "event_id", "api_version", "triggered_at", "headers") == [(None, None, None, "{}")]


def test_what_became_of_a_delivery_is_kept_with_the_reason(tx: Connection) -> None:
    add_all(tx, [ProcessedDelivery(delivery=delivery(), outcome=Outcome.UNREADABLE, reason="The body is not JSON.")])

    assert rows(tx, "outcome", "reason", "shopify_id") == [("unreadable", "The body is not JSON.", None)]


def test_an_id_beyond_a_float_is_kept_exact(tx: Connection) -> None:
    add_all(tx, [ProcessedDelivery(delivery=delivery(), outcome=Outcome.RECORDED, shopify_id=2**53 + 1)])

    assert rows(tx, "shopify_id") == [(2**53 + 1,)]


def test_several_deliveries_are_kept_in_their_order(tx: Connection) -> None:
    keep(tx, *[delivery(f"delivery-{number}") for number in (3, 1, 2)])

    assert rows(tx, "webhook_id") == [("delivery-3",), ("delivery-1",), ("delivery-2",)]


def test_one_delivery_cannot_be_kept_twice(tx: Connection) -> None:
    keep(tx, delivery())

    with pytest.raises(IntegrityError):
        keep(tx, delivery())


def known(tx: Connection, *bodies: bytes) -> list[str]:
    return sorted(earlier.webhook_id for earlier in with_these_bodies(tx, [digest(body) for body in bodies]))


def test_only_what_was_kept_is_known(tx: Connection) -> None:
    keep(tx, delivery("delivery-1", b"1"))

    assert known(tx, b"1", b"2") == ["delivery-1"]


def test_a_body_is_known_with_all_that_was_said_of_it(tx: Connection) -> None:
    keep(tx, delivery("delivery-1", b"1"), delivery("delivery-2", b"1", topic="orders/updated"), delivery(body=b"2"))

    assert sorted(with_these_bodies(tx, [digest(b"1")])) == [
        ("delivery-1", digest(b"1"), "orders/create", "recorded", NOW.timestamp()),
        ("delivery-2", digest(b"1"), "orders/updated", "recorded", NOW.timestamp()),
    ]


@pytest.mark.parametrize("webhook_id", ["' OR 1=1 --", "%", "कुर्ता", "", "x" * 10_000])
def test_any_text_may_be_a_webhooks_id(tx: Connection, webhook_id: str) -> None:
    keep(tx, delivery(webhook_id, b"1"))

    assert known(tx, b"1") == [webhook_id]


def test_many_bodies_are_asked_for_at_once(tx: Connection) -> None:
    keep(tx, delivery(body=b"1999"))

    assert known(tx, *(b"%d" % number for number in range(2_000))) == ["delivery-1"]


def test_of_no_body_nothing_is_known(tx: Connection) -> None:
    keep(tx, delivery())

    assert known(tx) == []


def test_each_repetition_is_counted_with_its_time(tx: Connection) -> None:
    keep(tx, delivery("delivery-1"), delivery("delivery-2"))
    later = replace(delivery("delivery-1"), received_at=NOW + timedelta(seconds=9))

    count_repeats(tx, [delivery("delivery-1"), later])

    assert rows(tx, "webhook_id", "repeats", "last_repeat_at") == [
        ("delivery-1", 2, NOW.timestamp() + 9),
        ("delivery-2", 0, None),
    ]


def test_a_repetition_of_another_body_is_not_counted(tx: Connection) -> None:
    keep(tx, delivery(body=b"1"))

    count_repeats(tx, [delivery(body=b"2")])

    assert rows(tx, "repeats") == [(0,)]


def test_nothing_to_keep_or_count_is_nothing(tx: Connection) -> None:
    add_all(tx, [])
    count_repeats(tx, [])

    assert rows(tx, "id") == []


def test_old_bodies_are_emptied_and_new_ones_stay(tx: Connection) -> None:
    keep(tx, delivery("old", received_at=NOW - timedelta(days=31)), delivery("new", received_at=NOW - MONTH))

    assert forget_bodies(tx, now=NOW, after=MONTH) == 1
    assert rows(tx, "webhook_id", "body", "headers") == [
        ("old", None, "{}"),
        ("new", delivery().body, json.dumps(delivery().headers, separators=(",", ":"))),
    ]


def test_an_emptied_delivery_is_still_known_and_keeps_its_outcome(tx: Connection) -> None:
    old = delivery("old", received_at=NOW - timedelta(days=31))
    keep(tx, old)

    forget_bodies(tx, now=NOW, after=MONTH)

    assert [earlier.webhook_id for earlier in with_these_bodies(tx, [old.body_digest])] == ["old"]
    assert rows(tx, "topic", "outcome", "shopify_id") == [("orders/create", "recorded", 42)]


def test_bodies_are_emptied_a_few_at_a_time_the_oldest_first(tx: Connection) -> None:
    keep(tx, *[delivery(f"{days} days", received_at=NOW - timedelta(days=days)) for days in (40, 60, 50)])

    emptied = [forget_bodies(tx, now=NOW, after=MONTH, limit=2) for _ in range(3)]

    assert emptied == [2, 1, 0]


def test_the_oldest_body_goes_first(tx: Connection) -> None:
    keep(tx, *[delivery(f"{days} days", received_at=NOW - timedelta(days=days)) for days in (40, 60, 50)])

    forget_bodies(tx, now=NOW, after=MONTH, limit=1)

    assert [row[0] for row in rows(tx, "webhook_id", "body") if row[1] is None] == ["60 days"]
