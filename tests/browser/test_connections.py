"""Settings, connections, on a phone: a check that is asked for, waited for and read, with and without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from chromium import NARROW
from playwright.sync_api import Page, expect

from ordercall.domain.findings import Finding, Grade
from ordercall.domain.shapes import AnswerShape
from ordercall.storage.records import answer_shapes, connection_checks
from web_app import Shop

PATH = "/settings/connections"


@pytest.fixture(params=[True, False], ids=["with scripts", "without"])
def phone(request: pytest.FixtureRequest, new_context: Any, shop: Shop) -> Page:
    page: Page = new_context(java_script_enabled=request.param).new_page()
    page.set_viewport_size(NARROW)
    page.goto(PATH)
    return page


def check(shop: Shop) -> None:
    """Do what a worker would."""
    found = [Finding("Kalimera token", Grade.FAILURE, "Kalimera answered 401.", "Copy it again.")]
    with shop.db.begin() as tx:
        connection_checks.store(tx, found, now=shop.now)
        tx.exec_driver_sql("DELETE FROM procrastinate_jobs")


def test_a_check_is_asked_for_by_the_keyboard_and_its_end_comes_by_itself(phone: Page, shop: Shop) -> None:
    button = phone.get_by_role("button", name="Check now")
    button.focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Checking …")).to_be_visible()
    expect(button).to_be_disabled()

    check(shop)

    expect(phone.get_by_role("list", name="What was found")).to_contain_text("Copy it again.")
    expect(phone.get_by_text("Checking …")).to_have_count(0)
    expect(button).to_be_enabled()
    assert phone.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_a_second_check_can_be_asked_for_where_the_first_has_ended(phone: Page, shop: Shop) -> None:
    for _ in range(2):
        phone.get_by_role("button", name="Check now").click()
        expect(phone.get_by_text("Checking …")).to_be_visible()
        check(shop)
        expect(phone.get_by_role("list", name="What was found")).to_be_visible()
        expect(phone.get_by_role("button", name="Check now")).to_be_enabled()


def test_a_long_shape_of_an_answer_is_opened_and_read_on_a_phone(phone: Page, shop: Shop) -> None:
    body = '{"a_name_without_any_end_%s":"text, contact id"}' % ("x" * 200)
    with shop.db.begin() as tx:
        shape = AnswerShape("create the contact", 201, "application/json", "done", body)
        answer_shapes.store(tx, {shape: 1}, now=shop.now)
    phone.reload()

    phone.get_by_text("Names and kinds", exact=True).click()

    expect(phone.get_by_text("text, contact id")).to_be_visible()
    expect(phone.get_by_role("link", name="Export")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_a_page_whose_check_has_ended_still_follows_what_stands_around_it(page: Page, shop: Shop) -> None:
    page.goto(PATH)
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("Checking …")).to_be_visible()
    check(shop)
    expect(page.get_by_role("list", name="What was found")).to_be_visible()

    shop.context.pauses.pause(by="Meera")

    expect(page.locator("#pause-banner")).to_contain_text("All calls are paused by Meera")
