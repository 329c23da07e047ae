"""The page of one order: what happened, what a person does about it, and what cannot be undone."""

from __future__ import annotations

import re

import pytest
from busy_day import PHONE, REFUSED, TOLD, TROUBLED, order_id
from chromium import NARROW
from complaints import Complaints
from desk import open_dialog, open_stopped, pass_time, shown
from playwright.sync_api import Locator, Page, expect

from ordercall.domain.activity import Event
from reading import decide, record
from web_app import Shop

HERE = f"/orders/{order_id(TOLD)}"


def timeline(page: Page) -> Locator:
    return page.get_by_role("region", name="Timeline")


def ask_for_failed(page: Page) -> Locator:
    page.goto(HERE)
    page.locator("a.opt", has_text="Failed").click()
    return open_dialog(page)


def status_of(shop: Shop, number: int) -> str:
    return str(shop.order(order_id(number)).confirmation_status)


def test_a_note_stands_first_in_the_timeline(page: Page, busy: Shop) -> None:
    page.goto(HERE)

    page.get_by_label("Note for your colleagues").fill("Rings again after six.")
    page.get_by_role("button", name="Add note").click()

    first = timeline(page).get_by_role("listitem").first
    expect(first).to_contain_text("Rings again after six.")
    expect(first).to_contain_text("by admin")


def test_the_timeline_shows_problems_alone(page: Page, busy: Shop) -> None:
    page.goto(HERE)

    timeline(page).get_by_role("link", name="Problems").click()

    expect(timeline(page).get_by_role("listitem")).to_have_count(1)
    expect(timeline(page)).to_contain_text("Not put on the campaign")


def test_request_and_answer_of_a_call_are_shown_masked(page: Page, busy: Shop) -> None:
    page.goto(HERE)
    timeline(page).get_by_text("3 more at that moment").click()
    timeline(page).get_by_label("Codes").check()
    entry = timeline(page).locator("li li").filter(has_text="Contact created")

    expect(entry.locator("pre")).to_be_hidden()
    entry.locator("summary").click()

    expect(entry.locator("pre")).to_contain_text('"status": 201')
    expect(entry.locator("pre")).to_contain_text('"phone": "•••"')
    assert PHONE not in timeline(page).inner_text()


def test_older_entries_come_below_without_loading_the_page_anew(page: Page, busy: Shop) -> None:
    for number in range(60):
        record(busy, order_id(TOLD), Event.SYNC_DEFERRED, f"Look number {number}.")
    page.goto(HERE)
    page.evaluate("window.stayed = true")
    expect(timeline(page)).not_to_contain_text("Received from Shopify")

    timeline(page).get_by_role("link", name="Show older entries").press("Enter")

    expect(timeline(page)).to_contain_text("Received from Shopify")
    expect(timeline(page).get_by_role("heading", level=3).nth(1), "the link that was pressed is gone").to_be_focused()
    expect(timeline(page)).to_contain_text("Look number 59.")
    assert page.evaluate("window.stayed")


