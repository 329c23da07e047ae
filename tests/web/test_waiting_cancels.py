"""Cancels that no person asked for and that wait: what people and programs see of them, and what they can do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from api_calls import TOKEN, error_code, set_status
from flask.testing import FlaskClient
from reporting import ring, status

from belting import buckle
from ordercall.doctor.cancels import cancels
from reading import look
from web_app import Shop, send_form

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def delayed(shop: Shop) -> int:
    """An order that a program made Failed, and whose cancel waits for half an hour."""
    buckle(shop, delay=HALF_AN_HOUR)
    order_id = ring(shop)
    assert set_status(shop.client(), order_id, "Failed").status_code == 200
    return order_id


def frozen(shop: Shop, order_id: int) -> None:
    """Write down what a worker does of a cancel that is one too many."""
    shop.change(order_id, cancel_state="frozen")
    with shop.db.begin() as tx:
        tx.exec_driver_sql(f"UPDATE program_cancels SET frozen_at = 1, due_at = NULL WHERE shopify_id = {order_id}")  # noqa: S608


def test_a_program_hears_at_once_that_the_cancel_waits(shop: Shop) -> None:
    buckle(shop, delay=HALF_AN_HOUR)

    answer = set_status(shop.client(), ring(shop), "Failed")

    assert (answer.json["new_status"], answer.json["shopify_cancelled"]) == ("Failed", False)
    assert answer.json["shopify_cancel_state"] == "delayed"
    assert "can be undone" in answer.json["shopify_cancel_message"]


def test_a_person_undoes_it_on_the_orders_page(shop: Shop, person: FlaskClient, delayed: int) -> None:
    shown = look(person, f"/orders/{delayed}")
    assert shown.has("div", css="ban", text="Cancel not sent yet.")

    answer = send_form(person, f"/orders/{delayed}/undo-cancel")

    assert answer.status_code == 303
    assert (status(shop, delayed), shop.order(delayed).cancel_state) == ("Placed", None)
    assert look(person, "/needs-you").one("li", id=f"order-{delayed}").has("span", text="Cancel undone")


def test_a_form_that_is_sent_twice_undoes_once(shop: Shop, person: FlaskClient, delayed: int) -> None:
    for _ in range(2):
        send_form(person, f"/orders/{delayed}/undo-cancel", request="the-same-form-twice")

    assert shop.events(delayed).count("Shopify_Cancel_Withdrawn") == 1
    assert status(shop, delayed) == "Placed"


def test_a_person_who_agrees_has_it_cancelled_now(shop: Shop, person: FlaskClient, delayed: int) -> None:
    shop.settles_at_once("cancel_state", cancel_state="done")

    send_form(person, f"/orders/{delayed}/cancel")

    assert (status(shop, delayed), shop.order(delayed).cancel_state) == ("Failed", "done")


def test_a_program_undoes_it_too(shop: Shop, delayed: int) -> None:
    answer = shop.client().post(f"/api/orders/{delayed}/undo-cancel", headers=TOKEN)

    assert (answer.json["previous_status"], answer.json["new_status"]) == ("Failed", "Placed")
    assert status(shop, delayed) == "Placed"


def test_what_does_not_wait_cannot_be_undone(shop: Shop) -> None:
    order_id = ring(shop)

    answer = shop.client().post(f"/api/orders/{order_id}/undo-cancel", headers=TOKEN)

    assert (answer.status_code, error_code(answer), status(shop, order_id)) == (409, "NothingToUndo", "Placed")


def test_a_stranger_undoes_nothing(production: Shop) -> None:
    order_id = ring(production)

    assert production.client().post(f"/api/orders/{order_id}/undo-cancel").status_code == 401


def test_every_page_tells_of_a_frozen_number_and_one_click_goes_on(
    shop: Shop, person: FlaskClient, delayed: int
) -> None:
    frozen(shop, delayed)
    for path in ("/", "/needs-you", f"/orders/{delayed}"):
        assert look(person, path).has("div", css="ban", text="1 order is Failed and not cancelled in Shopify:")

    send_form(person, "/cancels/go-on")

    assert shop.order(delayed).cancel_state == "queued"
    assert not look(person).has("div", css="ban", text="not cancelled in Shopify:")


def test_the_doctor_names_what_is_frozen(shop: Shop, delayed: int) -> None:
    [well] = cancels(shop.settings, shop.now)
    frozen(shop, delayed)
    [ill] = cancels(shop.settings, shop.now)

    assert (well.grade, ill.grade) == ("ok", "FAIL")
    assert "1 order is Failed and not cancelled" in ill.message
