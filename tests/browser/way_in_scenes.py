"""The way in: passwords, second factors, and a person's own account."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from setting import nothing, scene

from authenticator import with_an_app
from ordercall.domain.people import Role
from web_app import Shop


@scene()
def account(page: Page, _shop: Shop) -> None:
    page.goto("/account")
    expect(page.get_by_text("this one")).to_be_visible()


@scene(complaints=("status of 400",))
def second_factor(page: Page, shop: Shop) -> None:
    page.goto("/account")
    page.get_by_label("Your password").fill(shop.settings.admin_password)
    page.get_by_role("button", name="Switch it on").click()
    page.get_by_label("Six digits").fill("no code")
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_text("That is not the code that the app shows now.")).to_be_visible()


@scene(complaints=("status of 400",))
def choosing_a_password(page: Page, shop: Shop) -> None:
    link = shop.context.access.people.invite("Asha", Role.AGENT, by="a person")
    page.goto(f"/welcome/{link.token}")
    page.get_by_label("Password", exact=True).fill("passwordpassword")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()


@scene(nothing)
def login(page: Page, _shop: Shop) -> None:
    page.context.clear_cookies(name="session")
    page.goto("/login")


@scene(nothing, complaints=("status of 401",))
def login_refused(page: Page, _shop: Shop) -> None:
    login(page, _shop)
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill("a guess")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()


@scene(nothing, complaints=("status of 400",))
def login_by_a_code(page: Page, shop: Shop) -> None:
    with_an_app(shop, shop.settings.admin_username)
    login(page, shop)
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill(shop.settings.admin_password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("Six digits").fill("no code")
    page.get_by_role("button", name="Log in").first.click()
    page.get_by_text("The phone is not there").click()
    expect(page.get_by_role("alert")).to_be_visible()
