"""What an order is, and what is still to be paid for it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest

from ordercall.domain.orders import LARGEST_ID, Fulfilment, Order, Status, pays_on_delivery


def test_the_four_statuses_are_the_words_that_the_api_speaks() -> None:
    assert [str(status) for status in Status] == ["Placed", "Success", "Returned", "Failed"]


def test_the_largest_id_fits_64_bits() -> None:
    assert LARGEST_ID == 9_223_372_036_854_775_807


def test_an_order_of_which_only_the_id_is_known_is_an_order() -> None:
    order = Order(shopify_id=1)

    assert (order.phone, order.total_price, order.is_cod, order.is_test) == (None, None, False, False)


def test_an_order_that_was_read_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Order(shopify_id=1).phone = "+915550000001"  # type: ignore[misc]


@pytest.mark.parametrize("fulfilment", Fulfilment)
def test_a_parcel_has_left_also_when_it_holds_a_part_of_the_order(fulfilment: Fulfilment) -> None:
    assert fulfilment.has_left is (fulfilment in {"partial", "fulfilled"})
    assert Fulfilment.of(fulfilment.word) is fulfilment


@pytest.mark.parametrize("word", [None, "", "teleported", "FULFILLED", 5, ["fulfilled"]])
def test_of_an_order_with_another_word_nothing_is_known_to_have_left(word: object) -> None:
    assert Fulfilment.of(word) is Fulfilment.NOTHING


@pytest.mark.parametrize(
    "label", ["Cash on Delivery (COD)", "cash on delivery", "COD", "Pay cash_on_delivery", "Partial COD", "cod-fee"]
)
def test_many_labels_mean_cash_on_delivery(label: str) -> None:
    assert pays_on_delivery([label], "pending", Decimal(999))


@pytest.mark.parametrize("label", ["UPI QR Code", "Barcode payment", "Gift code", "Razorpay", "bogus", ""])
def test_other_labels_do_not(label: str) -> None:
    assert not pays_on_delivery([label], "pending", Decimal(999))


@pytest.mark.parametrize("status", ["paid", "refunded", "voided"])
def test_nothing_is_collected_at_the_door_once_the_money_is_settled(status: str) -> None:
    assert not pays_on_delivery(["Cash on Delivery (COD)"], status, Decimal(0))


def test_one_cash_gateway_among_several_is_enough() -> None:
    assert pays_on_delivery(["Razorpay", "Cash on Delivery (COD)"], "partially_paid", Decimal(500))


@pytest.mark.parametrize(
    ("status", "outstanding", "expected"),
    [
        ("pending", Decimal(999), True),
        ("pending", Decimal(0), False),
        ("pending", None, False),
        ("paid", Decimal(999), False),
        (None, Decimal(999), False),
    ],
)
def test_a_manual_payment_counts_while_it_is_pending(
    status: str | None, outstanding: Decimal | None, expected: bool
) -> None:
    assert pays_on_delivery(["manual"], status, outstanding) is expected
