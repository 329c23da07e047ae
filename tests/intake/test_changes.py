"""Orders that change in Shopify: what came late, twice or in the wrong order changes nothing."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from receiving import Shop

from makers import NOW, make_address, make_body
from ordercall.domain.topics import CARRY_THE_ORDER
from properties import few

EARLY, LATER, LATEST = (f"2026-11-23T11:5{minute}:00+05:30" for minute in (0, 5, 9))
NEW_PHONE = "+915550000042"
DELIVERY_IDS = (f"delivery-{number}" for number in itertools.count())
NUMBERS = itertools.count(2_000)


def send(shop: Shop, topic: str = "orders/updated", *, at: str = LATER, **changes: Any) -> Any:
    """Deliver an order as it stood at *at*; return what became of it."""
    return shop.outcome_of(make_body(updated_at=at, **changes), topic=topic, webhook_id=next(DELIVERY_IDS))


def create(shop: Shop, **changes: Any) -> Any:
    return send(shop, "orders/create", at=EARLY, **changes)


def column(shop: Shop, *names: str) -> tuple[Any, ...]:
    """Return columns of the only order."""
    (row,) = shop.rows(f"SELECT {', '.join(names)} FROM orders")  # noqa: S608 - the tests' own words
    return row


def told(shop: Shop) -> list[str]:
    """Return what the log says, but for the receipt."""
    return [row[0] for row in shop.rows("SELECT message FROM logs ORDER BY id")][1:]


def jobs(shop: Shop) -> int:
    return shop.count("procrastinate_jobs")


@pytest.mark.parametrize("topic", sorted(CARRY_THE_ORDER))
def test_an_order_that_was_never_heard_of_is_stored_whatever_the_topic(shop: Shop, topic: str) -> None:
    cancelled = {"cancelled_at": LATER} if topic == "orders/cancelled" else {}

    assert send(shop, topic, **cancelled) == "recorded"
    assert shop.count("orders") == 1


def test_an_update_that_comes_before_its_order_has_it_called_once(shop: Shop) -> None:
    send(shop)

    assert create(shop) == "repeat"
    assert (column(shop, "calling_state"), jobs(shop)) == (("queued",), 1)


def test_the_update_that_follows_every_new_order_says_nothing_in_the_timeline(shop: Shop) -> None:
    create(shop)

    assert send(shop, at=EARLY) == "repeat"
    assert send(shop, at=LATER) == "recorded"
    assert (told(shop), jobs(shop)) == ([], 1)


def test_an_address_is_corrected_before_the_call(shop: Shop) -> None:
    create(shop)

    send(shop, shipping_address=make_address(address1="7 Mount Road", city="Salem", zip="636001"))

    assert column(shop, "address", "city", "zip") == ("7 Mount Road", "Salem", "636001")
    assert column(shop, "calling_state") == ("queued",)
    assert told(shop) == ["Changed: address."]


def test_a_corrected_phone_is_rung_instead(shop: Shop) -> None:
    create(shop)

    send(shop, phone=NEW_PHONE)

    assert column(shop, "customer_phone", "contact_id", "calling_state") == (NEW_PHONE, None, "queued")
    assert (told(shop), jobs(shop)) == (["Changed: phone."], 2)


def test_a_phone_that_is_added_has_the_order_called(shop: Shop) -> None:
    create(shop, phone=None)

    send(shop, phone=NEW_PHONE)

    assert (column(shop, "calling_state", "calling_reason"), jobs(shop)) == (("queued", None), 1)


def test_a_phone_that_is_taken_away_stops_the_call(shop: Shop) -> None:
    create(shop)

    send(shop, phone=None)

    assert column(shop, "calling_state", "calling_reason") == ("not_called", "no_phone")


def test_a_body_that_is_older_than_what_is_known_changes_nothing(shop: Shop) -> None:
    send(shop, at=LATEST, phone=NEW_PHONE)

    assert send(shop, at=LATER, phone=None) == "repeat"
    assert column(shop, "customer_phone") == (NEW_PHONE,)
    assert shop.rows("SELECT reason FROM deliveries ORDER BY id DESC LIMIT 1") == [
        ("It says nothing that was not known already.",)
    ]


def test_a_body_without_a_time_changes_nothing(shop: Shop) -> None:
    create(shop)

    assert shop.outcome_of(make_body(updated_at=None, phone=None), topic="orders/updated", webhook_id="x") == "repeat"


def test_a_change_that_changed_nothing_in_between_still_makes_older_ones_old(shop: Shop) -> None:
    create(shop)
    send(shop, at=LATEST)

    send(shop, at=LATER, phone=NEW_PHONE)

    assert column(shop, "customer_phone") != (NEW_PHONE,)


def test_a_cancellation_is_believed_from_an_old_body(shop: Shop) -> None:
    send(shop, at=LATEST)

    send(shop, "orders/cancelled", at=LATER, cancelled_at=LATER)

    assert column(shop, "confirmation_status", "calling_state", "cancel_state") == ("Failed", "not_called", "done")


def test_a_body_that_says_nothing_of_a_cancellation_is_not_believed_to_be_one_by_its_topic(shop: Shop) -> None:
    create(shop)

    assert send(shop, "orders/cancelled", at=LATER) == "recorded"

    assert column(shop, "confirmation_status", "calling_state", "shopify_cancelled_at") == ("Placed", "queued", None)
    assert shop.rows("SELECT task_name FROM procrastinate_jobs ORDER BY id")[-1] == ("read_order_again",)


def test_an_order_that_is_heard_of_first_by_such_a_body_is_read_before_it_is_called(shop: Shop) -> None:
    send(shop, "orders/cancelled", at=LATER)

    assert shop.count("orders") == 0
    assert shop.rows("SELECT task_name FROM procrastinate_jobs") == [("read_order_again",)]


def test_a_cancellation_is_believed_from_an_update(shop: Shop) -> None:
    create(shop)

    send(shop, cancelled_at=LATER)

    assert column(shop, "confirmation_status", "calling_reason") == ("Failed", "cancelled")


def test_a_cancelled_order_stays_cancelled(shop: Shop) -> None:
    create(shop)
    send(shop, "orders/cancelled", cancelled_at=LATER)

    send(shop, at=LATEST, phone=NEW_PHONE)

    assert column(shop, "confirmation_status", "calling_state", "shopify_cancelled_at") == (
        "Failed",
        "not_called",
        LATER,
    )
    assert jobs(shop) == 1


def test_a_payment_that_came_in_since_is_told(shop: Shop) -> None:
    create(shop)

    send(shop, "orders/paid", financial_status="paid", total_outstanding="0.00")

    assert column(shop, "financial_status", "total_outstanding", "calling_state") == ("paid", 0.0, "queued")
    assert told(shop) == ["Changed: amount due. Payment: paid."]


def test_who_was_to_pay_at_the_door_and_paid_or_need_not_is_still_one_who_was(shop: Shop) -> None:
    create(shop)

    for at, state in ((LATER, "paid"), (LATEST, "voided")):
        send(shop, at=at, financial_status=state, total_outstanding="0.00")

        assert column(shop, "financial_status", "is_cod") == (state, 1)


BODIES = st.fixed_dictionaries(
    {
        "payment_gateway_names": st.lists(st.sampled_from(["COD", "Razorpay", "manual", "C.O.D."]), max_size=2),
        "financial_status": st.sampled_from(["pending", "paid", "partially_paid", "voided", "refunded"]),
        "total_outstanding": st.sampled_from(["0.00", "499.00", "999.00", None]),
    }
)


@few(40)
@given(first=BODIES, later=st.lists(BODIES, min_size=1, max_size=3))
def test_whatever_comes_later_the_way_of_payment_is_that_of_the_first_body(
    shop: Shop, first: dict[str, Any], later: list[dict[str, Any]]
) -> None:
    number = next(NUMBERS)
    ways = []
    for minute, (topic, changes) in enumerate([("orders/create", first), *(("orders/updated", one) for one in later)]):
        body = make_body(number, updated_at=f"2026-11-23T11:5{minute}:00+05:30", **changes)
        shop.outcome_of(body, topic=topic, webhook_id=next(DELIVERY_IDS))
        ways += shop.rows(f"SELECT is_cod FROM orders WHERE order_name = '#{number}'")  # noqa: S608 - a number of ours

    assert ways == [ways[0]] * (1 + len(later))


def test_a_way_of_payment_that_the_first_body_did_not_tell_is_that_of_the_next(shop: Shop) -> None:
    create(shop, payment_gateway_names=[], financial_status=None)

    send(shop)
    assert column(shop, "is_cod") == (1,)
    send(shop, at=LATEST, payment_gateway_names=["Razorpay"], financial_status="paid")

    assert column(shop, "is_cod") == (1,)


@pytest.mark.parametrize(
    ("topic", "word"), [("orders/fulfilled", "fulfilled"), ("orders/partially_fulfilled", "partial")]
)
def test_an_order_of_which_a_parcel_has_left_is_not_called(shop: Shop, topic: str, word: str) -> None:
    create(shop)

    send(shop, topic, fulfillment_status=word)

    assert column(shop, "fulfillment_status", "calling_state", "calling_reason") == (word, "not_called", "shipped")
    assert told(shop)[0] == f"Shipping: {word}."


@pytest.mark.parametrize("left", ["fulfilled", "partial"])
def test_an_order_whose_shipping_is_taken_back_in_time_is_called_after_all(shop: Shop, left: str) -> None:
    create(shop)
    send(shop, fulfillment_status=left)

    send(shop, at=LATEST, fulfillment_status=None)

    assert (column(shop, "calling_state", "calling_reason"), jobs(shop)) == (("queued", None), 2)


def test_an_order_whose_shipping_is_taken_back_days_later_is_not_called_by_itself(shop: Shop) -> None:
    days_ago = (NOW - timedelta(days=2)).isoformat()
    create(shop, created_at=days_ago, fulfillment_status="fulfilled")

    send(shop, at=LATEST, created_at=days_ago, fulfillment_status=None)

    assert (column(shop, "calling_state"), jobs(shop)) == (("not_called",), 0)


def test_an_order_that_arrives_shipped_in_part_is_not_called(shop: Shop) -> None:
    create(shop, fulfillment_status="partial")

    assert (column(shop, "calling_state", "calling_reason"), jobs(shop)) == (("not_called", "shipped"), 0)


def test_a_word_for_the_shipping_that_is_new_to_us_keeps_nobody_from_being_called(shop: Shop) -> None:
    create(shop, fulfillment_status="teleported")

    assert column(shop, "fulfillment_status", "calling_state") == (None, "queued")


@pytest.mark.parametrize(("hours", "state"), [(23, "queued"), (25, "not_called")])
def test_an_order_that_arrives_late_is_stored_and_not_called(shop: Shop, hours: int, state: str) -> None:
    placed = NOW.timestamp() - hours * 3600
    created_at = NOW.fromtimestamp(placed, NOW.tzinfo).isoformat()

    create(shop, created_at=created_at)

    assert column(shop, "calling_state") == (state,)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_in_whatever_order_deliveries_come_the_same_is_known_in_the_end(shop: Shop, order: tuple[int, ...]) -> None:
    deliveries: list[tuple[str, dict[str, Any]]] = [
        ("orders/create", {"at": EARLY}),
        ("orders/updated", {"at": LATER, "phone": NEW_PHONE}),
        ("orders/paid", {"at": LATEST, "phone": NEW_PHONE, "financial_status": "paid", "total_outstanding": "0"}),
        ("orders/cancelled", {"at": LATEST, "phone": NEW_PHONE, "financial_status": "paid", "cancelled_at": LATEST}),
    ]
    for number in (*order, order[0]):
        topic, changes = deliveries[number]
        send(shop, topic, **changes)

    assert column(shop, "customer_phone", "financial_status", "confirmation_status", "calling_state") == (
        NEW_PHONE,
        "paid",
        "Failed",
        "not_called",
    )


def test_what_changed_is_told_without_what_is_personal(shop: Shop) -> None:
    create(shop)

    send(shop, phone=NEW_PHONE, email="asha@example.com", total_price="5.00")

    assert told(shop) == ["Changed: total, amount due, e-mail, phone."]
    assert NEW_PHONE not in json.dumps(shop.rows("SELECT message, detail FROM logs"))
