"""Orders of a version that did not keep what is still ordered of them: what is known of them after the upgrade."""

from __future__ import annotations

import json
from typing import Any

import pytest
from receiving import Shop

from makers import NUMBER, ORDER_ID, make_body
from ordercall.sandbox.orders import make_order

EARLY, LATER, LATEST = (f"2026-11-23T11:5{minute}:00+05:30" for minute in (0, 5, 9))
ADDED = (
    *("items", "units_left", "current_total_price", "current_outstanding", "presentment_currency"),
    *("closed_at", "source_name", "shopify_deleted_at"),
)
PUT_AWAY = [
    {"closed_at": LATER},
    {"source_name": "pos"},
    {"line_items": [{"title": "Lamp", "quantity": 1, "current_quantity": 0}]},
]


def send(shop: Shop, topic: str, *, at: str, **changes: Any) -> None:
    shop.send(make_body(updated_at=at, **changes), topic=topic, webhook_id=f"{topic} {at}")


def delete(shop: Shop) -> None:
    shop.send(json.dumps({"id": ORDER_ID}).encode(), topic="orders/delete", webhook_id="deletion")


def upgrade_from_before(shop: Shop) -> None:
    """Take the database back to the version before, which kept none of this, and upgrade it."""
    with shop.database.begin() as tx:
        tx.exec_driver_sql("DROP INDEX orders_to_ship")
        for name in ADDED:
            tx.exec_driver_sql(f"ALTER TABLE orders DROP COLUMN {name}")
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0031'")
        waiting = "calling_state = 'queued', calling_reason = NULL, confirmation_status = 'Placed'"
        tx.exec_driver_sql(f"UPDATE orders SET {waiting}")  # noqa: S608 - the tests' own words
        unused = "outcome = 'unused', reason = 'Not used.', shopify_id = NULL"
        tx.exec_driver_sql(f"UPDATE deliveries SET {unused} WHERE topic = 'orders/delete'")  # noqa: S608 - the same
    shop.database.upgrade()


def known(shop: Shop, *names: str) -> tuple[Any, ...]:
    (row,) = shop.rows(f"SELECT {', '.join(names)} FROM orders")  # noqa: S608 - the tests' own words
    return row


@pytest.mark.parametrize("changes", PUT_AWAY)
def test_what_a_body_said_before_the_upgrade_is_known_after_it(shop: Shop, changes: dict[str, Any]) -> None:
    send(shop, "orders/create", at=LATER, **changes)
    before = known(shop, *ADDED)

    upgrade_from_before(shop)

    assert known(shop, *ADDED) == before


def test_the_latest_body_is_the_one_that_counts_whenever_it_came(shop: Shop) -> None:
    send(shop, "orders/create", at=EARLY)
    send(shop, "orders/updated", at=LATEST, closed_at=LATEST)
    send(shop, "orders/updated", at=LATER)

    upgrade_from_before(shop)

    assert known(shop, "closed_at") == (LATEST,)


def test_an_order_that_was_deleted_before_the_upgrade_is_known_to_be(shop: Shop) -> None:
    send(shop, "orders/create", at=EARLY)
    delete(shop)
    before = known(shop, "shopify_deleted_at")

    upgrade_from_before(shop)

    assert before != (None,)
    assert known(shop, "shopify_deleted_at") == before


def test_a_deletion_that_came_before_the_upgrade_keeps_an_order_that_comes_after_it_from_its_call(shop: Shop) -> None:
    delete(shop)
    upgrade_from_before(shop)

    send(shop, "orders/create", at=LATER)

    assert known(shop, "calling_state", "calling_reason") == ("not_called", "deleted")


def test_the_upgrade_queues_no_call(shop: Shop) -> None:
    send(shop, "orders/create", at=LATER, closed_at=LATER)

    upgrade_from_before(shop)

    assert shop.count("procrastinate_jobs") == 0


def test_where_no_body_is_kept_nothing_is_known_and_the_next_change_tells_no_edit(shop: Shop) -> None:
    send(shop, "orders/create", at=EARLY)
    with shop.database.begin() as tx:
        tx.exec_driver_sql("UPDATE deliveries SET body = NULL")
    upgrade_from_before(shop)
    assert known(shop, *ADDED) == (None,) * len(ADDED)

    send(shop, "orders/updated", at=LATER, financial_status="paid")

    messages = [row[0] for row in shop.rows("SELECT message FROM logs ORDER BY id")]
    line = make_order(NUMBER)["line_items"][0]
    assert messages[-1] == "Payment: paid."
    assert known(shop, "items") == (f"1 × {line['name']}",)


def test_what_a_courier_needs_of_an_earlier_order_comes_with_a_reading_and_is_no_change(shop: Shop) -> None:
    address = make_order(NUMBER)["shipping_address"] | {"address2": "Opposite the temple"}
    send(shop, "orders/create", at=EARLY, shipping_address=address)
    kept = known(shop, "address2", "lines")
    with shop.database.begin() as tx:
        tx.exec_driver_sql("UPDATE orders SET address2 = NULL, lines = NULL")

    send(shop, "orders/updated", at=EARLY, shipping_address=address, note="a body that never came before")

    assert known(shop, "address2", "lines") == kept
    assert shop.rows("SELECT message FROM logs WHERE event_type = 'Order_Changed'") == []
