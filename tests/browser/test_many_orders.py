"""Several orders at once: how they are chosen, what is taken away of them, what is done to them."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from busy_day import REFUSED, TOLD, TROUBLED, WITHOUT_PHONE, order_id
from desk import bulk_bar, expect_names, field, names, open_stopped, poll, row, tick, work_on_runs
from playwright.sync_api import Locator, Page, expect

from web_app import Shop, post_webhook


def downloaded(page: Page, button: Locator) -> list[list[str]]:
    """Click, and return the rows of the CSV file that comes, without its head."""
    with page.expect_download() as coming:
        button.click()
    written = Path(coming.value.path()).read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(written.decode("utf-8-sig"))))[1:]


def test_the_bar_of_the_chosen_appears_with_the_first_and_goes_with_the_last(page: Page, busy: Shop) -> None:
    page.goto("/")
    expect(bulk_bar(page)).to_be_hidden()

    tick(page, TOLD, TROUBLED)
    expect(bulk_bar(page)).to_contain_text("2 selected")
    bulk_bar(page).get_by_role("button", name="Clear").click()

    expect(bulk_bar(page)).to_be_hidden()
    expect(row(page, TOLD).get_by_role("checkbox")).not_to_be_checked()


def test_one_tick_chooses_the_page_and_says_when_it_is_not_all(page: Page, busy: Shop) -> None:
    page.goto("/")
    whole = page.get_by_label("Select all on this page")

    whole.check()
    expect(bulk_bar(page)).to_contain_text("25 selected")
    row(page, TOLD).get_by_role("checkbox").uncheck()

    expect(bulk_bar(page)).to_contain_text("24 selected")
    assert whole.evaluate("(box) => box.indeterminate")


def test_on_the_way_back_no_tick_has_passed_to_another_order(page: Page, busy: Shop) -> None:
    page.goto("/")
    tick(page, TOLD)
    page.goto("/needs-you")
    busy.receive(3001)

    page.go_back()

    expect(row(page, 3001)).to_be_visible()
    expect(page.locator(".rows :checked")).to_have_count(0)
    expect(bulk_bar(page)).to_be_hidden()


def test_the_csv_holds_what_the_list_holds(page: Page, busy: Shop) -> None:
    page.goto("/?status=Placed")
    field(page).fill("hetal")
    expect(page.locator("#tabs [aria-current]")).to_contain_text("Placed")
    expect(page.locator(".rows tr", has_text="Hetal")).not_to_have_count(0)
    expect(page.locator(".rows tr", has_not_text="Hetal")).to_have_count(0)

    page.locator("summary", has_text="Export CSV").click()
    rows = downloaded(page, page.get_by_role("button", name="Our columns"))

    assert [line[0] for line in rows] == names(page)


def test_the_csv_of_a_selection_holds_the_ticked(page: Page, busy: Shop) -> None:
    page.goto("/")
    tick(page, TOLD, REFUSED)

    rows = downloaded(page, bulk_bar(page).get_by_role("button", name="CSV"))

    assert [line[0] for line in rows] == [f"#{REFUSED}", f"#{TOLD}"]
    expect(bulk_bar(page)).to_contain_text("2 selected")


def test_a_status_for_many_is_shown_to_its_end_and_can_be_undone(page: Page, busy: Shop) -> None:
    page.goto("/")
    tick(page, TOLD, TROUBLED)
    bulk_bar(page).get_by_role("button", name="Success").click()
    expect(page.get_by_role("heading", name="Mark Success")).to_be_visible()
    expect(page.get_by_text("0 of 2 …")).to_be_visible()

    work_on_runs(busy)
    expect(page.get_by_text("2 of 2 marked Success.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("0 of 2 …")).to_be_visible()
    work_on_runs(busy)

    expect(page.get_by_text("2 of 2 taken back.")).to_be_visible()
    assert {busy.order(order_id(number)).confirmation_status for number in (TOLD, TROUBLED)} == {"Placed"}


def test_a_run_that_fails_in_part_says_where_and_why(page: Page, busy: Shop) -> None:
    page.goto("/")
    tick(page, TROUBLED, TOLD, WITHOUT_PHONE)
    bulk_bar(page).get_by_role("button", name="Re-sync").click()
    expect(page.get_by_text("0 of 3 …")).to_be_visible()

    work_on_runs(busy)
    busy.change(order_id(TROUBLED), calling_state="on_campaign")
    work_on_runs(busy)

    expect(page.get_by_text("1 of 3 re-synced, 2 skipped.")).to_be_visible()
    expect(page.locator(f"#order-{order_id(WITHOUT_PHONE)}")).to_contain_text("The order has no usable phone number.")
    expect(page.get_by_role("button", name=re.compile("^Try .* again"))).to_have_count(0)
    expect(page.locator(".rows :checked")).to_have_count(0)


def test_failed_for_many_names_them_and_their_worth_first(page: Page, busy: Shop) -> None:
    page.goto("/")
    tick(page, TOLD, TROUBLED)

    bulk_bar(page).get_by_role("button", name="Failed…").click()

    expect(page.get_by_role("heading", name="Mark 2 orders Failed and cancel them in Shopify?")).to_be_visible()
    expect(page.get_by_text(f"#{TROUBLED}, #{TOLD}")).to_be_visible()
    keep = page.get_by_role("button", name="Keep the orders")
    expect(keep).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing was changed.")).to_be_visible()
    assert busy.order(order_id(TOLD)).confirmation_status == "Placed"


def test_all_of_a_list_can_be_chosen_beyond_its_first_page(page: Page, busy: Shop) -> None:
    page.goto("/?status=Success")
    listed = page.locator("#tabs [aria-current] .n").inner_text()
    tick(page, int(names(page)[0].removeprefix("#")))

    bulk_bar(page).get_by_label(f"All {listed} of this list").check()
    bulk_bar(page).get_by_role("button", name="Returned").click()

    expect(page.get_by_text(f"0 of {listed} …")).to_be_visible()


def test_an_order_that_waits_for_a_person_is_helped_with_one_button(page: Page, busy: Shop) -> None:
    busy.settles_at_once("calling_state", calling_state="on_campaign", contact_id="contact-7")
    page.goto("/needs-you")
    waiting = page.locator(f"#order-{order_id(TROUBLED)}")
    expect(waiting).to_contain_text("the phone number is not valid.")

    waiting.get_by_role("button", name="Re-sync").click()

    expect(page.get_by_text(f"#{TROUBLED}: Order synced to Kalimera successfully.")).to_be_visible()
    expect(waiting).to_have_count(0)


def test_an_unreadable_webhook_leaves_the_page_when_it_is_dealt_with(page: Page, busy: Shop) -> None:
    post_webhook(busy.client(), b"not JSON")
    page.goto("/needs-you")

    page.get_by_role("button", name="Mark handled").click()

    expect(page.get_by_text("Delivery marked handled.")).to_be_visible()
    expect(page.get_by_text("Webhooks that could not be read")).to_have_count(0)


def test_what_begins_to_wait_is_offered_and_moves_nothing(page: Page, busy: Shop) -> None:
    open_stopped(page, busy, "/needs-you")
    busy.receive(3001, phone=None)

    poll(page)

    expect(page.get_by_role("link", name="1 more")).to_be_visible()

    expect(page.locator(".needs > li")).to_have_count(3)
    page.get_by_role("link", name="1 more").click()
    expect(page.locator(".needs > li")).to_have_count(4)


def test_the_banner_leads_to_the_orders_it_is_about(page: Page, busy: Shop) -> None:
    page.goto("/")

    page.get_by_role("link", name="Look at them").click()

    expect(page.locator("#tabs [aria-current]")).to_contain_text("Not on campaign")
    expect_names(page, [f"#{TROUBLED}", f"#{WITHOUT_PHONE}"])
