"""A shop hides its customers when its newest orders name nobody who must be there; one odd order is none such."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.domain.hidden_customers import ENOUGH, customers_are_hidden, hides_somebody, shows_somebody
from ordercall.domain.orders import PHONE_NOT_SHOWN, OrderFacts


def order(**facts: Any) -> OrderFacts:
    return OrderFacts(shopify_id=1, **facts)


HIDDEN = order(city="Pune", state="Maharashtra", country="IN", is_cod=True)
NAMED = order(first_name="Asha", city="Pune", country="IN")
COUNTER = order(is_cod=False)

SHOWING = {
    "a phone": {"customer_phone": "+919000000041"},
    "an unusable phone": {"phone_fault": "Order: too short."},
    "an e-mail": {"customer_email": "asha@example.com"},
    "a first name": {"first_name": "Asha"},
    "a last name": {"last_name": "Iyer"},
    "a street": {"address": "14 Lake View Road"},
    "a postal code": {"zip": "600020"},
}


@pytest.mark.parametrize("facts", SHOWING.values(), ids=SHOWING)
def test_whatever_shopify_protects_shows_somebody_where_it_stands(facts: dict[str, Any]) -> None:
    assert shows_somebody(order(**facts))
    assert not hides_somebody(order(**facts, city="Pune", is_cod=True))


HIDING = {
    "a parcel that goes to a city": ({"city": "Pune"}, True),
    "one to a state": ({"state": "Gujarat"}, True),
    "one to a country": ({"country": "IN"}, True),
    "one that is paid at the door": ({"is_cod": True}, True),
    "a phone that is not shown": ({"city": "Pune", "phone_fault": PHONE_NOT_SHOWN}, True),
    "a counter sale": ({"is_cod": False, "total_price": 5}, False),
    "nothing at all": ({}, False),
}


@pytest.mark.parametrize(("facts", "hides"), HIDING.values(), ids=HIDING)
def test_an_order_hides_somebody_only_if_somebody_must_be_there(facts: dict[str, Any], hides: bool) -> None:
    assert hides_somebody(order(**facts)) is hides
    assert not shows_somebody(order(**facts))


NEWEST = {
    "no orders": ([], False),
    "one that hides": ([HIDDEN], False),
    "one too few": ([HIDDEN] * (ENOUGH - 1), False),
    "one too few, then somebody, then many": ([*[HIDDEN] * (ENOUGH - 1), NAMED, *[HIDDEN] * 9], False),
    "enough": ([HIDDEN] * ENOUGH, True),
    "enough, and somebody long ago": ([*[HIDDEN] * ENOUGH, NAMED, NAMED], True),
    "somebody has come since": ([NAMED, *[HIDDEN] * 9], False),
    "counter sales alone": ([COUNTER] * 50, False),
    "enough between counter sales": ([COUNTER, HIDDEN] * ENOUGH, True),
    "one order without a phone": ([order(first_name="Asha", city="Pune"), *[NAMED] * 9], False),
}


@pytest.mark.parametrize(("newest", "hidden"), NEWEST.values(), ids=NEWEST)
def test_a_shop_hides_its_customers_when_enough_of_its_newest_orders_do(newest: list[OrderFacts], hidden: bool) -> None:
    assert customers_are_hidden(newest) is hidden


@given(st.lists(st.sampled_from([HIDDEN, COUNTER, NAMED])))
def test_it_ends_with_the_first_order_that_shows_somebody(earlier: list[OrderFacts]) -> None:
    assert not customers_are_hidden([NAMED, *earlier])


@given(st.lists(st.sampled_from([HIDDEN, COUNTER]), max_size=ENOUGH - 1), st.lists(st.sampled_from([HIDDEN, NAMED])))
def test_fewer_than_enough_since_somebody_are_not_believed(since: list[OrderFacts], before: list[OrderFacts]) -> None:
    assert not customers_are_hidden([*since, NAMED, *before])
