"""Every page, and every state of it that looks different: what is held against rules and what pictures are taken of."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import busy_day
from busy_day import ODD, REFUSED, TOLD, TROUBLED, WITHOUT_PHONE, order_id
from chromium import NARROW, WIDE
from complaints import OFFLINE, Complaints
from desk import (
    PATIENCE,
    POLL,
    bulk_bar,
    new_orders,
    open_dialog,
    open_stopped,
    pass_time,
    poll,
    tab,
    tick,
    work_on_runs,
)
from playwright.sync_api import Page, expect

from web_app import Shop, post_webhook

Open = Callable[[Page, Shop], None]
Fill = Callable[[Shop], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """How one gets there.

    Args:
        open: leads a logged-in person's page to it.
        fill: what the shop holds before.
        complaints: what the browser says about it, as texts that its messages hold.
        narrow: it exists on small screens only.
    """

    open: Open
    fill: Fill
    complaints: tuple[str, ...] = ()
    narrow: bool = False


SCENES: dict[str, Scene] = {}


def enter(scene: Scene, page: Page, shop: Shop, complaints: Complaints) -> None:
    """Fill the shop and lead the page into the scene, at once and without motion."""
    complaints.expect(*scene.complaints)
    scene.fill(shop)
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size(NARROW if scene.narrow else WIDE)
    scene.open(page, shop)
    page.evaluate("scrollTo(0, 0)")
    page.clock.resume()


def scene(fill: Fill = busy_day.fill, **kind: Any) -> Callable[[Open], Open]:
    """Enter a function as the scene of its name."""

    def enter(open_it: Open) -> Open:
        SCENES[open_it.__name__.replace("_", "-")] = Scene(open_it, fill, **kind)
        return open_it

    return enter


def nothing(_shop: Shop) -> None:
    """Leave the shop without an order."""


def two_weeks(shop: Shop) -> None:
    busy_day.fill(shop, history=True)


def order(number: int, query: str = "") -> str:
    return f"/orders/{order_id(number)}{query}"


# -- the dashboard


@scene(two_weeks)
def dashboard(page: Page, _shop: Shop) -> None:
    page.goto("/")


@scene(two_weeks)
def numbers_of_the_charts(page: Page, _shop: Shop) -> None:
    page.goto("/")
    if page.get_by_text("Charts and revenue").is_visible():
        page.get_by_text("Charts and revenue").click()
    page.get_by_text("Show the numbers").click()
    expect(page.locator("table.numbers")).to_be_visible()


@scene()
def one_hour(page: Page, _shop: Shop) -> None:
    page.goto("/?hour=11")


@scene()
def second_page_sorted(page: Page, _shop: Shop) -> None:
    page.goto("/?range=all&sort=-total")
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newer")).to_be_visible()


@scene()
def not_on_campaign(page: Page, _shop: Shop) -> None:
    page.goto("/?status=off-campaign")


@scene()
def chosen_orders(page: Page, _shop: Shop) -> None:
    page.goto("/")
    tick(page, TROUBLED, TOLD, REFUSED)


@scene()
def new_orders_offered(page: Page, shop: Shop) -> None:
    open_stopped(page, shop)
    shop.receive(3001)
    shop.receive(3002)
    poll(page)
    expect(new_orders(page)).to_be_visible()


@scene(nothing)
def no_orders_yet(page: Page, _shop: Shop) -> None:
    page.goto("/")


@scene()
def no_match(page: Page, _shop: Shop) -> None:
    page.goto("/?q=zzz")


@scene()
def loading(page: Page, _shop: Shop) -> None:
    page.goto("/")
    page.route("**/?status=Success", lambda _route: None)  # never answered
    tab(page, "Success").click()
    pass_time(page, PATIENCE)
    expect(page.locator("#list[aria-busy=true]")).to_be_visible()


@scene()
def kalimera_silent(page: Page, shop: Shop) -> None:
    shop.receive(3001)
    shop.pass_time(minutes=3)
    with shop.db.begin() as tx:
        tx.exec_driver_sql("INSERT INTO campaigns (campaign_id, failures) VALUES ('silent', 2)")
        tx.exec_driver_sql("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (?)", (shop.now.isoformat(),))
    page.goto("/")
    expect(page.get_by_text("Kalimera does not answer.")).to_be_visible()


@scene(complaints=OFFLINE)
def offline(page: Page, shop: Shop) -> None:
    open_stopped(page, shop)
    page.context.set_offline(True)
    pass_time(page, POLL)
    expect(page.locator("#offline")).to_be_visible()


@scene(complaints=("status of 401",))
def session_ended(page: Page, shop: Shop) -> None:
    open_stopped(page, shop)
    page.context.clear_cookies(name="session")
    poll(page)
    expect(page.locator("#session-ended")).to_be_visible()


@scene()
def account_menu(page: Page, _shop: Shop) -> None:
    page.goto("/")
    page.get_by_label("account menu").click()
    expect(page.get_by_role("button", name="Same as the system")).to_be_visible()


@scene(narrow=True)
def menu(page: Page, _shop: Shop) -> None:
    page.goto("/")
    page.get_by_label("Menu", exact=True).click()
    expect(page.get_by_role("navigation", name="Pages, small screen")).to_be_visible()


@scene()
def shortcuts(page: Page, _shop: Shop) -> None:
    page.goto("/")
    page.keyboard.press("?")
    open_dialog(page)


# -- orders as no shop should have them


def odd_ones(shop: Shop) -> None:
    busy_day.fill(shop)
    busy_day.add_odd_ones(shop)


@scene(odd_ones)
def odd_orders(page: Page, _shop: Shop) -> None:
    page.goto("/")
    if page.get_by_text("Charts and revenue").is_visible():
        page.get_by_text("Charts and revenue").click()


@scene(odd_ones)
def page_of_an_odd_order(page: Page, _shop: Shop) -> None:
    page.goto(order(ODD))


@scene(odd_ones)
def report_of_odd_orders(page: Page, _shop: Shop) -> None:
    page.goto("/reports/placed?range=30d")


# -- one order


@scene()
def order_page(page: Page, _shop: Shop) -> None:
    page.goto(order(TOLD, "?from=%3Fstatus%3DPlaced"))


@scene()
def request_and_answer(page: Page, _shop: Shop) -> None:
    page.goto(order(TOLD))
    page.locator("summary", has_text="request and answer").first.click()
    expect(page.locator("pre").first).to_be_visible()


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


# -- what waits for a person, and many orders at once


def troubled(shop: Shop) -> None:
    busy_day.fill(shop)
    post_webhook(shop.client(), b"not JSON")


@scene(troubled)
def needs_you(page: Page, _shop: Shop) -> None:
    page.goto("/needs-you")


@scene(nothing)
def nothing_needs_you(page: Page, _shop: Shop) -> None:
    page.goto("/needs-you")


@scene()
def confirm_many_failed(page: Page, _shop: Shop) -> None:
    page.goto("/")
    tick(page, TROUBLED, TOLD)
    bulk_bar(page).get_by_role("button", name="Failed…").click()
    expect(page.get_by_role("button", name="Keep the orders")).to_be_visible()


@scene()
def run_under_way(page: Page, shop: Shop) -> None:
    start_a_run(page)
    work_on_runs(shop)
    page.reload()


@scene()
def run_with_failures(page: Page, shop: Shop) -> None:
    start_a_run(page)
    work_on_runs(shop)
    shop.change(order_id(TROUBLED), calling_state="on_campaign")
    work_on_runs(shop)
    page.reload()
    expect(page.get_by_role("button", name="Try the failed ones again")).to_be_visible()


def start_a_run(page: Page) -> None:
    """Send three orders to Kalimera again: one that can be, one without a phone, one that is on the campaign."""
    page.goto("/")
    tick(page, TROUBLED, TOLD, WITHOUT_PHONE)
    bulk_bar(page).get_by_role("button", name="Re-sync").click()
    expect(page.get_by_role("heading", name="Re-sync")).to_be_visible()


# -- reports


@scene(two_weeks)
def report(page: Page, _shop: Shop) -> None:
    page.goto("/reports/success")


@scene(nothing)
def empty_report(page: Page, _shop: Shop) -> None:
    page.goto("/reports/returned")


# -- the odd ones


@scene(troubled)
def deliveries(page: Page, _shop: Shop) -> None:
    page.goto("/deliveries")


@scene(nothing)
def no_deliveries(page: Page, _shop: Shop) -> None:
    page.goto("/deliveries")


def asked_for_privacy(shop: Shop) -> None:
    busy_day.fill(shop)
    body = {
        "shop_id": 954889,
        "shop_domain": f"{shop.settings.shopify_store_domain or 'shop'}.myshopify.com",
        "customer": {"id": 191167, "email": "customer@example.com", "phone": "+915550001006"},
        "orders_requested": [order_id(TOLD)],
    }
    post_webhook(shop.client(), json.dumps(body).encode(), topic="customers/data_request")


@scene(asked_for_privacy)
def privacy(page: Page, _shop: Shop) -> None:
    page.goto("/privacy")
    expect(page.get_by_role("button", name="The customer has it")).to_be_visible()


@scene(nothing)
def no_privacy_requests(page: Page, _shop: Shop) -> None:
    page.goto("/privacy")


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


@scene(nothing, complaints=("status of 404",))
def no_such_page(page: Page, _shop: Shop) -> None:
    page.goto("/nowhere")
