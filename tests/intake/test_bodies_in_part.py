"""Webhooks with ``include_fields``: what is absent stays as it is, and nobody is rung on what is known in part."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from receiving import Shop

from makers import ORDER_ID, make_address, make_body
from properties import few

EARLY, LATER, LATEST = (f"2026-11-23T11:5{minute}:00+05:30" for minute in (0, 5, 9))
NEW_PHONE = "+915550000042"
IDS = (f"delivery-{number}" for number in itertools.count())
NUMBERS = itertools.count(3_000)
FACTS = (
    *("order_name", "product_title", "item_count", "total_price", "currency", "total_outstanding", "customer_email"),
    *("customer_phone", "phone_source", "phone_fault", "first_name", "last_name", "address", "city", "zip", "state"),
    *("address2", "lines"),
    *("province_code", "country", "gateways", "financial_status", "fulfillment_status", "is_test", "is_cod"),
    *("items", "units_left", "current_total_price", "current_outstanding", "presentment_currency", "closed_at"),
    *("source_name", "created_at", "placed_at", "shopify_updated_at", "shopify_cancelled_at", "fact_times"),
)


def whole(number: int = 1001, *, at: str = EARLY, **changes: Any) -> dict[str, Any]:
    told = {"closed_at": None, "source_name": "web", "current_total_price": "1149.00"}
    return dict(json.loads(make_body(number, updated_at=at, **told | changes)))


def part(body: dict[str, Any], *paths: str) -> dict[str, Any]:
    """Return what ``include_fields`` leaves of a body: these fields, where ``customer.phone`` is one of a customer."""
    cut: dict[str, Any] = {"id": body["id"]}
    for name, below in itertools.groupby(sorted(paths), lambda path: path.split(".")[0]):
        inner = [path.partition(".")[2] for path in below]
        value = body[name]
        if isinstance(value, dict) and all(inner):
            cut[name] = {field: value[field] for field in inner}
        elif isinstance(value, list) and all(inner):
            cut[name] = [{field: line[field] for field in inner} for line in value]
        else:
            cut[name] = value
    return cut


def send(shop: Shop, body: dict[str, Any], topic: str = "orders/updated") -> Any:
    return shop.outcome_of(json.dumps(body).encode(), topic=topic, webhook_id=next(IDS))


def stored(shop: Shop, shopify_id: int = ORDER_ID) -> dict[str, Any]:
    question = f"SELECT {', '.join(FACTS)} FROM orders WHERE shopify_id = {shopify_id}"  # noqa: S608 - our own words
    (row,) = shop.rows(question)
    return dict(zip(FACTS, row, strict=True))


def calling(shop: Shop) -> tuple[Any, ...]:
    return shop.rows("SELECT calling_state, calling_reason FROM orders")[0]


def jobs(shop: Shop) -> list[str]:
    return [row[0] for row in shop.rows("SELECT task_name FROM procrastinate_jobs ORDER BY id")]


# -- an order that is known

THIN = {
    "tags": {"tags": "vip"},
    "a note": {"note": "ring twice"},
    "the name": {"name": "#1001"},
    "nothing else": {},
    "the payment": {"financial_status": "paid"},
    "a part of the customer": {"customer": {"id": 7, "tags": "vip"}},
    "a part of the address": {"shipping_address": {"company": "Iyer and Daughters"}},
    "lines without titles": {"line_items": [{"id": 1, "current_quantity": 1}]},
    "a phone that is empty": {"phone": None},
}


@pytest.mark.parametrize("fields", THIN.values(), ids=list(THIN))
def test_what_is_absent_stays_as_it_is_and_the_customer_is_rung(shop: Shop, fields: dict[str, Any]) -> None:
    send(shop, whole(), "orders/create")
    before = stored(shop)

    send(shop, {"id": ORDER_ID, "updated_at": LATER} | fields)

    after = stored(shop)
    told = {"shopify_updated_at", "fact_times", *fields}
    assert {name: after[name] for name in FACTS if name not in told} == {
        name: before[name] for name in FACTS if name not in told
    }
    assert calling(shop) == ("queued", None)
    assert jobs(shop).count("sync_order") == 1


CHANGES = {
    "the phone": ({"phone": NEW_PHONE}, {"customer_phone": NEW_PHONE}),
    "the total": ({"total_price": "12.50"}, {"total_price": 12.5}),
    "the second line of the address": ({"shipping_address": {"address2": "2nd floor"}}, {"address2": "2nd floor"}),
    "a line of the address": ({"shipping_address": {"city": "Rajkot"}}, {"city": "Rajkot"}),
    "the products": ({"line_items": [{"title": "Brass Lamp"}]}, {"product_title": "Brass Lamp", "item_count": 1}),
    "the payment": ({"financial_status": "refunded"}, {"financial_status": "refunded"}),
    "the buyer's name": ({"customer": {"first_name": "Asha"}}, {"first_name": "Asha"}),
    "an empty address": ({"shipping_address": None}, {"address": None, "city": None, "zip": None}),
}


@pytest.mark.parametrize(("fields", "facts"), CHANGES.values(), ids=list(CHANGES))
def test_what_is_there_is_believed(shop: Shop, fields: dict[str, Any], facts: dict[str, Any]) -> None:
    send(shop, whole(), "orders/create")

    assert send(shop, {"id": ORDER_ID, "updated_at": LATER} | fields) == "recorded"

    assert {name: stored(shop)[name] for name in facts} == facts


def test_a_part_that_is_older_than_what_is_known_changes_nothing(shop: Shop) -> None:
    send(shop, whole(at=LATEST), "orders/create")
    before = stored(shop)

    assert send(shop, {"id": ORDER_ID, "updated_at": LATER, "phone": NEW_PHONE}) == "repeat"
    assert stored(shop) == before


def test_two_parts_that_tell_different_things_count_in_whatever_order_they_come(shop: Shop) -> None:
    send(shop, whole(), "orders/create")

    send(shop, {"id": ORDER_ID, "updated_at": LATEST, "tags": "vip"})
    assert send(shop, {"id": ORDER_ID, "updated_at": LATER, "financial_status": "paid"}) == "recorded"

    assert stored(shop)["financial_status"] == "paid"


@pytest.mark.parametrize("fields", [{"tags": "vip"}, {"phone": "098250 12345"}], ids=["no time", "a phone of nowhere"])
def test_a_part_that_cannot_be_placed_has_the_order_read_and_changes_nothing(
    shop: Shop, fields: dict[str, Any]
) -> None:
    send(shop, whole(), "orders/create")
    before = stored(shop)
    time = {} if "tags" in fields else {"updated_at": LATER}

    send(shop, {"id": ORDER_ID} | time | fields)

    assert jobs(shop) == ["sync_order", "read_order_again"]
    assert stored(shop)["customer_phone"] == before["customer_phone"]


def test_a_national_number_is_read_by_the_country_that_came_with_it(shop: Shop) -> None:
    send(shop, whole(), "orders/create")

    address = {"phone": "98250 12345", "country_code": "IN"}
    send(shop, {"id": ORDER_ID, "updated_at": LATER, "phone": "98250 12345", "shipping_address": address})

    assert stored(shop)["customer_phone"] == "+919825012345"


# -- an order that is first seen in part

TOP = sorted(set(whole()) - {"id"})
FIRST = {
    "its name and tags": ("name", "updated_at"),
    "all but the phones": ("name", "updated_at", "created_at", "total_price", "currency", "line_items"),
    "all but the addresses": (
        *("name", "phone", "updated_at", "created_at", "total_price", "currency", "line_items", "customer", "test"),
        *("cancelled_at", "financial_status", "fulfillment_status"),
    ),
    "all but where it was sold": tuple(sorted({*TOP} - {"source_name"})),
    "all but when it was processed": tuple(sorted({*TOP} - {"processed_at"})),
    "all but whether it is archived": tuple(sorted({*TOP} - {"closed_at"})),
    "the phone alone": ("phone",),
    "nothing of its state": (
        "name",
        "phone",
        "customer",
        "shipping_address",
        "line_items",
        "total_price",
        "created_at",
    ),
    "parts of the parts": ("name", "phone", "customer.email", "shipping_address.city", "line_items.id", "updated_at"),
}


@pytest.mark.parametrize("topic", ["orders/create", "orders/updated", "orders/paid"])
@pytest.mark.parametrize("fields", FIRST.values(), ids=list(FIRST))
def test_an_order_that_is_first_seen_in_part_is_read_before_anybody_is_rung(
    shop: Shop, fields: tuple[str, ...], topic: str
) -> None:
    assert send(shop, part(whole(), *fields), topic) == "recorded"

    assert calling(shop) == ("not_called", "partly_known")
    assert jobs(shop) == ["read_order_again"]


@pytest.mark.parametrize("topic", ["orders/create", "orders/updated"])
@pytest.mark.parametrize("fields", FIRST.values(), ids=list(FIRST))
def test_the_whole_body_that_follows_is_no_repetition_and_the_customer_is_rung(
    shop: Shop, fields: tuple[str, ...], topic: str
) -> None:
    send(shop, part(whole(), *fields), "orders/create")

    assert send(shop, whole(), topic) == "recorded"

    assert calling(shop) == ("queued", None)
    assert jobs(shop).count("sync_order") == 1
    assert stored(shop)["fact_times"] is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"test": True}, "test_order"),
        ({"fulfillment_status": "fulfilled"}, "shipped"),
        ({"financial_status": "refunded"}, "refunded"),
        ({"phone": None, "customer": None, "shipping_address": None, "billing_address": None}, "no_phone"),
        ({"created_at": "2026-11-20T11:59:00+05:30"}, "too_old"),
    ],
)
def test_what_the_whole_body_says_against_a_call_counts(shop: Shop, changes: dict[str, Any], reason: str) -> None:
    send(shop, part(whole(), "name", "updated_at"), "orders/create")

    send(shop, whole(**changes), "orders/create")

    assert calling(shop) == ("not_called", reason)
    assert "sync_order" not in jobs(shop)


def test_a_cancellation_in_part_is_believed(shop: Shop) -> None:
    send(shop, part(whole(), "name", "updated_at"), "orders/create")

    send(shop, part(whole(cancelled_at=LATER, at=LATER), "cancelled_at", "updated_at"), "orders/cancelled")

    assert shop.rows("SELECT confirmation_status, calling_state, calling_reason FROM orders")[0][0] == "Failed"
    send(shop, whole(), "orders/create")
    assert "sync_order" not in jobs(shop)


def test_a_cancellation_that_does_not_tell_of_itself_has_the_order_read(shop: Shop) -> None:
    send(shop, part(whole(), "name", "updated_at"), "orders/cancelled")

    assert calling(shop) == ("not_called", "partly_known")
    assert jobs(shop) == ["read_order_again"]


def test_how_it_is_paid_is_not_concluded_from_what_is_absent(shop: Shop) -> None:
    prepaid = whole(payment_gateway_names=["Razorpay"], financial_status="pending")
    send(shop, part(prepaid, "financial_status", "updated_at"), "orders/create")

    send(shop, prepaid, "orders/create")

    assert stored(shop)["is_cod"] == 0


def test_a_second_part_of_a_new_order_is_heard_beside_the_first(shop: Shop) -> None:
    send(shop, part(whole(), "name", "updated_at"), "orders/create")
    send(shop, part(whole(), "total_price", "currency", "updated_at"), "orders/create")

    assert (stored(shop)["order_name"], stored(shop)["currency"]) == ("#1001", "INR")
    assert calling(shop) == ("not_called", "partly_known")


# -- whatever is absent, and in whatever order it comes
NESTED = [f"{name}.{field}" for name in ("customer", "shipping_address", "billing_address") for field in whole()[name]]
SUBSETS = st.sets(st.sampled_from([*TOP, *NESTED]))


def cut(body: dict[str, Any], paths: set[str]) -> dict[str, Any]:
    """Cut a body; a field that is named whole is whole, whatever of it is named beside."""
    return part(body, *(path for path in paths if path.split(".")[0] == path or path.split(".")[0] not in paths))


@few(40)
@given(paths=SUBSETS)
def test_a_part_of_the_same_body_changes_nothing(shop: Shop, paths: set[str]) -> None:
    number = next(NUMBERS)
    body = whole(number)
    send(shop, body, "orders/create")
    before = stored(shop, body["id"])

    send(shop, cut(body, paths))

    assert stored(shop, body["id"]) == before


@few(40)
@given(paths=st.lists(SUBSETS, min_size=1, max_size=3), data=st.data())
def test_parts_and_a_whole_body_come_to_the_same_in_any_order(shop: Shop, paths: list[set[str]], data: Any) -> None:
    later = [cut(make_later(0, step), {*some, "updated_at"}) for step, some in enumerate(paths, 1)]
    bodies = [whole(0), *later]
    order = data.draw(st.permutations(range(len(bodies))))

    ends = [arrive(shop, [bodies[index] for index in indexes]) for indexes in (range(len(bodies)), order)]

    assert ends[0] == ends[1]


def make_later(number: int, step: int) -> dict[str, Any]:
    """Return the same order as it stood some minutes later, with other values in many of its fields."""
    return whole(
        number,
        at=f"2026-11-23T11:5{step}:30+05:30",
        total_price=f"{step}00.00",
        financial_status=("pending", "authorized", "paid", "partially_paid")[step],
        shipping_address=make_address(city=f"City {step}", address1=f"{step} Mount Road"),
        line_items=[{"title": f"Product {step}", "current_quantity": step}],
        current_total_price=f"{step}00.00",
        closed_at=(None, EARLY, None, LATER)[step],
    )


def arrive(shop: Shop, bodies: list[dict[str, Any]]) -> dict[str, Any]:
    """Deliver bodies as those of an order of their own, and return what is stored of it in the end."""
    shopify_id = 7_000_000_000_000 + next(NUMBERS)
    for body in bodies:
        send(shop, body | {"id": shopify_id, "admin_graphql_api_id": f"gid://shopify/Order/{shopify_id}"})
    return stored(shop, shopify_id)


def test_lines_that_lack_what_a_courier_needs_leave_the_kept_ones_as_they_are(shop: Shop) -> None:
    send(shop, whole(), "orders/create")
    kept = stored(shop)["lines"]

    send(shop, {"id": ORDER_ID, "updated_at": LATER, "line_items": [{"title": "Bowl", "current_quantity": 2}]})

    assert (stored(shop)["lines"], stored(shop)["items"]) == (kept, "2 × Bowl")


def test_an_edit_changes_the_kept_lines(shop: Shop) -> None:
    send(shop, whole(), "orders/create")
    [line] = whole()["line_items"]

    send(shop, whole(at=LATER, line_items=[line | {"current_quantity": 0}, line | {"sku": "BOWL"}]))

    assert [entry[0:4:3] for entry in json.loads(stored(shop)["lines"])] == [[line["sku"], 0], ["BOWL", 1]]
