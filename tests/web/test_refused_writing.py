"""What Shopify does not let be written to orders, on the page of what waits for a person."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from ordercall.domain.parcels.write_back import Written
from ordercall.storage.records import write_backs
from reading import flashed, look
from web_app import Shop, send_form

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
WORDS = "Type must be consistent with the definition's type: boolean"


def refuse(shop: Shop, order_id: int, words: str = WORDS) -> int:
    with shop.db.begin() as tx:
        write_backs.mark(tx, [order_id], place=write_backs.LATER, now=NOW)
        write_backs.keep(tx, order_id, Written(), refused=words, is_done=True)
    return order_id


def test_a_refusal_is_told_once_for_all_of_its_orders(shop: Shop, person: FlaskClient) -> None:
    for number in (1001, 1002, 1003):
        refuse(shop, shop.receive(number))

    page = look(person, "/needs-you")

    assert "#1003 and 2 more" in page.text
    assert page.text.count(WORDS) == 1
    assert page.one(id="n-side-needs").text == "1"


@pytest.mark.parametrize("words", ["", None])
def test_what_nobody_can_mend_is_no_matter_for_a_person(shop: Shop, person: FlaskClient, words: str | None) -> None:
    refuse(shop, shop.receive(1001), words)  # type: ignore[arg-type]

    assert "Not written to Shopify" not in look(person, "/needs-you").text


def test_all_of_them_are_written_to_again_by_one_click(shop: Shop, person: FlaskClient) -> None:
    first, _ = refuse(shop, shop.receive(1001)), refuse(shop, shop.receive(1002))

    send_form(person, "/needs-you/write-again")

    assert "Orders that are written to again: 2." in flashed(look(person, "/needs-you"))
    with shop.db.read() as tx:
        assert write_backs.next_due(tx, demo=False) == first
