"""The dashboard, and orders as no shop should have them."""

from __future__ import annotations

import busy_day
from busy_day import ODD, REFUSED, TOLD, TROUBLED, order_id
from complaints import OFFLINE
from desk import (
    PATIENCE,
    go_offline,
    new_orders,
    open_dialog,
    open_stopped,
    pass_time,
    poll,
    tab,
    tick,
)
from playwright.sync_api import Page, expect
from setting import a_pickup, nothing, order, scene, two_weeks
from sqlalchemy import insert

from ordercall.storage.tables import silent_providers
from web_app import Shop

# -- the dashboard


@scene(two_weeks)
def dashboard(page: Page, _shop: Shop) -> None:
    page.goto("/")


@scene(two_weeks)
def numbers_of_the_charts(page: Page, _shop: Shop) -> None:
    page.goto("/")
    page.locator("summary", has_text="Charts").click()
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


@scene(a_pickup)
def ready_to_ship(page: Page, _shop: Shop) -> None:
    page.goto("/?status=to-ship")
    expect(page.locator("#pickup")).to_contain_text("pickup in 2 h 40 min")


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
        tx.exec_driver_sql("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (CURRENT_TIMESTAMP)")
    page.goto("/")
    expect(page.get_by_text("Kalimera does not answer.")).to_be_visible()


def silent_since(shop: Shop, minutes: float, *, back: float | None = None, waited: int | None = None) -> None:
    """Store since how many minutes Kalimera is silent, or has been back."""
    now = shop.now.timestamp()
    with shop.db.begin() as tx:
        tx.exec_driver_sql("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (CURRENT_TIMESTAMP)")
        row = {"since": now - minutes * 60, "back_at": back and now - back * 60, "waited": waited}
        tx.execute(insert(silent_providers).values(provider="Kalimera", **row))


@scene(two_weeks)
def outage(page: Page, shop: Shop) -> None:
    for number in range(3001, 3006):
        shop.receive(number)
    shop.pass_time(seconds=1)
    silent_since(shop, 11)
    page.goto("/")
    expect(page.locator("#trouble")).to_contain_text("6 orders wait to be called")


@scene(two_weeks)
def catching_up(page: Page, shop: Shop) -> None:
    for number in range(3001, 3006):
        shop.receive(number)
    shop.pass_time(minutes=1)
    silent_since(shop, 11, back=0.5, waited=12)
    page.goto("/")
    expect(page.locator("#trouble")).to_contain_text("6 of 12 orders placed, 6 to go")


@scene()
def demo_orders_left(page: Page, shop: Shop) -> None:
    for number in (REFUSED, TOLD):
        shop.change(order_id(number), is_demo=1)
    page.goto("/")
    expect(page.get_by_role("button", name="Remove the demo orders")).to_be_visible()


@scene()
def page_of_a_demo_order(page: Page, shop: Shop) -> None:
    shop.change(
        order_id(TOLD),
        is_demo=1,
        calling_state="not_called",
        calling_reason="demo_order",
        window_start=None,
        window_end=None,
    )
    page.goto(order(TOLD))
    expect(page.get_by_text("Demo", exact=True)).to_be_visible()


@scene(complaints=OFFLINE)
def offline(page: Page, shop: Shop) -> None:
    open_stopped(page, shop)
    go_offline(page)


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
    page.locator("summary", has_text="Charts").click()


@scene(odd_ones)
def page_of_an_odd_order(page: Page, _shop: Shop) -> None:
    page.goto(order(ODD))


@scene(odd_ones)
def report_of_odd_orders(page: Page, _shop: Shop) -> None:
    page.goto("/reports/placed?range=30d")


@scene(two_weeks)
def filtered_list(page: Page, _shop: Shop) -> None:
    page.goto("/?range=14d&payment=cod&state=Gujarat&choose=product")
    expect(page.get_by_role("group", name="Product")).to_be_visible()
