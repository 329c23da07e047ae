"""Orders that are told of in part, and that the shop puts away: what is not told of them is neither back nor gone."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from receiving import Shop

from makers import ORDER_ID, make_body

EARLY, LATER, LATEST = (f"2026-11-23T11:5{minute}:00+05:30" for minute in (0, 5, 9))
IDS = (f"delivery-{number}" for number in itertools.count())
LAST_YEAR = "2025-11-23T11:50:00+05:30"


def send(shop: Shop, topic: str = "orders/updated", *, at: str = LATER, **changes: Any) -> None:
    shop.send(make_body(updated_at=at, **changes), topic=topic, webhook_id=next(IDS))


def send_part(shop: Shop, topic: str = "orders/updated", *, at: str = LATER, **fields: Any) -> None:
    shop.send(json.dumps({"id": ORDER_ID, "updated_at": at} | fields).encode(), topic=topic, webhook_id=next(IDS))


def calling(shop: Shop) -> tuple[Any, ...]:
    return shop.rows("SELECT calling_state, calling_reason FROM orders")[0]


def line(**fields: Any) -> dict[str, Any]:
    return {"line_items": [{"title": "Lamp", "name": "Lamp"} | fields]}


@pytest.mark.parametrize(
    ("put_away", "reason"),
    [
        ({"closed_at": EARLY}, "archived"),
        (line(quantity=1, current_quantity=0), "emptied"),
        ({"current_total_price": "0.00"}, "emptied"),
        ({"source_name": "pos"}, "counter_sale"),
    ],
)
@pytest.mark.parametrize(
    "fields",
    [{"tags": "vip"}, line(), line(quantity=1), {"total_price": "12.50"}, {"customer": {"first_name": "Asha"}}],
)
def test_what_is_not_told_brings_no_order_back(
    shop: Shop, put_away: dict[str, Any], reason: str, fields: dict[str, Any]
) -> None:
    send(shop, "orders/create", at=EARLY, **put_away)

    send_part(shop, **fields)

    assert calling(shop) == ("not_called", reason)
    assert "sync_order" not in [row[0] for row in shop.rows("SELECT task_name FROM procrastinate_jobs")]


def test_what_is_told_in_part_puts_an_order_away_and_brings_it_back(shop: Shop) -> None:
    send(shop, "orders/create", at=EARLY)

    send_part(shop, closed_at=LATER)
    away = calling(shop)
    send_part(shop, at=LATEST, closed_at=None)

    assert away == ("not_called", "archived")
    assert calling(shop) == ("queued", None)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"closed_at": LATER}, "archived"),
        ({"source_name": "pos"}, "counter_sale"),
        ({"financial_status": "voided"}, "payment_voided"),
    ],
)
def test_what_ends_the_call_is_told_of_an_order_of_which_the_rest_is_not_known(
    shop: Shop, fields: dict[str, Any], reason: str
) -> None:
    send_part(shop, "orders/create", at=EARLY, name="#1001")

    send_part(shop, **fields)

    assert calling(shop) == ("not_called", reason)


def test_an_order_that_is_known_in_part_and_unarchived_is_known_in_part_again(shop: Shop) -> None:
    send_part(shop, "orders/create", at=EARLY, name="#1001", closed_at=EARLY)

    send_part(shop, closed_at=None)

    assert calling(shop) == ("not_called", "partly_known")


def test_an_order_that_is_known_in_part_and_deleted_waits_for_nobody(shop: Shop) -> None:
    send_part(shop, "orders/create", at=EARLY, name="#1001")

    shop.send(json.dumps({"id": ORDER_ID}).encode(), topic="orders/delete", webhook_id=next(IDS))

    assert calling(shop) == ("not_called", "deleted")


def test_an_imported_order_of_which_a_part_came_first_is_as_old_as_the_whole_says(shop: Shop) -> None:
    whole = json.loads(make_body())
    send_part(shop, "orders/create", at=EARLY, name="#1001", created_at=whole["created_at"])

    send(shop, "orders/create", processed_at=LAST_YEAR)

    assert calling(shop) == ("not_called", "too_old")


@pytest.mark.parametrize(
    ("fields", "money"),
    [
        ({"total_outstanding": "7.00"}, (1149.0, 1149.0, "INR")),
        ({"currency": "USD"}, (1149.0, 1149.0, "INR")),
        ({"current_total_price": "7.00"}, (1149.0, 1149.0, "INR")),
        ({"current_total_price": "7.00", "currency": "INR"}, (7.0, None, "INR")),
        ({"current_total_price": "7.00", "currency": "INR", "total_outstanding": "5.00"}, (7.0, 5.0, "INR")),
    ],
)
def test_the_money_by_now_comes_of_one_body(
    shop: Shop, fields: dict[str, Any], money: tuple[float | None, float | None, str]
) -> None:
    send(shop, "orders/create", at=EARLY, current_total_price="1149.00", total_outstanding="1149.00")

    send_part(shop, **fields)

    names = "current_total_price, current_outstanding, presentment_currency"
    assert shop.rows(f"SELECT {names} FROM orders") == [money]  # noqa: S608 - the tests' own words
