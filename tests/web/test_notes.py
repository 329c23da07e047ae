"""Notes that people write on an order."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from reading import fields, flashed, look, timeline
from web_app import Shop, send_form


def write_note(person: FlaskClient, order_id: int, note: str) -> TestResponse:
    return send_form(person, f"/orders/{order_id}/notes", note=note)


def test_a_note_is_shown_as_it_was_written(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    form = look(person, f"/orders/{order_id}").one("form", action=f"/orders/{order_id}/notes")

    answer = person.post(form.attrs["action"], data=fields(form) | {"note": "Rings after six.\r\nAsk for <Asha>."})

    assert answer.status_code == 303
    assert "Rings after six.\nAsk for &lt;Asha&gt;." in person.get(answer.location).text


def test_a_note_names_who_wrote_it(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)

    page = look(person, write_note(person, order_id, "Rings after six.").location)

    assert flashed(page) == ["Note added to #1001."]
    assert timeline(page)[0] == "Note"
    newest = page.one("section", aria_labelledby="timeline-title").all("li")[0]
    assert newest.has("span", text="by admin")


def test_the_same_note_may_be_written_again(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    for _ in range(2):
        form = look(person, f"/orders/{order_id}").one("form", action=f"/orders/{order_id}/notes")
        person.post(form.attrs["action"], data=fields(form) | {"note": "Nobody answered."})

    assert timeline(look(person, f"/orders/{order_id}")).count("Note") == 2


@pytest.mark.parametrize("note", ["", "  \r\n ", "n" * 2_001])
def test_a_note_of_no_length_or_too_much_is_refused(shop: Shop, person: FlaskClient, note: str) -> None:
    order_id = shop.receive(1001)

    answer = write_note(person, order_id, note)

    assert answer.status_code == 400
    assert "Write a note of 1 to 2,000 characters" in answer.text
    assert "Note" not in timeline(look(person, f"/orders/{order_id}"))


def test_a_note_may_be_as_long_as_its_field_and_hold_any_sign(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)

    assert write_note(person, order_id, "\N{TELEPHONE RECEIVER}\r\n" * 999 + "ok").status_code == 303


def test_an_order_that_nobody_knows_takes_no_note(person: FlaskClient) -> None:
    assert write_note(person, 77, "Rings after six.").status_code == 404
