"""What becomes of a report in which a key comes twice."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from reporting import fate, report_text, ring, status

from ordercall.domain.report_words import Rule
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
