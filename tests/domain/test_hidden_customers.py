"""A shop hides its customers when its newest orders name nobody who must be there; one odd order is none such.

So it is with phones alone, which Shopify may keep from an app that sees all the rest.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.domain.hidden_customers import ENOUGH, Hidden, is_somebodys, shows_phone, shows_somebody, what_is_hidden
from ordercall.domain.orders.order import PHONE_NOT_SHOWN, OrderFacts
from properties import always


def order(**facts: Any) -> OrderFacts:
    return OrderFacts(shopify_id=1, **facts)


HIDDEN = order(city="Pune", state="Maharashtra", country="IN", is_cod=True)
NAMED = order(first_name="Asha", city="Pune", country="IN")
REACHED = order(first_name="Asha", city="Pune", country="IN", customer_phone="+919000000041")
UNREACHED = order(first_name="Asha", city="Pune", phone_fault="Order: too short.")
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
    assert shows_phone(order(**facts)) is bool(facts.keys() & {"customer_phone", "phone_fault"})


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
    assert is_somebodys(order(**facts)) is hides
    assert not shows_somebody(order(**facts))


NEWEST = {
    "no orders": ([], None),
    "one that hides": ([HIDDEN], None),
    "one too few": ([HIDDEN] * (ENOUGH - 1), None),
    "one too few, then somebody, then many": ([*[HIDDEN] * (ENOUGH - 1), REACHED, *[HIDDEN] * 9], None),
    "enough": ([HIDDEN] * ENOUGH, Hidden.CUSTOMERS),
    "enough, and somebody long ago": ([*[HIDDEN] * ENOUGH, REACHED, REACHED], Hidden.CUSTOMERS),
    "somebody has come since": ([REACHED, *[HIDDEN] * 9], None),
    "counter sales alone": ([COUNTER] * 50, None),
    "enough between counter sales": ([COUNTER, HIDDEN] * ENOUGH, Hidden.CUSTOMERS),
    "one order without a phone": ([NAMED, *[REACHED] * 9], None),
    "one too few without a phone": ([*[NAMED] * (ENOUGH - 1), REACHED], None),
    "enough with names and no phone": ([*[NAMED] * ENOUGH, REACHED], Hidden.PHONES),
    "the same between counter sales": ([order(first_name="Asha"), NAMED] * ENOUGH, Hidden.PHONES),
    "a name has come since": ([NAMED, *[HIDDEN] * 9], None),
    "enough names have come since": ([*[NAMED] * ENOUGH, *[HIDDEN] * 9], Hidden.PHONES),
    "enough without a phone, too few of which name anybody": ([*[NAMED] * (ENOUGH - 1), *[HIDDEN] * 9], None),
    "an unusable phone among them": ([*[NAMED] * (ENOUGH - 1), UNREACHED, *[NAMED] * (ENOUGH - 1)], None),
}


@pytest.mark.parametrize(("newest", "hidden"), NEWEST.values(), ids=NEWEST)
def test_a_shop_hides_what_enough_of_its_newest_orders_do(newest: list[OrderFacts], hidden: Hidden | None) -> None:
    assert what_is_hidden(newest) is hidden


@given(st.lists(st.sampled_from([HIDDEN, COUNTER, NAMED, REACHED])))
@always
def test_it_ends_with_the_first_order_that_shows_a_phone(earlier: list[OrderFacts]) -> None:
    assert what_is_hidden([REACHED, *earlier]) is None


@given(st.lists(st.sampled_from([HIDDEN, COUNTER, NAMED])))
@always
def test_an_order_that_shows_somebody_leaves_at_most_the_phones_hidden(earlier: list[OrderFacts]) -> None:
    assert what_is_hidden([NAMED, *earlier]) is not Hidden.CUSTOMERS


@given(
    st.lists(st.sampled_from([HIDDEN, COUNTER, NAMED]), max_size=ENOUGH - 1),
    st.lists(st.sampled_from([HIDDEN, REACHED])),
)
@always
def test_fewer_than_enough_since_a_phone_are_not_believed(since: list[OrderFacts], before: list[OrderFacts]) -> None:
    assert what_is_hidden([*since, REACHED, *before]) is None
