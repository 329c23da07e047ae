"""Whether an order is paid at the door, and what is still due for it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.domain.orders.payment import SETTLED, pays_on_delivery, still_due
from properties import always

AT_THE_DOOR = [
    "Cash on Delivery (COD)",
    "Cash-on-Delivery",
    "CashOnDelivery",
    "cash_on_delivery",
    "COD",
    "C.O.D.",
    "COD2",
    "cod_charges",
    "cod-fee",
    "Partial COD",
    "ppcod",
    "Gokwik PPCOD",
    "razorpay_cod",
    "Pay on Delivery",
    "Payment upon delivery",
    "UPI on Delivery",
    "Cash at your doorstep",
    "कैश ऑन डिलीवरी",
    "कैश ऑन डिलिवरी (COD)",
    "डिलीवरी पर भुगतान",
    "डिलीवरी के समय नकद",
    "सी.ओ.डी.",
    "कॅश ऑन डिलिव्हरी",
    "કેશ ઓન ડિલિવરી",
    "ক্যাশ অন ডেলিভারি",
    "கேஷ் ஆன் டெலிவரி",
    "క్యాష్ ఆన్ డెలివరీ",
    "ಕ್ಯಾಶ್ ಆನ್ ಡೆಲಿವರಿ",
    "ക്യാഷ് ഓൺ ഡെലിവറി",
    "الدفع عند الاستلام",
]
ELSEWHERE = [
    "Razorpay Secure (UPI, Cards, Wallets, NetBanking)",
    "UPI QR Code",
    "Barcode payment",
    "Gift code",
    "gift_card",
    "Codapay",
    "Decoder",
    "Cashfree Payments",
    "Gokwik Cards",
    "Simpl Pay in 3",
    "Bank Deposit",
    "Pay before delivery",
    "Free delivery, prepaid",
    "Prepaid (no COD)",
    "Non-COD",
    "bogus",
    "",
]
BESIDE = st.sampled_from(["", "Gokwik", "1", "₹49 extra:", "Razorpay", "(India)", "नया", "•"])
SIGNS = st.sampled_from([" ", "  ", " - ", "_", "/", "\u200d "])
CASES = st.sampled_from([str, str.upper, str.lower, str.title])
GATEWAYS = st.lists(st.sampled_from([*AT_THE_DOOR, *ELSEWHERE, "manual"]), max_size=3)
STATES = st.sampled_from([None, "pending", "authorized", "partially_paid", "expired", "a new word", *sorted(SETTLED)])
AMOUNTS = st.none() | st.decimals(-1_000, 100_000, places=2)


@always
@given(st.sampled_from(AT_THE_DOOR), BESIDE, BESIDE, SIGNS, CASES, STATES, AMOUNTS)
def test_a_name_for_cash_on_delivery_is_known_by_whatever_stands_beside_it(
    name: str, before: str, behind: str, sign: str, case: type[str], state: str | None, outstanding: Decimal | None
) -> None:
    label = f"{before}{sign}{case(name)}{sign}{behind}"

    assert pays_on_delivery([label], state, outstanding) is True


@always
@given(st.sampled_from(ELSEWHERE), CASES, STATES, AMOUNTS)
def test_another_name_is_taken_for_none(
    name: str, case: type[str], state: str | None, outstanding: Decimal | None
) -> None:
    assert pays_on_delivery([case(name)], state, outstanding) is False


@always
@given(GATEWAYS, STATES, AMOUNTS, st.sampled_from(AT_THE_DOOR))
def test_one_cash_gateway_among_several_is_enough(
    others: list[str], state: str | None, outstanding: Decimal | None, name: str
) -> None:
    assert pays_on_delivery([*others, name], state, outstanding) is True


@pytest.mark.parametrize("gateways", [[], ["manual"], ["Manual payment"]], ids=str)
@pytest.mark.parametrize(
    ("state", "outstanding", "expected"),
    [
        ("pending", Decimal(999), True),
        ("pending", None, True),
        ("pending", Decimal(0), False),
        ("paid", Decimal(999), False),
        ("authorized", Decimal(999), False),
    ],
)
def test_what_nobody_but_the_shop_takes_is_taken_at_the_door(
    gateways: list[str], state: str, outstanding: Decimal | None, *, expected: bool
) -> None:
    assert pays_on_delivery(gateways, state, outstanding) is expected


def test_a_body_that_says_nothing_of_the_payment_leaves_the_way_open() -> None:
    assert pays_on_delivery([], None, Decimal(999)) is None


@pytest.mark.parametrize(
    ("outstanding", "state", "is_cod", "expected"),
    [
        ("500", "partially_paid", True, "500"),
        ("0.00", "paid", True, "0"),
        ("999", "paid", True, "999"),
        ("200", "paid", False, "200"),
        ("-50", "paid", True, "0"),
        (None, "pending", True, "999"),
        (None, None, True, "999"),
        (None, "partially_paid", True, None),
        (None, "pending", False, None),
        (None, "pending", None, None),
        *((None, state, is_cod, "0") for state in sorted(SETTLED) for is_cod in (True, False, None)),
    ],
)
def test_what_is_due_is_what_shopify_says_and_else_follows_from_the_state(
    outstanding: str | None, state: str | None, *, is_cod: bool | None, expected: str | None
) -> None:
    left = still_due(outstanding and Decimal(outstanding), state, Decimal(999), is_cod=is_cod)  # type: ignore[arg-type]

    assert left == (None if expected is None else Decimal(expected))


@always
@given(AMOUNTS, STATES, AMOUNTS, st.sampled_from([True, False, None]))
def test_nothing_below_nothing_is_ever_due(
    outstanding: Decimal | None, state: str | None, total: Decimal | None, is_cod: bool | None
) -> None:
    left = still_due(outstanding, state, total, is_cod=is_cod)

    assert left is None or left >= 0 or left == total
