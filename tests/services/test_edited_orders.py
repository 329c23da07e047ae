"""An order that the shop edits or puts away: before its contact is made, while it waits for the list, on the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from house import House
from ordercall.domain.orders.order import Status
from ordercall.errors import InvalidRequest
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode

CAMPAIGN = "sandbox-campaign"
STANDS = "The customer is on the calling list and may still be rung: Kalimera takes nobody off it."
OLD_CARD = (
    "Kalimera was told of the order as it was before: its agent may speak of the earlier items, amount or address."
    " What the customer answers is shown to a person, and cancels nothing by itself."
)


@pytest.fixture
def order(house: House) -> dict[str, Any]:
    """Return an order that stands in the shop and has come by its webhook."""
    placed = make_order(1, updated_at=house.now.isoformat())
    house.shopify.add(placed)
    house.receive(placed)
    house.pass_time(minutes=1)
    return placed


def archive(house: House, order_id: int) -> None:
    house.receive(house.shopify.book.archive(order_id), "orders/updated")


def empty(house: House, order_id: int) -> None:
    """Edit an order, whose webhook says no more than that it was."""
    house.shopify.book.empty(order_id)
    house.reconcile.read_again(order_id)


def void(house: House, order_id: int) -> None:
    house.receive(house.shopify.book.void(order_id), "orders/updated")


def expire(house: House, order_id: int) -> None:
    """Let an authorisation expire, of which the shop tells when it is read."""
    house.shopify.book.change(order_id, lambda _: {"financial_status": "expired"})
    house.reconcile.run()


def delete(house: House, order_id: int) -> None:
    house.shopify.book.delete(order_id)
    house.receive({"id": order_id}, "orders/delete")


DEEDS: dict[str, Callable[[House, int], None]] = {
    "archived": archive,
    "emptied": empty,
    "payment_voided": void,
    "payment_expired": expire,
    "deleted": delete,
}
each_deed = pytest.mark.parametrize(("reason", "deed"), DEEDS.items(), ids=list(DEEDS))


@each_deed
def test_before_its_contact_is_made_nobody_is_made_a_contact(
    house: House, order: dict[str, Any], reason: str, deed: Callable[[House, int], None]
) -> None:
    deed(house, order["id"])

    house.sync.sync(order["id"])
    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order["id"]] == ("not_called", reason)
    assert house.kalimera.contacts == {}


@each_deed
def test_while_it_waits_for_the_list_it_loses_its_place(
    house: House, order: dict[str, Any], reason: str, deed: Callable[[House, int], None]
) -> None:
    house.sync.sync(order["id"])
    deed(house, order["id"])

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order["id"]] == ("not_called", reason)
    assert house.kalimera.listings == []


@each_deed
def test_while_kalimera_makes_the_contact_it_comes_no_further(
    house: House, order: dict[str, Any], reason: str, deed: Callable[[House, int], None]
) -> None:
    house.while_kalimera_answers(lambda: deed(house, order["id"]))

    house.sync.sync(order["id"])
    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order["id"]] == ("not_called", reason)
    assert house.kalimera.listings == []


@each_deed
def test_on_the_list_it_is_told_that_the_customer_may_still_be_rung(
    house: House, order: dict[str, Any], reason: str, deed: Callable[[House, int], None]
) -> None:
    house.sync.sync(order["id"])
    house.campaigns.flush(CAMPAIGN)

    deed(house, order["id"])

    assert house.states()[order["id"]] == ("on_campaign", None)
    assert house.messages(order["id"]).count(STANDS) == 1


@each_deed
def test_a_person_who_wants_it_called_reads_why_not(
    house: House, order: dict[str, Any], reason: str, deed: Callable[[House, int], None]
) -> None:
    deed(house, order["id"])

    with pytest.raises(InvalidRequest, match="is not called"):
        house.orders.request_sync(order["id"], by="Asha")


def test_nobody_is_too_old_who_waited_for_a_long_weekend(house: House, order: dict[str, Any]) -> None:
    house.pass_time(days=4)

    house.sync.sync(order["id"])
    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order["id"]] == ("on_campaign", None)


def test_what_may_be_on_the_list_is_not_asked_for_again_because_it_was_taken_out_of_the_archive(
    house: House, order: dict[str, Any]
) -> None:
    house.sync.sync(order["id"])
    house.kalimera.campaign_lookup = False
    house.kalimera.fail_next(1, Mode.NORMAL)
    house.kalimera.fail_next(1, Mode.LOST)
    house.campaigns.flush(CAMPAIGN)
    before = house.states()[order["id"]]
    archive(house, order["id"])
    house.pass_time(minutes=1)

    archive(house, order["id"])

    assert before[0] == "failed"
    assert house.states()[order["id"]] == before


def test_an_order_that_was_deleted_is_not_asked_to_be_cancelled(house: House, order: dict[str, Any]) -> None:
    delete(house, order["id"])

    change = house.orders.change_status(order["id"], Status.FAILED, by="Asha")

    assert (change.current, change.cancel_state, change.shopify_cancelled) == ("Failed", None, False)
    assert house.jobs("cancel_order") == []


# -- edited


def test_the_agent_is_told_what_is_ordered_and_owed_after_an_edit(house: House, order: dict[str, Any]) -> None:
    house.shopify.book.edit(order["id"])
    house.reconcile.read_again(order["id"])

    house.sync.sync(order["id"])

    [contact] = house.kalimera.contacts.values()
    line, dearer = order["line_items"][0], float(order["total_price"]) + float(order["line_items"][0]["price"])
    assert (
        contact["metadata"]
        | {
            "total_price": float(order["total_price"]),
            "currency": "INR",
            "product_title": line["title"],
            "items": f"2 × {line['name']}",
            "current_total_price": dearer,
            "total_outstanding": dearer,
            "presentment_currency": "INR",
        }
        == contact["metadata"]
    )


def test_the_agent_speaks_in_the_currency_in_which_the_customer_pays(house: House) -> None:
    both = {
        "shop_money": {"amount": "1299.00", "currency_code": "INR"},
        "presentment_money": {"amount": "15.60", "currency_code": "USD"},
    }
    order_id = house.receive(make_order(1, total_price="1299.00", current_total_price_set=both))

    house.sync.sync(order_id)

    [contact] = house.kalimera.contacts.values()
    told = contact["metadata"]
    assert (told["current_total_price"], told["total_outstanding"], told["presentment_currency"]) == (15.6, 15.6, "USD")
    assert (told["total_price"], told["currency"]) == (1299.0, "INR")


def test_an_edit_is_told_on_the_timeline(house: House, order: dict[str, Any]) -> None:
    house.shopify.book.edit(order["id"])

    house.reconcile.read_again(order["id"])

    line, dearer = order["line_items"][0], float(order["total_price"]) + float(order["line_items"][0]["price"])
    told = f"Changed: amount due. Ordered now: 2 × {line['name']}. Total now: {dearer:,.2f} INR."
    assert house.messages(order["id"])[-1] == told


@pytest.mark.parametrize("listed", [False, True])
def test_an_edit_after_kalimera_was_told_is_told_to_people(house: House, order: dict[str, Any], listed: bool) -> None:
    house.sync.sync(order["id"])
    if listed:
        house.campaigns.flush(CAMPAIGN)
    house.shopify.book.edit(order["id"])

    house.reconcile.read_again(order["id"])

    assert house.messages(order["id"])[-1] == OLD_CARD


def test_an_edit_after_the_time_of_the_call_is_told_as_an_edit_alone(house: House, order: dict[str, Any]) -> None:
    house.sync.sync(order["id"])
    house.campaigns.flush(CAMPAIGN)
    house.pass_time(hours=3)
    house.shopify.book.edit(order["id"])

    house.reconcile.read_again(order["id"])

    assert OLD_CARD not in house.messages(order["id"])


def test_a_fulfilment_that_is_taken_back_has_the_customer_called(house: House, order: dict[str, Any]) -> None:
    house.receive(house.shopify.book.ship(order["id"]), "orders/fulfilled")
    house.sync.sync(order["id"])
    assert house.states()[order["id"]] == ("not_called", "shipped")
    house.pass_time(minutes=1)

    house.receive(house.shopify.book.take_back(order["id"]), "orders/updated")
    house.sync.sync(order["id"])
    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order["id"]] == ("on_campaign", None)
