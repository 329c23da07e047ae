"""Orders as CSV."""

from __future__ import annotations

import csv
import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from ordercall.sandbox.orders import FIRST_ID, Person, make_order
from ordercall.web.pages.export import COLUMNS
from reading import ANANYA, HETAL, decide, look
from web_app import Shop, send_form


def lines(answer: TestResponse) -> list[dict[str, str]]:
    """Return the lines of a CSV, each by the names of its columns."""
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def exported(person: FlaskClient, address: str = "/orders.csv") -> list[str]:
    return [line["order"] for line in lines(person.get(address))]


# -- which orders


@pytest.fixture
def three(shop: Shop) -> Shop:
    shop.receive(1001, person=ANANYA)
    shop.pass_time(minutes=1)
    decide(shop, shop.receive(1002, person=HETAL), "Success")
    shop.pass_time(minutes=1)
    shop.receive(1003, person=HETAL, created_at="2026-11-20T12:00:00+05:30")
    return shop


FILTERS = [
    ("", ["#1002", "#1001"]),
    ("?range=all", ["#1002", "#1001", "#1003"]),
    ("?status=Success", ["#1002"]),
    ("?q=ananya", ["#1001"]),
    ("?range=all&status=Placed&q=hetal", ["#1003"]),
    ("?hour=11", []),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS, ids=[query or "today" for query, _ in FILTERS])
def test_the_orders_of_a_list_are_exported(three: Shop, person: FlaskClient, query: str, expected: list[str]) -> None:
    assert exported(person, f"/orders.csv{query}") == expected


@pytest.mark.usefixtures("three")
def test_every_order_of_the_list_is_exported_whatever_its_page(person: FlaskClient) -> None:
    assert exported(person, f"/orders.csv?before={FIRST_ID + 1002}") == ["#1002", "#1001"]


@pytest.mark.usefixtures("three")
def test_chosen_orders_are_exported_alone(person: FlaskClient) -> None:
    chosen = f"id={FIRST_ID + 1001}&id={FIRST_ID + 1003}&id={FIRST_ID + 1001}&id=x&id=1"

    assert exported(person, f"/orders.csv?range=today&{chosen}") == ["#1003", "#1001"]


@pytest.mark.usefixtures("three")
def test_chosen_orders_can_be_sent_as_a_form(person: FlaskClient) -> None:
    answer = send_form(person, "/orders.csv", id=str(FIRST_ID + 1003))

    assert [line["order"] for line in lines(answer)] == ["#1003"]


@pytest.mark.usefixtures("three")
def test_a_choice_of_nothing_exports_nothing(person: FlaskClient) -> None:
    assert exported(person, "/orders.csv?id=") == []


def test_more_chosen_orders_than_a_slice_holds_are_all_exported(shop: Shop, person: FlaskClient) -> None:
    shop.store(*(make_order(1001 + number, created_at=shop.now.isoformat()) for number in range(1_200)))

    answer = send_form(person, "/orders.csv", id=[str(FIRST_ID + 1001 + number) for number in range(1_200)])

    assert [line["order"] for line in lines(answer)] == [f"#{2200 - number}" for number in range(1_200)]


def test_orders_of_one_second_and_orders_without_a_time_are_each_exported_once(shop: Shop, person: FlaskClient) -> None:
    shop.store(*(make_order(1001 + number, created_at=shop.now.isoformat()) for number in range(1_200)))
    for number in range(600):
        shop.change(FIRST_ID + 1001 + number, placed_at=None)

    names = exported(person, "/orders.csv?range=all")

    assert names == [f"#{2200 - number}" for number in range(1_200)]


# -- what a line says


def test_a_plain_export_gives_a_program_each_value_as_it_is(shop: Shop, person: FlaskClient) -> None:
    customer = {"first_name": "=Ananya", "last_name": None, "email": None, "phone": None}
    shop.receive(1001, phone="+915550001001", customer=customer)

    answer = person.get("/orders.csv?format=plain")
    [line] = csv.DictReader(io.StringIO(answer.get_data(as_text=True), newline=""))

    assert (line["phone"], line["first_name"], line["last_name"]) == ("+915550001001", "=Ananya", "Shah")


@pytest.mark.parametrize("written", ["PLAIN", "Plain", "%20plain", "plain+"])
def test_a_plain_export_is_one_in_any_case(shop: Shop, person: FlaskClient, written: str) -> None:
    shop.receive(1001, phone="+915550001001")

    answer = person.get(f"/orders.csv?format={written}")

    assert "+915550001001" in answer.get_data(as_text=True).split(",")


