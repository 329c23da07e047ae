"""The timeline of an order's page."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from databases import ask
from ordercall.domain.activity import Event, ProviderCall
from ordercall.providers.masking import mask
from reading import look, record, timeline
from web_app import Page, Shop


@pytest.fixture
def eventful(shop: Shop) -> int:
    """Return the id of an order to which something happened on three days, twice a problem."""
    order_id = shop.receive(1001)
    shop.pass_time(days=1)
    record(shop, order_id, Event.SYNC_ERROR, "Kalimera refused the number.")
    shop.pass_time(hours=1)
    record(shop, order_id, Event.SYNC_SUCCESS, "On the campaign.")
    shop.pass_time(days=1)
    record(shop, order_id, Event.CANCEL_ERROR, "The parcel has left.")
    return order_id


def test_the_timeline_begins_with_the_newest(shop: Shop, person: FlaskClient, eventful: int) -> None:
    page = look(person, f"/orders/{eventful}")

    assert timeline(page) == [
        "Not cancelled in Shopify",
        "On the calling campaign",
        "Not put on the campaign",
        "Received from Shopify",
    ]
    days = page.one("section", aria_labelledby="timeline-title").all("h3")
    assert [day.text for day in days] == ["Today, 26 November 2026", "Yesterday, 25 November 2026", "24 November 2026"]


def test_the_timeline_shows_the_event_beside_the_words(shop: Shop, person: FlaskClient, eventful: int) -> None:
    codes = [code.text for code in look(person, f"/orders/{eventful}").all(css="code")]

    assert codes == ["Shopify_Cancel_Error", "Kalimera_Sync_Success", "Kalimera_Sync_Error", "Shopify_Webhook_Received"]


def test_the_problems_can_be_seen_alone(shop: Shop, person: FlaskClient, eventful: int) -> None:
    link = look(person, f"/orders/{eventful}").one("nav", aria_label="Which entries").one("a", text="Problems")

    page = look(person, link.attrs["href"])

    assert timeline(page) == ["Not cancelled in Shopify", "Not put on the campaign"]
    assert page.one("nav", aria_label="Which entries").one("a", aria_current="true").text == "Problems"


def test_a_long_timeline_is_shown_in_parts_that_lead_to_its_beginning(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    for number in range(120):
        record(shop, order_id, Event.SYNC_ERROR, f"Try {number}.")
    page = look(person, f"/orders/{order_id}?show=problems&from=%3Fq%3Diyer")

    sizes = [len(timeline(page))]
    while link := page.all("a", text="Show older entries"):
        page = look(person, link[0].attrs["href"])
        sizes.append(len(timeline(page)))

    assert sizes == [50, 50, 20]
    assert page.has("p", text="Try 0.")
    newest = look(person, page.one("a", text="Show the newest").attrs["href"])
    assert newest.has("p", text="Try 119.")
    assert newest.one("a", data_up="").attrs["href"] == "/?q=iyer"


def test_a_script_gets_older_entries_alone(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    for number in range(60):
        record(shop, order_id, Event.SYNC_DEFERRED, f"Try {number}.")
    address = look(person, f"/orders/{order_id}").one("a", text="Show older entries").attrs["href"]

    part = Page(person.get(address, headers={"HX-Request": "true", "HX-Target": "p#older"}))

    assert len(part.all("li")) == 11
    assert not part.has("textarea")
    assert not part.has(id="older")


def test_an_order_without_problems_says_so(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)

    page = look(person, f"/orders/{order_id}?show=problems")

    assert page.has("p", text="No problems with this order.")


def test_the_call_behind_an_entry_is_shown_with_what_is_private_masked(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    sent = {"name": "Ananya Iyer", "phone": "+915550001001", "email": "a@example.com", "address": "14 Lake View Road"}
    said = {"error": "phone +91 555 000 1001 exists", "token": "secret-token"}
    call = ProviderCall("POST", "/kalimera/contact", 400, 31, mask(sent), mask(said))
    record(shop, order_id, Event.SYNC_ERROR, "Kalimera refused the contact.", call)

    shown = look(person, f"/orders/{order_id}").one("section", aria_labelledby="timeline-title").one("pre").text

    assert '"status": 400' in shown
    assert "/kalimera/contact" in shown
    for private in ("Ananya", "555000", "555 000", "a@example.com", "Lake View", "secret-token"):
        assert private not in shown


def test_an_event_of_the_original_program_keeps_its_name(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    with shop.db.begin() as tx:
        values = (order_id, "2026-11-24T12:30:00", "Some_Old_Event", "As it was.")
        ask(tx, "INSERT INTO logs (shopify_id, timestamp, event_type, message) VALUES (?, ?, ?, ?)", *values)

    assert timeline(look(person, f"/orders/{order_id}"))[0] == "Some Old Event"
