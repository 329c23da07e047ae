"""Orders in a courier's columns: the file, the orders that are left out of it, and who is told."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from makers import make_address, make_settings
from ordercall.domain.parcels.courier_files import courier_columns
from ordercall.domain.places.addresses import State
from ordercall.errors import ConfigurationError
from ordercall.storage.records import addresses
from reading import ANANYA, decide, look
from web_app import Shop, send_form

PHONE = "+919000000041"


def lines(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True), newline="")))


def line(sku: str = "LAMP", quantity: int = 1, price: str = "499.50", **more: Any) -> dict[str, Any]:
    told = {"title": f"The {sku}", "name": f"The {sku}", "variant_title": None, "sku": sku, "grams": 350}
    return {**told, "price": price, "quantity": quantity, "current_quantity": quantity, **more}


def receive(shop: Shop, number: int = 1001, **changes: Any) -> int:
    goods = [line(), line("BOWL", 3, "100.00")]
    money = {"total_price": "849.50", "current_total_price": "849.50", "total_outstanding": "849.50"}
    return shop.receive(number, person=ANANYA, **({"line_items": goods, "phone": PHONE} | money | changes))


def test_shiprocket_gets_a_row_for_each_line(shop: Shop, person: FlaskClient) -> None:
    receive(shop, shipping_address=make_address(address1="-12 Lake View", address2="=2nd floor"))

    first, second = lines(person.get("/orders.csv?columns=shiprocket&format=plain"))

    same = {"*Order Id": "#1001", "*Payment Method(COD/Prepaid)": "COD", "*Customer Mobile": "9000000041"}
    same |= {"Order Date as dd-mm-yyyy hh:MM": "24-11-2026 12:00", "*Shipping Address Country": "India"}
    same |= {"*Weight Of Shipment(kg)": "1.400", "*Shipping Address Line 1": "-12 Lake View"}
    same |= {"Shipping Charges(Per Order)": "50.00", "Total Discount (Per Order)": "0.00", "*Channel": "Custom"}
    assert {name: first[name] for name in same} == {name: second[name] for name in same} == same
    each = ("*Master SKU", "*Product Name", "*Product Quantity", "*Selling Price(Per Unit Item, Inclusive of Tax)")
    assert [[row[name] for name in each] for row in (first, second)] == [
        ["LAMP", "The LAMP", "1", "499.50"],
        ["BOWL", "The BOWL", "3", "100.00"],
    ]


def test_an_order_whose_customer_gave_another_address_is_left_out_and_named_until_that_is_dealt_with(
    shop: Shop, person: FlaskClient
) -> None:
    order_id = receive(shop)
    decide(shop, order_id, "Success")
    with shop.db.begin() as tx:
        addresses.propose(tx, order_id, {"zip": "682031"}, report=None, now=shop.now)
    page = look(person, "/orders.csv?columns=delhivery", status=409)
    with shop.db.begin() as tx:
        addresses.move(tx, addresses.open_ones(tx, order_id)[0], State.REJECTED, now=shop.now)

    assert "Its customer gave another address, which waits for a person or for Shopify. #1001" in page.text
    assert len(lines(person.get("/orders.csv?columns=delhivery&format=plain"))) == 1


def test_a_formula_is_written_as_text_unless_a_program_asks(shop: Shop, person: FlaskClient) -> None:
    receive(shop, shipping_address=make_address(address2="=2nd floor"))

    answer = person.get("/orders.csv?columns=shiprocket")

    assert answer.get_data(as_text=True).startswith("*Order Id,")
    assert lines(answer)[0]["Shipping Address Line 2"] == "'=2nd floor"
    assert (
        lines(person.get("/orders.csv?columns=shiprocket&format=plain"))[0]["Shipping Address Line 2"] == "=2nd floor"
    )


PART = {"financial_status": "partially_paid", "total_outstanding": "349.50"}


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        ("ithink", ("order", "payment_mode", "total_amount", "advance_amount", "cod_amount")),
        ("delhivery", ("order", "payment_mode", "total_amount", None, "cod_amount")),
    ],
)
def test_what_is_paid_before_is_not_collected_again(
    shop: Shop, person: FlaskClient, columns: str, names: tuple[str | None, ...]
) -> None:
    receive(shop, **PART)

    row = lines(person.get(f"/orders.csv?columns={columns}"))[0]

    told = ["#1001", "COD", "849.50", "500.00", "349.50"]
    assert [row[name] for name in names if name] == [value for name, value in zip(names, told, strict=True) if name]


def test_an_order_that_does_not_fit_is_named_before_the_others_are_exported(shop: Shop, person: FlaskClient) -> None:
    receive(shop)
    receive(shop, 1002, **PART)

    answer = person.get("/orders.csv?columns=shiprocket&range=today")
    told = look(person, "/orders.csv?columns=shiprocket&range=today", status=409)
    form = next(form for form in told.all("form") if form.attrs["action"] == "/orders.csv")
    fields = {field.attrs["name"]: field.attrs["value"] for field in form.all("input")}
    exported = person.get("/orders.csv", query_string=fields)

    assert answer.status_code == 409
    assert "1 order does not fit" in " ".join(told.text.split())
    assert "A part of it is paid" in told.text
    assert [row["*Order Id"] for row in lines(exported)] == ["#1001", "#1001"]
    assert [row[0] for row in shop.rows("SELECT message FROM logs WHERE event_type = 'Orders_Exported'")] == [
        "Exported as CSV for Shiprocket: all orders, today, 24 Nov. Left out: #1002."
    ]


def test_chosen_orders_are_exported_for_a_courier_after_a_look(shop: Shop, person: FlaskClient) -> None:
    ids = [str(receive(shop)), str(receive(shop, 1002, **PART))]

    told = send_form(person, "/orders.csv", id=ids, columns="shiprocket")
    exported = send_form(person, "/orders.csv", id=ids, columns="shiprocket", left_out="told")

    assert (told.status_code, 'method="post"' in told.get_data(as_text=True)) == (409, True)
    assert {row["*Order Id"] for row in lines(exported)} == {"#1001"}


def test_a_failed_order_is_left_out(shop: Shop, person: FlaskClient) -> None:
    decide(shop, receive(shop), "Failed")

    assert "It is Failed" in look(person, "/orders.csv?columns=delhivery", status=409).text


@pytest.mark.parametrize("cancel", ["sending", "unclear", "done"])
def test_an_order_that_may_be_cancelled_is_left_out_whatever_its_status(
    shop: Shop, person: FlaskClient, cancel: str
) -> None:
    order_id = receive(shop)
    decide(shop, order_id, "Success")
    shop.change(order_id, cancel_state=cancel)

    assert "may be cancelled" in look(person, "/orders.csv?columns=delhivery", status=409).text


def test_an_order_of_the_sandbox_is_left_out_of_a_real_shops_file(shop: Shop, person: FlaskClient) -> None:
    shop.change(receive(shop), is_demo=1)

    assert "one of the sandbox" in look(person, "/orders.csv?columns=delhivery", status=409).text


@pytest.mark.parametrize("columns", ["shiprocket", "delhivery", "ithink"])
def test_an_order_of_the_sandbox_fits_where_all_are_the_sandboxs(new_shop: Any, columns: str) -> None:
    shop: Shop = new_shop(ORDERCALL_SANDBOXED="1")
    shop.receive(1001)

    assert "5550001001" in shop.person().get(f"/orders.csv?columns={columns}").get_data(as_text=True)


def test_the_rest_is_written_when_the_request_has_ended(shop: Shop, person: FlaskClient) -> None:
    receive(shop)
    shop.change(receive(shop, 1002), is_demo=1)

    with person.get("/orders.csv?columns=delhivery&left_out=told", buffered=False) as answer:
        written = b"".join(answer.response).decode()

    assert [row["order"] for row in csv.DictReader(io.StringIO(written))] == ["#1001"]


def test_an_earlier_order_is_read_from_shopify_for_its_lines(shop: Shop, person: FlaskClient) -> None:
    shop.change(receive(shop), lines=None)

    told = look(person, "/orders.csv?columns=delhivery", status=409)

    assert "It is read from Shopify" in told.text
    assert shop.rows("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'read_order_again'")[0][0] == 1


def test_lines_that_a_later_webhook_did_not_tell_are_read_again(shop: Shop, person: FlaskClient) -> None:
    order_id = receive(shop)
    later = (shop.now.timestamp(), '{"lines": 1.0}')
    shop.change(order_id, shopify_updated_at=later[0], fact_times=later[1])

    assert "It is read from Shopify" in look(person, "/orders.csv?columns=delhivery", status=409).text


def test_columns_that_nobody_described_are_refused_with_those_there_are(person: FlaskClient) -> None:
    answer = person.get("/orders.csv?columns=pigeon")

    assert answer.status_code == 400
    assert "delhivery, ithink, shiprocket" in answer.get_data(as_text=True)


def test_no_log_of_an_export_names_a_customer(
    shop: Shop, person: FlaskClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    receive(shop)
    receive(shop, 1002, **PART)
    lines(person.get("/orders.csv?columns=shiprocket&left_out=told"))

    kept = shop.rows("SELECT message, detail FROM logs")
    said = f"{caplog.text}{capfd.readouterr()}{kept}"

    assert [
        secret for secret in (PHONE[3:], ANANYA.first_name, ANANYA.address, ANANYA.pin_code) if secret in said
    ] == []


OWN = """
name = "Pigeon"
rows = "orders"
[[column]]
header = "Ref"
value = "order"
"""


def test_a_shop_adds_columns_of_its_own(new_shop: Any, tmp_path: Path) -> None:
    (tmp_path / "pigeon.toml").write_text(OWN)
    shop = new_shop(COURIER_COLUMNS_FOLDER=str(tmp_path))
    receive(shop)

    assert lines(shop.person().get("/orders.csv?columns=pigeon")) == [{"Ref": "#1001"}]


def test_a_phone_with_its_country_is_no_formula_to_a_portal(new_shop: Any, tmp_path: Path) -> None:
    (tmp_path / "pigeon.toml").write_text(OWN + '[[column]]\nheader = "Phone"\nvalue = "phone"\n')
    shop = new_shop(COURIER_COLUMNS_FOLDER=str(tmp_path))
    receive(shop)

    assert lines(shop.person().get("/orders.csv?columns=pigeon")) == [{"Ref": "#1001", "Phone": PHONE}]


def test_a_file_of_the_shop_takes_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "delhivery.toml").write_text(OWN)

    assert courier_columns(tmp_path)["delhivery"].header == ["Ref"]


@pytest.mark.parametrize(
    ("name", "document", "fault"),
    [
        (
            "pigeon.toml",
            OWN.replace('order"\n', 'adress"\n'),
            "pigeon.toml: column 1, value: 'adress' is unknown; use one of order,",
        ),
        ("Pigeon Post.toml", OWN, "Pigeon Post.toml: its name must be small letters, digits and hyphens"),
        ("pigeon.toml", "name = \udcff", "pigeon.toml: cannot be read as a text in UTF-8"),
    ],
)
def test_a_start_names_the_file_the_key_and_the_remedy(tmp_path: Path, name: str, document: str, fault: str) -> None:
    (tmp_path / name).write_bytes(document.encode("utf-8", "surrogateescape"))

    with pytest.raises(ConfigurationError) as raised:
        make_settings(COURIER_COLUMNS_FOLDER=str(tmp_path))

    assert raised.value.faults[0].startswith(
        f"COURIER_COLUMNS_FOLDER names a folder with a file that cannot be used: {fault}"
    )


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"COURIER_COLUMNS_FOLDER is '.*nowhere', which is no folder"):
        make_settings(COURIER_COLUMNS_FOLDER=str(tmp_path / "nowhere"))


def test_every_file_that_comes_along_names_its_source_and_what_is_not_sure() -> None:
    ours = courier_columns(None)

    assert list(ours) == ["delhivery", "ithink", "shiprocket"]
    assert [name for name, columns in ours.items() if not (columns.source and columns.note)] == []


def test_each_choice_leads_to_the_orders_of_the_list(shop: Shop, person: FlaskClient) -> None:
    receive(shop)
    shown = look(person, "/?range=all")
    form = shown.one("form", id="export")
    fields = {field.attrs["name"]: field.attrs["value"] for field in form.all("input")}
    chosen = [one.attrs["value"] for one in shown.all("button") if one.attrs.get("name") == "columns"]

    assert chosen == ["delhivery", "ithink", "shiprocket"]
    assert len(lines(person.get("/orders.csv", query_string=fields | {"columns": chosen[2]}))) == 2


def test_a_list_of_any_length_is_written_slice_by_slice(shop: Shop, person: FlaskClient) -> None:
    receive(shop)

    answer = person.get("/orders.csv?columns=shiprocket", buffered=False)

    assert answer.is_streamed
    assert next(answer.iter_encoded()).startswith(b"*Order Id,")
