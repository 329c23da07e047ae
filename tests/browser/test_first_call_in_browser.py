"""The first real call, by a person at a page: with the keyboard alone, on a phone, and where no script runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from chromium import NARROW
from playwright.sync_api import Page, expect

from own_numbers import Trying, trying
from web_app import Shop

PHONE = "+919000000002"
TOKEN = {"X-App-Token": "a-sync-token-of-programs"}


@pytest.fixture
def tried(shop: Shop) -> Iterator[Trying]:
    with trying(shop) as made:
        yield made


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"])


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_number_is_rung_by_the_keyboard_and_its_report_comes_by_itself(
    new_context: Any, shop: Shop, tried: Trying, scripts: bool
) -> None:
    page: Page = new_context(java_script_enabled=scripts).new_page()
    page.set_viewport_size(NARROW)
    page.goto("/settings/languages")
    page.get_by_role("link", name="Test the Hindi agent").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Your number").focus()
    page.keyboard.type(PHONE)
    press(page, "Look at Kalimera first")
    stands = page.locator("#part").get_by_role("status")
    expect(stands).to_contain_text("Kalimera is looked at")
    tried.work()
    expect(stands).to_have_text("Waits for your yes.")

    press(page, "Yes, call it now")
    expect(stands).to_contain_text("The number is being put on the list")
    tried.work()
    expect(stands).to_have_text("On the list: the phone may ring.")
    press(page, "It rang")
    expect(page.get_by_role("button", name="It rang", exact=True)).to_have_attribute("aria-pressed", "true")
    shop.client().post("/api/outcomes", json={"phone": PHONE, "answer": "confirmed"}, headers=TOKEN)

    expect(stands).to_have_text("The agent has reported.")
    expect(page.locator("#part")).to_contain_text('"answer": "confirmed"')
    assert fits(page)


def test_what_somebody_reads_of_a_step_stays_open_while_the_page_follows(page: Page, shop: Shop, tried: Trying) -> None:
    call_id = tried.begin(PHONE)
    tried.work()
    page.goto(f"/settings/first-call/{call_id}")
    requests = page.locator(".tl details").first
    requests.locator("summary").click()

    shop.context.first_calls.agree(call_id)
    tried.work()

    expect(page.locator("#part").get_by_role("status")).to_have_text("On the list: the phone may ring.")
    expect(requests.locator("pre")).to_be_visible()
