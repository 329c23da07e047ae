"""What the program is for, over real HTTP with real processes: from the webhook to the list, and to the outcome."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from installation import HTTP, TOKEN, Installation, mixed_orders
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.sandbox.shopify import FakeShopify
from waiting import until

pytestmark = pytest.mark.journey

THREE_STEPS = [
    "Shopify_Webhook_Received",
    "Agent_Selected",
    "Kalimera_Contact_Created",
    "Kalimera_Campaign_Updated",
    "Kalimera_Contact_Added_To_List",
    "Kalimera_Sync_Success",
]


def place(shop: Installation, shopify: FakeShopify, number: int = 1001, **changes: object) -> int:
    order = make_order(number, **changes)
    shopify.add(order)
    assert shop.deliver(order).status_code == 200
    return int(order["id"])


def test_an_order_goes_from_the_webhook_to_the_call_list(
    shop: Installation, shopify: FakeShopify, kalimera: FakeKalimera
) -> None:
    order_id = place(shop, shopify, state="Gujarat")

    until(shop.on_campaign, "the order is on the campaign")

    assert shop.events(order_id) == THREE_STEPS
    assert [entry.agent_id for entry in kalimera.listings] == ["sandbox-agent-hindi"]


def test_a_confirmed_order_is_left_alone_in_shopify(shop: Installation, shopify: FakeShopify) -> None:
    order_id = place(shop, shopify)

    answer = shop.set_status(order_id, "Success")

    assert answer == {
        "success": True,
        "shopify_id": order_id,
        "previous_status": "Placed",
        "new_status": "Success",
        "shopify_cancelled": False,
    }
    assert shopify.calls == []


def test_a_failed_order_is_cancelled_in_shopify_once(shop: Installation, shopify: FakeShopify) -> None:
    order_id = place(shop, shopify)

    first, again = shop.set_status(order_id, "Failed"), shop.set_status(order_id, "Failed")

    assert first["shopify_cancelled"] is True
    assert again["shopify_cancelled"] is True
    assert [call.body for call in shopify.calls if call.method == "POST"] == [
        {"email": True, "restock": True, "reason": "other"}
    ]


def test_a_parcel_that_has_left_is_not_cancelled_and_the_answer_says_so(
    shop: Installation, shopify: FakeShopify
) -> None:
    order_id = place(shop, shopify)
    shopify.ship(order_id)

    answer = shop.set_status(order_id, "Failed")

    assert answer["shopify_cancelled"] is False
    assert answer["shopify_cancel_state"] == "refused"
    assert "left already" in answer["shopify_cancel_message"]
    assert not [call for call in shopify.calls if call.method == "POST"]


def test_a_cancellation_whose_answer_is_lost_is_looked_up_and_not_sent_again(
    shop: Installation, shopify: FakeShopify
) -> None:
    order_id = place(shop, shopify)
    shopify.fail_next(1, Mode.NORMAL)
    shopify.fail_next(1, Mode.LOST)

    shop.set_status(order_id, "Failed")

    until(lambda: "Shopify_Cancel_Success" in shop.events(order_id), "the cancellation is known to be done")
    assert len([call for call in shopify.calls if call.method == "POST"]) == 1


def test_a_slow_cancellation_is_answered_before_it_is_done(shop: Installation, shopify: FakeShopify) -> None:
    shopify.mode, shopify.slow_seconds = Mode.SLOW, 4.0
    order_id = place(shop, shopify)

    answer = shop.set_status(order_id, "Failed")

    assert answer["shopify_cancelled"] is False
    assert "on its way" in answer["shopify_cancel_message"]
    until(lambda: "Shopify_Cancel_Success" in shop.events(order_id), "the cancellation is done")


def test_an_order_that_the_shop_cancelled_is_not_called(
    shop: Installation, shopify: FakeShopify, kalimera: FakeKalimera
) -> None:
    kalimera.mode = Mode.DOWN
    order = make_order(1001)
    shop.deliver(order)

    shop.deliver(order | {"cancelled_at": "2026-11-24T10:00:00+05:30"}, topic="orders/cancelled")

    state = shop.rows("SELECT confirmation_status, calling_state, calling_reason FROM orders")
    assert state == [("Failed", "not_called", "cancelled")]
    assert shopify.calls == []


def test_forty_copies_of_one_webhook_make_one_order_and_one_contact(shop: Installation, kalimera: FakeKalimera) -> None:
    order = make_order(1001)
    webhook_id = {"X-Shopify-Webhook-Id": "the same each time"}

    with ThreadPoolExecutor(40) as senders:
        answers = list(senders.map(lambda _: shop.deliver(order, **webhook_id).status_code, range(40)))
    until(shop.on_campaign, "the order is on the campaign")

    assert answers == [200] * 40
    assert shop.rows("SELECT count(*), sum(repeats) FROM deliveries") == [(1, 39)]
    assert shop.events(order["id"]) == THREE_STEPS
    assert len(kalimera.listings) == 1


def test_forty_webhooks_of_one_order_with_ids_of_their_own_make_one_order(
    shop: Installation, kalimera: FakeKalimera
) -> None:
    order = make_order(1001)

    with ThreadPoolExecutor(40) as senders:
        answers = list(senders.map(lambda _: shop.deliver(order).status_code, range(40)))
    until(shop.on_campaign, "the order is on the campaign")

    assert answers == [200] * 40
    assert shop.rows("SELECT outcome, repeats FROM deliveries") == [("recorded", 39)]
    assert shop.events(order["id"]) == THREE_STEPS
    assert len(kalimera.listings) == 1


@pytest.mark.parametrize("several", [True, False])
def test_two_orders_of_one_phone_have_a_contact_each_where_kalimera_keeps_several(
    shop: Installation, kalimera: FakeKalimera, several: bool
) -> None:
    kalimera.several_contacts = several
    for number in (1, 2):
        assert shop.deliver(make_order(number, phone="+915550000001")).status_code == 200

    until(lambda: shop.on_campaign() == 2, "both orders are on the campaign")

    assert len({listing.contact_id for listing in kalimera.listings}) == (2 if several else 1)


def test_sync_answers_with_the_contact_as_the_description_says(shop: Installation, kalimera: FakeKalimera) -> None:
    order = make_order(1001)
    shop.deliver(order)

    answer = HTTP.post(f"{shop.url}/api/orders/{order['id']}/sync", headers={"X-App-Token": TOKEN})

    assert answer.json() == {
        "success": True,
        "message": "Order synced to Kalimera successfully.",
        "shopify_id": order["id"],
        "contact_id": next(iter(kalimera.contacts.values()))["contact_id"],
    }
    assert len(kalimera.listings) == 1


def test_the_process_log_holds_nothing_personal(shop: Installation, kalimera: FakeKalimera) -> None:
    orders = mixed_orders(5)
    kalimera.fail_next(3, Mode.FAILING)
    for order in orders:
        shop.deliver(order)
    until(lambda: shop.on_campaign() == 5, "all are on the campaign")
    shop.stop()

    log = shop.log.read_text()

    assert "worker is ready" in log
    personal = {orders[0]["email"], orders[0]["shipping_address"]["address1"], *(order["phone"] for order in orders)}
    assert [text for text in personal if text in log] == []
    assert not re.search(r"\+91\d", log)
