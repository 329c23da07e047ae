"""Orders of the original program whose status is a word of its own: shown as it is, and changed by whoever wants to."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from reading import look, row
from web_app import Shop, send_form

TOKEN = {"X-App-Token": "a-sync-token-of-programs"}


@pytest.fixture
def confirmed(shop: Shop) -> int:
    """The id of an order that is Confirmed, as the original program may have called it."""
    order_id = shop.receive(1001)
    shop.change(order_id, confirmation_status="Confirmed", calling_state="not_called", calling_reason="earlier_program")
    return order_id


def test_every_page_shows_the_word(shop: Shop, person: FlaskClient, confirmed: int) -> None:
    for page in (row(look(person), "#1001"), look(person, f"/orders/{confirmed}").one("header", css="mb-5")):
        assert page.one("span", css="bdg", text="Confirmed")
    assert "Confirmed" in person.get("/orders.csv").text


def test_the_change_from_it_is_told_and_cannot_be_undone(shop: Shop, person: FlaskClient, confirmed: int) -> None:
    answer = send_form(person, f"/orders/{confirmed}/status", status="Success")

    page = look(person, answer.location)
    assert page.has("div", text="Status changed from Confirmed to Success by admin.")
    assert not page.has("button", text="Undo")


def test_a_program_is_told_the_word_that_stood_there(shop: Shop, program: FlaskClient, confirmed: int) -> None:
    answer = program.post(f"/api/orders/{confirmed}/status", json={"status": "Returned"}, headers=TOKEN)

    assert (answer.json["previous_status"], answer.json["new_status"]) == ("Confirmed", "Returned")


def test_nobody_is_called_for_it(shop: Shop, program: FlaskClient, confirmed: int) -> None:
    answer = program.post(f"/api/orders/{confirmed}/sync", headers=TOKEN)

    assert answer.status_code == 409


def test_an_order_whose_status_changed_meanwhile_says_to_what(shop: Shop, person: FlaskClient, confirmed: int) -> None:
    answer = send_form(person, f"/orders/{confirmed}/status", status="Success", seen="Placed 0")

    assert answer.status_code == 409
    assert "Somebody set this order to Confirmed" in answer.text
