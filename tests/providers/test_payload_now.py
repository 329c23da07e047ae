"""What a body says of an order as it is by now: edited, archived, imported, sold at a counter, taken back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from bodies import read

from ordercall.domain.orders.order import Fulfilment
from ordercall.providers.shopify.order_body import UnreadableBody
from ordercall.providers.shopify.payload import read_order

TODAY, THEN = "2026-11-23T11:59:00+05:30", "2024-03-05T09:10:11+05:30"
LATER = "2026-11-24T08:00:00+05:30"
LONG_AGO = "2004-01-01T00:00:00Z"


def line(title: str = "Brass Lamp", quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {"title": title, "name": title, "quantity": quantity, "current_quantity": quantity} | more


def money(shop: str, shown: str | None = None, currency: str = "USD") -> dict[str, Any]:
    """Return an amount as it stands in a ``…_set``; without *shown* the customer pays in the shop's currency."""
    in_shop = {"amount": shop, "currency_code": "INR"}
    return {
        "shop_money": in_shop,
        "presentment_money": {"amount": shown, "currency_code": currency} if shown else in_shop,
    }


@pytest.mark.parametrize(
    ("created", "processed", "placed"),
    [
        (TODAY, TODAY, TODAY),
        (TODAY, THEN, THEN),
        (THEN, TODAY, THEN),
        (TODAY, LATER, TODAY),
        (TODAY, None, TODAY),
        (TODAY, "last year", TODAY),
        (None, THEN, THEN),
        (TODAY, "2024-03-05 09:10:11", THEN),
        (TODAY, "2024-03-05T09:10:11", THEN),
        (TODAY, "2024-03-05 09:10:11 +0530", THEN),
        (TODAY, "2024-03-05 03:40:11 UTC", THEN),
        (TODAY, "2024-03-05 03:40:11 +00:00", THEN),
        (TODAY, "2024-03-05", "2024-03-05T00:00:00+05:30"),
        ("2026-11-23T11:59:00-05:00", "2024-03-05 09:10:11", "2024-03-05T09:10:11-05:00"),
        (None, "2024-03-05 09:10:11", THEN),
        (TODAY, "1970-01-01T00:00:00Z", LONG_AGO),
        (TODAY, "1970-01-01 00:00:00", LONG_AGO),
        (TODAY, "1899-12-30T00:00:00+05:30", LONG_AGO),
        (TODAY, "0001-01-01T00:00:00Z", LONG_AGO),
        (TODAY, "0001-01-01T00:00:00+05:30", LONG_AGO),
        (TODAY, "2024-13-41 09:10:11", TODAY),
        (TODAY, 1709612, TODAY),
    ],
)
def test_an_order_is_as_old_as_the_earlier_of_its_two_times(
    created: str | None, processed: str | None, placed: str
) -> None:
    order = read(created_at=created, processed_at=processed)

    assert order.placed_at == datetime.fromisoformat(placed)
    assert order.created_at == created


@pytest.mark.parametrize(
    ("lines", "items", "left"),
    [
        ([line(quantity=2)], "2 × Brass Lamp", 2),
        ([line(quantity=2, current_quantity=1)], "1 × Brass Lamp", 1),
        ([line(quantity=2, current_quantity=5)], "5 × Brass Lamp", 5),
        ([line(current_quantity=0), line("Kurta", name="Kurta - M")], "1 × Kurta - M", 1),
        ([line(current_quantity=0)], None, 0),
        ([line(current_quantity=0), line("Tip", requires_shipping=False)], "1 × Tip", 0),
        ([line("Tip", product_exists=False, product_id=None), line()], "1 × Brass Lamp, 1 × Tip", 1),
        ([{"title": "Brass Lamp", "quantity": 3}], "3 × Brass Lamp", 3),
        ([line(current_quantity=None)], "1 × Brass Lamp", 1),
        ([line(current_quantity="2")], "2 × Brass Lamp", 2),
        ([line(current_quantity=-1)], "1 × Brass Lamp", 1),
        ([line(current_quantity=True)], "1 × Brass Lamp", 1),
        ([line(current_quantity={}, quantity=[])], "1 × Brass Lamp", 1),
        ([line(current_quantity=0.0)], None, 0),
        ([line(current_quantity="0.00")], None, 0),
        ([line(quantity=3, current_quantity=2.0)], "2 × Brass Lamp", 2),
        ([line(quantity="3.0", current_quantity=None)], "3 × Brass Lamp", 3),
        ([line(quantity=3, current_quantity="2e0")], "2 × Brass Lamp", 2),
        ([line(quantity=3, current_quantity=1.5)], "3 × Brass Lamp", 3),
        ([line(quantity=3, current_quantity="none")], "3 × Brass Lamp", 3),
        ([line(quantity=3, current_quantity=-0.0)], None, 0),
        ([], None, None),
    ],
)
def test_what_is_ordered_now_is_read_of_the_current_quantities(
    lines: list[dict[str, Any]], items: str | None, left: int | None
) -> None:
    order = read(line_items=lines)

    assert (order.items, order.units_left) == (items, left)


@pytest.mark.parametrize("extra", ["Tip", "COD Fee", "Shipping Protection", "Gift wrap"])
@pytest.mark.parametrize("kind", [{"requires_shipping": False}, {"product_id": None}, {}])
def test_a_line_that_goes_with_another_is_not_the_product(extra: str, kind: dict[str, Any]) -> None:
    order = read(line_items=[line(extra, **kind), line()])

    assert (order.product_title, order.item_count) == ("Brass Lamp", 1)


