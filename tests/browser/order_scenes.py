"""An order's page."""

from __future__ import annotations

from busy_day import REFUSED, TOLD, TROUBLED, WITHOUT_PHONE, order_id
from desk import open_dialog
from playwright.sync_api import Page, expect
from setting import order, scene

from ordercall.storage.records import addresses
from web_app import Shop


@scene()
def order_page(page: Page, _shop: Shop) -> None:
    page.goto(order(TOLD, "?from=%3Fstatus%3DPlaced"))


@scene()
def request_and_answer(page: Page, _shop: Shop) -> None:
    page.goto(order(TOLD))
    page.get_by_label("Codes").check()
    page.locator("summary", has_text="request and answer").last.click()
    expect(page.locator("pre").last).to_be_visible()


@scene()
def problems_of_an_order(page: Page, _shop: Shop) -> None:
    page.goto(order(TOLD, "?show=problems"))


@scene()
def order_not_on_campaign(page: Page, _shop: Shop) -> None:
    page.goto(order(TROUBLED))


@scene()
def order_without_phone(page: Page, _shop: Shop) -> None:
    page.goto(order(WITHOUT_PHONE))


@scene()
def cancel_refused(page: Page, _shop: Shop) -> None:
    page.goto(order(REFUSED))


@scene()
def address_from_a_call(page: Page, shop: Shop) -> None:
    said = {"address1": "7 Corrected Street", "city": "Kochi", "province": "Kerala", "zip": "380015"}
    with shop.db.begin() as tx:
        further = said | {"phone": "+915550001009", "further": f"landmark: {'behind the temple ' * 9}"}
        addresses.propose(tx, order_id(TOLD), further, report=None, now=shop.now)
    page.goto(order(TOLD))


@scene()
def marked_with_undo(page: Page, _shop: Shop) -> None:
    page.goto(order(TOLD))
    page.locator("button.opt[value=Success]").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


@scene()
def copied(page: Page, _shop: Shop) -> None:
    page.goto(order(TOLD))
    page.get_by_label("Copy phone number").click()
    expect(page.get_by_text("Copied")).to_be_visible()


@scene()
def confirm_failed(page: Page, _shop: Shop) -> None:
    page.goto(order(TOLD))
    page.locator("a.opt", has_text="Failed").click()
    open_dialog(page)


@scene()
def confirm_failed_without_script(page: Page, _shop: Shop) -> None:
    page.goto(order(TOLD, "?confirm=Failed"))


@scene(complaints=("status of 409",))
def changed_by_somebody_else(page: Page, shop: Shop) -> None:
    page.goto(order(TOLD))
    shop.change(
        order_id(TOLD),
        confirmation_status="Returned",
        status_changed_by="Ravi",
        status_changed_at=shop.now.timestamp() - 20,
    )
    page.locator("button.opt[value=Success]").click()
    expect(page.get_by_role("heading", name="Ravi")).to_be_visible()
