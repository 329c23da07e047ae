"""How a page that is left open stays true, wherever one is."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ordercall.domain.activity import Event
from reading import decide, look, record
from web_app import Page, Shop, send_form

POLL = {"HX-Request": "true", "HX-Target": "div#fresh"}


def polled(page: Page) -> str:
    return page.one(id="fresh").attrs["hx-get"]


def pill(person: FlaskClient, address: str) -> str:
    answer = person.get(address, headers=POLL)
    return Page(answer).one(id="fresh").text if answer.status_code == 200 else ""


def test_an_orders_page_says_who_changed_its_status(shop: Shop, person: FlaskClient, program: FlaskClient) -> None:
    order_id = shop.receive(1001)
    asked = polled(look(person, f"/orders/{order_id}"))
    assert pill(person, asked) == ""

    program.post(
        f"/api/orders/{order_id}/status",
        json={"status": "Success"},
        headers={"X-App-Token": "a-sync-token-of-programs"},
    )

    assert pill(person, asked) == "API set it to Success · Show"


def test_an_orders_page_says_what_else_happened_to_it(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    asked = polled(look(person, f"/orders/{order_id}"))
    record(shop, order_id, Event.NOTE_ADDED, "Rang the bell.")

    assert pill(person, asked) == "1 new entry · Show"

    record(shop, order_id, Event.NOTE_ADDED, "Nobody opened.")
    assert pill(person, asked) == "2 new entries · Show"


def test_what_happens_to_another_order_is_no_news(shop: Shop, person: FlaskClient) -> None:
    asked = polled(look(person, f"/orders/{shop.receive(1001)}"))
    decide(shop, shop.receive(1002), "Success")

    assert pill(person, asked) == ""


def test_an_order_is_shown_anew_in_the_list_that_it_was_opened_from(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    asked = polled(look(person, f"/orders/{order_id}?from=%3Fstatus%3DPlaced"))
    send_form(person, f"/orders/{order_id}/status", status="Success")

    offered = Page(person.get(asked, headers=POLL)).one(id="fresh").one("a")

    assert offered.attrs["href"] == f"/orders/{order_id}?from=%3Fstatus%3DPlaced"
    assert look(person, f"/orders/{order_id}").has("div", id=offered.attrs["hx-target"].removeprefix("#"))


def test_a_status_that_changed_unseen_is_not_taken_for_seen(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    page = look(person, f"/orders/{order_id}")
    send_form(person, f"/orders/{order_id}/status", status="Success")
    pill(person, polled(page))

    seen = page.one("section", aria_labelledby="status-title").one("input", name="seen").attrs["value"]

    assert send_form(person, f"/orders/{order_id}/status", status="Returned", seen=seen).status_code == 409


def test_a_report_offers_what_came_to_it(shop: Shop, person: FlaskClient) -> None:
    asked = polled(look(person, "/reports/placed"))
    shop.receive(1001)
    answer = Page(person.get(asked, headers=POLL))

    assert answer.one(id="fresh").text.startswith("1 new order since ")
    assert not answer.has("hx-partial", hx_target="#tiles")


@pytest.mark.parametrize("address", ["/", "/needs-you", "/deliveries", "/privacy", "/reports/success", "/orders/{}"])
def test_the_numbers_in_the_navigation_come_along_on_every_page(shop: Shop, person: FlaskClient, address: str) -> None:
    asked = polled(look(person, address.format(shop.receive(1001))))
    assert person.get(asked, headers=POLL).status_code == 204
    shop.receive(1002)

    answer = Page(person.get(asked, headers=POLL))

    assert answer.one(id="n-side-orders").text == answer.one(id="n-menu-orders").text == "2"
    assert "just now" in answer.one(id="health").text
    assert person.get(polled(answer), headers=POLL).status_code == 204


@pytest.mark.parametrize("address", ["/", "/needs-you", "/deliveries", "/reports/success", "/orders/{}"])
def test_a_pause_that_somebody_begins_and_ends_shows_on_every_open_page(
    shop: Shop, person: FlaskClient, address: str
) -> None:
    asked = polled(look(person, address.format(shop.receive(1001))))
    shop.context.pauses.pause(by="a colleague")
    paused = Page(person.get(asked, headers=POLL))
    quiet = person.get(polled(paused), headers=POLL)
    shop.context.pauses.resume(by="a colleague")
    resumed = Page(person.get(polled(paused), headers=POLL))

    assert "All calls are paused by a colleague" in paused.one("hx-partial", hx_target="#pause-banner").text
    assert paused.one(id="calls-pop").one("button").text == "Resume all calls"
    assert quiet.status_code == 204
    assert resumed.one("hx-partial", hx_target="#pause-banner").text == ""
    assert resumed.one(id="calls-pop").one("button").text == "Pause all calls"


@pytest.mark.parametrize("address", ["/bulk/1/live", "/settings/connections/check"])
def test_a_pause_comes_along_with_a_part_that_asks_for_itself(shop: Shop, person: FlaskClient, address: str) -> None:
    send_form(person, "/bulk", id=str(shop.receive(1001)), action="sync")
    shop.context.pauses.pause(by="a colleague")

    answer = Page(person.get(address, headers=POLL))

    assert "All calls are paused by a colleague" in answer.one("hx-partial", hx_target="#pause-banner").text


@pytest.mark.parametrize("address", ["/live", "/live/around", "/needs-you/live", "/orders/{}/live", "/bulk/1/live"])
def test_a_poll_is_no_use_of_a_session(shop: Shop, person: FlaskClient, address: str) -> None:
    send_form(person, "/bulk", id=str(order_id := shop.receive(1001)), action="sync")

    assert "Set-Cookie" not in person.get(address.format(order_id), headers=POLL).headers


@pytest.mark.parametrize("address", ["/", "/needs-you", "/orders/{}", "/reports/placed", "/privacy"])
def test_every_page_can_say_that_its_server_or_its_session_is_gone(
    shop: Shop, person: FlaskClient, address: str
) -> None:
    page = look(person, address.format(shop.receive(1001)))

    assert "hidden" in page.one(id="offline").attrs
    assert page.one(id="offline").one("button").text == "Try now"
    assert page.one(id="session-ended").one("a").attrs["href"] == "/login"
