"""What an open dashboard is told about what is new."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from reading import look
from web_app import Shop, send_form


def test_nothing_new_is_no_answer(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    since = look(person).one(id="fresh").attrs["hx-get"]

    assert person.get(since).status_code == 204


def test_new_orders_are_offered(shop: Shop, person: FlaskClient) -> None:
    since = look(person).one(id="fresh").attrs["hx-get"]
    shop.receive(1001)
    shop.receive(1002)

    assert look(person, since).one("a").text == "2 new orders"


def test_changes_are_offered(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    since = look(person).one(id="fresh").attrs["hx-get"]
    send_form(person, f"/orders/{order_id}/status", status="Success")

    assert look(person, since).one("a").text == "1 changed"


@pytest.mark.parametrize(
    "since", ["", "x", "-1", "9" * 18, "9" * 19, "9" * 30, "9" * 5_000], ids=lambda text: text[:20]
)
def test_any_place_in_the_log_may_be_asked_for(shop: Shop, person: FlaskClient, since: str) -> None:
    assert person.get(f"/live?since={since}").status_code in (200, 204)
