"""What becomes of reports that are written oddly: a key twice, an id as a number or as a text."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from reporting import fate, report, report_text, ring, status

from ordercall.domain.reports.words import Rule
from reading import look
from web_app import Shop


@pytest.mark.parametrize(
    "twice",
    [
        '"answer": "confirmed", "answer": "refused"',
        '"answer": "refused", "answer": "unclear", "answer": "confirmed"',
        '"answer": "confirmed", "contact_id": "another"',
        '"data": {"said": "CNF", "said": "REF"}',
        '"data": {"said": "CNF"}, "data": {"said": "REF"}',
    ],
)
def test_a_key_that_says_two_things_is_a_persons(shop: Shop, twice: str) -> None:
    order_id = ring(shop)
    for word, answer in (("CNF", "confirmed"), ("REF", "refused")):
        shop.app.extensions["ordercall"].words.teach(Rule("data.said", word, "answer", answer), by="Asha")

    found = report_text(shop, f'{{"contact_id": "card", {twice}}}')

    assert found["fate"] == "needs_a_person"
    assert status(shop, order_id) == "Placed"


@pytest.mark.parametrize(
    "twice", ['"answer": "confirmed", "answer": "confirmed"', '"answer": "confirmed", "note": "a", "note": "b"']
)
def test_a_key_that_says_the_same_twice_or_of_no_weight_holds_nothing_up(shop: Shop, twice: str) -> None:
    order_id = ring(shop)

    assert fate(report_text(shop, f'{{"contact_id": "card", {twice}}}')) == ("applied", "said")
    assert status(shop, order_id) == "Success"


def test_both_values_of_a_key_are_shown(shop: Shop, person: FlaskClient) -> None:
    ring(shop)
    report_text(shop, '{"contact_id": "card", "answer": "confirmed", "answer": "refused"}')

    shown = look(person, "/reported").one("li", id="report-1").one("pre").text

    assert "confirmed" in shown
    assert "refused" in shown


@pytest.mark.parametrize("kept", ["12345", '"12345"'], ids=["a number", "a text of digits"])
@pytest.mark.parametrize("said", ["12345", 12345])
def test_a_contact_is_known_whether_it_is_written_as_a_number_or_a_text(shop: Shop, kept: str, said: str | int) -> None:
    order_id = ring(shop, contact=kept)

    assert fate(report(shop, contact_id=said, shopify_id=order_id, answer="confirmed")) == ("applied", "said")


def test_contacts_that_a_report_does_not_tell_apart_are_a_persons(shop: Shop) -> None:
    ring(shop, 1001, contact="12345")
    ring(shop, 1002, contact='"12345"', phone="+919876543299")

    assert fate(report(shop, contact_id="12345", answer="refused")) == ("needs_a_person", "several_orders")
