"""Orders of one contact whose calls are open at once, where Kalimera writes its card anew: it tells of all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from joining import of_the_customer

from belting import say
from house import House
from ordercall.domain.orders.order import Status
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.storage.records.reports import Door

REPORTS = ("confirmed", "refused")


@pytest.fixture(autouse=True)
def rewriting(house: House) -> None:
    url = f"{house.settings.kalimera_contact_url}/<contact id>"
    house.settings = replace(house.settings, kalimera_contact_update_url=url)
    house.restart_worker()


def put_on_the_list(house: House, body: dict[str, Any], *modes: Mode) -> int:
    order_id = house.receive(body)
    for mode in modes:
        house.kalimera.fail_next(1, mode)
    house.sync.sync(order_id)
    house.campaigns.flush("sandbox-campaign")
    return order_id


@pytest.fixture
def two(house: House) -> tuple[int, int]:
    """Two orders of one customer: the second came when the first was on the list."""
    return put_on_the_list(house, make_order(1)), put_on_the_list(house, of_the_customer(2))


def hear(house: House, **said: Any) -> str:
    return say(house, door=Door.API, **said).fate


def card(house: House, order_id: int) -> dict[str, Any]:
    found: dict[str, Any] = house.kalimera.card(house.order(order_id).contact_id)
    return found


def statuses(house: House, *order_ids: int) -> list[str]:
    return [house.order(one).confirmation_status for one in order_ids]


def test_the_card_tells_of_all_open_orders_and_names_no_single_call(house: House, two: tuple[int, int]) -> None:
    told = card(house, two[1])

    assert [one["shopify_id"] for one in told["orders"]] == list(two)
    assert (told["shopify_id"], told["call_id"]) == (None, None)


def test_each_answer_that_names_its_order_counts(house: House, two: tuple[int, int]) -> None:
    contact = house.order(two[0]).contact_id
    fates = [hear(house, contact_id=contact, shopify_id=two[1], answer="refused")]
    fates += [hear(house, contact_id=contact, shopify_id=two[0], answer="confirmed")]

    assert fates == ["applied", "applied"]
    assert statuses(house, *two) == [Status.SUCCESS, Status.FAILED]


@pytest.mark.parametrize("answer", REPORTS)
@pytest.mark.parametrize("answered_before", [False, True])
def test_an_answer_by_the_contact_alone_is_a_persons_even_once_one_order_is_left(
    house: House, two: tuple[int, int], answer: str, answered_before: bool
) -> None:
    contact = house.order(two[0]).contact_id
    if answered_before:
        hear(house, shopify_id=two[0], answer="confirmed")
    before = statuses(house, *two)

    assert hear(house, contact_id=contact, answer=answer) == "needs_a_person"
    assert statuses(house, *two) == before


def test_a_card_that_cannot_tell_of_both_is_left_as_it_is(house: House) -> None:
    first = put_on_the_list(house, make_order(1))
    elsewhere = of_the_customer(2)
    elsewhere["shipping_address"] = elsewhere["shipping_address"] | {"address1": "9 Other Street"}
    second = put_on_the_list(house, elsewhere)

    assert card(house, second)["shopify_id"] == first
    assert hear(house, shopify_id=first, answer="refused") == "needs_a_person"


def test_nothing_is_believed_by_a_card_that_may_not_have_been_written(house: House) -> None:
    first = put_on_the_list(house, make_order(1))
    second = put_on_the_list(house, of_the_customer(2), Mode.NORMAL, Mode.FAILING)

    assert hear(house, shopify_id=first, answer="refused") == "needs_a_person"
    assert hear(house, contact_id=house.order(first).contact_id, answer="refused") == "needs_a_person"
    assert statuses(house, first, second) == [Status.PLACED, Status.PLACED]


def test_a_further_call_of_one_of_them_has_a_card_of_its_own_again(house: House, two: tuple[int, int]) -> None:
    hear(house, shopify_id=two[0], answer="confirmed")
    house.pass_time(hours=4)
    house.calls.see_silence()
    house.again.request(two[1], by="Asha")
    house.sync.sync(two[1])
    house.campaigns.flush("sandbox-campaign")

    assert card(house, two[1])["shopify_id"] == two[1]
    assert hear(house, contact_id=house.order(two[1]).contact_id, answer="confirmed") == "applied"


def test_no_card_is_taken_from_an_order_that_is_about_to_be_rung_by_it(house: House, two: tuple[int, int]) -> None:
    third = house.receive(of_the_customer(3))
    house.sync.sync(third)  # and not on the list yet
    fourth = put_on_the_list(house, of_the_customer(4))

    assert [one["shopify_id"] for one in card(house, fourth)["orders"]] == [*two, third]
