"""What a body does not tell is unknown; what it says to be null is known to be nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makers import NOW, make_address, make_body
from ordercall.domain.calls.calling import Reason
from ordercall.domain.calls.decision import History, ShopFacts, decide
from ordercall.domain.orders.order import PERSONAL, PHONE_NOT_SHOWN, Order
from ordercall.domain.policy.rules import Policy
from ordercall.providers.shopify.payload import read_order
from ordercall.storage.records.stored_order import facts
from properties import always

PHONE = {"customer_phone", "phone_source", "phone_fault"}
NAME = {"first_name", "last_name"}
PLACE = {"ship_first_name", "ship_last_name", "address", "address2", "city", "zip", "state", "province_code", "country"}
MOBILE, OTHER = "+919000000041", "+919000000042"


def read_without(*absent: str, **changes: Any) -> Order:
    """Read a body without these fields; ``customer.phone`` is that of the customer."""
    return read_order(json.dumps(without(json.loads(make_body(**changes)), set(absent))).encode(), from_shop=True)


def why_not_called(order: Order) -> Reason | None:
    return decide(order, History(), ShopFacts(), Policy(), NOW).reason


def nobody(**customer: Any) -> dict[str, Any]:
    return {"customer": {"first_name": None, "last_name": None, "email": None, "phone": None} | customer}


NOWHERE = {"shipping_address": None, "billing_address": None}
ABSENT: dict[str, tuple[tuple[str, ...], dict[str, Any], set[str]]] = {
    "nothing": ((), {}, set()),
    "what is null is told": ((), {"phone": None, "email": None, "customer": None, **NOWHERE}, set()),
    "the customer, beside a phone of the order": (("customer",), {}, NAME),
    "the customer, and no phone anywhere else": (("customer",), {"phone": None}, NAME | PHONE),
    "the customer, and no e-mail": (("customer",), {"email": None, "contact_email": None}, NAME | {"customer_email"}),
    "the customer's phone alone": (("customer.phone",), {"phone": None}, PHONE),
    "the customer's phone, read behind the shipping address'": (
        ("customer.phone",),
        {"phone": None, "shipping_address": make_address(phone=MOBILE)},
        set(),
    ),
    "the order's phone, which would be read first": (("phone",), {}, PHONE - {"phone_source"}),
    "the customer's name behind a first name": (("customer.last_name",), {}, {"last_name"}),
    "the country in which a number before the one that was read may be valid": (
        ("billing_address.country_code", "billing_address.country"),
        {
            "phone": None,
            "shipping_address": make_address(phone="90000 00043", country_code=None, country=None),
            "billing_address": make_address(phone=MOBILE),
            "customer": {"first_name": "Asha", "default_address": {"country_code": "US"}},
        },
        PHONE | {"last_name"},
    ),
    "the shipping address": (("shipping_address",), nobody(), PLACE | NAME),
    "the billing address, from which nothing is taken": (("billing_address",), {}, set()),
    "the billing address, which may have the name": (
        ("billing_address",),
        nobody() | {"shipping_address": make_address(first_name=None, last_name=None)},
        NAME,
    ),
    "a street": (("shipping_address.address1",), {}, {"address"}),
    "a province that has a code": (("shipping_address.province",), {}, {"state"}),
    "an address that a customer may well not have": (("customer.default_address",), {"phone": None}, set()),
    "all that is personal": (
        ("email", "phone", "customer", "shipping_address", "billing_address"),
        {},
        {*PERSONAL, "country"},
    ),
}


@pytest.mark.parametrize(("absent", "changes", "unknown"), ABSENT.values(), ids=ABSENT)
def test_what_is_absent_makes_unknown_what_would_have_been_read_there(
    absent: tuple[str, ...], changes: dict[str, Any], unknown: set[str]
) -> None:
    changes = {"contact_email": None, "phone": MOBILE, **changes}
    assert read_without(*absent, **changes).absent == unknown


def test_a_number_that_nobody_can_have_does_not_stand_in_for_one_that_is_not_shown() -> None:
    order = read_without("customer", phone="+915550000001", **NOWHERE)

    assert order.absent >= PHONE - {"phone_source"}


@pytest.mark.parametrize(
    ("absent", "reason"), [(("customer",), Reason.PHONE_HIDDEN), (("email",), Reason.NO_PHONE), ((), Reason.NO_PHONE)]
)
def test_a_phone_that_may_be_there_is_not_shown_and_one_that_is_nowhere_is_none(
    absent: tuple[str, ...], reason: Reason
) -> None:
    order = read_without(*absent, phone=None, **NOWHERE, **nobody())

    assert why_not_called(order) is reason
    assert (order.phone_fault == PHONE_NOT_SHOWN) == (reason is Reason.PHONE_HIDDEN)


def test_a_phone_that_is_not_shown_may_be_better_than_what_stands_elsewhere() -> None:
    order = read_without("customer", phone="none", **NOWHERE)

    assert (order.phone_fault, order.phone_is_hidden) == (PHONE_NOT_SHOWN, True)


def test_a_country_that_is_not_told_hides_no_phone() -> None:
    order = read_without(phone="00", customer=None, shipping_address={"phone": None}, billing_address=None)

    assert order.absent >= PHONE
    assert (order.phone_is_hidden, why_not_called(order)) == (False, Reason.NO_PHONE)


def test_an_order_is_completed_from_what_was_known_of_it() -> None:
    known = read_without(phone=OTHER, total_price="1.00")

    order = read_without("customer", "phone", total_price="2.00").completed_from(known)

    assert (order.customer_phone, order.phone_source) == (OTHER, "order")
    assert (order.first_name, order.total_price) == (known.first_name, 2)


PLACES = ("shipping_address", "billing_address")
FIELDS = ("first_name", "last_name", "address1", "city", "zip", "province", "province_code", "country_code", "phone")
PATHS = (
    *("email", "phone", "customer", "customer.first_name", "customer.last_name", "customer.email", "customer.phone"),
    *PLACES,
    *(f"{place}.{name}" for place in PLACES for name in FIELDS),
)
NUMBERS = st.sampled_from([None, "", MOBILE, "90000 00043", "+915550000001", "020 2345 6789", "none"])
TEXTS = st.sampled_from([None, "", "Asha", "Ravi"])
COUNTRIES = st.sampled_from([None, "IN", "US"])


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    """Return the body of an order in which anything about its customer may be null."""

    def address() -> dict[str, Any] | None:
        whole = {name: draw(TEXTS) for name in FIELDS} | {"phone": draw(NUMBERS), "country_code": draw(COUNTRIES)}
        return whole if draw(st.booleans()) else None

    customer = {name: draw(TEXTS) for name in ("first_name", "last_name", "email")} | {"phone": draw(NUMBERS)}
    return {
        "id": 42,
        "email": draw(TEXTS),
        "phone": draw(NUMBERS),
        "customer": draw(st.sampled_from([None, customer, customer | {"default_address": address()}])),
        "shipping_address": address(),
        "billing_address": address(),
    }


@always
@given(bodies(), st.sets(st.sampled_from(PATHS)))
def test_whatever_is_not_shown_of_an_order_nothing_that_was_known_of_it_changes(
    body: dict[str, Any], absent: set[str]
) -> None:
    known = read_order(json.dumps(body).encode())

    shown = read_order(json.dumps(without(body, absent)).encode()).completed_from(known)

    assert facts(shown) == facts(known)


def without(body: dict[str, Any], absent: set[str]) -> dict[str, Any]:
    left: dict[str, Any] = json.loads(json.dumps(body))
    for path in absent:
        *above, name = path.split(".")
        holder = left.get(above[0]) if above else left
        if isinstance(holder, dict):
            holder.pop(name, None)
    return left


@always
@given(bodies(), st.sets(st.sampled_from([path for path in PATHS if "country" not in path])))
def test_nobody_is_said_to_have_no_phone_who_has_one_that_is_not_shown(body: dict[str, Any], absent: set[str]) -> None:
    whole = read_order(json.dumps(body).encode())

    shown = read_order(json.dumps(without(body, absent)).encode(), from_shop=True)

    if whole.customer_phone:
        assert why_not_called(shown) in (None, Reason.PHONE_HIDDEN)
