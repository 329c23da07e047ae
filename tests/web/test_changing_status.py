"""Changing an order's status on its page, and taking a change back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ordercall.sandbox.orders import FIRST_ID
from reading import ANANYA, decide, fields, flashed, look
from web_app import Element, Page, Shop, send_form


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


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ("fulfilled", "Its parcel has left, so Shopify cannot cancel it. Set it to Returned when it is back."),
        ("partial", "A part of it has left, so Shopify cannot cancel it. Take the rest out of the order in Shopify"),
    ],
)
def test_a_parcel_that_has_left_is_not_asked_back_again(shop: Shop, person: FlaskClient, left: str, words: str) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, confirmation_status="Failed", cancel_state="refused", fulfillment_status=left)

    banner = look(person, f"/orders/{order_id}").one("div", css="bg-badbg", text="Not cancelled in Shopify.")

    assert words in banner.text
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
        f"/api/orders/{order_id}/status",
        json={"status": "Success"},
        headers={"X-App-Token": "a-sync-token-of-programs"},
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
