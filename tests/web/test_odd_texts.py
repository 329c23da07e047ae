"""Half an emoji, a zero, marks that turn the direction, formulas: in every text of an order, and searched for."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from flask.testing import FlaskClient

from ordercall.sandbox.orders import make_order
from web_app import Shop, post_webhook

ODD = {
    "half an emoji": "a\ud83db",
    "the other half first": "\ude00a\ud83d",
    "a zero": "a\0b",
    "only zeros": "\0\0",
    "turned round": "\u202e=1+1\u202c",
    "formula behind joiners": "\u200d\u200c=1+1",
    "formula behind a mark": "\ufeff\u200e=1+1",
    "lines": "a\r\nb\u2028c\u0085d\x0be",
    "quotes": "\"'`;--<b>&amp;{{7*7}}${x}",
    "long": "\u0915\u094d" * 5_000,
    "private": "\ue000\U000f0000\uffff",
}


def with_text(value: Any, text: str, key: str = "") -> Any:
    """Return a body in which every text says this, but for those by which it is an order of today."""
    if isinstance(value, dict):
        return {name: with_text(item, text, name) for name, item in value.items()}
    if isinstance(value, list):
        return [with_text(item, text, key) for item in value]
    kept = key.endswith("_at") or key in ("phone", "admin_graphql_api_id", "country_code") or "currency" in key
    return text if isinstance(value, str) and not kept else value


@pytest.mark.parametrize("text", ODD.values(), ids=list(ODD))
def test_an_odd_text_in_every_field_of_an_order_is_stored_shown_and_exported(
    shop: Shop, person: FlaskClient, text: str
) -> None:
    order = with_text(make_order(1001, created_at=shop.now.isoformat()), text)

    assert post_webhook(shop.client(), json.dumps(order).encode()).get_json()["outcome"] == "recorded"

    for page in ("/", f"/orders/{order['id']}"):
        assert person.get(page).status_code == 200, page
    for address in ("/orders.csv", "/orders.csv?format=plain"):
        (row,) = csv.DictReader(io.StringIO(person.get(address).get_data().decode("utf-8-sig"), newline=""))
        assert row["phone"].lstrip("'") == shop.order(order["id"]).customer_phone
        assert not {"\0", "\n", "\r", "\u202e"} & set("".join(row.values()))


SEARCHED = [
    *(
        "%",
        "_",
        "\\",
        "%%%",
        "a%b",
        "'",
        '"',
        "';--",
        "[a-z]",
        "*",
        "?",
        "(",
        "^$",
        "x" * 10_000,
        "%" * 10_000,
        "9" * 10_000,
    ),
    *(
        "\0",
        "a\0b",
        "\u0915\u094d",
        "१२३",
        "\u202e",
        "\ufeff",
        "\U0001f600",
        "\uffff",
        "\u0130",
        "ß",
        "ǆ",
        " ",
        "\u3000",
    ),
    *(
        "AND",
        "NEAR(a b)",
        'a"b',
        "a*",
        "-a",
        "col:x",
        "{a}",
        "#",
        "#\0",
        "gid://shopify/Order/" + "9" * 19,
        "e\u0301" * 3_000,
    ),
    *("\r\n", "a\tb", "²³¹", "①②③", "٠١٢", "９８７６５"),
]


@pytest.mark.parametrize("address", ["/", "/orders.csv", "/api/orders"])
def test_nothing_that_is_searched_for_is_an_error(shop: Shop, person: FlaskClient, address: str) -> None:
    shop.receive(1001)

    asked = ({"q": text, "range": "all"} for text in SEARCHED)
    answers = {query["q"][:20]: person.get(address, query_string=query).status_code for query in asked}

    assert {text: status for text, status in answers.items() if status not in (200, 400, 414)} == {}


@pytest.mark.parametrize("raw", [b"\xed\xa0\xbd", b"\xff\xfe", b"a\x00b", b"%", b"\xc0\x80", b"\xf4\x90\x80\x80"])
def test_bytes_that_are_no_text_are_searched_for_without_an_error(shop: Shop, person: FlaskClient, raw: bytes) -> None:
    shop.receive(1001)

    for address in ("/", "/orders.csv", "/api/orders"):
        assert person.get(f"{address}?range=all&q={quote_from_bytes(raw)}").status_code in (200, 400), address
