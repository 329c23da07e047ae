"""What the two clients keep of a request and its answer, for people to read: nothing personal, nothing secret."""

from __future__ import annotations

import json

import pytest
from asking import CARD, EMAIL, FIRST_NAME, LAST_NAME, PHONE, STREET, error_of

from ordercall.domain.activity import ProviderCall
from ordercall.domain.orders.order import CancelChoices
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.outgoing import run
from ordercall.providers.shopify.orders import ShopOrders
from stub import Stub

PERSONAL = (PHONE, PHONE[3:], EMAIL, STREET, FIRST_NAME, LAST_NAME, "Chennai", "kalimera-token", "shopify-token")


def assert_nothing_personal(kept: object) -> None:
    shown = json.dumps(kept, ensure_ascii=False) if not isinstance(kept, str) else kept
    assert [secret for secret in PERSONAL if secret in shown] == []


ECHO = {
    "id": "c-1",
    "message": f"Thank you, {PHONE} and {EMAIL}",
    "data": CARD.to_json() | {"token": "kalimera-token"},
    "contacts": [CARD.to_json()],
}


def test_a_call_keeps_what_it_was_about(stub: Stub, kalimera: KalimeraClient) -> None:
    call = run(kalimera.create_contact(CARD)).call

    assert (call.method, call.path, call.status) == ("POST", "/contact", 200)
    assert call.request["metadata"]["order_name"] == "#1001"
    assert 0 <= call.milliseconds < 3_000


def test_a_call_keeps_nothing_personal_of_request_and_answer(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers(ECHO)

    assert_nothing_personal(run(kalimera.create_contact(CARD)).call.to_json())


@pytest.mark.parametrize("status", [400, 409, 422, 503, 500])
def test_an_error_keeps_nothing_personal_of_request_and_answer(
    stub: Stub, kalimera: KalimeraClient, status: int
) -> None:
    stub.answers(ECHO, status)

    error = error_of(lambda: run(kalimera.create_contact(CARD)))

    assert isinstance(error.call, ProviderCall)
    assert_nothing_personal(error.call.to_json())
    assert_nothing_personal(str(error))


def test_a_lost_answer_keeps_nothing_personal_of_its_request(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.hangs_up = True

    error = error_of(lambda: run(kalimera.find_contact(PHONE)))

    assert error.call is not None
    assert_nothing_personal(error.call.to_json())
    assert_nothing_personal(str(error))


def test_a_cancel_keeps_nothing_personal_of_shopifys_answer(stub: Stub, shopify: ShopOrders) -> None:
    address = {"first_name": FIRST_NAME, "address1": STREET, "city": "Chennai", "phone": PHONE}
    customer = {"email": EMAIL, "phone": PHONE, "last_name": LAST_NAME, "default_address": address}
    order = {"id": 1, "cancelled_at": "2026-11-23T12:00:00+05:30", "email": EMAIL, "phone": PHONE, "customer": customer}
    stub.answers({"order": order | {"billing_address": address, "shipping_address": address}})

    assert_nothing_personal(shopify.cancel_order(1, CancelChoices()).call.to_json())


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"id": "c-1", "note": "cut \\ud83d"}', id="in a text"),
        pytest.param(b'{"id": "c-1", "cut \\ud83d": 1}', id="in a key"),
        pytest.param(b'{"id": "c-\\ud83d1"}', id="in the id"),
    ],
)
def test_an_answer_with_half_a_character_can_be_stored(stub: Stub, kalimera: KalimeraClient, body: bytes) -> None:
    stub.answers(body, 201)

    created = run(kalimera.create_contact(CARD))

    json.dumps([created.contact_id, created.call.to_json()], ensure_ascii=False).encode()


def test_a_refusal_with_half_a_character_can_be_stored(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers(b'{"message": "Name is cut: \\ud83d"}', 400)

    error = error_of(lambda: run(kalimera.create_contact(CARD)))

    assert error.call is not None
    json.dumps([str(error), error.call.to_json()], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "quoted",
    [
        pytest.param("The token Bearer kalimera-token is wrong", id="the token"),
        pytest.param("kalimera-token is wrong", id="the token without its scheme"),
        pytest.param(f"'{STREET}' is no address", id="the address"),
        pytest.param(f"{FIRST_NAME} {LAST_NAME} is on a list already", id="the name"),
        pytest.param(f"Cannot read {json.dumps(CARD.to_json())}", id="the whole request"),
    ],
)
def test_a_refusal_that_quotes_us_shows_nothing_personal(stub: Stub, kalimera: KalimeraClient, quoted: str) -> None:
    stub.answers({"message": quoted}, 400)

    error = error_of(lambda: run(kalimera.create_contact(CARD)))

    assert error.call is not None
    assert_nothing_personal(error.call.to_json())
    assert_nothing_personal(str(error))


def test_an_error_that_quotes_an_odd_phone_does_not_show_it(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"message": "555 0001 is no phone"}, 500)

    assert "555 0001" not in str(error_of(lambda: run(kalimera.find_contact("555 0001"))))


def test_a_cancel_keeps_no_note_and_no_key_of_shopifys_answer(stub: Stub, shopify: ShopOrders) -> None:
    order = {
        "id": 1,
        "cancelled_at": "2026-11-23T12:00:00+05:30",
        "note": f"Ring {FIRST_NAME} twice",
        "note_attributes": [{"name": "Gift for", "value": FIRST_NAME}],
        "tags": f"VIP, {LAST_NAME}",
        "browser_ip": STREET,
        "order_status_url": "https://shop.example/1/orders/abc/authenticate?key=shopify-token",
    }
    stub.answers({"order": order})

    assert_nothing_personal(shopify.cancel_order(1, CancelChoices()).call.to_json())


def test_a_call_shows_what_is_neither_secret_nor_personal(stub: Stub, shopify: ShopOrders) -> None:
    assert shopify.cancel_order(1, CancelChoices()).call.request == {"email": True, "restock": True, "reason": "other"}
