"""Viewers: no page or answer shows them by what a customer is reached, and no search lets them guess it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from test_every_door import TABLE

from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.calls.calling import Language
from ordercall.domain.people import Role
from ordercall.domain.policy.rules import Agent
from ordercall.storage.records import addresses
from reading import record
from web_app import Page, Shop, csrf_token, post_webhook, send_form

PHONE, EMAIL = "+919812345210", "asha.rao@example.com"
STREET, SECOND, NEW_STREET = "17 Tamarind Lane", "behind Moti Stores", "4 Jasmine Court"
SECRETS = ["9812345210", "98123 45210", EMAIL, STREET, SECOND, NEW_STREET]
AGENT = Agent(language=Language.HINDI, agent_id="agent", campaign_id="campaign")

ADDRESS = {
    "first_name": "Asha",
    "last_name": "Rao",
    "phone": PHONE,
    "address1": STREET,
    "address2": SECOND,
    "city": "Pune",
    "province": "Maharashtra",
    "country": "India",
    "zip": "411001",
}
FURTHER = ["/?q=Asha", "/?range=all", "/needs-you", "/history?show=all", "/orders/{order}?show=all", "/reports/placed"]


@pytest.fixture
def order(shop: Shop) -> int:
    """An order of which each place that could show its customer has something to show."""
    found = shop.receive(1001, phone=PHONE, email=EMAIL, shipping_address=ADDRESS)
    shop.change(found, calling_state="failed", calling_reason="kalimera_refused", cancel_state="refused")
    shop.change(found, cancel_detail=f"No {PHONE} at {STREET}.", calling_detail=f"No {PHONE} at {STREET}.")
    call = ProviderCall("POST", "/kalimera/contact", 400, 31, {"line": f"{STREET}, {PHONE}"}, {"error": EMAIL})
    record(shop, found, Event.SYNC_ERROR, f"Refused: {PHONE}.", call)
    owner = shop.person()
    send_form(owner, f"/orders/{found}/notes", note=f"Ring 98123 45210, {STREET.upper()}, {EMAIL}.")
    with shop.db.begin() as tx:
        said = {"address1": NEW_STREET, "phone": PHONE, "further": f"near {SECOND}"}
        addresses.propose(tx, found, said, report=None, now=shop.now)
    body = {"shopify_id": found, "status": "Perhaps", "phone": PHONE, "summary": f"Lives at {STREET}."}
    answer = shop.client().post("/api/outcomes", json=body)
    assert answer.status_code < 500
    post_webhook(shop.client(), json.dumps({"phone": PHONE}).encode(), topic="orders/create")
    shop.context.first_calls.begin(AGENT, PHONE, by="a test")
    return found


def addresses_of(order: int) -> list[str]:
    """Every address that a person may ask for, with this order in the place of whatever it names."""
    asked = [door.path for door in TABLE if door.method == "GET" and door.path not in ("/logout", "/login")]
    filled = [path.replace("<shopify_id>", str(order)).replace("<status_slug>", "placed") for path in asked]
    return [path.replace("<", "").replace(">", "") if ":" in path else _with_ones(path) for path in filled] + [
        one.format(order=order) for one in FURTHER
    ]


def _with_ones(path: str) -> str:
    return "/".join("1" if part.startswith("<") else part for part in path.split("/"))


def told(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    text = answer.get_data(as_text=True)
    answer.close()
    return text


def shown_in(text: str) -> set[str]:
    return {secret for secret in SECRETS if secret.casefold() in text.casefold()}


def test_no_page_and_no_answer_shows_a_viewer_how_to_reach_a_customer(shop: Shop, order: int) -> None:
    viewer = shop.member(Role.VIEWER)

    shown = {address: found for address in addresses_of(order) if (found := shown_in(told(viewer, address)))}

    assert shown == {}


def test_an_agent_sees_all_of_it_where_it_always_stood(shop: Shop, order: int) -> None:
    agent = shop.member(Role.AGENT)

    shown = set().union(*(shown_in(told(agent, address)) for address in addresses_of(order)))

    assert shown == set(SECRETS)


def test_a_viewer_sees_the_ends_of_a_phone(shop: Shop, order: int) -> None:
    page = Page(shop.member(Role.VIEWER).get(f"/orders/{order}"))

    assert page.has("span", css="tel", text="+91 98••• ••210")
    assert page.has("li", text="a•••@example.com")
    assert not page.has("a", href=f"tel:{PHONE}")


def test_parts_of_pages_show_a_viewer_no_more(shop: Shop, order: int) -> None:
    viewer, parts = shop.member(Role.VIEWER), {"HX-Request": "true", "HX-Target": "orders"}

    answers = [viewer.get(path, headers=parts) for path in ("/?q=Asha", "/live", f"/orders/{order}/live")]

    assert [shown_in(answer.text) for answer in answers] == [set(), set(), set()]


def test_a_refusal_shows_a_viewer_no_more(shop: Shop, order: int) -> None:
    viewer = shop.member(Role.VIEWER)

    answer = viewer.post(f"/orders/{order}/notes", data={"csrf_token": csrf_token(viewer), "note": "mine"})

    assert (answer.status_code, shown_in(answer.text)) == (403, set())


@pytest.mark.parametrize("sought", ["9812345210", "12345", "asha.rao@", "@example"])
def test_a_search_lets_no_viewer_guess(shop: Shop, order: int, sought: str) -> None:
    finds = [
        f"/orders/{order}" in told(shop.member(role), f"/?range=all&q={sought}") for role in (Role.VIEWER, Role.AGENT)
    ]

    assert finds == [False, True]


@pytest.mark.parametrize("sought", ["1001", "Pune", "411001"])
def test_a_viewer_finds_an_order_by_what_they_see(shop: Shop, order: int, sought: str) -> None:
    assert f"/orders/{order}" in told(shop.member(Role.VIEWER), f"/?range=all&q={sought}")


def test_the_latest_order_is_whole_for_a_key_that_reads_and_not_for_a_viewer(shop: Shop, order: int) -> None:
    read: Any = shop.client().get("/api/orders/latest").json
    seen: Any = shop.member(Role.VIEWER, address="192.0.2.9").get("/api/orders/latest").json

    assert read["order"]["customer_phone"] == PHONE
    assert seen["order"]["customer_phone"] == "+91 98••• ••210"
