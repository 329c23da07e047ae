"""What a phone shows: the customer first, what is done with many orders at the thumb, and nothing beside the screen."""

from __future__ import annotations

from typing import Any

import pytest
from busy_day import PHONE, REFUSED, TOLD, TROUBLED, order_id
from chromium import NARROW
from desk import bulk_bar, shown, tick
from playwright.sync_api import Page, expect

from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.server import run_in_thread
from ordercall.sandbox.shop import Shop as SandboxShop
from ordercall.sandbox.shopify import FakeShopify
from web_app import Shop

THUMB = 44


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return browser_context_args | {"viewport": NARROW}


def test_the_customer_and_their_number_stand_on_top_of_an_order(page: Page, busy: Shop) -> None:
    page.goto(f"/orders/{order_id(TOLD)}")

    call = page.get_by_role("link", name=PHONE)
    expect(call).to_have_attribute("href", f"tel:{PHONE}")
    place, timeline = shown(call), shown(page.get_by_role("heading", name="Timeline"))
    assert place["height"] >= THUMB
    assert place["y"] + place["height"] < NARROW["height"] / 2 < timeline["y"]


def test_what_is_done_with_many_is_a_sheet_without_a_scroll(page: Page, busy: Shop) -> None:
    page.goto("/")
    tick(page, TOLD, TROUBLED, REFUSED)

    buttons = bulk_bar(page).get_by_role("button").all()
    places = [shown(button) for button in buttons]

    assert [button.inner_text() for button in buttons if button.inner_text() == "Failed…"]
    for place in places:
        assert place["height"] >= THUMB
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= NARROW["width"]
        assert NARROW["height"] / 2 < place["y"] < NARROW["height"] - THUMB
    page.locator(".rows tr").last.scroll_into_view_if_needed()
    page.mouse.wheel(0, 10_000)
    last = shown(page.locator(".rows tr").last)
    assert last["y"] + last["height"] < shown(bulk_bar(page))["y"], "the sheet hides no row"


def test_the_sandbox_s_page_fits(page: Page) -> None:
    shop = SandboxShop(FakeShopify())
    shop.place_order()
    with run_in_thread(create_sandbox(shop=shop)) as sandbox:
        page.goto(sandbox.url)

        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
