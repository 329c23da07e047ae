"""The page of what was reported: each report with its fate, and the words that wait to be explained."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from reporting import PHONE, report, ring, status, stored

from ordercall.domain.reports.words import Rule
from ordercall.web.pages.reported import MEANINGS
from reading import flashed, look
from web_app import Shop, send_form

KNOWN = Rule("data.disposition", "ETC", "answer", "unclear")


def hear(shop: Shop, word: str, **said: Any) -> None:
    report(shop, contact_id="card", data={"disposition": word}, **said)


def with_a_waiting_word(shop: Shop, word: str) -> int:
    """Have a report come in a word that nobody explained; return the order's id."""
    order_id = ring(shop)
    shop.app.extensions["ordercall"].words.teach(KNOWN, by="Asha")
    hear(shop, word)
    return order_id


def test_reports_are_shown_as_they_came_with_phones_hidden(shop: Shop, person: FlaskClient) -> None:
    ring(shop)
    report(shop, phone=PHONE, connection="no_answer", note="rang long")

    page = look(person, "/reported")

    shown = page.one("li", id="report-1")
    assert shown.one(css="bdg").text == "Kept"
    assert "rang long" in shown.one("pre").text
    assert PHONE not in page.source


def test_the_order_of_a_report_is_called_by_its_name(shop: Shop, person: FlaskClient) -> None:
    order_id = ring(shop)
    report(shop, phone=PHONE, connection="no_answer")

    page = look(person, "/reported")

    assert page.one("a", href=f"/orders/{order_id}").text == "#1001"


def test_reports_are_filtered_by_their_fate(shop: Shop, person: FlaskClient) -> None:
    ring(shop)
    report(shop, phone=PHONE, connection="no_answer")
    report(shop, phone=PHONE, answer="perhaps")

    page = look(person, "/reported?fate=needs_a_person")

    assert (page.has("li", id="report-1"), page.has("li", id="report-2")) == (False, True)
    assert page.one("nav", css="tabs").text == "All Applied0 Kept1 Needs a person1"


def test_what_cannot_be_read_is_shown_as_text(shop: Shop, person: FlaskClient) -> None:
    shop.client().post(
        "/api/outcomes",
        data=f"<b>{PHONE}</b>".encode(),
        headers={"X-App-Token": "a-sync-token-of-programs"},
    )

    page = look(person, "/reported")

    assert "<b>" not in page.source.split("<main")[1].split("<pre")[1]
    assert PHONE not in page.source


def test_every_page_tells_how_many_reports_need_a_person(shop: Shop, person: FlaskClient) -> None:
    ring(shop)
    report(shop, phone=PHONE, answer="unclear")

    before = look(person, "/needs-you").one(id="n-side-reported").text
    send_form(person, "/reported/1/handled")

    assert (before, look(person, "/needs-you").one(id="n-side-reported").text) == ("1", "")


def test_what_is_previewed_stays_chosen(shop: Shop, person: FlaskClient) -> None:
    with_a_waiting_word(shop, "PAKKA")
    at = urlencode({"at": KNOWN.path, "word": "PAKKA", "means": "answer confirmed"})

    page = look(person, f"/reported?{at}")

    assert page.one("option", selected="").text == "answer confirmed"


def test_a_report_leaves_the_list_once_somebody_has_dealt_with_it(shop: Shop, person: FlaskClient) -> None:
    ring(shop)
    report(shop, phone=PHONE, answer="unclear")

    send_form(person, "/reported/1/handled")
    send_form(person, "/reported/1/handled")

    page = look(person, "/reported?fate=needs_a_person")

    assert flashed(page) == ["Somebody has marked this report handled already."]
    assert not page.has("li", id="report-1")
    assert look(person, "/reported").one("li", id="report-1").has("span", text="Handled by admin")


