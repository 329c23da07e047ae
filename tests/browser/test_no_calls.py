"""Settings, do not call, on a phone and by the keyboard alone, with and without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from chromium import NARROW
from playwright.sync_api import Page, expect

from web_app import Shop

PATH = "/settings/do-not-call"


@pytest.fixture(params=[True, False], ids=["with scripts", "without"])
def phone(request: pytest.FixtureRequest, new_context: Any, shop: Shop) -> Page:
    page: Page = new_context(java_script_enabled=request.param).new_page()
    page.set_viewport_size(NARROW)
    page.goto(PATH)
    return page


def test_a_number_is_listed_looked_up_and_taken_off_by_the_keyboard(phone: Page) -> None:
    number = phone.get_by_label("Number", exact=True)
    number.focus()
    phone.keyboard.type("98123 45670")
    phone.keyboard.press("Tab")
    phone.keyboard.press("End")
    phone.get_by_role("button", name="Do not call it").focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("The number is not called any more.")).to_be_visible()
    expect(phone.get_by_role("cell", name="another reason")).to_be_visible()

    number.fill("+919812345670")
    phone.get_by_role("button", name="Is it on the list?").press("Enter")
    expect(phone.get_by_role("status").filter(has_text="This number is not called")).to_be_visible()

    phone.get_by_role("button", name="Allow calls again").press("Enter")
    expect(phone.get_by_text("The number may be called again.")).to_be_visible()
    expect(phone.get_by_text("No number is on the list.")).to_be_visible()


def test_a_file_is_taken_in_and_nothing_is_wider_than_the_phone(phone: Page) -> None:
    written = b"phone,until,why\n+919812345670,2090-01-31,complaint\nMeera,,\n"
    phone.get_by_label("CSV file").set_input_files({"name": "wishes.csv", "mimeType": "text/csv", "buffer": written})
    phone.get_by_role("button", name="List these numbers").click()

    report = phone.get_by_role("region", name="What became of each line")
    expect(report).to_contain_text("no phone number, or more than one")
    expect(report).to_contain_text("Lines: 2. Not usable: 1.")
    assert phone.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
