"""The page of one order: what it shows, and what can be done there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from databases import ask
from ordercall.domain.activity import Event, ProviderCall, mask
from ordercall.jobs.engine import JobEngine
from ordercall.sandbox.orders import FIRST_ID
from ordercall.storage import campaigns
from reading import ANANYA, HETAL, decide, fields, flashed, look, record, timeline
from web_app import Element, Page, Shop, send_form

# -- one order


def test_an_order_is_shown_with_all_that_is_known(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, person=ANANYA, total_price="1299.00")

    page = look(person, f"/orders/{order_id}")

    assert page.one("h1").text == "#1001"
    assert page.one(id="customer-title").text == "Ananya Iyer"
    assert page.one("address").text == "14 Lake View Road, AdyarChennai, Tamil Nadu"
    assert page.has("a", href="tel:+915550001001")
    assert page.has("a", href="mailto:customer1001@example.com")
    for text in ("Steel Tiffin, Three Tiers", "₹1,299", "To collect on delivery", "24 Nov 2026, 12:00:00 pm IST"):
        assert text in page.text


def test_an_e_mail_address_adds_nothing_to_the_letter(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, email="a+b@example.com?bcc=thief@example.com&body=x")

    page = look(person, f"/orders/{order_id}")

    assert page.has("a", href="mailto:a%2Bb@example.com%3Fbcc%3Dthief@example.com%26body%3Dx")


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


# -- undo


def undo_form(page: Page, order_id: int) -> Element:
    banner = next(banner for banner in page.all("div", role="status") if banner.has("button", text="Undo"))
    form = banner.one("form", action=f"/orders/{order_id}/status")
    assert form.one("button", text="Undo").attrs["value"] == "Placed"
    return form


def test_a_change_of_status_can_be_undone(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    page = look(person, send_form(person, f"/orders/{order_id}/status", status="Success").location)

    answer = press(person, undo_form(page, order_id), "Placed")

    assert flashed(look(person, answer.location)) == ["#1001 marked Placed."]
    assert shop.order(order_id).confirmation_status == "Placed"


def test_an_undo_never_takes_back_what_somebody_else_did_meanwhile(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    page = look(person, send_form(person, f"/orders/{order_id}/status", status="Success").location)
    decide(shop, order_id, "Returned", by="ravi")

    answer = press(person, undo_form(page, order_id), "Placed")

    assert answer.status_code == 409
    assert shop.order(order_id).confirmation_status == "Returned"


def test_an_undo_goes_back_to_the_list_that_the_change_was_made_in(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    sent = {"status": "Success", "back": "list", "from": "?status=Placed"}
    page = look(person, send_form(person, f"/orders/{order_id}/status", **sent).location)

    assert press(person, undo_form(page, order_id), "Placed").location == "/?status=Placed"


@pytest.mark.parametrize(("before", "after"), [("Placed", "Placed"), ("Placed", "Failed"), ("Failed", "Success")])
def test_nothing_offers_to_undo_what_cannot_be_undone(shop: Shop, person: FlaskClient, before: str, after: str) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, confirmation_status=before, cancel_state="done" if before == "Failed" else None)
    shop.settles_at_once("cancel_state", cancel_state="done")

    answer = send_form(person, f"/orders/{order_id}/status", status=after)

    assert not look(person, answer.location).has("button", text="Undo")


# -- notes


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


def test_an_order_tells_its_place_in_the_list_it_was_opened_from(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    order_id = shop.receive(1002)
    shop.receive(1003)
    decide(shop, shop.receive(1004), "Success")

    assert look(person, f"/orders/{order_id}").one("nav", aria_label="Breadcrumb").has("span", text="3 of 4")
    placed = look(person, f"/orders/{order_id}?from=%3Fstatus%3DPlaced")
    assert placed.one("nav", aria_label="Breadcrumb").has("span", text="2 of 3")


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


def test_the_other_orders_of_the_same_phone_are_shown(shop: Shop, person: FlaskClient) -> None:
    phone = "+915550009999"
    earlier = shop.receive(1001, phone=phone, created_at="2026-10-01T12:00:00+05:30")
    decide(shop, earlier, "Returned")
    shop.receive(1002)
    order_id = shop.receive(1003, phone=phone)

    others = look(person, f"/orders/{order_id}").one("section", aria_labelledby="customer-title").all("ul")[1]

    assert [link.text for link in others.all("a")] == ["#1001"]
    assert others.has(css="b-Returned")


def test_an_order_without_a_phone_has_no_others(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, phone=None)

    page = look(person, f"/orders/{shop.receive(1002, phone=None)}")

    assert page.has("li", text="No usable phone number")
    assert not page.has("h3", text="Other orders from this phone")


def test_why_nobody_is_called_is_told(shop: Shop, person: FlaskClient) -> None:
    page = look(person, f"/orders/{shop.receive(1001, phone=None)}")

    assert page.has("div", css="ban", text="Not called. The order has no usable phone number.")


def calling(page: Page) -> dict[str, str]:
    facts = page.one("section", aria_labelledby="calling-title").one("dl")
    return {term.text: value.text for term, value in zip(facts.all("dt"), facts.all("dd"), strict=True)}


def test_the_calling_card_names_the_rules_and_what_comes_next(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop(CALLING_HOURS="09:00-21:00")
    page = look(shop.person(), f"/orders/{shop.receive(1001, person=HETAL)}")

    facts = calling(page)
    assert facts["Next try"] == "as soon as a worker is free"
    assert facts["Agent"] == "not chosen yet It ships to Gujarat, which is called in Hindi."
    expected = "not set yet 2 hours from when the campaign was set, within the calling hours 09:00-21:00 India time."
    assert facts["Call window"] == expected
    assert facts["Outcome"] == "none reported yet"


@pytest.mark.parametrize(("days", "day"), [(0, ""), (1, "24 Nov, ")])
def test_a_call_window_of_another_day_says_which(shop: Shop, person: FlaskClient, days: int, day: str) -> None:
    order_id, start = shop.receive(1001), shop.now.timestamp()
    shop.change(order_id, window_start=start, window_end=start + 7_200)
    shop.pass_time(days=days)

    window = calling(look(person, f"/orders/{order_id}"))["Call window"]

    assert window.replace("\u202f", " ").startswith(f"{day}12:00 pm to 2:00 pm")


def test_the_calling_card_tells_a_try_that_is_to_come_and_an_outcome(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    with shop.db.begin() as tx:
        ask(tx, "UPDATE procrastinate_jobs SET attempts = 2, scheduled_at = '2026-11-24 07:00:00'")
    expected = "12:30:00 pm 2 tries have failed so far. It goes on by itself."
    assert calling(look(person, f"/orders/{order_id}"))["Next try"].replace("\u202f", " ") == expected

    shop.change(order_id, calling_state="on_campaign")
    decide(shop, order_id, "Success", by="API")
    facts = calling(look(person, f"/orders/{order_id}"))

    assert facts["Next try"] == "not needed"
    assert facts["Outcome"] == "Success reported by API, just now"


def test_the_calling_card_does_not_count_tries_of_its_campaign_as_those_of_the_order(
    shop: Shop, person: FlaskClient
) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, campaign_id="main", customer_phone=None)
    with shop.db.begin() as tx:
        for _ in range(12):
            campaigns.count_failure(tx, "main", now=shop.now)
        JobEngine(shop.db).flush_campaign(tx, "main", at=shop.now + timedelta(days=1))

    said = calling(look(person, f"/orders/{order_id}"))["Next try"].replace("\u202f", " ")

    assert said.startswith("25 Nov 2026, 12:00:00 pm IST")
    assert said.endswith("The last 12 tries to add orders to its campaign failed. It goes on by itself.")


def test_one_can_go_to_the_next_order_of_the_list(mixed: Shop, person: FlaskClient) -> None:
    link = look(person, "/?status=Placed").one("a", css="go", text="#1002").attrs["href"]

    page = look(person, link)
    newer, older = page.one("a", rel="prev").attrs["href"], page.one("a", rel="next").attrs["href"]

    assert look(person, newer).one("h1").text == "#1006"
    assert look(person, older).one("h1").text == "#1001"


def test_one_can_go_to_the_next_order_of_a_report(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, created_at="2026-11-20T12:00:00+05:30")
    shop.receive(1002, created_at="2026-11-21T12:00:00+05:30")
    link = look(person, "/reports/placed").one("a", css="go", text="#1002").attrs["href"]

    older = look(person, link).one("a", rel="next").attrs["href"]

    assert look(person, older).one("h1").text == "#1001"


NO_ORDERS = ["1", "0", "-1", "abc", "1.5", str(2**63), "9" * 5_000, "%FF", "٣"]


@pytest.mark.parametrize("text", NO_ORDERS, ids=lambda text: text[:20])
def test_an_unknown_order_has_a_page_that_says_so(person: FlaskClient, text: str) -> None:
    page = look(person, f"/orders/{text}", status=404)

    assert page.one("h1").text.startswith("No order has the Shopify id")
    assert page.one("a", css="btn").attrs["href"] == "/"


def test_times_are_shown_where_the_shop_is(shop: Shop, person: FlaskClient) -> None:
    moment = datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC).isoformat()

    page = look(person, f"/orders/{shop.receive(1001, created_at=moment)}")

    assert "24 Nov 2026, 8:34:05 am IST" in page.one("header", css="mb-5").text


# -- changing the status


def status_form(page: Page) -> Element:
    return page.one("section", aria_labelledby="status-title").one("form")


def press(person: FlaskClient, form: Element, status: str) -> TestResponse:
    return person.post(form.attrs["action"], data=fields(form) | {"status": status})


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"shopify_cancelled_at": "2026-11-24T12:00:00+05:30", "cancel_state": "done"}, "Shopify keeps it cancelled"),
        ({"cancel_state": "queued"}, "Being cancelled in Shopify"),
        ({"cancel_state": "refused"}, ""),
    ],
    ids=["cancelled", "under way", "refused"],
)
def test_what_shopify_keeps_is_said_before_another_status_is_chosen(
    shop: Shop, person: FlaskClient, columns: dict[str, str], said: str
) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, confirmation_status="Failed", **columns)

    card = look(person, f"/orders/{order_id}").one("section", aria_labelledby="status-title")
    before = card.text.partition("Waiting for the customer")[0]

    assert said in before
    assert ("Shopify" in before) is bool(said)


def test_what_is_needed_elsewhere_is_copied_with_a_click(shop: Shop, person: FlaskClient) -> None:
    page = look(person, f"/orders/{shop.receive(1001)}")

    assert [button.attrs["data-copy"] for button in page.one("main").all("button") if "data-copy" in button.attrs] == [
        "+915550001001",
        "customer1001@example.com",
        str(FIRST_ID + 1001),
    ]


def test_a_click_sets_the_status(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    form = status_form(look(person, f"/orders/{order_id}"))

    answer = press(person, form, form.one("button", value="Success").attrs["value"])

    assert answer.status_code == 303
    assert shop.order(order_id).confirmation_status == "Success"
    assert flashed(look(person, answer.location)) == ["#1001 marked Success."]


def test_the_timeline_names_who_changed_it(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    press(person, status_form(look(person, f"/orders/{order_id}")), "Returned")

    newest = look(person, f"/orders/{order_id}").one("section", aria_labelledby="timeline-title").all("li")

    assert any("Status changed by admin" in entry.text for entry in newest)


def test_the_status_it_has_cannot_be_chosen(shop: Shop, person: FlaskClient) -> None:
    form = status_form(look(person, f"/orders/{shop.receive(1001)}"))

    assert [button.attrs["value"] for button in form.all("button")] == ["Success", "Returned"]
    assert form.one("p", aria_current="true").text.startswith("Placed")


def test_failed_asks_first_and_names_the_order_and_the_consequence(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, person=ANANYA, total_price="1299.00")
    failed = status_form(look(person, f"/orders/{order_id}")).one("a", text="Failed…")

    page = look(person, failed.attrs["href"])

    assert page.one(id="confirm-title").text == "Mark #1001 Failed and cancel it in Shopify?"
    consequence = page.one(id="confirm-text").text
    assert consequence == "Shopify cannot undo a cancellation. Ananya would have to order ₹1,299 again."
    assert "open" in page.one("dialog", id="confirm-failed").attrs
    assert page.one("button", text="Keep order").attrs["formmethod"] == "dialog"
    assert shop.order(order_id).confirmation_status == "Placed"


def test_failed_is_carried_out_after_the_question(shop: Shop, person: FlaskClient) -> None:
    shop.settles_at_once("cancel_state", cancel_state="done")
    order_id = shop.receive(1001)
    form = look(person, f"/orders/{order_id}?confirm=Failed").one(id="confirm-failed").one("form")

    answer = person.post(form.attrs["action"], data=fields(form))

    assert shop.order(order_id).confirmation_status == "Failed"
    assert flashed(look(person, answer.location)) == ["#1001 marked Failed and cancelled in Shopify."]


def test_the_reason_the_stock_and_the_e_mail_are_chosen_with_failed(shop: Shop, person: FlaskClient) -> None:
    shop.settles_at_once("cancel_state", cancel_state="done")
    order_id = shop.receive(1001)

    send_form(person, f"/orders/{order_id}/status", status="Failed", reason="fraud", restock="on")

    order = shop.order(order_id)
    assert (order.cancel_reason, order.cancel_restock, order.cancel_email) == ("fraud", 1, 0)


def test_a_reason_that_shopify_does_not_know_changes_nothing(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)

    answer = send_form(person, f"/orders/{order_id}/status", status="Failed", reason="rain")

    assert answer.status_code == 400
    assert shop.order(order_id).confirmation_status == "Placed"


def test_a_refused_cancellation_is_shown_and_can_be_tried_again(shop: Shop, person: FlaskClient) -> None:
    shop.settles_at_once("cancel_state", cancel_state="refused", cancel_detail="The parcel has left.")
    order_id = shop.receive(1001)
    send_form(person, f"/orders/{order_id}/status", status="Failed")
    banner = look(person, f"/orders/{order_id}").one("div", css="bg-badbg", text="Not cancelled in Shopify.")
    form = banner.one("form")

    person.post(form.attrs["action"], data=fields(form))

    assert "The parcel has left." in banner.text
    assert shop.events(order_id).count("Shopify_Cancel_Requested") == 2


def test_a_parcel_that_has_left_is_not_asked_back_again(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, confirmation_status="Failed", cancel_state="refused", fulfillment_status="fulfilled")

    banner = look(person, f"/orders/{order_id}").one("div", css="bg-badbg", text="Not cancelled in Shopify.")

    assert "Its parcel has left, so Shopify cannot cancel it. Set it to Returned when it is back." in banner.text
    assert not banner.has("form")


def test_an_order_that_is_not_failed_is_not_cancelled(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)

    answer = send_form(person, f"/orders/{order_id}/cancel")

    assert answer.status_code == 409
    assert shop.order(order_id).cancel_state is None


def test_a_status_that_somebody_changed_meanwhile_is_not_overwritten(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    form = status_form(look(person, f"/orders/{order_id}"))
    shop.client().post(
        f"/api/orders/{order_id}/status", json={"status": "Success"}, headers={"X-App-Token": "a-sync-token"}
    )
    shop.pass_time(seconds=40)

    answer = press(person, form, "Returned")

    assert answer.status_code == 409
    assert Page(answer).one("h1").text == "API set this order to Success 40 s ago."
    assert shop.order(order_id).confirmation_status == "Success"


@pytest.mark.parametrize(("minutes", "ago"), [(5, "5 min"), (119, "119 min"), (120, "2 h"), (4_320, "3 d")])
def test_a_change_long_ago_is_told_in_larger_units(shop: Shop, person: FlaskClient, minutes: int, ago: str) -> None:
    order_id = shop.receive(1001)
    form = status_form(look(person, f"/orders/{order_id}"))
    decide(shop, order_id, "Failed", by="Shopify")
    shop.pass_time(minutes=minutes)

    answer = press(person, form, "Success")

    assert Page(answer).one("h1").text == f"Shopify set this order to Failed {ago} ago."


@pytest.mark.parametrize("status", ["", "Paid", "failed"])
def test_no_other_status_can_be_sent(shop: Shop, person: FlaskClient, status: str) -> None:
    order_id = shop.receive(1001)

    answer = send_form(person, f"/orders/{order_id}/status", status=status)

    assert answer.status_code == 400
    assert shop.order(order_id).confirmation_status == "Placed"


def test_after_a_change_one_is_still_in_the_same_list(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    form = status_form(look(person, f"/orders/{order_id}?from=%3Fstatus%3DPlaced"))

    answer = press(person, form, "Success")

    assert parse_qs(urlsplit(answer.location).query) == {"from": ["?status=Placed"]}


# -- sync now


def test_an_order_can_be_synced_from_its_page(shop: Shop, person: FlaskClient) -> None:
    shop.settles_at_once("calling_state", calling_state="on_campaign", contact_id="a-contact")
    order_id = shop.receive(1001)
    form = next(form for form in look(person, f"/orders/{order_id}").all("form") if form.has("button", text="Sync now"))

    answer = person.post(form.attrs["action"], data=fields(form))

    assert flashed(look(person, answer.location)) == ["#1001: Order synced to Kalimera successfully."]
    assert "Order_Sync_Requested" in shop.events(order_id)


SYNCED = [{"calling_state": "on_campaign"}, {"confirmation_status": "Success"}]


@pytest.mark.parametrize("columns", SYNCED, ids=["on the campaign", "decided"])
def test_an_order_that_need_not_be_synced_has_no_button(
    shop: Shop, person: FlaskClient, columns: dict[str, str]
) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, **columns)

    assert not look(person, f"/orders/{order_id}").has("button", text="Sync now")


def test_an_order_without_a_phone_cannot_be_synced(shop: Shop, person: FlaskClient) -> None:
    answer = send_form(person, f"/orders/{shop.receive(1001, phone=None)}/sync")

    assert answer.status_code == 409
    expected = "Order #1001 is not called: The order has no usable phone number."
    assert Page(answer).one("h1").text == expected
