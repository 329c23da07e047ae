"""The list of orders: its tabs, its search, its order, its pages, and the numbers above it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from web_app import Shop


def test_a_tab_shows_its_orders_without_loading_the_page_anew(page: Page, busy: Shop) -> None:
    page.goto("/")
    page.evaluate("window.stayed = true")

    page.locator("#tabs").get_by_role("link", name="Failed").click()

    expect(page.locator("#tabs [aria-current]")).to_contain_text("Failed")
    expect(page).to_have_url(re.compile(r"\?status=Failed$"))
    assert set(page.locator(".c-status .bdg:first-child").all_inner_texts()) == {"Failed"}
    assert page.evaluate("window.stayed")
