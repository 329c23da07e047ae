"""What an order is, and how much of it has left."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from ordercall.domain.orders.order import LARGEST_ID, Fulfilment, Order, Status


def test_the_four_statuses_are_the_words_that_the_api_speaks() -> None:
    assert [str(status) for status in Status] == ["Placed", "Success", "Returned", "Failed"]


def test_the_largest_id_fits_64_bits() -> None:
    assert LARGEST_ID == 9_223_372_036_854_775_807


def test_an_order_of_which_only_the_id_is_known_is_an_order() -> None:
    order = Order(shopify_id=1)

    assert (order.customer_phone, order.total_price, order.is_cod, order.is_test) == (None, None, None, False)


def test_an_order_that_is_logged_by_mistake_says_nothing_of_its_customer() -> None:
    assert repr(Order(shopify_id=1, customer_phone="+915550000001", first_name="Asha")) == "Order(1)"


def test_an_order_that_was_read_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Order(shopify_id=1).customer_phone = "+915550000001"  # type: ignore[misc]


@pytest.mark.parametrize("fulfilment", Fulfilment)
def test_a_parcel_has_left_also_when_it_holds_a_part_of_the_order(fulfilment: Fulfilment) -> None:
    assert fulfilment.has_left is (fulfilment in {"partial", "fulfilled"})
    assert Fulfilment.of(fulfilment.word) is fulfilment


@pytest.mark.parametrize("word", [None, "", "teleported", "FULFILLED", 5, ["fulfilled"]])
def test_of_an_order_with_another_word_nothing_is_known_to_have_left(word: object) -> None:
    assert Fulfilment.of(word) is Fulfilment.NOTHING


@pytest.mark.parametrize(
    ("word", "fulfilments", "left"),
    [
        (None, [], Fulfilment.NOTHING),
        ("ON_HOLD", ["SUCCESS"], Fulfilment.PART),
        ("SCHEDULED", ["CANCELLED", "SUCCESS"], Fulfilment.PART),
        ("on_hold", ["cancelled"], Fulfilment.NOTHING),
        ("ON_HOLD", ["ERROR", "FAILURE"], Fulfilment.NOTHING),
        (None, ["success"], Fulfilment.PART),
        ("partial", ["success"], Fulfilment.PART),
        ("FULFILLED", ["SUCCESS"], Fulfilment.ALL),
        ("fulfilled", ["cancelled"], Fulfilment.NOTHING),
        ("RESTOCKED", [], Fulfilment.RESTOCKED),
        (7, [None, 5], Fulfilment.NOTHING),
    ],
)
def test_how_much_has_left_is_told_by_the_orders_word_and_its_fulfilments(
    word: object, fulfilments: list[object], left: Fulfilment
) -> None:
    assert Fulfilment.shown(word, fulfilments) is left
