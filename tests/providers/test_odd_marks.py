"""When an order was cancelled or archived, and whether it is a test, in the ways in which programs write that."""

from __future__ import annotations

from typing import Any

import pytest
from bodies import read

from makers import make_body
from ordercall.providers.shopify.payload import read_order

NO_MARK = [
    *(None, "", " ", False, 0, 0.0, "0", "false", "False", "null", "None", "n/a", "-", [], {}),
    *("0000-00-00", "0000-00-00 00:00:00", "0000-00-00T00:00:00Z", "0000-00-00T00:00:00+00:00"),
]
NEVER = ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01T05:30:00+05:30", "1969-12-31T19:00:00-05:00"]
HAPPENED = ["2026-11-23T11:59:00+05:30", " 2026-11-23 11:59:00 ", "2026-11-23", 1_795_990_000, "1795990000123"]
UNREADABLE = ["soon", "cancelled", "23.11.2026", -7, 42, ["x"], {"at": 1}, "2026-13-45T00:00:00Z", "maybe"]
FACTS = {"cancelled_at": "shopify_cancelled_at", "closed_at": "closed_at"}


@pytest.mark.parametrize("value", [*NO_MARK, *NEVER], ids=repr)
@pytest.mark.parametrize("field", FACTS)
def test_nothing_in_another_spelling_marks_no_order(field: str, value: Any) -> None:
    order = read(**{field: value})

    assert (getattr(order, FACTS[field]), order.absent, order.to_be_read) == (None, frozenset(), False)


@pytest.mark.parametrize("value", [*HAPPENED, True, "true", 1], ids=repr)
@pytest.mark.parametrize("field", FACTS)
def test_a_time_or_a_yes_marks_the_order(field: str, value: Any) -> None:
    assert getattr(read(**{field: value}), FACTS[field])


@pytest.mark.parametrize("value", UNREADABLE, ids=repr)
@pytest.mark.parametrize("field", [*FACTS, "test"])
def test_a_mark_that_nobody_can_read_has_the_order_read_from_the_shop(field: str, value: Any) -> None:
    order = read(**{field: value})

    assert order.unreadable == {FACTS.get(field, "is_test")} <= order.unknown
    assert order.to_be_read


@pytest.mark.parametrize("value", UNREADABLE, ids=repr)
def test_what_nobody_can_read_in_the_shops_own_answer_has_nobody_rung(value: Any) -> None:
    order = read_order(make_body(cancelled_at=value), from_shop=True)

    assert (bool(order.shopify_cancelled_at), order.unknown) == (True, frozenset())


@pytest.mark.parametrize(
    ("value", "is_test"),
    [*((value, False) for value in NO_MARK), *((value, True) for value in (True, "true", " TRUE ", 1, 1.0, "yes"))],
    ids=repr,
)
def test_a_test_is_one_in_every_spelling_of_yes(value: Any, is_test: bool) -> None:
    assert read(test=value).is_test is is_test
