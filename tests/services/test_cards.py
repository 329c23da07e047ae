"""Each order has a card of its own, also that of a customer who has ordered before."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from house import House
from ordercall.errors import OutcomeUnknown, ProviderBusy, ProviderError
from ordercall.sandbox.kalimera import contact_id_of
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.storage.tables import call_orders
from properties import few


def ordered_again(house: House) -> tuple[int, int]:
    """Return an order whose contact is made, and the next of the same customer, which waits."""
    house.kalimera.several_contacts = True
    first = house.receive(make_order(1))
    house.sync.sync(first)
    return first, house.receive(make_order(2, phone=make_order(1)["phone"]))


def is_on_card(house: House, order_id: int) -> bool:
    with house.db.read() as tx:
        row = tx.execute(select(call_orders.c.on_card).where(call_orders.c.shopify_id == order_id)).one()
    return bool(row.on_card)


def cards(house: House) -> list[Any]:
    made = (call.body for call in house.kalimera.calls if (call.method, call.path) == ("POST", "/kalimera/contact"))
    return [card["metadata"] for card in made]


def test_the_card_bears_the_id_of_its_call(house: House) -> None:
    order_id = house.receive(make_order(1))
    [call] = house.calls_of(order_id)

    house.sync.sync(order_id)

    assert [card["call_id"] for card in cards(house)] == [call.call_id]


def test_a_second_order_of_a_customer_has_a_card_of_its_own(house: House) -> None:
    first, second = ordered_again(house)

    house.sync.sync(second)

    assert [card["shopify_id"] for card in cards(house)] == [first, second]
    assert house.order(first).contact_id != house.order(second).contact_id
    assert is_on_card(house, second)


def test_where_a_phone_has_one_contact_the_second_order_is_rung_by_the_firsts_card(house: House) -> None:
    first, second = ordered_again(house)
    house.kalimera.several_contacts, house.kalimera.duplicate_shows_id = False, False

    house.sync.sync(second)

    assert house.order(second).contact_id == house.order(first).contact_id
    assert not is_on_card(house, second)


def test_an_answer_with_the_contact_of_before_is_no_card_of_the_orders_own(house: House) -> None:
    first, second = ordered_again(house)
    house.gate.says_once("POST", "/kalimera/contact", {"id": house.order(first).contact_id})

    house.sync.sync(second)

    assert house.order(second).contact_id == house.order(first).contact_id
    assert not is_on_card(house, second)


def test_a_card_whose_answer_was_lost_is_found_beside_those_of_before(house: House) -> None:
    first, second = ordered_again(house)
    house.kalimera.fail_next(1, Mode.LOST)

    house.sync.sync(second)

    assert house.order(second).contact_id not in (None, house.order(first).contact_id)
    assert (len(cards(house)), is_on_card(house, second)) == (2, True)


def somebody_elses(house: House, phone: str) -> None:
    """Have Kalimera hold a contact of this phone that we know nothing of."""
    card = {"phone": phone, "contact_id": contact_id_of(phone), "metadata": {"call_id": uuid4().hex}}
    house.kalimera.contacts[phone] = house.kalimera._cards[card["contact_id"]] = card


@pytest.mark.parametrize("shown", [True, False])
def test_a_first_card_whose_answer_was_lost_is_the_orders_own_if_it_shows_its_call(house: House, shown: bool) -> None:
    house.kalimera.lookup_shows_card = shown
    house.kalimera.fail_next(1, Mode.LOST)
    order_id = house.receive(make_order(1))

    house.sync.sync(order_id)

    assert house.order(order_id).contact_id
    assert (len(cards(house)), is_on_card(house, order_id)) == (1, shown)


@pytest.mark.parametrize("several", [True, False])
def test_a_contact_of_before_our_time_is_not_taken_for_the_card_whose_answer_was_lost(
    house: House, several: bool
) -> None:
    order = make_order(1)
    somebody_elses(house, order["phone"])
    house.kalimera.several_contacts = several
    house.kalimera.fail_next(1, Mode.LOST)
    order_id = house.receive(order)

    house.sync.sync(order_id)

    assert is_on_card(house, order_id) is several
    assert (house.order(order_id).contact_id == contact_id_of(order["phone"])) is not several


def test_a_card_that_only_a_later_look_finds_is_known_by_its_call(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.kalimera.fail_next(2, Mode.LOST)  # the creation and the look after it
    with pytest.raises(OutcomeUnknown):
        house.sync.sync(order_id)

    house.sync.sync(order_id)

    assert (len(cards(house)), is_on_card(house, order_id)) == (1, True)


def test_a_card_that_a_dead_worker_may_have_made_is_looked_for_beside_those_of_before(house: House) -> None:
    first, second = ordered_again(house)
    house.kalimera.fail_next(2, Mode.LOST)  # the creation and the look after it
    with pytest.raises(OutcomeUnknown):
        house.sync.sync(second)

    house.sync.sync(second)

    assert house.order(second).contact_id not in (None, house.order(first).contact_id)
    assert len(cards(house)) == 2


def test_a_card_that_never_arrived_is_made_with_the_next_try(house: House) -> None:
    first, second = ordered_again(house)
    house.kalimera.fail_next(1, Mode.DOWN)
    with pytest.raises((OutcomeUnknown, ProviderBusy)):
        house.sync.sync(second)

    house.sync.sync(second)

    assert house.order(second).contact_id not in (None, house.order(first).contact_id)
    assert is_on_card(house, second)


def test_a_busy_kalimera_makes_nobody_look_for_a_card(house: House) -> None:
    _, second = ordered_again(house)
    house.kalimera.fail_next(1, Mode.BUSY)
    with pytest.raises(ProviderBusy):
        house.sync.sync(second)

    house.sync.sync(second)

    assert [call.method for call in house.kalimera.calls if call.path.endswith("/contact")] == ["POST"] * 3


def test_a_third_order_takes_no_card_of_the_first_two_for_its_own(house: House) -> None:
    first, second = ordered_again(house)
    house.sync.sync(second)
    third = house.receive(make_order(3, phone=make_order(1)["phone"]))
    house.kalimera.fail_next(2, Mode.LOST)
    with pytest.raises(OutcomeUnknown):
        house.sync.sync(third)

    house.sync.sync(third)

    earlier = {house.order(first).contact_id, house.order(second).contact_id}
    assert house.order(third).contact_id not in earlier


@few(25)
@given(modes=st.lists(st.sampled_from(list(Mode)), max_size=6), shown=st.booleans(), known=st.booleans())
def test_no_order_takes_another_ones_card_for_its_own(
    house: House, modes: list[Mode], shown: bool, known: bool
) -> None:
    number = len(house.states())
    phone = f"+9190{number:08}"
    ids = [house.receive(make_order(each, phone=phone)) for each in range(number + 1, number + 4)]
    house.kalimera.several_contacts, house.kalimera.lookup_shows_card = True, shown
    if known:
        somebody_elses(house, phone)
    for mode in modes:
        house.kalimera.fail_next(1, mode)
    for order_id in ids * 4:
        with suppress(ProviderError):
            house.sync.sync(order_id)
        house.pass_time(minutes=2)

    own = [order_id for order_id in ids if is_on_card(house, order_id)]
    assert [house.kalimera.card(house.order(order_id).contact_id).get("shopify_id") for order_id in own] == own
