"""What the program is for, over real HTTP with real processes: from the webhook to the list, and to the outcome.

One installation serves all of these journeys: each has orders of its own, and leaves both providers as they were.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from databases import Databases
from installation import HTTP, TOKEN, Installation, on_a_server
from makers import KALIMERA_TOKEN
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera, Listing
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.sandbox.server import run_in_thread
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

numbers = itertools.count(1001)
OF_ORDER = "FROM deliveries WHERE shopify_id = ?"


@pytest.fixture(scope="module")
def kalimera() -> FakeKalimera:
    return FakeKalimera(token=KALIMERA_TOKEN)


@pytest.fixture(scope="module")
def open_shopify() -> FakeShopify:
    return FakeShopify(token="sandbox-access-token")


@pytest.fixture(scope="module")
def shop(
    databases: Databases,
    tmp_path_factory: pytest.TempPathFactory,
    kalimera: FakeKalimera,
    open_shopify: FakeShopify,
) -> Iterator[Installation]:
    """An installation that runs, its worker included."""
    place = databases.place()
    with run_in_thread(create_sandbox(kalimera, open_shopify)) as sandbox:
        installation = Installation(tmp_path_factory.mktemp("shop"), sandbox.url, **on_a_server(place))
        installation.start()
        installation.wait_for_workers()
        yield installation
        installation.clean_up()
    databases.give_back(place)


@pytest.fixture
def shopify(open_shopify: FakeShopify) -> FakeShopify:
    """The shop's Shopify, which has forgotten what others asked."""
    open_shopify.forget_calls()
    return open_shopify


def new_order(**changes: Any) -> dict[str, Any]:
    return make_order(next(numbers), **changes)


def place(shop: Installation, shopify: FakeShopify, **changes: Any) -> int:
    order = new_order(**changes)
    shopify.add(order)
    assert shop.deliver(order).status_code == 200
    return int(order["id"])


def wait_until_called(shop: Installation, *order_ids: int) -> None:
    """Wait until the customers of these orders are on the campaign."""
    asked = "SELECT calling_state FROM orders WHERE shopify_id = ?"
    for order_id in order_ids:
        until(lambda order_id=order_id: shop.rows(asked, order_id) == [("on_campaign",)], "it is on the campaign")


def listings(kalimera: FakeKalimera, order: dict[str, Any]) -> list[Listing]:
    return [listing for listing in kalimera.listings if listing.phone == order["phone"]]


def test_an_order_goes_from_the_webhook_to_the_call_list(shop: Installation, kalimera: FakeKalimera) -> None:
    order = new_order(state="Gujarat")
    shop.deliver(order)

    wait_until_called(shop, order["id"])

    assert shop.events(order["id"]) == THREE_STEPS
    assert [entry.agent_id for entry in listings(kalimera, order)] == ["sandbox-agent-hindi"]


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
    shopify.slow_seconds = 4.0
    order_id = place(shop, shopify)
    shopify.fail_next(2, Mode.SLOW)

    answer = shop.set_status(order_id, "Failed")

    assert answer["shopify_cancelled"] is False
    assert "on its way" in answer["shopify_cancel_message"]
    until(lambda: "Shopify_Cancel_Success" in shop.events(order_id), "the cancellation is done")


def test_forty_copies_of_one_webhook_make_one_order_and_one_contact(shop: Installation, kalimera: FakeKalimera) -> None:
    order = new_order()
    webhook_id = {"X-Shopify-Webhook-Id": "the same each time"}

    with ThreadPoolExecutor(40) as senders:
        answers = list(senders.map(lambda _: shop.deliver(order, **webhook_id).status_code, range(40)))
    wait_until_called(shop, order["id"])

    assert answers == [200] * 40
    assert shop.rows(f"SELECT count(*), sum(repeats) {OF_ORDER}", order["id"]) == [(1, 39)]
    assert shop.events(order["id"]) == THREE_STEPS
    assert len(listings(kalimera, order)) == 1


def test_forty_webhooks_of_one_order_with_ids_of_their_own_make_one_order(
    shop: Installation, kalimera: FakeKalimera
) -> None:
    order = new_order()

    with ThreadPoolExecutor(40) as senders:
        answers = list(senders.map(lambda _: shop.deliver(order).status_code, range(40)))
    wait_until_called(shop, order["id"])

    assert answers == [200] * 40
    assert shop.rows(f"SELECT outcome, repeats {OF_ORDER}", order["id"]) == [("recorded", 39)]
    assert shop.events(order["id"]) == THREE_STEPS
    assert len(listings(kalimera, order)) == 1


@pytest.mark.parametrize("several", [True, False])
def test_two_orders_of_one_phone_have_a_contact_each_where_kalimera_keeps_several(
    shop: Installation, kalimera: FakeKalimera, several: bool
) -> None:
    kalimera.several_contacts = several
    first = new_order()
    second = new_order(phone=first["phone"])
    for order in (first, second):
        assert shop.deliver(order).status_code == 200

    wait_until_called(shop, first["id"], second["id"])

    assert len({listing.contact_id for listing in listings(kalimera, first)}) == (2 if several else 1)


def test_sync_answers_with_the_contact_as_the_description_says(shop: Installation, kalimera: FakeKalimera) -> None:
    order = new_order()
    shop.deliver(order)

    answer = HTTP.post(f"{shop.url}/api/orders/{order['id']}/sync", headers={"X-App-Token": TOKEN})

    assert answer.json() == {
        "success": True,
        "message": "Order synced to Kalimera successfully.",
        "shopify_id": order["id"],
        "contact_id": kalimera.contacts[order["phone"]]["contact_id"],
    }
    assert len(listings(kalimera, order)) == 1