def test_a_word_is_previewed_and_then_explained(shop: Shop, person: FlaskClient) -> None:
    order_id = with_a_waiting_word(shop, "CNF")
    said = {"at": "data.disposition", "word": "CNF", "means": "answer confirmed"}
    assert look(person, "/reported").has(css="code", text="data.disposition = CNF")

    preview = look(person, "/reported?at=data.disposition&word=CNF&means=answer+confirmed")
    before = status(shop, order_id)
    send_form(person, "/reported/words", **said)

    assert preview.has("p", text="Report 1")
    assert (before, status(shop, order_id)) == ("Placed", "Success")
    assert not look(person, "/reported").has("section", aria_labelledby="words-title")


def test_who_explains_a_word_second_sees_what_the_first_said(shop: Shop, person: FlaskClient) -> None:
    order_id = with_a_waiting_word(shop, "CNF")
    said = {"at": "data.disposition", "word": "CNF"}
    send_form(person, "/reported/words", **said, means="answer confirmed")

    send_form(person, "/reported/words", **said, means="answer refused", confirmed="1")

    page = look(person, "/reported")
    assert flashed(page)[-1] == (
        "admin explained this word before you did: it means answer confirmed. That stays as it is."
        " Take it back below to explain the word anew."
    )
    assert "data.disposition = CNF means answer confirmed" in page.one("li", id="word-2").text
    assert status(shop, order_id) == "Success"


def test_the_first_word_at_a_place_is_explained_and_what_comes_then_is_understood(
    shop: Shop, person: FlaskClient
) -> None:
    order_id = ring(shop)
    first = {"at": "data.disposition", "word": "CNF", "means": "answer confirmed"}
    preview = look(person, f"/reported?{urlencode(first)}")
    send_form(person, "/reported/words", **first)
    send_form(person, "/reported/words", at="data.to", word="*", means="phone, as it comes")

    report(shop, data={"to": PHONE, "disposition": "CNF"})

    assert preview.has("p", text="No report that came before can be applied by it.")
    assert status(shop, order_id) == "Success"


def test_what_was_explained_is_taken_back_once(shop: Shop, person: FlaskClient) -> None:
    with_a_waiting_word(shop, "CNF")

    for _ in range(2):
        send_form(person, "/reported/words/1/taken-back")

    page = look(person, "/reported")
    assert flashed(page) == [
        "Not understood any more; what it did stays.",
        "Somebody has taken it back already.",
    ]
    assert not page.has("li", id="word-1")
    written = shop.rows("SELECT who, act, about FROM audit WHERE act = 'word_taken_back'")
    assert [tuple(row) for row in written] == [("admin", "word_taken_back", "data.disposition")]


@pytest.mark.parametrize("means", MEANINGS)
def test_each_meaning_can_be_previewed(shop: Shop, person: FlaskClient, means: str) -> None:
    with_a_waiting_word(shop, "XYZ")

    preview = look(person, "/reported?" + urlencode({"at": "data.disposition", "word": "XYZ", "means": means}))

    assert preview.has("p", text="Report 1")


def test_a_refusal_is_applied_only_where_it_was_ticked(shop: Shop, person: FlaskClient) -> None:
    order_id = with_a_waiting_word(shop, "REF")
    said = {"at": "data.disposition", "word": "REF", "means": "answer refused"}

    send_form(person, "/reported/words", **said)
    before, why = status(shop, order_id), stored(shop)[0].why
    preview = look(person, "/reported?at=data.disposition&word=REF&means=answer+refused")
    send_form(person, "/reported/words", **said, confirmed="1")

    assert (before, why) == ("Placed", "to_confirm")
    assert preview.has("input", type="checkbox", name="confirmed", value="1")
    assert status(shop, order_id) == "Failed"


def test_a_meaning_that_there_is_not_teaches_nothing(shop: Shop, person: FlaskClient) -> None:
    answer = send_form(person, "/reported/words", at="a", word="b", means="force")

    assert answer.status_code == 400
    assert shop.rows("SELECT * FROM report_words") == []