def test_a_change_of_status_can_be_undone(page: Page, busy: Shop) -> None:
    page.goto(HERE)

    page.locator("button.opt[value=Success]").click()
    expect(page.get_by_text(f"#{TOLD} marked Success.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()

    expect(page.get_by_text(f"#{TOLD} marked Placed.")).to_be_visible()
    assert status_of(busy, TOLD) == "Placed"


def test_a_message_with_undo_stays_for_eight_seconds_and_while_somebody_points_at_it(page: Page, busy: Shop) -> None:
    open_stopped(page, busy, HERE)
    with page.expect_event("load"):  # before it no script of the new page counts its seconds
        page.locator("button.opt[value=Success]").click()
    undo = page.get_by_role("button", name="Undo")

    pass_time(page, 7_900)
    expect(undo).to_be_visible()
    undo.hover()
    pass_time(page, 3_000)
    expect(undo).to_be_visible()
    page.mouse.move(0, 0)
    pass_time(page, 4_000)
    expect(undo).to_be_hidden()


def test_a_double_click_sends_once(page: Page, busy: Shop) -> None:
    page.goto(HERE)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)

    page.locator("button.opt[value=Success]").dblclick()

    expect(page.get_by_text(f"#{TOLD} marked Success.")).to_be_visible()
    assert len(sent) == 1


def test_a_page_from_the_memory_of_the_browser_comes_anew(page: Page, busy: Shop) -> None:
    """WebKit keeps pages that came over plain http, whatever their headers say; here its event stands for it."""
    page.goto(HERE)
    busy.change(order_id(TOLD), confirmation_status="Returned")

    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")

    expect(page.locator(".opt[aria-current]")).to_contain_text("Returned")


def test_failed_names_the_order_and_what_follows(page: Page, busy: Shop) -> None:
    dialog = ask_for_failed(page)

    expect(dialog.get_by_role("heading")).to_have_text(f"Mark #{TOLD} Failed and cancel it in Shopify?")
    expect(dialog).to_contain_text("Shopify cannot undo a cancellation.")
    assert page.url.endswith(HERE)


@pytest.mark.parametrize("key", ["Enter", "Escape"])
def test_who_hesitates_keeps_the_order(page: Page, busy: Shop, key: str) -> None:
    dialog = ask_for_failed(page)
    expect(dialog.get_by_role("button", name="Keep order")).to_be_focused()

    page.keyboard.press(key)

    expect(page.locator("dialog[open]")).to_have_count(0)
    assert status_of(busy, TOLD) == "Placed"


def test_the_focus_stays_in_the_dialog(page: Page, busy: Shop) -> None:
    ask_for_failed(page)

    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")


def test_failed_cancels_as_it_was_chosen(page: Page, busy: Shop) -> None:
    busy.settles_at_once("cancel_state", cancel_state="done", shopify_cancelled_at="2026-11-24T14:20:00+05:30")
    dialog = ask_for_failed(page)

    dialog.get_by_label("Reason for Shopify").select_option("Fraud")
    dialog.get_by_label("Put the goods back in stock").uncheck()
    dialog.get_by_role("button", name="Cancel order in Shopify").click()

    expect(page.get_by_text(f"#{TOLD} marked Failed and cancelled in Shopify.")).to_be_visible()
    order = busy.order(order_id(TOLD))
    assert (order.confirmation_status, order.cancel_reason, order.cancel_restock) == ("Failed", "fraud", 0)


def test_a_refused_cancellation_can_be_tried_again(page: Page, busy: Shop) -> None:
    busy.settles_at_once("cancel_state", cancel_state="done", shopify_cancelled_at="2026-11-24T14:20:00+05:30")
    page.goto(f"/orders/{order_id(REFUSED)}")
    expect(page.locator(".ban", has_text="it has been fulfilled")).to_be_visible()

    page.get_by_role("button", name="Try cancel again").click()

    expect(page.get_by_text(f"#{REFUSED} marked Failed and cancelled in Shopify.")).to_be_visible()
    expect(page.get_by_role("button", name="Try cancel again")).to_have_count(0)


def test_a_change_by_somebody_else_is_told_before_anything_is_done(
    page: Page, busy: Shop, complaints: Complaints
) -> None:
    complaints.expect("status of 409")
    page.goto(HERE)
    busy.pass_time(seconds=20)
    decide(busy, order_id(TOLD), "Returned", by="Ravi")
    busy.pass_time(seconds=20)

    page.locator("button.opt[value=Success]").click()

    expect(page.get_by_role("heading", name="Ravi set this order to Returned 20 s ago.")).to_be_visible()
    assert status_of(busy, TOLD) == "Returned"
    page.get_by_role("button", name="Set it to Success all the same").click()
    expect(page.get_by_text(f"#{TOLD} marked Success.")).to_be_visible()


def test_an_order_that_is_not_on_the_campaign_is_sent_again(page: Page, busy: Shop) -> None:
    busy.settles_at_once("calling_state", calling_state="on_campaign", contact_id="contact-7")
    page.goto(f"/orders/{order_id(TROUBLED)}")

    page.get_by_role("button", name="Sync now").click()

    expect(page.get_by_text("Order synced to Kalimera successfully.")).to_be_visible()


def test_the_phone_number_is_copied(page: Page, busy: Shop) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(HERE)

    page.get_by_label("Copy phone number").click()

    expect(page.get_by_role("status").get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == PHONE


def test_on_a_phone_what_is_done_most_stays_at_the_thumb(page: Page, busy: Shop) -> None:
    page.set_viewport_size(NARROW)
    page.goto(HERE)
    button = page.get_by_role("button", name="Mark Success")

    assert shown(button)["y"] > NARROW["height"] - 80
    expect(page.get_by_role("link", name="Call the customer")).to_have_attribute("href", f"tel:{PHONE}")
    page.get_by_role("link", name="Status…").click()
    expect(page.get_by_role("heading", name="Status", exact=True)).to_be_in_viewport()
    button.click()
    expect(page.get_by_text(f"#{TOLD} marked Success.")).to_be_visible()


def test_the_timeline_tells_exact_times(page: Page, busy: Shop) -> None:
    page.goto(HERE)

    time = timeline(page).locator("time").first

    expect(time).to_have_text(re.compile(r"2:11:00\spm"))
    expect(time).to_have_attribute("title", re.compile(r"24 Nov 2026, 2:11:00\spm IST"))
