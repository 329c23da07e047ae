"""The address of a call on the pages: what differs, what a person decides, and what somebody else decided meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from reporting import report, ring
from werkzeug.test import TestResponse

from ordercall.domain.places.addresses import Address, State
from ordercall.storage.records import addresses
from reading import flashed, look, tabs
from web_app import Element, Page, Shop, send_form

SAID = {"address1": "7 Corrected Street", "city": "Kochi", "state": "Kerala", "pincode": "682031"}


def told(shop: Shop, number: int = 1001, **address: str) -> int:
    """Return an order whose customer has confirmed it with another address."""
    order_id = ring(shop, number)
    report(shop, shopify_id=order_id, answer="confirmed", address=address or SAID)
    return order_id


def card(person: FlaskClient, order_id: int) -> Element:
    return look(person, f"/orders/{order_id}").one("section", id="address")


def sent_by(here: Element) -> dict[str, str]:
    """Return what a browser would send with the form of the address, before a button adds to it."""
    inputs = {one.attrs["name"]: one.attrs["value"] for one in here.all("input")}
    return inputs | {"province": here.one("option", selected="").attrs["value"]}


def form(person: FlaskClient, order_id: int, **changes: str) -> dict[str, str]:
    """Return what the form sends as a person sees it, with what they change."""
    return sent_by(card(person, order_id)) | changes


def send(person: FlaskClient, order_id: int, **sent: str) -> TestResponse:
    return send_form(person, f"/orders/{order_id}/address", **sent)


def say_later(shop: Shop, order_id: int, **said: str) -> None:
    """Have a later call of the order give another address."""
    with shop.db.begin() as tx:
        addresses.propose(tx, order_id, said, report=None, now=shop.now)


def decided(shop: Shop, order_id: int) -> Any:
    with shop.db.read() as tx:
        return addresses.latest(tx, order_id)


def test_old_and_new_stand_side_by_side_with_what_differs_marked(shop: Shop, person: FlaskClient) -> None:
    here = card(person, told(shop))

    marked = [label.text for label in here.all("label") if "differs" in label.text]
    assert [one.removesuffix(" from the call differs") for one in marked] == ["Address", "City", "State", "PIN code"]
    assert "21 Ring Road" in here.text
    assert here.one("input", name="address1").attrs["value"] == "7 Corrected Street"
    assert here.one("option", selected="").attrs["value"] == "KL"


def test_an_order_is_on_needs_you_and_not_ready_to_ship_until_its_address_is_dealt_with(
    shop: Shop, person: FlaskClient
) -> None:
    order_id = told(shop)
    before, waiting = tabs(look(person))["Ready to ship"], look(person, "/needs-you")

    send(person, order_id, **form(person, order_id), decision="reject")

    assert before == 0
    assert "Address to approve" in waiting.one("section", aria_labelledby="addresses-title").text
    assert waiting.one(id="n-side-needs").text == "1"
    assert tabs(look(person))["Ready to ship"] == 1
    assert not look(person, "/needs-you").has("section", aria_labelledby="addresses-title")


def test_a_person_edits_and_approves(shop: Shop, person: FlaskClient) -> None:
    order_id = told(shop)

    answer = send(
        person, order_id, **form(person, order_id, address2="Flat 3\u202e", note="Called back"), decision="approve"
    )

    found = decided(shop, order_id)
    assert (answer.status_code, found.state, found.note) == (303, State.APPROVED, "Called back")
    assert found.after == Address(
        address1="7 Corrected Street", address2="Flat 3", city="Kochi", province="KL", zip="682031"
    )
    assert found.before.address1 == "21 Ring Road Market"
    [job] = shop.rows("SELECT priority FROM procrastinate_jobs WHERE task_name = 'correct_address'")
    assert job.priority == 1
    assert flashed(look(person, f"/orders/{order_id}"))[-1:] == ["The address is on its way to Shopify."]
    assert "Approved by admin: Called back" in card(person, order_id).text


def test_the_second_of_two_people_sees_what_the_first_decided(shop: Shop, person: FlaskClient) -> None:
    order_id = told(shop)
    sent = form(person, order_id)
    send(person, order_id, **sent, decision="approve")

    answer = send(shop.person(), order_id, **sent, decision="reject")

    assert answer.status_code == 409
    assert "it is approved by admin now" in Page(answer).one("p", role="alert").text
    assert "Address on its way" in Page(answer).one("section", id="address").text
    assert decided(shop, order_id).state is State.APPROVED


def test_an_earlier_address_that_failed_is_decided_after_a_later_one_was_rejected(
    shop: Shop, person: FlaskClient
) -> None:
    order_id = told(shop)
    send(person, order_id, **form(person, order_id), decision="approve")
    first = decided(shop, order_id)
    say_later(shop, order_id, address1="9 Later Street")
    send(person, order_id, **form(person, order_id), decision="reject")
    with shop.db.begin() as tx:
        addresses.move(tx, first, State.REFUSED, now=shop.now, refused="It is being packed.")

    here = card(person, order_id)
    send(person, order_id, **sent_by(here), decision="reject")

    assert "It is being packed." in here.text
    assert tabs(look(person))["Ready to ship"] == 1


def test_an_address_that_changed_in_shopify_is_shown_beside_what_was_typed_and_asked_about_again(
    shop: Shop, person: FlaskClient
) -> None:
    order_id = told(shop)
    sent = form(person, order_id, address2="Flat 3")
    shop.change(order_id, address="9 Other Street")

    answer = send(person, order_id, **sent, decision="approve")
    again = Page(answer).one("section", id="address")
    second = send(person, order_id, **sent_by(again), decision="approve")

    assert answer.status_code == 409
    assert "9 Other Street" in again.text
    assert again.one("input", name="address2").attrs["value"] == "Flat 3"
    assert (second.status_code, decided(shop, order_id).state) == (303, State.APPROVED)


def test_what_a_later_call_said_meanwhile_is_shown_in_place_of_what_was_typed(shop: Shop, person: FlaskClient) -> None:
    order_id = told(shop)
    sent = form(person, order_id, address2="Flat 3")
    say_later(shop, order_id, address1="9 Later Street")

    answer = send(person, order_id, **sent, decision="approve")
    again = Page(answer).one("section", id="address")

    assert answer.status_code == 409
    assert again.one("input", name="address1").attrs["value"] == "9 Later Street"


def test_a_pin_code_of_another_state_is_a_warning_and_no_refusal(shop: Shop, person: FlaskClient) -> None:
    order_id = told(shop, **SAID | {"pincode": "380015"})
    warned = card(person, order_id).text
    mended = send(person, order_id, **form(person, order_id, zip="682031"), decision="check")

    approved = send(person, order_id, **form(person, order_id), decision="approve")

    assert "A PIN code that begins with 380 is one of Gujarat, not of Kerala." in warned
    assert "Nothing speaks against this PIN code and state." in Page(mended).one("p", role="status").text
    assert approved.status_code == 303


def test_a_look_at_an_address_abroad_says_that_only_those_of_india_are_checked(shop: Shop, person: FlaskClient) -> None:
    order_id = told(shop)

    looked = send(person, order_id, **form(person, order_id, country="AE"), decision="check")

    assert "Only addresses in India are checked." in Page(looked).one("p", role="status").text


def test_an_approved_state_is_told_by_its_name(shop: Shop, person: FlaskClient) -> None:
    order_id = told(shop)

    send(person, order_id, **form(person, order_id), decision="approve")

    shown = [one.text for one in card(person, order_id).all("p")]
    assert "Kerala" in shown


def test_an_address_without_a_city_is_shown_again_with_what_it_lacks(shop: Shop, person: FlaskClient) -> None:
    order_id = told(shop)

    answer = send(person, order_id, **form(person, order_id, city=" "), decision="approve")

    assert answer.status_code == 400
    assert "The address lacks the city." in Page(answer).one("p", role="alert").text


@pytest.mark.parametrize(("shipped", "said"), [("fulfilled", "All of it has shipped"), ("partial", "A part of it")])
def test_of_what_has_shipped_the_page_says_so_and_offers_no_approval(
    shop: Shop, person: FlaskClient, shipped: str, said: str
) -> None:
    order_id = told(shop)
    sent = form(person, order_id)
    shop.change(order_id, fulfillment_status=shipped)

    here = card(person, order_id)

    assert said in here.text
    assert not here.has("button", value="approve")
    assert send(person, order_id, **sent, decision="approve").status_code == 409


def test_another_phone_and_what_has_no_place_are_shown_and_changed_by_nothing(shop: Shop, person: FlaskClient) -> None:
    order_id = told(shop, **SAID | {"phone": "+919999900001", "landmark": "behind the temple"})
    before = shop.order(order_id).customer_phone

    here = card(person, order_id)
    send(person, order_id, **form(person, order_id), decision="approve")

    assert "Phone from the call: +919999900001." in here.text
    assert "Also said: landmark: behind the temple" in here.text
    assert shop.order(order_id).customer_phone == before


def test_an_address_that_was_seen_in_shopify_is_told_in_one_line(shop: Shop, person: FlaskClient) -> None:
    order_id = told(shop)
    send(person, order_id, **form(person, order_id), decision="approve")
    with shop.db.begin() as tx:
        addresses.move(tx, decided(shop, order_id), State.SEEN, now=shop.now)

    page = look(person, f"/orders/{order_id}")

    assert "seen in Shopify" in page.one("p", id="address").text
    assert "approved by admin" in page.one("p", id="address").text


@pytest.mark.parametrize(("path", "status"), [("1", 404), ("x", 404)])
def test_the_address_of_no_order_is_nothing(person: FlaskClient, path: str, status: int) -> None:
    assert send_form(person, f"/orders/{path}/address", decision="reject").status_code == status


def test_a_form_without_a_decision_is_refused(shop: Shop, person: FlaskClient) -> None:
    assert send_form(person, f"/orders/{told(shop)}/address").status_code == 400
