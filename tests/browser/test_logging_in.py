"""The door: who comes in, what is said to who does not, and where one comes out."""

from __future__ import annotations

import re

import pytest
from complaints import Complaints
from playwright.sync_api import Page, expect

from authenticator import with_an_app
from web_app import Shop


@pytest.fixture
def stranger(page: Page) -> Page:
    page.context.clear_cookies()
    return page


def log_in(page: Page, password: str) -> None:
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill(password)
    page.keyboard.press("Enter")


def test_password_and_code_lead_to_the_page_that_was_asked_for(stranger: Page, busy: Shop) -> None:
    app = with_an_app(busy, "admin")
    stranger.goto("/?status=Failed")
    expect(stranger.get_by_label("Username")).to_be_focused()

    log_in(stranger, busy.settings.admin_password)
    expect(stranger.get_by_label("Six digits")).to_be_focused()
    stranger.get_by_label("Six digits").fill(app.code(steps=1))
    stranger.keyboard.press("Enter")

    expect(stranger).to_have_url(re.compile(r"/\?status=Failed$"))


def test_a_wrong_password_is_told_and_the_name_kept(stranger: Page, shop: Shop, complaints: Complaints) -> None:
    complaints.expect("status of 401")
    stranger.goto("/login")

    log_in(stranger, "a guess")

    expect(stranger.get_by_role("alert")).to_contain_text("Name or password is wrong. 9 tries left")
    expect(stranger.get_by_label("Username")).to_have_value("admin")
    password = stranger.get_by_label("Password", exact=True)
    expect(password).to_be_focused()
    expect(password).to_have_attribute("aria-describedby", "login-error")


def test_the_password_can_be_seen(stranger: Page, shop: Shop) -> None:
    stranger.goto("/login")
    password = stranger.get_by_label("Password", exact=True)
    password.fill("a guess")

    stranger.get_by_role("button", name="Show password").click()
    expect(password).to_have_attribute("type", "text")

    stranger.get_by_role("button", name="Show password").click()
    expect(password).to_have_attribute("type", "password")


def test_who_logs_out_is_out(page: Page, busy: Shop) -> None:
    page.goto("/")
    page.get_by_label("account menu").click()

    page.get_by_role("link", name="Log out").click()
    expect(page).to_have_url(re.compile("/login"))
    page.goto("/")

    expect(page).to_have_url(re.compile("/login"))
