"""Where a phone has one contact and Kalimera writes its card anew: of whom the agent knows, and whose answer counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from belting import say
from house import House
from ordercall.domain.orders.order import Status
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.storage.records.reports import Door
from ordercall.storage.tables import call_orders

PHONE = "+919876543210"


@pytest.fixture(autouse=True)
def rewriting(house: House) -> None:
    url = f"{house.settings.kalimera_contact_url}/<contact id>"
    house.settings = replace(house.settings, kalimera_contact_update_url=url)
    house.restart_worker()


def ordered(house: House, number: int) -> int:
    """Have an order put on the list, and return its id."""
    order_id = house.receive(make_order(number, phone=PHONE))
    house.sync.sync(order_id)
    house.campaigns.flush("sandbox-campaign")
    return order_id


def confirm(house: House, **said: Any) -> str:
    return say(house, door=Door.API, answer="confirmed", **said).fate


def on_card(house: House, *order_ids: int) -> list[bool]:
    with house.db.read() as tx:
        query = select(call_orders.c.on_card).where(call_orders.c.shopify_id.in_(order_ids))
        return [bool(one) for one in tx.execute(query.order_by(call_orders.c.shopify_id)).scalars()]


def told_of(house: House) -> Any:
    """Return the order of which the card of the phone's one contact tells."""
    return house.kalimera.card(house.kalimera.contacts[PHONE]["contact_id"])["shopify_id"]


def updates(house: House) -> int:
    return sum(call.method == "PUT" and "/contact/" in call.path for call in house.kalimera.calls)


def status(house: House, order_id: int) -> Status:
    return Status(house.order(order_id).confirmation_status)


def window_over(house: House) -> None:
    house.pass_time(hours=4)
    house.calls.see_silence()


def test_the_next_order_of_a_customer_is_on_the_card_and_has_the_answer_by_its_contact(house: House) -> None:
    first = ordered(house, 1)
    confirm(house, shopify_id=first)
    window_over(house)
    second = ordered(house, 2)
    contact = house.order(second).contact_id

    assert (told_of(house), on_card(house, first, second)) == (second, [False, True])
    assert confirm(house, contact_id=contact) == "applied"
    assert status(house, second) is Status.SUCCESS


def test_no_card_changes_while_another_order_may_be_rung_by_it(house: House) -> None:
    first = ordered(house, 1)
    second = ordered(house, 2)
    confirm(house, shopify_id=first)
    third = ordered(house, 3)

    assert (updates(house), told_of(house)) == (0, first)
    assert on_card(house, first, second, third) == [True, False, False]


def test_what_comes_once_more_by_the_contact_is_not_taken_for_the_earlier_orders_answer(house: House) -> None:
    first = ordered(house, 1)
    window_over(house)
    second = ordered(house, 2)
    contact = house.order(second).contact_id
    confirm(house, shopify_id=second)

    assert confirm(house, contact_id=contact, note="again") == "needs_a_person"
    assert status(house, first) is Status.PLACED


def test_an_earlier_order_that_is_called_again_is_on_the_card_again(house: House) -> None:
    first = ordered(house, 1)
    window_over(house)
    second = ordered(house, 2)
    confirm(house, shopify_id=second)
    window_over(house)
    house.again.request(first, by="Asha")
    house.sync.sync(first)

    assert told_of(house) == first
    assert house.order(first).contact_id
    assert house.order(second).contact_id is None


@pytest.mark.parametrize("mode", [Mode.LOST, Mode.FAILING])
def test_a_card_that_may_tell_of_an_earlier_order_is_not_counted_as_the_orders_own(house: House, mode: Mode) -> None:
    first = ordered(house, 1)
    confirm(house, shopify_id=first)
    window_over(house)
    second = house.receive(make_order(2, phone=PHONE))
    house.kalimera.fail_next(1, Mode.NORMAL)
    house.kalimera.fail_next(1, mode)
    house.sync.sync(second)
    house.campaigns.flush("sandbox-campaign")

    assert on_card(house, first, second) == [False, False]
    assert house.order(second).calling_state == "on_campaign"
    assert confirm(house, contact_id=house.order(second).contact_id) == "needs_a_person"
