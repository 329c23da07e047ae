"""The JSON API, to the letter: what a caller sends, and what it may rely on in the answer."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from api_calls import TOKEN, error_code, set_status
from flask.testing import FlaskClient

from ordercall.bootstrap.web import web_context
from web_app import Shop

PAST_DOUBLES = 2**53 + 1
"""An id that a 64-bit floating-point number cannot hold."""
DESCRIBED_COLUMNS = [
    "shopify_id",
    "order_name",
    "product_title",
    "total_price",
    "currency",
    "customer_email",
    "customer_phone",
    "created_at",
    "confirmation_status",
    "webhook_timestamp",
    "first_name",
    "last_name",
    "address",
    "city",
    "state",
]


# -- status


@pytest.mark.parametrize("status", ["Placed", "Success", "Returned"])
def test_a_status_is_answered_to_the_key(shop: Shop, program: FlaskClient, status: str) -> None:
    order_id = shop.receive()

    answer = set_status(program, order_id, status)

    assert answer.status_code == 200
    assert answer.json == {
        "success": True,
        "shopify_id": order_id,
        "previous_status": "Placed",
        "new_status": status,
        "shopify_cancelled": False,
    }


def test_the_keys_of_a_status_come_in_the_order_described(shop: Shop, program: FlaskClient) -> None:
    answer = set_status(program, shop.receive(), "Success")

    assert list(json.loads(answer.text)) == [
        "success",
        "shopify_id",
        "previous_status",
        "new_status",
        "shopify_cancelled",
    ]


def test_a_status_is_stored_and_logged(shop: Shop, program: FlaskClient) -> None:
    order_id = shop.receive()

    set_status(program, order_id, "Success")

    assert shop.order(order_id).confirmation_status == "Success"
    assert "Order_Status_Updated" in shop.events(order_id)


def test_the_previous_status_is_the_one_before(shop: Shop, program: FlaskClient) -> None:
    order_id = shop.receive()
    set_status(program, order_id, "Success")

    answer = set_status(program, order_id, "Returned")

    assert answer.json["previous_status"] == "Success"


def test_the_same_status_again_is_no_change_in_the_log(shop: Shop, program: FlaskClient) -> None:
    order_id = shop.receive()
    set_status(program, order_id, "Success")

    set_status(program, order_id, "Success")

    assert shop.events(order_id).count("Order_Status_Updated") == 1


def test_failed_says_that_shopify_has_cancelled(shop: Shop, program: FlaskClient) -> None:
    shop.settles_at_once("cancel_state", cancel_state="done")
    order_id = shop.receive()

    answer = set_status(program, order_id, "Failed")

    assert answer.json == {
        "success": True,
        "shopify_id": order_id,
        "previous_status": "Placed",
        "new_status": "Failed",
        "shopify_cancelled": True,
    }


def test_failed_says_why_shopify_did_not_cancel(shop: Shop, program: FlaskClient) -> None:
    shop.settles_at_once("cancel_state", cancel_state="refused", cancel_detail="The parcel has left.")
    order_id = shop.receive()

    answer = set_status(program, order_id, "Failed")

    assert answer.json["success"] is True
    assert answer.json["shopify_cancelled"] is False
    assert answer.json["shopify_cancel_state"] == "refused"
    assert answer.json["shopify_cancel_message"] == "Shopify did not cancel the order. The parcel has left."


def test_failed_waits_and_then_says_that_the_cancellation_is_on_its_way(
    shop: Shop, program: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = shop.receive()
    impatient = web_context(shop.settings, shop.db, lambda: shop.now, wait_seconds=0.2)
    monkeypatch.setitem(shop.app.extensions, "ordercall", impatient)

    answer = set_status(program, order_id, "Failed")

    assert answer.json["shopify_cancelled"] is False
    assert answer.json["shopify_cancel_state"] == "queued"
    assert answer.json["shopify_cancel_message"] == "The cancellation is still on its way to Shopify."


def test_an_order_that_the_shop_cancelled_counts_as_cancelled(shop: Shop, program: FlaskClient) -> None:
    order_id = shop.receive(topic="orders/cancelled", cancelled_at="2026-11-24T12:00:00+05:30")

    answer = set_status(program, order_id, "Failed")

    assert answer.json["previous_status"] == "Failed"
    assert answer.json["shopify_cancelled"] is True


# -- latest


def test_latest_holds_every_column_of_the_row(shop: Shop, program: FlaskClient) -> None:
    order_id = shop.receive()

    answer = program.get("/api/orders/latest")

    assert answer.json["success"] is True
    assert answer.json["order"] == dict(shop.order(order_id)._mapping)


def test_latest_begins_with_the_columns_described(shop: Shop, program: FlaskClient) -> None:
    shop.receive()

    answer = program.get("/api/orders/latest")

    assert list(json.loads(answer.text)["order"])[: len(DESCRIBED_COLUMNS)] == DESCRIBED_COLUMNS


def test_latest_reads_like_the_order(shop: Shop, program: FlaskClient) -> None:
    order_id = shop.receive(1001, total_price="99.99", currency="USD")

    order = program.get("/api/orders/latest").json["order"]

    assert order["shopify_id"] == order_id
    assert (order["order_name"], order["total_price"], order["currency"]) == ("#1001", 99.99, "USD")


def test_latest_is_the_order_that_reached_us_last(shop: Shop, program: FlaskClient) -> None:
    shop.receive(1002)
    shop.pass_time(minutes=1)
    last = shop.receive(1001, created_at="2026-11-01T10:00:00+05:30")

    assert program.get("/api/orders/latest").json["order"]["shopify_id"] == last


def test_latest_passes_over_orders_that_are_decided(shop: Shop, program: FlaskClient) -> None:
    placed = shop.receive(1001)
    shop.pass_time(minutes=1)
    set_status(program, shop.receive(1002), "Success")

    assert program.get("/api/orders/latest").json["order"]["shopify_id"] == placed


@pytest.mark.parametrize("call", [("GET", "/api/orders/latest"), ("POST", "/api/orders/sync-latest")])
def test_without_a_placed_order_there_is_no_latest(program: FlaskClient, call: tuple[str, str]) -> None:
    method, path = call

    answer = program.open(path, method=method)

    assert (answer.status_code, error_code(answer)) == (404, "NoPlacedOrder")


# -- sync


@pytest.mark.parametrize("route", ["/api/orders/{}/sync", "/api/orders/sync-latest"])
def test_a_sync_is_answered_to_the_key(shop: Shop, program: FlaskClient, route: str) -> None:
    shop.settles_at_once("calling_state", calling_state="on_campaign", contact_id="a-contact")
    order_id = shop.receive()

    answer = program.post(route.format(order_id), headers=TOKEN)

    assert answer.status_code == 200
    assert answer.json == {
        "success": True,
        "message": "Order synced to Kalimera successfully.",
        "shopify_id": order_id,
        "contact_id": "a-contact",
    }


def test_an_order_on_the_campaign_is_not_put_there_again(shop: Shop, program: FlaskClient) -> None:
    order_id = shop.receive()
    shop.change(order_id, calling_state="on_campaign", contact_id="a-contact")

    answer = program.post(f"/api/orders/{order_id}/sync", headers=TOKEN)

    assert answer.json["contact_id"] == "a-contact"
    assert "Order_Sync_Requested" not in shop.events(order_id)


def test_a_sync_that_must_wait_for_the_calling_hours_is_accepted(shop: Shop, program: FlaskClient) -> None:
    shop.settles_at_once("calling_state", calling_state="waiting_for_hours")
    order_id = shop.receive()

    answer = program.post(f"/api/orders/{order_id}/sync", headers=TOKEN)

    assert answer.status_code == 202
    assert (answer.json["success"], answer.json["state"]) == (False, "waiting_for_hours")


def test_a_sync_that_kalimera_refuses_says_why(shop: Shop, program: FlaskClient) -> None:
    shop.settles_at_once("calling_state", calling_state="failed", calling_detail="The number is too short.")
    order_id = shop.receive()

    answer = program.post(f"/api/orders/{order_id}/sync", headers=TOKEN)

    assert answer.status_code == 502
    message = "The order is not on the campaign. The number is too short."
    assert answer.json["error"] == {"code": "NotSynced", "message": message}


UNCALLABLE = [
    ({"phone": None}, "The order has no usable phone number."),
    ({"test": True}, "It is a test order."),
    ({"cancelled_at": "2026-11-24T12:00:00+05:30"}, "It was cancelled in Shopify."),
]


@pytest.mark.parametrize(("changes", "why"), UNCALLABLE, ids=["no phone", "test order", "cancelled"])
def test_an_order_that_nobody_may_ring_for_is_not_synced(
    shop: Shop, program: FlaskClient, changes: dict[str, Any], why: str
) -> None:
    order_id = shop.receive(**changes)

    answer = program.post(f"/api/orders/{order_id}/sync", headers=TOKEN)

    assert (answer.status_code, error_code(answer)) == (409, "NotCallable")
    assert answer.json["error"]["message"] == f"Order #1001 is not called: {why}"


# -- ids and money


@pytest.mark.parametrize("order_id", [PAST_DOUBLES, 2**63 - 1], ids=["past 2^53", "the largest"])
def test_large_ids_stay_exact_in_the_text_of_the_answer(shop: Shop, program: FlaskClient, order_id: int) -> None:
    shop.receive(id=order_id, admin_graphql_api_id=None)

    latest, changed = program.get("/api/orders/latest"), set_status(program, order_id, "Success")

    assert f'"shopify_id":{order_id},' in latest.text
    assert f'"shopify_id":{order_id},' in changed.text


AMOUNTS = [("99.99", "99.99"), ("0.10", "0.1"), ("1299.00", "1299.0"), ("123456789.01", "123456789.01"), ("0", "0.0")]


@pytest.mark.parametrize(("sent", "answered"), AMOUNTS)
def test_a_total_leaves_as_the_number_that_came(shop: Shop, program: FlaskClient, sent: str, answered: str) -> None:
    shop.receive(total_price=sent)

    answer = program.get("/api/orders/latest")

    assert re.findall(r'"total_price":([^,}]+)', answer.text) == [answered]


@pytest.mark.parametrize("sent", [None, "", "a lot", "NaN", "1,299.00", {}])
def test_a_total_that_cannot_be_read_is_null(shop: Shop, program: FlaskClient, sent: object) -> None:
    shop.receive(total_price=sent)

    assert program.get("/api/orders/latest").json["order"]["total_price"] is None
