"""Orders that the shop puts away before the call, imports, or sold at a counter: nobody is rung for them."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from receiving import Shop

from makers import NOW, NUMBER, ORDER_ID, make_body
from ordercall.sandbox.orders import FIRST_ID, in_rupees, make_order
from properties import few

EARLY, LATER, LATEST = (f"2026-11-23T11:5{minute}:00+05:30" for minute in (0, 5, 9))
IDS = (f"delivery-{number}" for number in itertools.count())
NUMBERS = itertools.count(2_000)


def lines(*quantities: int) -> list[dict[str, Any]]:
    """Return lines of which so many pieces are still ordered, of two each."""
    return [
        {"title": f"Lamp {place}", "name": f"Lamp {place}", "quantity": 2, "current_quantity": left}
        for place, left in enumerate(quantities, 1)
    ]


TIP = {"title": "Tip", "quantity": 1, "current_quantity": 1, "requires_shipping": False, "product_exists": False}
FREE = {"current_total_price": "0.00", "current_total_price_set": in_rupees("0.00"), "total_outstanding": "0.00"}
PAID = {"payment_gateway_names": ["Razorpay"], "financial_status": "paid"}
PUT_AWAY: dict[str, list[dict[str, Any]]] = {
    "archived": [{"closed_at": LATER}, {"closed_at": LATER, "financial_status": "paid", "total_outstanding": "0.00"}],
    "emptied": [
        {"line_items": lines(0)},
        {"line_items": lines(0, 0, 0)},
        {"line_items": [*lines(0), TIP]},
        FREE,
        FREE | {"line_items": lines(0, 0)},
        FREE | {"current_total_price_set": None},
        FREE | PAID,
        FREE | PAID | {"line_items": lines(2), "total_price": "0.50"},
        FREE | PAID | {"financial_status": "partially_refunded", "payment_gateway_names": ["Gokwik Cards"]},
    ],
    "payment_voided": [{"financial_status": "voided"}, {"financial_status": "voided", "total_outstanding": "0.00"}],
    "payment_expired": [{"financial_status": "expired"}],
    "counter_sale": [
        {"source_name": "pos"},
        {"source_name": "POS", "financial_status": "paid", "shipping_address": None},
    ],
}
KINDS = [(reason, changes) for reason, bodies in PUT_AWAY.items() for changes in bodies]
BACK = [(reason, changes) for reason, changes in KINDS if reason != "counter_sale"]
CALLABLE: list[dict[str, Any]] = [
    {},
    {"line_items": [*lines(0, 1), TIP]},
    {"source_name": "web", "closed_at": None},
    {"financial_status": "authorized"},
    {"current_total_price": "0.01", "current_total_price_set": in_rupees("0.01")},
    FREE | PAID | {"total_price": "0.00"},
    PAID | {"total_outstanding": "0.00"},
]


def send(shop: Shop, topic: str = "orders/updated", *, number: int = NUMBER, at: str = LATER, **changes: Any) -> Any:
    """Deliver an order as it stood at *at*; return what became of it."""
    return shop.outcome_of(make_body(number, updated_at=at, **changes), topic=topic, webhook_id=next(IDS))


def delete(shop: Shop, order_id: int = ORDER_ID, **more: Any) -> Any:
    body = json.dumps({"id": order_id} | more).encode()
    return shop.outcome_of(body, topic="orders/delete", webhook_id=next(IDS))


def calling(shop: Shop, number: int = NUMBER) -> tuple[Any, Any]:
    ((state, reason),) = shop.rows(
        f"SELECT calling_state, calling_reason FROM orders WHERE shopify_id = {FIRST_ID + number}"  # noqa: S608 - ours
    )
    return state, reason


def said(shop: Shop) -> list[str]:
    return [row[0] for row in shop.rows("SELECT message FROM logs ORDER BY id")]


@pytest.mark.parametrize(("reason", "changes"), KINDS)
def test_an_order_that_comes_put_away_is_not_called(shop: Shop, reason: str, changes: dict[str, Any]) -> None:
    send(shop, "orders/create", **changes)

    assert calling(shop) == ("not_called", reason)
    assert shop.count("procrastinate_jobs") == 0


@pytest.mark.parametrize(("reason", "changes"), KINDS)
def test_an_order_that_is_put_away_before_the_call_is_not_called(
    shop: Shop, reason: str, changes: dict[str, Any]
) -> None:
    send(shop, "orders/create", at=EARLY)

    send(shop, **changes)

    assert calling(shop) == ("not_called", reason)
    assert said(shop)[-1].startswith("Not called: ")


@pytest.mark.parametrize(("reason", "changes"), KINDS)
def test_word_of_an_earlier_time_that_comes_late_puts_nothing_away(
    shop: Shop, reason: str, changes: dict[str, Any]
) -> None:
    send(shop, "orders/create", at=LATER)

    send(shop, at=EARLY, **changes)

    assert calling(shop) == ("queued", None)


@pytest.mark.parametrize(("reason", "changes"), BACK)
def test_an_order_that_is_taken_out_again_in_time_is_called_after_all(
    shop: Shop, reason: str, changes: dict[str, Any]
) -> None:
    send(shop, "orders/create", at=EARLY, **changes)

    send(shop, at=LATEST)

    assert calling(shop) == ("queued", None)
    assert shop.count("procrastinate_jobs") == 1


@pytest.mark.parametrize(("reason", "changes"), BACK)
def test_an_order_that_is_taken_out_again_days_later_is_not_called_by_itself(
    shop: Shop, reason: str, changes: dict[str, Any]
) -> None:
    days_ago = (NOW - timedelta(days=2)).isoformat()
    send(shop, "orders/create", at=EARLY, created_at=days_ago, **changes)

    send(shop, at=LATEST, created_at=days_ago)

    assert calling(shop)[0] == "not_called"
    assert shop.count("procrastinate_jobs") == 0


@pytest.mark.parametrize("changes", CALLABLE)
def test_what_is_like_it_and_still_wanted_is_called(shop: Shop, changes: dict[str, Any]) -> None:
    send(shop, "orders/create", **changes)

    assert calling(shop) == ("queued", None)


@pytest.mark.parametrize("parcels", [[{"status": "cancelled"}], [{"status": "cancelled"}, {"status": "cancelled"}]])
def test_an_order_whose_every_fulfilment_was_cancelled_is_called_after_all(
    shop: Shop, parcels: list[dict[str, str]]
) -> None:
    send(shop, "orders/create", at=EARLY)
    send(shop, fulfillment_status="fulfilled", fulfillments=[{"status": "success"}])

    send(shop, at=LATEST, fulfillment_status="fulfilled", fulfillments=parcels)

    assert calling(shop) == ("queued", None)


# -- deleted


def test_an_order_that_is_deleted_is_not_called(shop: Shop) -> None:
    send(shop, "orders/create")

    assert delete(shop) == "recorded"

    assert calling(shop) == ("not_called", "deleted")
    assert said(shop)[-2:] == ["Deleted in Shopify.", "Not called: It was deleted in Shopify."]


@pytest.mark.parametrize("topic", ["orders/create", "orders/updated", "orders/paid"])
def test_an_order_that_comes_after_its_deletion_is_not_called(shop: Shop, topic: str) -> None:
    delete(shop)

    assert send(shop, topic) == "recorded"

    assert calling(shop) == ("not_called", "deleted")
    assert shop.count("procrastinate_jobs") == 0


def test_what_comes_late_of_an_order_that_was_deleted_does_not_bring_it_back(shop: Shop) -> None:
    send(shop, "orders/create", at=EARLY, closed_at=EARLY)
    delete(shop)

    send(shop, at=LATEST, closed_at=None, phone="+915550000042")

    assert calling(shop)[0] == "not_called"
    assert shop.count("procrastinate_jobs") == 0


def test_a_deletion_that_comes_again_is_no_news(shop: Shop) -> None:
    send(shop, "orders/create")

    assert [delete(shop), delete(shop, admin_graphql_api_id=f"gid://shopify/Order/{ORDER_ID}")] == [
        "recorded",
        "repeat",
    ]

    assert said(shop).count("Deleted in Shopify.") == 1


def test_a_deletion_of_an_order_that_nobody_knows_is_kept_once(shop: Shop) -> None:
    assert [delete(shop), delete(shop)] == ["recorded", "repeat"]

    assert shop.count("deliveries") == 1


def test_the_deletion_of_another_order_touches_none(shop: Shop) -> None:
    send(shop, "orders/create")

    delete(shop, ORDER_ID + 1)

    assert calling(shop) == ("queued", None)


def test_a_signed_order_that_is_sent_again_as_a_deletion_is_looked_up_and_not_believed(shop: Shop) -> None:
    send(shop, "orders/create")

    send(shop, "orders/delete", note="sent by a stranger")

    assert calling(shop) == ("queued", None)
    assert [row[0] for row in shop.rows("SELECT task_name FROM procrastinate_jobs ORDER BY id")][
        -1
    ] == "read_order_again"


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"gone", b'{"id": "x"}', b'{"id": -7}', b'{"id": 1.5}', b'{"id": null}']
)
def test_a_deletion_that_names_no_order_is_kept_for_a_person(shop: Shop, body: bytes) -> None:
    assert shop.outcome_of(body, topic="orders/delete") == "unreadable"


# -- of another year


@pytest.mark.parametrize(
    ("created", "processed", "expected"),
    [
        (timedelta(0), timedelta(days=600), ("not_called", "too_old")),
        (timedelta(0), timedelta(hours=25), ("not_called", "too_old")),
        (timedelta(hours=25), timedelta(0), ("not_called", "too_old")),
        (timedelta(0), timedelta(hours=23), ("queued", None)),
        (timedelta(0), timedelta(hours=-5), ("queued", None)),
    ],
)
def test_an_imported_order_is_as_old_as_it_was_processed(
    shop: Shop, created: timedelta, processed: timedelta, expected: tuple[str, str | None]
) -> None:
    send(
        shop,
        "orders/create",
        created_at=(NOW - created).isoformat(),
        processed_at=(NOW - processed).isoformat(),
    )

    assert calling(shop) == expected


# -- whatever order it comes in

STATES = st.sampled_from([{}, *(changes for _, changes in BACK), {"fulfillment_status": "fulfilled"}])


@few(40)
@given(st.lists(STATES, min_size=1, max_size=4), st.booleans(), st.data())
def test_in_whatever_order_it_is_told_nobody_is_rung_for_what_is_put_away_in_the_end(
    shop: Shop, history: list[dict[str, Any]], deleted: bool, data: st.DataObject
) -> None:
    number = next(NUMBERS)
    told: list[tuple[str, dict[str, Any]]] = [
        ("orders/updated" if minute else "orders/create", {"at": f"2026-11-23T11:5{minute}:00+05:30"} | changes)
        for minute, changes in enumerate(history)
    ]
    if deleted:
        told.append(("orders/delete", {}))
    # The topic orders/create comes once and is never older than anything, so what is there already stays.
    came = data.draw(st.permutations([*told, *data.draw(st.lists(st.sampled_from(told), max_size=2))]))
    for topic, changes in came:
        if topic == "orders/delete":
            delete(shop, FIRST_ID + number)
        else:
            send(shop, topic, number=number, **changes)

    put_away = deleted or bool(history[-1])
    assert calling(shop, number)[0] == ("not_called" if put_away else "queued")
    ((closed, left),) = shop.rows(
        f"SELECT closed_at, units_left FROM orders WHERE shopify_id = {FIRST_ID + number}"  # noqa: S608 - ours
    )
    newest = make_order(number, **history[-1])
    assert closed == newest["closed_at"]
    assert (left == 0) == all(one["current_quantity"] == 0 for one in newest["line_items"] if one != TIP)
