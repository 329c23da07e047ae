"""What the two clients send."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from asking import CARD, ORDER_ID, PHONE, WINDOW, error_of

from ordercall.domain.orders.order import CancelChoices
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.kalimera.words import ContactCard
from ordercall.providers.outgoing import run
from ordercall.providers.shopify.orders import ShopOrders
from stub import Stub
from waiting import until


def test_a_contact_is_created_with_this_payload(stub: Stub, kalimera: KalimeraClient) -> None:
    run(kalimera.create_contact(CARD))

    assert stub.asked == ("POST", "/contact")
    assert stub.payload == {
        "name": "Ashalata Iyengar",
        "first_name": "Ashalata",
        "last_name": "Iyengar",
        "phone": "+919000000002",
        "email": "asha@example.com",
        "address": "14 Lake View Road",
        "city": "Chennai",
        "state": "Tamil Nadu",
        "metadata": {
            "call_id": "call-1",
            "shopify_id": 9007199254740993,
            "order_name": "#1001",
            "product_title": "Brass Table Lamp",
            "total_price": 99.99,
            "currency": "INR",
            "items": "2 × Brass Table Lamp",
            "current_total_price": 149.5,
            "total_outstanding": 49.5,
            "presentment_currency": "USD",
        },
    }


@pytest.mark.parametrize(
    ("first_name", "last_name", "name"),
    [("Asha", None, "Asha"), (None, "Iyer", "Iyer"), (None, None, "Customer"), ("आरव", "शर्मा", "आरव शर्मा")],
)
def test_a_contact_always_has_a_name(first_name: str | None, last_name: str | None, name: str) -> None:
    card = ContactCard(
        call_id="call-1",
        shopify_id=1,
        phone=PHONE,
        first_name=first_name,
        last_name=last_name,
        email=None,
        address=None,
        city=None,
        state=None,
        order_name=None,
        product_title=None,
        total_price=None,
        currency=None,
    )

    assert card.to_json()["name"] == name


def test_a_campaign_is_updated_with_this_payload(stub: Stub, kalimera: KalimeraClient) -> None:
    kalimera.update_campaign("main", "agent-hindi", WINDOW)

    assert stub.asked == ("PUT", "/campaign/main")
    assert stub.payload == {
        "agent_id": "agent-hindi",
        "sip_list_id": "sip-list",
        "start_time": "2026-11-23T18:05:00+05:30",
        "end_time": "2026-11-23T20:05:00+05:30",
        "timezone": "Asia/Kolkata",
    }


def test_contacts_are_added_with_this_payload(stub: Stub, kalimera: KalimeraClient) -> None:
    kalimera.add_contacts("main", {"c-1": PHONE, "c-2": None})

    assert stub.asked == ("POST", "/campaign/contacts")
    assert stub.payload == {"campaign_ids": ["main"], "contact_ids": ["c-1", "c-2"]}


def test_an_id_goes_back_as_it_came(stub: Stub, kalimera: KalimeraClient) -> None:
    for contact_id in (42, "42", "c-1", "007", '"quoted"', 2**60, -1, '"'):
        stub.forget()
        stub.answers({"id": contact_id})
        kept = run(kalimera.create_contact(CARD)).contact_id
        stub.forget()
        stub.answers({})

        kalimera.add_contacts("main", {str(kept): None})

        assert stub.payload["contact_ids"] == [contact_id]


def test_a_contact_is_looked_up_by_its_phone(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers([])

    run(kalimera.find_contact(PHONE))

    assert stub.asked == ("GET", "/contact?phone=%2B919000000002")


def test_an_order_is_cancelled_with_this_payload(stub: Stub, shopify: ShopOrders) -> None:
    shopify.cancel_order(ORDER_ID, CancelChoices())

    assert stub.asked == ("POST", "/admin/api/2026-10/orders/9007199254740993/cancel.json")
    assert stub.payload == {"email": True, "restock": True, "reason": "other"}


def test_an_order_is_looked_up_by_its_id(stub: Stub, shopify: ShopOrders) -> None:
    shopify.read_order(ORDER_ID)

    assert stub.asked == ("GET", "/admin/api/2026-10/orders/9007199254740993.json")


@pytest.mark.parametrize("token", ["Bearer kalimera-token", "kalimera-token", "Token a b=c"])
def test_the_authorization_is_exactly_the_setting(
    stub: Stub, new_kalimera: Callable[..., KalimeraClient], token: str
) -> None:
    run(new_kalimera(stub.url, KALIMERA_AUTH_TOKEN=token).create_contact(CARD))

    assert stub.heard["Authorization"] == token


def test_shopify_hears_its_own_token_and_no_other(stub: Stub, shopify: ShopOrders) -> None:
    shopify.cancel_order(1, CancelChoices())

    assert stub.heard["X-Shopify-Access-Token"] == "shopify-token"
    assert "Authorization" not in stub.heard


def test_json_is_sent_as_json(stub: Stub, kalimera: KalimeraClient) -> None:
    run(kalimera.create_contact(CARD))

    assert (stub.heard["Content-Type"], stub.heard["Accept"]) == ("application/json", "application/json")


def test_an_amount_that_is_no_number_costs_only_the_amount(stub: Stub, kalimera: KalimeraClient) -> None:
    run(kalimera.create_contact(replace(CARD, total_price=float("inf"))))

    assert stub.payload["metadata"]["total_price"] is None


def test_kalimera_is_asked_no_faster_than_the_setting_says(
    stub: Stub, new_kalimera: Callable[..., KalimeraClient]
) -> None:
    stub.answers([])
    kalimera, started = new_kalimera(stub.url, KALIMERA_REQUESTS_PER_SECOND="1"), time.monotonic()

    run(kalimera.find_contact(PHONE))
    run(kalimera.find_contact(PHONE))

    assert time.monotonic() - started >= 1


def test_as_many_requests_are_under_way_as_threads_ask(stub: Stub, new_kalimera: Callable[..., KalimeraClient]) -> None:
    stub.silent = True
    kalimera = new_kalimera(stub.url, seconds="60")

    with ThreadPoolExecutor(40) as threads:
        for _ in range(40):
            threads.submit(error_of, lambda: run(kalimera.find_contact(PHONE)))
        until(lambda: len(stub.requests) == 40, "all of them reach Kalimera", seconds=30)
        stub.let_go.set()
