"""A courier's columns: which orders fit, what their rows say, and how a file must be written."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.domain.orders.order import Fulfilment, Order
from ordercall.domain.parcels.courier_columns import CourierColumns, Misfit, UnusableColumns, misfit, read_columns, rows
from ordercall.domain.parcels.courier_files import courier_columns
from ordercall.domain.parcels.courier_values import VALUES, Parcel, is_indian_mobile
from ordercall.domain.parcels.parcel import parcel_lines, written_lines
from properties import always
from source import ROOT

INDIA = ZoneInfo("Asia/Kolkata")
OURS = courier_columns(None)
LAMP = ("LMP", "Lamp", "Large", 2, "499.50", 850, True)
PLACED_AT = datetime(2026, 11, 24, 12, 0, tzinfo=INDIA)


def order(*lines: tuple[Any, ...], total: str = "999.00", due: str | None = None, **changes: Any) -> Order:
    """Return an order paid at the door, of two lamps unless it is told otherwise."""
    told: dict[str, Any] = {
        **{"shopify_id": 1, "order_name": "#1001", "placed_at": PLACED_AT, "lines": written_lines(lines or [LAMP])},
        **{"first_name": "Asha", "last_name": "Rao", "customer_phone": "+919000000041", "country": "IN"},
        **{"address": "14 Lake View", "address2": "Adyar", "city": "Chennai", "state": "Tamil Nadu", "zip": "600020"},
        **{"currency": "INR", "presentment_currency": "INR", "is_cod": True, "financial_status": "pending"},
        **{"total_price": Decimal(total), "current_total_price": Decimal(total)},
        **{"total_outstanding": Decimal(due or total), "current_outstanding": Decimal(due or total)},
    }
    return Order(**told | changes)


def table(columns: CourierColumns, one: Order) -> list[dict[str, str]]:
    return [dict(zip(columns.header, row, strict=True)) for row in rows(one, columns, INDIA)]


def columns_of(*columns: str, by: str = "orders") -> CourierColumns:
    """Return columns that are described so, each under the name of its place."""
    tables = [f'[[column]]\nheader = "{place}"\n{column}' for place, column in enumerate(columns)]
    return read_columns("\n".join([f'name = "A courier"\nrows = "{by}"', *tables]))


def row_of(*columns: str, by: str = "orders", **changes: Any) -> list[str]:
    return next(rows(order(**changes), columns_of(*columns, by=by), INDIA))


WRITTEN = [
    ('value = "order"', "#1001"),
    ('value = "shopify_id"', "1"),
    ('value = "placed_at"', "24-11-2026 12:00"),
    ('value = "placed_at"\nas = "dd-mm-yyyy"', "24-11-2026"),
    ('value = "placed_at"\nas = "yyyy-mm-dd"', "2026-11-24"),
    ('value = "name"', "Asha Rao"),
    ('value = "phone"', "+919000000041"),
    ('value = "phone"\nas = "10 digits"', "9000000041"),
    ('value = "whole_address"', "14 Lake View, Adyar"),
    ('value = "country"', "India"),
    ('value = "email"', ""),
    ('value = "payment"', "COD"),
    ('value = "payment"\nas = "cod/prepaid"', "cod"),
    ('value = "to_collect"', "999.00"),
    ('value = "weight"', "1.700"),
    ('value = "weight"\nas = "grams"', "1700"),
    ('value = "weight"\nas = "kg"\nat_least = 2000', "2.000"),
    ('value = "weight"\nat_least = 500', "1.700"),
    ('value = "products"', "2 × Lamp - Large"),
    ('value = "pieces"', "2"),
    ('value = "skus"', "LMP"),
    ('text = "Custom"', "Custom"),
    ('text = ""', ""),
]


@pytest.mark.parametrize(("column", "text"), WRITTEN)
def test_a_column_is_written_in_its_way(column: str, text: str) -> None:
    assert row_of(column) == [text]


@pytest.mark.parametrize(
    ("code", "text"), [("600 020", "600020"), ("६०००२०", "600020"), ("LS1 4AP", "LS1 4AP"), (None, "")]
)
def test_a_pin_code_is_written_in_six_digits(code: str | None, text: str) -> None:
    assert row_of('value = "zip"', zip=code) == [text]


def test_each_line_that_ships_has_a_row() -> None:
    fee, gone = ("FEE", "COD fee", None, 1, "50.00", 0, False), ("BWL", "Bowl", None, 0, "9.00", 1, True)
    columns = columns_of('value = "sku"', 'value = "quantity"', 'value = "price"', by="lines")

    assert list(rows(order(fee, LAMP, gone), columns, INDIA)) == [["LMP", "2", "499.50"]]


PAID = [
    ({}, ["COD", "999.00", "0.00"]),
    ({"due": "499.00"}, ["COD", "499.00", "500.00"]),
    ({"due": "0.00"}, ["Prepaid", "0.00", "999.00"]),
    ({"due": "-20.00"}, ["Prepaid", "0.00", "999.00"]),
    ({"is_cod": False, "financial_status": "paid"}, ["Prepaid", "0.00", "999.00"]),
]


@pytest.mark.parametrize(("changes", "told"), PAID)
def test_what_is_collected_is_what_is_due_and_never_less_than_nothing(changes: dict[str, Any], told: list[str]) -> None:
    assert row_of('value = "payment"', 'value = "to_collect"', 'value = "advance"', **changes) == told


UNFIT: list[tuple[str, dict[str, Any], Misfit]] = [
    ("shiprocket", {"due": "499.00"}, Misfit.IN_PART),
    ("delhivery", {"shopify_cancelled_at": "2026-11-24T12:00:00Z"}, Misfit.CANCELLED),
    ("delhivery", {"shopify_deleted_at": PLACED_AT}, Misfit.CANCELLED),
    ("delhivery", {"is_test": True}, Misfit.TEST),
    ("delhivery", {"fulfillment_status": Fulfilment.PART}, Misfit.LEFT),
    ("delhivery", {"closed_at": "2026-11-24T12:00:00Z"}, Misfit.ARCHIVED),
    ("delhivery", {"financial_status": "voided", "due": "0"}, Misfit.MONEY_BACK),
    ("delhivery", {"financial_status": "expired"}, Misfit.MONEY_BACK),
    ("delhivery", {"financial_status": "refunded", "due": "0"}, Misfit.MONEY_BACK),
    ("delhivery", {"lines": None}, Misfit.UNKNOWN),
    ("delhivery", {"lines": "[]"}, Misfit.EMPTY),
    ("delhivery", {"lines": written_lines([(*LAMP[:3], 0, *LAMP[4:])])}, Misfit.EMPTY),
    ("delhivery", {"lines": written_lines([(*LAMP[:4], "free", *LAMP[5:])])}, Misfit.NO_PRICE),
    ("delhivery", {"address": None}, Misfit.NO_ADDRESS),
    ("shiprocket", {"customer_phone": None}, Misfit.NO_MOBILE),
    ("shiprocket", {"customer_phone": "+14155550100"}, Misfit.NO_MOBILE),
    ("delhivery", {"currency": "USD"}, Misfit.CURRENCY),
    ("delhivery", {"presentment_currency": "USD"}, Misfit.CURRENCY),
    ("delhivery", {"is_cod": None}, Misfit.UNCLEAR),
    ("delhivery", {"is_cod": False}, Misfit.NOT_PAID),
    ("shiprocket", {"is_cod": False, "financial_status": "partially_paid", "due": "99.00"}, Misfit.NOT_PAID),
    ("delhivery", {"is_cod": False, "total_outstanding": None}, Misfit.UNCLEAR),
    ("delhivery", {"total_outstanding": None, "financial_status": "partially_paid"}, Misfit.UNCLEAR),
]


@pytest.mark.parametrize(("name", "changes", "why"), UNFIT)
def test_an_order_that_must_not_stand_in_a_file_is_known(name: str, changes: dict[str, Any], why: Misfit) -> None:
    assert misfit(order(**changes), OURS[name]) is why


@pytest.mark.parametrize("name", OURS)
def test_an_order_paid_at_the_door_fits_everywhere(name: str) -> None:
    assert misfit(order(), OURS[name]) is None


@pytest.mark.parametrize(("state", "due"), [("paid", "0"), ("paid", "-50.00"), ("authorized", "999.00")])
def test_what_was_paid_before_is_prepaid(state: str, due: str) -> None:
    paid = order(is_cod=False, financial_status=state, due=due)

    assert (misfit(paid, OURS["delhivery"]), table(OURS["delhivery"], paid)[0]["payment_mode"]) == (None, "Prepaid")


def test_an_order_without_money_in_its_columns_may_be_paid_in_any_way() -> None:
    assert misfit(order(due="1.00", currency="USD"), columns_of('value = "skus"')) is None


@pytest.mark.parametrize(
    ("phone", "is_one"),
    [("+919000000041", True), ("+915000000041", False), ("+91900000004", False), ("9000000041", False), (None, False)],
)
def test_a_mobile_of_ten_digits_is_one_in_india(phone: str | None, is_one: bool) -> None:
    assert is_indian_mobile(phone) is is_one


rupees = st.integers(0, 9_999_999).map(lambda paise: Decimal(paise) / 100)
a_line = st.tuples(
    *(st.sampled_from(["A", None]), st.just("Lamp"), st.none(), st.integers(0, 9), rupees.map(str)),
    *(st.one_of(st.none(), st.integers(0, 5_000)), st.booleans()),
)
orders = st.builds(
    lambda lines, total, due, is_cod: order(*lines, total=str(total), due=str(due), is_cod=is_cod),
    st.lists(a_line, min_size=1, max_size=5),
    rupees,
    st.integers(-9_999, 9_999_999).map(lambda paise: Decimal(paise) / 100),
    st.booleans(),
)


@always
@given(one=orders)
def test_what_couriers_collect_is_what_is_due(one: Order) -> None:
    due = max(one.total_outstanding or Decimal(0), Decimal(0)) if one.is_cod else Decimal(0)

    for name, payment, amount in (
        ("ithink", "payment_mode", "cod_amount"),
        ("delhivery", "payment_mode", "cod_amount"),
    ):
        if misfit(one, OURS[name]) is None:
            for row in table(OURS[name], one):
                assert Decimal(row[amount]) == due
                assert row[payment] == ("COD" if due else "Prepaid")


def shiprocket_adds_up(found: list[dict[str, str]]) -> Decimal:
    """Return what Shiprocket makes of the rows of an order."""
    goods = sum(
        Decimal(row["*Product Quantity"]) * Decimal(row["*Selling Price(Per Unit Item, Inclusive of Tax)"])
        for row in found
    )
    charges, discount = found[0]["Shipping Charges(Per Order)"], found[0]["Total Discount (Per Order)"]
    return goods + Decimal(charges) - Decimal(discount)


@always
@given(one=orders, is_whole=st.booleans())
def test_a_file_without_a_column_for_it_adds_up_to_what_is_due(one: Order, is_whole: bool) -> None:
    if is_whole:
        one = order(*parcel_lines(one) or [LAMP], total=str(one.total_price))
    if misfit(one, OURS["shiprocket"]) is None:
        found = table(OURS["shiprocket"], one)
        if found[0]["*Payment Method(COD/Prepaid)"] == "COD":
            assert shiprocket_adds_up(found) == one.to_collect
        else:
            assert one.to_collect == 0


@always
@given(one=orders)
def test_the_rows_hold_every_piece_that_ships_once(one: Order) -> None:
    pieces = sum(line.quantity for line in parcel_lines(one) or [])

    assert sum(int(row["*Product Quantity"]) for row in table(OURS["shiprocket"], one)) == pieces
    assert [row["quantity"] for row in table(OURS["delhivery"], one)] == [str(pieces)]


@always
@given(one=orders)
def test_no_amount_is_below_nothing(one: Order) -> None:
    parcel = Parcel(one, parcel_lines(one) or [])

    assert min(parcel.to_collect, parcel.advance, parcel.charges, parcel.discount, parcel.total) >= 0
    assert 0 in (parcel.charges, parcel.discount)


FAULTS = [
    ("name = ", "is no TOML (Invalid value"),
    ('rows = "orders"', "name: is missing; say what people call the courier."),
    ('name = "A"\nrows = "orders"', "column: is missing; write each column as a table [[column]]."),
    ('name = "A"\ncolor = 1', "color: is no key of such a file; use name, source, note, rows, column."),
    ('name = "A"\n[[column]]\nheader = "B"\ntext = ""', "rows: is missing; use one of orders, lines."),
]
COLUMN_FAULTS = [
    ('text = ""\nhead = "x"', "column 1, head: is no key of such a file; use header, value, text, as, at_least."),
    ('text = ""\nvalue = "order"', "column 1, value: there must be a value or a text, and not both; keep one of them."),
    ("", "column 1, value: there must be a value or a text, and not both; keep one of them."),
    ("text = 1", "column 1, text: must be a text in one line, in quotes."),
    ('text = "x"\nas = "kg"', "column 1, text: is written as it is; remove as and at_least."),
    ('value = "phone"\nas = "kg"', "column 1, as: 'kg' is unknown; use one of +91, 10 digits."),
    ('value = "order"\nat_least = 5', "column 1, at_least: only a weight has one; remove it."),
    ('value = "weight"\nat_least = -5', "column 1, at_least: must be whole grams between 0 and 1000000, such as 500."),
    ('value = "sku"', 'column 1, value: sku is a line\'s; set rows = "lines", or use products, skus or pieces.'),
    ('value = ["sku"]', "column 1, value: '['sku']' is unknown; use one of order, "),
]


@pytest.mark.parametrize(("document", "fault"), FAULTS)
def test_a_file_that_describes_no_columns_is_refused_with_its_key_and_the_remedy(document: str, fault: str) -> None:
    with pytest.raises(UnusableColumns) as raised:
        read_columns(document)

    assert str(raised.value).startswith(fault)


@pytest.mark.parametrize(("column", "fault"), COLUMN_FAULTS)
def test_a_column_that_cannot_be_written_is_refused_with_its_key_and_the_remedy(column: str, fault: str) -> None:
    with pytest.raises(UnusableColumns) as raised:
        columns_of(column)

    assert str(raised.value).startswith(fault)


def test_every_value_is_explained() -> None:
    explained = (ROOT / "docs" / "couriers.md").read_text()

    assert [name for name in VALUES if f"`{name}`" not in explained] == []


@pytest.mark.parametrize(
    ("names", "row"),
    [
        ({}, ["Asha Rao", "Asha", "Rao"]),
        ({"ship_first_name": "Meera", "ship_last_name": "Nair"}, ["Meera Nair", "Meera", "Nair"]),
        ({"ship_last_name": "Lakshmi"}, ["Lakshmi", "Lakshmi", ""]),
    ],
)
def test_a_parcel_bears_the_name_of_its_address(names: dict[str, str], row: list[str]) -> None:
    assert row_of('value = "name"', 'value = "first_name"', 'value = "last_name"', **names) == row