def test_chosen_orders_are_exported_plainly_as_well(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, phone="+915550001001")

    [line] = lines(send_form(person, "/orders.csv", id=str(order_id), format="plain"))

    assert (line["order"], line["phone"]) == ("#1001", "+915550001001")


def test_an_export_in_a_form_that_is_none_is_for_spreadsheets(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, phone="+915550001001")

    [line] = lines(person.get("/orders.csv?format=xlsx"))

    assert line["phone"] == "'+915550001001"


def test_a_line_tells_all_about_an_order(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, person=ANANYA, total_price="143570.10", phone="+915550001001")
    shop.pass_time(minutes=5)
    decide(shop, order_id, "Success", by="API")

    assert lines(person.get("/orders.csv")) == [
        {
            "order": "#1001",
            "shopify_id": str(order_id),
            "placed_at": "2026-11-24T12:00:00+05:30",
            "status": "Success",
            "status_changed_at": "2026-11-24T12:05:00+05:30",
            "status_changed_by": "API",
            "calling": "queued",
            "calling_reason": "",
            "cancel": "",
            "first_name": "Ananya",
            "last_name": "Iyer",
            "phone": "'+915550001001",
            "email": "customer1001@example.com",
            "address": "14 Lake View Road, Adyar",
            "city": "Chennai",
            "state": "Tamil Nadu",
            "product": "Steel Tiffin, Three Tiers",
            "items": "1",
            "total": "143570.1",
            "currency": "INR",
            "cash_on_delivery": "yes",
            "test": "no",
            "to_collect": "143570.1",
            "zip": "600020",
            "address2": "",
            "lines": "1 × Steel Tiffin, Three Tiers - Large (SKU STE-THR-TIE) at 1149.00",
            "weight": "1100",
            "call": "planned",
            "call_answer": "",
            "call_attempt": "1",
            "call_not_before": "",
            "call_window_end": "",
        }
    ]


AMOUNTS = {"0.1": "0.1", "-5.00": "-5.0", "1.125": "1.125", "0.0000001": "0.0000001", "999999999999": "999999999999.0"}


@pytest.mark.parametrize(("amount", "shown"), AMOUNTS.items(), ids=list(AMOUNTS))
def test_an_amount_is_exported_as_it_is_kept(shop: Shop, person: FlaskClient, amount: str, shown: str) -> None:
    shop.receive(1001, total_price=amount)

    assert [line["total"] for line in lines(person.get("/orders.csv"))] == [shown]


@pytest.mark.parametrize(
    ("body", "on_delivery", "to_collect"),
    [
        ({"total_outstanding": "499.50"}, "yes", "499.5"),
        ({"financial_status": "paid", "total_outstanding": "0.00"}, "yes", "0.0"),
        ({"total_outstanding": None}, "yes", "1299.0"),
        ({"financial_status": "partially_paid", "total_outstanding": None}, "yes", ""),
        ({"payment_gateway_names": ["Razorpay"], "total_outstanding": "1299.00"}, "no", ""),
        ({"payment_gateway_names": ["Razorpay"], "financial_status": "authorized"}, "no", "0"),
        ({"payment_gateway_names": ["Razorpay"], "financial_status": "paid", "total_outstanding": "0.00"}, "no", "0"),
        ({"payment_gateway_names": [], "financial_status": None}, "", ""),
    ],
)
def test_a_line_tells_what_the_courier_is_to_collect(
    shop: Shop, person: FlaskClient, body: dict[str, object], on_delivery: str, to_collect: str
) -> None:
    shop.receive(1001, total_price="1299.00", **body)

    (line,) = lines(person.get("/orders.csv"))

    assert (line["cash_on_delivery"], line["to_collect"]) == (on_delivery, to_collect)


def test_times_are_those_of_the_shop(new_shop: Any) -> None:
    shop = new_shop(DISPLAY_TIMEZONE="Europe/London")
    shop.receive(1001)

    assert lines(shop.person().get("/orders.csv"))[0]["placed_at"] == "2026-11-24T06:30:00+00:00"


def test_a_hostile_order_is_one_line_of_texts(shop: Shop, person: FlaskClient) -> None:
    hostile = '=HYPERLINK("http://evil.example","a;b")\r\n=1,2'
    shop.receive(1001, person=Person(*[hostile] * 7), name=hostile)

    [line] = lines(person.get("/orders.csv"))

    assert None not in line
    assert {name: value for name, value in line.items() if value.lstrip()[:1] in "=+-@" and value} == {}


# -- the file


