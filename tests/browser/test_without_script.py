"""The basics with JavaScript off: everything that a person must be able to do is a link or a form."""

from __future__ import annotations

import re
from typing import Any

import pytest
from busy_day import TOLD, TROUBLED, order_id
from desk import bulk_bar, current_tab, field, names, row, tab, tick, work_on_runs
from playwright.sync_api import Page, expect

from web_app import Shop


@pytest.fixture
def page(new_context: Any) -> Page:
    page: Page = new_context(java_script_enabled=False).new_page()
    return page


def test_one_logs_in(page: Page, busy: Shop) -> None:
    page.context.clear_cookies()
    page.goto("/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill(busy.settings.admin_password)
    page.get_by_role("button", name="Log in").click()

    expect(page.get_by_role("heading", name="Orders", exact=True)).to_be_visible()


def test_tabs_search_sort_and_pages_are_links_and_forms(page: Page, busy: Shop) -> None:
    page.goto("/")
    tab(page, "Success").click()
    expect(current_tab(page)).to_contain_text("Success")

    page.get_by_role("columnheader", name="Total").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Total")).to_have_attribute("aria-sort", "descending")
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newer")).to_be_visible()

    field(page).fill("hetal")
    field(page).press("Enter")
    expect(page).to_have_url(re.compile(r"q=hetal"))
    page.wait_for_load_state()
    expect(current_tab(page)).to_contain_text("Success")
    assert set(page.locator("td.c-customer").all_inner_texts()) == {"Hetal Patel"}


def test_a_period_is_chosen_with_a_button(page: Page, busy: Shop) -> None:
    page.goto("/")

    page.get_by_label("Period", exact=True).select_option("yesterday")
    page.get_by_role("button", name="Show").click()

    expect(page).to_have_url(re.compile("range=yesterday"))


def test_a_click_anywhere_in_a_row_opens_its_order(page: Page, busy: Shop) -> None:
    page.goto("/")

    row(page, TOLD).click(position={"x": 500, "y": 20})

    expect(page.get_by_role("heading", name=f"#{TOLD}", exact=True)).to_be_visible()


def test_failed_is_confirmed_on_a_page(page: Page, busy: Shop) -> None:
    busy.settles_at_once("cancel_state", cancel_state="done", shopify_cancelled_at="2026-11-24T14:20:00+05:30")
    page.goto(f"/orders/{order_id(TOLD)}")

    page.locator("a.opt", has_text="Failed").click()
    expect(page.get_by_role("heading", name=f"Mark #{TOLD} Failed")).to_be_visible()
    page.get_by_role("button", name="Cancel order in Shopify").click()

    expect(page.get_by_text(f"#{TOLD} marked Failed and cancelled in Shopify.")).to_be_visible()


def test_a_note_is_added(page: Page, busy: Shop) -> None:
    page.goto(f"/orders/{order_id(TOLD)}")

    page.get_by_label("Note for your colleagues").fill("Rings again after six.")
    page.get_by_role("button", name="Add note").click()

    expect(page.get_by_role("region", name="Timeline")).to_contain_text("Rings again after six.")


def test_many_orders_are_marked_and_one_looks_again(page: Page, busy: Shop) -> None:
    page.goto("/")
    tick(page, TOLD, TROUBLED)

    bulk_bar(page).get_by_role("button", name="Success").click()
    expect(page.get_by_text("0 of 2 …")).to_be_visible()
    work_on_runs(busy)
    page.get_by_role("link", name="Look again").click()

    expect(page.get_by_text("2 of 2 marked Success.")).to_be_visible()


def test_the_list_is_taken_as_csv(page: Page, busy: Shop) -> None:
    page.goto("/?status=Returned")

    page.locator("summary", has_text="Export CSV").click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Our columns").click()

    assert coming.value.suggested_filename == "orders-2026-11-24.csv"
    assert names(page)


def test_the_theme_is_a_form(page: Page, busy: Shop) -> None:
    page.goto("/")
    page.get_by_label("account menu").click()

    page.get_by_role("button", name="Dark").click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
