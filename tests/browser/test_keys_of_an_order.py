"""The keys of an order's page: its status with undo, a call, a note, the next that needs a person; and its timeline."""

from __future__ import annotations

import re

import pytest
from busy_day import REFUSED, TOLD, TROUBLED, WITHOUT_PHONE, order_id
from desk import open_dialog
from playwright.sync_api import Page, expect

from web_app import Shop

HERE = f"/orders/{order_id(TOLD)}"


@pytest.mark.parametrize(("key", "status"), [("s", "Success"), ("r", "Returned")])
def test_a_status_is_set_by_its_key_and_taken_back_by_z(page: Page, busy: Shop, key: str, status: str) -> None:
    page.goto(HERE)

    with page.expect_event("load"):  # before it no script of the new page hears a key
        page.keyboard.press(key)
    expect(page.get_by_text(f"#{TOLD} marked {status}.")).to_be_visible()
    assert busy.order(order_id(TOLD)).confirmation_status == status
    with page.expect_event("load"):
        page.keyboard.press("z")

    expect(page.get_by_text(f"#{TOLD} marked Placed.")).to_be_visible()
    assert busy.order(order_id(TOLD)).confirmation_status == "Placed"


def test_the_key_of_failed_asks_first_and_no_other_key_answers(page: Page, busy: Shop) -> None:
    page.goto(HERE)

    page.keyboard.press("f")
    expect(open_dialog(page)).to_contain_text("Shopify cannot undo")
    for key in ("s", "r", "f", "z"):
        page.keyboard.press(key)

    expect(open_dialog(page)).to_be_visible()
    assert busy.order(order_id(TOLD)).confirmation_status == "Placed"


def test_a_note_is_written_without_a_key_doing_anything(page: Page, busy: Shop) -> None:
    page.goto(HERE)

    page.keyboard.press("a")
    expect(page.get_by_label("Note for your colleagues")).to_be_focused()
    page.keyboard.type("srfcnz")

    expect(page.get_by_label("Note for your colleagues")).to_have_value("srfcnz")
    assert busy.order(order_id(TOLD)).confirmation_status == "Placed"


def test_c_has_an_order_synced_again(page: Page, busy: Shop) -> None:
    busy.settles_at_once("calling_state", calling_state="on_campaign", contact_id="contact-7")
    page.goto(f"/orders/{order_id(TROUBLED)}")

    page.keyboard.press("c")

    expect(page.get_by_text(f"#{TROUBLED}: Order synced to Kalimera successfully.")).to_be_visible()


def test_n_goes_through_what_needs_a_person(page: Page, busy: Shop) -> None:
    page.goto("/")

    for number in (TROUBLED, REFUSED, WITHOUT_PHONE, TROUBLED):
        with page.expect_event("load"):
            page.keyboard.press("n")
        expect(page.get_by_role("heading", name=f"#{number}", exact=True)).to_be_visible()


def test_the_keys_are_in_their_list(page: Page, busy: Shop) -> None:
    page.goto(HERE)

    page.keyboard.press("?")

    for meaning in ("Mark Success", "Failed: asks, then cancels", "Add a note", "Next that needs you"):
        expect(open_dialog(page).get_by_text(meaning)).to_be_visible()


def test_from_the_top_of_an_order_one_link_leads_to_what_can_be_done(page: Page, busy: Shop) -> None:
    page.goto(HERE)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to what can be done")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    expect(page.get_by_role("button", name="Mark Success")).to_be_focused()


def test_a_step_is_one_entry_and_codes_are_for_who_wants_them(page: Page, busy: Shop) -> None:
    page.goto(HERE)
    timeline = page.get_by_role("region", name="Timeline")

    told = ["Note", "On the calling campaign", "Not put on the campaign"]
    expect(timeline.locator("b").filter(visible=True)).to_have_text(told)
    expect(timeline.get_by_text("Kalimera_Sync_Success")).to_be_hidden()
    timeline.get_by_text("3 more at that moment").click()
    expect(timeline.get_by_text("Added to the calling list")).to_be_visible()
    timeline.get_by_label("Codes").check()

    expect(timeline.get_by_text("Kalimera_Sync_Success")).to_be_visible()
    timeline.locator("summary", has_text=re.compile("Kalimera_Sync_Error")).click()
    expect(timeline.locator("pre").filter(visible=True)).to_contain_text("503")
