"""The page of what waits for a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from reporting import ring

from ordercall.domain.calls.call import CallState
from ordercall.storage.reads import needs_you
from reading import flashed, look
from web_app import Element, Page, Shop, post_webhook, send_form

POLL = {"HX-Request": "true", "HX-Target": "div#fresh"}


def line(page: Page, order_id: int) -> Element:
    return page.one("li", id=f"order-{order_id}")


def announced(page: Page) -> str:
    """Return the number beside *Needs you* in the sidebar."""
    return page.one(id="n-side-needs").text


@pytest.mark.parametrize(
    ("columns", "title", "button"),
    [
        ({"calling_reason": "kalimera_refused"}, "Kalimera refused", "Re-sync #1001"),
        ({"calling_reason": "outcome_unknown"}, "Outcome unknown", "Re-sync #1001"),
        ({"calling_reason": "settings_missing"}, "Settings missing", "Re-sync #1001"),
        (
            {"confirmation_status": "Failed", "cancel_state": "refused"},
            "Not cancelled in Shopify",
            "Try cancel again #1001",
        ),
        (
            {"confirmation_status": "Failed", "cancel_state": "unclear"},
            "Cancellation in Shopify unclear",
            "Try cancel again #1001",
        ),
        *(
            (
                {"confirmation_status": "Failed", "cancel_state": "refused", "fulfillment_status": left},
                "Not cancelled in Shopify",
                "Open order #1001",
            )
            for left in ("fulfilled", "partial")
        ),
        ({"calling_state": "not_called", "calling_reason": "no_phone"}, "No usable phone", "Open in Shopify #1001"),
        ({"calling_state": "not_called", "calling_reason": "partly_known"}, "Known in part", "Open order #1001"),
    ],
    ids=lambda value: str(value),
)
def test_an_order_says_why_it_waits_and_offers_the_one_thing_that_helps(
    shop: Shop, person: FlaskClient, columns: dict[str, str], title: str, button: str
) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, **{"calling_state": "failed", "calling_detail": "Kalimera said why."} | columns)

    here = line(look(person, "/needs-you"), order_id)

    assert here.one(css="bdg").text == title
    assert [found.text for found in here.all(css="btn")] == [button]


def test_its_button_does_what_it_says_and_leads_back(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, calling_state="failed", calling_reason="kalimera_refused")
    form = line(look(person, "/needs-you"), order_id).one("form")
    shop.settles_at_once("calling_state", calling_state="on_campaign")

    answer = send_form(person, form.attrs["action"], back=form.one("input", name="back").attrs["value"])

    assert answer.location == "/needs-you"
    page = look(person, answer.location)
    assert flashed(page) == ["#1001: Order synced to Kalimera successfully."]
    assert not page.has("li", id=f"order-{order_id}")


def test_who_tries_all_again_is_told_how_old_they_are(shop: Shop, person: FlaskClient) -> None:
    for number in (1001, 1002):
        shop.change(shop.receive(number), calling_state="failed", calling_reason="kalimera_refused")
        shop.pass_time(days=3)

    form = look(person, "/needs-you").one("form", action="/bulk")

    assert form.text == "oldest placed 6 d ago Re-sync all 2"


def test_a_cancel_of_what_has_left_is_not_among_those_that_are_tried_again(shop: Shop, person: FlaskClient) -> None:
    refused = {"confirmation_status": "Failed", "cancel_state": "refused"}
    for number, left in enumerate((None, None, "fulfilled", "partial"), start=1001):
        shop.change(shop.receive(number), **refused, fulfillment_status=left)

    form = look(person, "/needs-you").one("form", action="/bulk")

    assert form.one("button").text == "Try all 2 cancels again"


@pytest.mark.parametrize("reason", ["kalimera_refused", "not_reached"])
def test_each_row_has_the_phone_to_be_rung(shop: Shop, person: FlaskClient, reason: str) -> None:
    order_id = shop.receive(1001, phone="+915550001001")
    shop.change(order_id, calling_state="failed", calling_reason=reason)

    link = line(look(person, "/needs-you"), order_id).one(css="tel")

    assert (link.attrs["href"], link.text) == ("tel:+915550001001", "+915550001001")


def test_who_did_not_pick_up_is_listed_with_their_phone(shop: Shop, person: FlaskClient) -> None:
    phones = [f"+91555000{number}" for number in (1001, 1002, 1003)]
    silent, answered, called_again = (
        ring(shop, number, phone=phone, state=CallState.UNANSWERED, began=timedelta(hours=3))
        for number, phone in enumerate(phones, start=1001)
    )
    for order_id in (silent, answered, called_again):
        shop.change(order_id, calling_state="on_campaign", contact_id=f"card-{order_id}")
    shop.change(answered, confirmation_status="Success")

    page = look(person, "/needs-you")
    called = send_form(person, f"/orders/{called_again}/call", confirm="1", back="needs")

    assert called.location == "/needs-you"
    assert {each.attrs["id"] for each in page.one(id="silent").all("li")} == {
        f"silent-{called_again}",
        f"silent-{silent}",
    }
    assert page.one(id=f"silent-{silent}").one(css="tel").attrs["href"] == f"tel:{phones[0]}"
    assert [each.attrs["id"] for each in look(person, called.location).one(id="silent").all("li")] == [
        f"silent-{silent}"
    ]


def test_the_next_one_that_waits_is_behind_the_one_before(shop: Shop, person: FlaskClient) -> None:
    nothing = person.get("/needs-you/next").location
    first, second, last = (shop.receive(number, phone=None) for number in (1001, 1002, 1003))

    ways = [person.get(f"/needs-you/next?after={one}").location for one in ("", last, second, first, "x")]

    assert nothing == "/needs-you"
    assert ways == [f"/orders/{one}" for one in (last, second, first, last, last)]


def test_a_page_without_anything_says_so(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)

    page = look(person, "/needs-you")

    assert page.has("p", text="Nothing waits for you")
    assert announced(page) == ""


def test_a_page_whose_orders_were_dealt_with_is_the_first(shop: Shop, person: FlaskClient) -> None:
    waiting, dealt_with = shop.receive(1002, phone=None), shop.receive(1001)

    behind_the_last = look(person, f"/needs-you?before={waiting}")
    before_the_first = look(person, f"/needs-you?after={dealt_with}")

    for page in (behind_the_last, before_the_first):
        assert page.has("li", id=f"order-{waiting}")
        assert not page.has("nav", aria_label="Pages of orders")


def test_the_sidebar_says_how_many_wait_and_a_poll_brings_it_up_to_date(shop: Shop, person: FlaskClient) -> None:
    page = look(person)
    shop.receive(1001, phone=None)
    post_webhook(shop.client(), b"not JSON")

    answer = Page(person.get(page.one(id="fresh").attrs["hx-get"], headers=POLL))

    assert announced(answer) == announced(look(person)) == "2"


def test_an_open_page_is_offered_what_came(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, phone=None)
    asked = look(person, "/needs-you").one(id="fresh").attrs["hx-get"]
    quiet = person.get(asked, headers=POLL)
    shop.receive(1002, phone=None)

    news = Page(person.get(asked, headers=POLL))

    assert quiet.status_code == 204
    assert news.one(id="fresh").text == "1 more"
    assert person.get(news.one(id="fresh").attrs["hx-get"], headers=POLL).status_code == 204


def test_an_open_page_is_offered_what_came_for_what_went(shop: Shop, person: FlaskClient) -> None:
    gone = shop.receive(1002, phone=None)
    asked = look(person, "/needs-you").one(id="fresh").attrs["hx-get"]
    shop.change(gone, confirmation_status="Success")
    shop.receive(1003, phone=None)

    news = Page(person.get(asked, headers=POLL))

    assert news.one(id="fresh").text == "Show what is new"


def test_a_delivery_that_was_handled_leaves_the_page_and_is_remembered(shop: Shop, person: FlaskClient) -> None:
    post_webhook(shop.client(), b"not JSON")
    form = look(person, "/needs-you").one("section", aria_labelledby="unread-title").one("form")

    answer = send_form(person, form.attrs["action"])

    assert answer.location == "/needs-you"
    assert not look(person, "/needs-you").has("section", aria_labelledby="unread-title")
    assert "Handled by admin" in look(person, "/deliveries").one("tbody").text
    assert not look(person).has("div", css="ban", text="could not be read")
    assert shop.rows("SELECT count(*) FROM logs WHERE event_type = 'Delivery_Handled'")[0][0] == 1


def test_who_comes_second_to_a_delivery_is_told_who_was_first_and_when(shop: Shop, person: FlaskClient) -> None:
    post_webhook(shop.client(), b"not JSON")
    address = look(person, "/needs-you").one("section", aria_labelledby="unread-title").one("form").attrs["action"]
    with shop.db.begin() as tx:
        needs_you.mark_handled(tx, 1, by="ravi", now=shop.now)
    shop.pass_time(minutes=5)

    answer = send_form(person, address)

    assert answer.location == "/needs-you"
    assert flashed(look(person, answer.location)) == ["ravi marked this delivery handled 5 min ago."]
    assert shop.rows("SELECT count(*) FROM logs WHERE event_type = 'Delivery_Handled'")[0][0] == 0


@pytest.mark.parametrize("number", ["1", "99", "x", "9" * 40])
def test_a_delivery_that_could_be_read_cannot_be_handled(shop: Shop, person: FlaskClient, number: str) -> None:
    shop.receive(1001)

    assert send_form(person, f"/deliveries/{number}/handled").status_code == 404
