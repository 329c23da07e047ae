"""Forms of an order's page that are sent twice, and those that are sent after somebody else changed the order."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from reading import decide, fields, flashed, look
from web_app import Element, Page, Shop


def form_of(page: Page, action: str, button: str = "") -> Element:
    return next(form for form in page.all("form", action=action) if form.has("button", text=button))


def send(person: FlaskClient, form: Element, **more: str) -> TestResponse:
    return person.post(form.attrs["action"], data=fields(form) | more)


def everything(shop: Shop, order_id: int) -> tuple[object, ...]:
    """Return what may not change when a form comes again: the order, its log, the jobs."""
    jobs = shop.rows("SELECT count(*) FROM procrastinate_jobs")
    return (tuple(shop.order(order_id)), shop.events(order_id), jobs)


FORMS = [
    pytest.param("status", {"status": "Success"}, {"calling_state": "failed"}, id="status"),
    pytest.param("status", {"status": "Failed", "reason": "fraud"}, {"calling_state": "failed"}, id="failed"),
    pytest.param("notes", {"note": "Rings after six."}, {"calling_state": "failed"}, id="note"),
    pytest.param("sync", {}, {"calling_state": "failed"}, id="sync"),
    pytest.param("cancel", {}, {"confirmation_status": "Failed", "cancel_state": "refused"}, id="cancel"),
]


@pytest.mark.parametrize(("action", "more", "before"), FORMS)
def test_a_form_that_is_sent_twice_acts_once_and_is_answered_twice(
    shop: Shop, person: FlaskClient, action: str, more: dict[str, str], before: dict[str, str]
) -> None:
    shop.settles_at_once("cancel_state", cancel_state="refused", cancel_detail="The parcel has left.")
    shop.settles_at_once("calling_state", calling_state="on_campaign", contact_id="a-contact")
    order_id = shop.receive(1001)
    shop.change(order_id, **before)
    form = form_of(look(person, f"/orders/{order_id}?confirm=Failed"), f"/orders/{order_id}/{action}")

    first = send(person, form, **more)
    said, stored = flashed(look(person, first.location)), everything(shop, order_id)
    shop.pass_time(minutes=1)
    again = send(person, form, **more)

    assert (again.status_code, again.location) == (first.status_code, first.location) == (303, first.location)
    assert flashed(look(person, again.location)) == said != []
    assert everything(shop, order_id) == stored


def test_another_button_of_a_form_that_was_sent_is_no_repetition(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    form = form_of(look(person, f"/orders/{order_id}"), f"/orders/{order_id}/status", "Returned")
    send(person, form, status="Success")

    shop.pass_time(seconds=3)

    assert send(person, form, status="Returned").status_code == 409
    assert shop.order(order_id).confirmation_status == "Success"


def test_a_form_that_comes_again_after_another_change_says_what_is_so_now(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    form = form_of(look(person, f"/orders/{order_id}"), f"/orders/{order_id}/status", "Success")
    send(person, form, status="Success")
    decide(shop, order_id, "Returned", by="ravi")
    look(person, f"/orders/{order_id}")

    page = look(person, send(person, form, status="Success").location)

    assert flashed(page) == ["#1001 was marked Success by this form before, and is Returned now. Nothing was changed."]
    assert not page.has("button", text="Undo")


def test_a_refused_form_is_not_remembered_as_done(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    form = form_of(look(person, f"/orders/{order_id}"), f"/orders/{order_id}/notes")

    assert [send(person, form, note=" ").status_code for _ in range(2)] == [400, 400]


def test_what_was_answered_is_forgotten_after_eight_days(shop: Shop) -> None:
    order_id = shop.receive(1001)
    for days in (8, 1):
        person = shop.person()
        send(person, form_of(look(person, f"/orders/{order_id}"), f"/orders/{order_id}/notes"), note="Called.")
        shop.pass_time(days=days)

    assert len(shop.rows("SELECT key FROM answered_requests")) == 2
    person = shop.person()
    send(person, form_of(look(person, f"/orders/{order_id}"), f"/orders/{order_id}/notes"), note="Called.")
    assert len(shop.rows("SELECT key FROM answered_requests")) == 2


# -- somebody else was faster


def test_a_status_that_went_there_and_back_is_not_what_the_person_saw(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    form = form_of(look(person, f"/orders/{order_id}"), f"/orders/{order_id}/status", "Success")
    for status in ("Returned", "Placed"):
        shop.pass_time(seconds=20)
        decide(shop, order_id, status, by="ravi")

    assert send(person, form, status="Success").status_code == 409


def test_a_conflict_shows_the_new_state_and_goes_on_with_it(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    form = form_of(look(person, f"/orders/{order_id}?from=%3Fq%3Diyer"), f"/orders/{order_id}/status", "Success")
    decide(shop, order_id, "Returned", by="ravi")
    shop.pass_time(seconds=20)

    page = Page(send(person, form, status="Success"))

    assert page.one("h1").text == "ravi set this order to Returned 20 s ago."
    assert page.has(css="b-Returned")
    back = page.one("a", text="Back to #1001").attrs["href"]
    assert look(person, back).one("a", data_up="").attrs["href"] == "/?q=iyer"

    send(person, form_of(page, f"/orders/{order_id}/status", "all the same"), status="Success")
    assert shop.order(order_id).confirmation_status == "Success"


def test_a_conflict_keeps_what_was_chosen_for_the_cancellation(shop: Shop, person: FlaskClient) -> None:
    shop.settles_at_once("cancel_state", cancel_state="done")
    order_id = shop.receive(1001)
    dialog = look(person, f"/orders/{order_id}?confirm=Failed").one(id="confirm-failed").one("form")
    decide(shop, order_id, "Success", by="ravi")

    page = Page(send(person, dialog, reason="fraud", restock="on"))
    assert page.has("p", text="Shopify cannot undo a cancellation.")
    assert shop.order(order_id).confirmation_status == "Success"

    send(person, form_of(page, f"/orders/{order_id}/status", "Cancel it in Shopify"), status="Failed")
    order = shop.order(order_id)
    assert (order.confirmation_status, order.cancel_reason, order.cancel_restock, order.cancel_email) == (
        "Failed",
        "fraud",
        1,
        0,
    )


def test_a_conflict_with_somebody_who_wanted_the_same_offers_nothing_more(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    form = form_of(look(person, f"/orders/{order_id}"), f"/orders/{order_id}/status", "Success")
    decide(shop, order_id, "Success", by="API")

    page = Page(send(person, form, status="Success"))

    assert page.has("p", text="It is Success already, so there is nothing left to do.")
    assert not page.has("button", text="all the same")


def test_a_second_cancellation_of_an_order_that_is_not_failed_any_more_asks_first(
    shop: Shop, person: FlaskClient
) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, confirmation_status="Failed", cancel_state="refused")
    form = form_of(look(person, f"/orders/{order_id}"), f"/orders/{order_id}/cancel")
    decide(shop, order_id, "Success", by="ravi")

    page = Page(send(person, form))

    assert page.one("h1").text == "ravi set this order to Success 0 s ago."
    assert page.has("button", text="Cancel it in Shopify all the same")