@pytest.mark.parametrize("nowhere", [{"product_exists": False}, {"vendor": None}, {"vendor": None, "product_id": None}])
def test_a_line_that_is_neither_sent_nor_in_the_catalogue_is_not_the_product(nowhere: dict[str, Any]) -> None:
    order = read(line_items=[line("Gorjeta", requires_shipping=False, **nowhere), line()])

    assert (order.product_title, order.items, order.units_left) == ("Brass Lamp", "1 × Brass Lamp, 1 × Gorjeta", 1)


@pytest.mark.parametrize("nowhere", [{"product_exists": False}, {"vendor": None}])
def test_goods_that_were_made_up_for_the_order_are_goods(nowhere: dict[str, Any]) -> None:
    assert read(line_items=[line("Sofa as drawn", **nowhere), line()]).product_title == "Sofa as drawn"


@pytest.mark.parametrize("kind", [{"gift_card": True}, {"requires_shipping": False}])
def test_what_nobody_carries_stands_behind_what_is_sent(kind: dict[str, Any]) -> None:
    order = read(line_items=[line("Voucher", **kind), line()])

    assert (order.product_title, order.items) == ("Brass Lamp", "1 × Brass Lamp, 1 × Voucher")


@pytest.mark.parametrize(
    ("body", "total", "due", "currency"),
    [
        ({}, "1149.00", "1149.00", "INR"),
        ({"current_total_price": "999.00", "total_outstanding": "499.00"}, "999.00", "499.00", "INR"),
        ({"current_total_price": "0.00", "total_outstanding": "0.00"}, "0.00", "0.00", "INR"),
        ({"current_total_price_set": None}, "1149.00", "1149.00", "INR"),
        ({"current_total_price": None, "current_total_price_set": None}, None, None, None),
        ({"current_total_price_set": money("1149.00", "13.80")}, "13.80", "13.80", "USD"),
        ({"current_total_price_set": money("1149.00", "13.80"), "total_outstanding": "0.00"}, "13.80", "0.00", "USD"),
        ({"current_total_price_set": money("1149.00", "13.80"), "total_outstanding": "500.00"}, "13.80", None, "USD"),
        (
            {
                "current_total_price_set": money("1149.00", "13.80"),
                "total_outstanding": "500.00",
                "total_outstanding_set": money("500.00", "6.01"),
            },
            "13.80",
            "6.01",
            "USD",
        ),
        ({"current_total_price_set": {"presentment_money": {"amount": "13.80"}}}, "1149.00", "1149.00", "INR"),
        ({"current_total_price_set": {"presentment_money": "13.80"}}, "1149.00", "1149.00", "INR"),
        ({"current_total_price_set": ["13.80"]}, "1149.00", "1149.00", "INR"),
        ({"current_total_price": "free", "current_total_price_set": {}}, None, None, None),
    ],
)
def test_what_it_costs_now_is_read_in_the_currency_in_which_the_customer_pays(
    body: dict[str, Any], total: str | None, due: str | None, currency: str | None
) -> None:
    order = read(**body)

    assert order.current_total_price == (Decimal(total) if total else None)
    assert order.current_outstanding == (Decimal(due) if due else None)
    assert order.presentment_currency == currency
    assert (order.total_price, order.currency) == (Decimal("1149.00"), "INR")


@pytest.mark.parametrize(
    ("statuses", "word", "left"),
    [
        ([], "fulfilled", Fulfilment.ALL),
        (["success"], "fulfilled", Fulfilment.ALL),
        (["cancelled"], "fulfilled", Fulfilment.NOTHING),
        (["cancelled", "cancelled"], "partial", Fulfilment.NOTHING),
        (["cancelled", "success"], "fulfilled", Fulfilment.ALL),
        (["cancelled"], None, Fulfilment.NOTHING),
        ([None], "fulfilled", Fulfilment.ALL),
    ],
)
def test_a_parcel_whose_fulfilment_was_cancelled_has_not_left(
    statuses: list[str | None], word: str | None, left: Fulfilment
) -> None:
    order = read(fulfillment_status=word, fulfillments=[{"id": 1, "status": status} for status in statuses])

    assert order.fulfillment_status is left


@pytest.mark.parametrize("odd", ["none", [7], {"status": "cancelled"}, [["cancelled"]]])
def test_odd_fulfilments_cost_no_more_than_themselves(odd: Any) -> None:
    order = read(fulfillment_status="fulfilled", fulfillments=odd, name="#7")

    assert (order.order_name, order.fulfillment_status) == ("#7", Fulfilment.ALL)


@pytest.mark.parametrize(
    ("written", "source"),
    [("pos", "pos"), ("POS", "pos"), (" Pos ", "pos"), ("web", "web"), (580111, "580111"), (None, None)],
)
def test_where_it_was_sold_is_read(written: Any, source: str | None) -> None:
    assert read(source_name=written).source_name == source


def test_a_body_of_an_id_alone_is_an_order_of_which_nothing_is_known() -> None:
    order = read_order(b'{"id": 7}')

    assert (order.units_left, order.items, order.closed_at, order.current_total_price) == (None, None, None, None)
    assert not order.is_empty


def test_a_body_without_an_id_is_none() -> None:
    with pytest.raises(UnreadableBody):
        read_order(b'{"closed_at": null}')


@pytest.mark.parametrize("in_shop", ["-0.01", "-1149.00"])
def test_what_the_shop_owes_is_below_nothing_in_every_currency(in_shop: str) -> None:
    order = read(current_total_price=in_shop, current_total_price_set=money(in_shop, shown="13.80"))

    assert (order.current_total_price, order.is_empty) == (Decimal(in_shop), True)