def test_the_file_names_its_day_and_its_encoding(person: FlaskClient) -> None:
    answer = person.get("/orders.csv")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="orders-2026-11-24.csv"'
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.get_data().startswith(b"\xef\xbb\xbforder,shopify_id,placed_at,")
    assert answer.headers["Cache-Control"] == "no-store"


MANY = 30_000
"""Their lines have 4 MB, and all that is read for them some ten times as much. The allocator takes 3 MB by itself."""


def memory() -> int:
    """Return the bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@contextmanager
def uncounted(tx: Connection) -> Iterator[None]:
    """Let orders in without counting them and their words: a list for export needs neither, and both take seconds."""
    made = tx.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders'"
    ).all()
    for name, _ in made:
        tx.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, sql in made:
        tx.exec_driver_sql(sql)


@pytest.mark.sqlite
def test_a_list_of_any_length_leaves_without_growing_memory(shop: Shop, person: FlaskClient) -> None:
    start = datetime.fromisoformat("2026-01-01T00:00:00+05:30").timestamp()
    with shop.db.begin() as tx, uncounted(tx):
        tx.exec_driver_sql(
            "WITH RECURSIVE numbers (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM numbers WHERE value + 1 < ?) "
            "INSERT INTO orders (shopify_id, order_name, placed_at, confirmation_status, product_title) "
            "SELECT value + 1, '#' || value, ? + value * 60, 'Placed', 'Steel Tiffin, Three Tiers' "
            "FROM numbers",
            (MANY, start),
        )
    pieces = person.get("/orders.csv?range=all", buffered=False).iter_encoded()
    sent = sum(next(pieces).count(b"\r\n") for _ in range(5))

    before = most = memory()
    for piece in pieces:
        sent += piece.count(b"\r\n")
        most = max(most, memory())

    assert sent == MANY + 1
    assert most - before < 8_000_000


def test_no_transaction_is_open_while_a_slow_reader_takes_his_time(shop: Shop, person: FlaskClient) -> None:
    shop.store(*(make_order(1001 + number, created_at=shop.now.isoformat()) for number in range(1_200)))
    pieces = person.get("/orders.csv", buffered=False).iter_encoded()
    next(pieces)
    next(pieces)

    assert shop.db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


# -- who may, and who did


def test_a_stranger_gets_no_orders(shop: Shop) -> None:
    shop.receive(1001)

    answer = shop.client().get("/orders.csv")

    assert (answer.status_code, answer.location) == (302, "/login?next=/orders.csv")


def test_a_form_without_its_token_gets_no_orders(shop: Shop, person: FlaskClient) -> None:
    assert person.post("/orders.csv", data={"id": shop.receive(1001)}).status_code == 400


SAID = [
    ("", "Exported as CSV: all orders, today, 24 Nov."),
    ("?status=Failed&range=7d&q=ananya", "Exported as CSV: Failed orders, last 7 days, what a search found."),
    ("?hour=9", "Exported as CSV: all orders, today, 24 Nov, 09:00–10:00."),
    ("?hour=9&range=7d", "Exported as CSV: all orders, last 7 days."),
    ("?id=1", "Exported as CSV: 1 chosen order."),
    ("?id=1&id=2", "Exported as CSV: 2 chosen orders."),
]


@pytest.mark.parametrize(("query", "said"), SAID, ids=[query or "today" for query, _ in SAID])
def test_the_log_says_who_exported_what(shop: Shop, person: FlaskClient, query: str, said: str) -> None:
    person.get(f"/orders.csv{query}")

    logged = shop.rows("SELECT event_type, actor, message, shopify_id FROM logs")
    assert [tuple(row) for row in logged] == [("Orders_Exported", "admin", said, None)]


def test_the_list_offers_its_own_orders(three: Shop, person: FlaskClient) -> None:
    form = look(person, "/?status=Success&range=all&q=hetal").one("form", id="export")
    fields = {field.attrs["name"]: field.attrs["value"] for field in form.all("input")}

    assert [line["order"] for line in lines(person.get(form.attrs["action"], query_string=fields))] == ["#1002"]


def test_a_report_offers_its_own_orders(three: Shop, person: FlaskClient) -> None:
    form = look(person, "/reports/placed?range=7d").one("form", id="export")
    fields = {field.attrs["name"]: field.attrs["value"] for field in form.all("input")}

    assert [line["order"] for line in lines(person.get(form.attrs["action"], query_string=fields))] == [
        "#1001",
        "#1003",
    ]


def test_every_column_is_explained() -> None:
    explained = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()

    assert [name for name in COLUMNS if f"`{name}`" not in explained] == []
