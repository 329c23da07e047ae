"""A dashboard that stays open: what is new, and what it says when it cannot know."""

from __future__ import annotations

import re

from busy_day import LATEST, TOLD
from complaints import OFFLINE, Complaints
from dashboard_scenes import silent_since
from desk import (
    LISTEN,
    POLL,
    expect_names,
    field,
    go_offline,
    names,
    new_orders,
    open_stopped,
    pass_time,
    poll,
    row,
    shown,
    sleep,
    tick,
)
from open_site import Site
from playwright.sync_api import Page, Route, expect
from setting import a_pickup

from web_app import Shop


def test_new_orders_are_offered_and_move_nothing(page: Page, busy: Shop) -> None:
    open_stopped(page, busy)
    tick(page, TOLD)
    row(page, TOLD).get_by_role("checkbox").focus()
    before, place = names(page), shown(row(page, TOLD))
    busy.receive(3001)
    busy.receive(3002)

    poll(page)

    expect(new_orders(page)).to_contain_text("2 new orders")
    assert (names(page), shown(row(page, TOLD))) == (before, place)
    expect(row(page, TOLD).get_by_role("checkbox")).to_be_checked()
    expect(row(page, TOLD).get_by_role("checkbox")).to_be_focused()


def test_the_pill_brings_the_new_orders_and_marks_them(page: Page, busy: Shop) -> None:
    open_stopped(page, busy)
    busy.receive(3001)
    poll(page)

    new_orders(page).click()

    expect(row(page, 3001)).to_have_class("new")
    assert names(page)[0] == "#3001"
    expect(page.locator(".rows tr.new")).to_have_count(1)
    expect(new_orders(page)).to_have_count(0)


def test_the_numbers_around_the_list_follow_by_themselves(page: Page, busy: Shop) -> None:
    open_stopped(page, busy)
    tile = page.locator("#tiles a").first.locator("strong")
    before = int(tile.inner_text())
    busy.receive(3001)

    poll(page)

    expect(tile).to_have_text(str(before + 1))
    expect(page.locator("#tabs a").first.locator(".n")).to_have_text(str(before + 1))


def test_nothing_is_asked_while_updates_are_paused_also_after_a_reload(page: Page, busy: Shop) -> None:
    open_stopped(page, busy)
    asked = polls(page)

    page.get_by_label("Pause live updates").click()
    expect(page.get_by_text("Paused, all as of")).to_be_visible()
    pass_time(page, 3 * POLL)
    page.reload()
    pass_time(page, 3 * POLL)

    expect(page.get_by_text("Paused, all as of")).to_be_visible()
    expect(page.get_by_label("Pause live updates")).to_have_attribute("aria-pressed", "true")
    assert asked == []


def test_a_question_that_leaving_the_page_breaks_off_is_no_lost_connection(
    page: Page, busy: Shop, complaints: Complaints
) -> None:
    """Firefox breaks it off as soon as one leaves, and shows the page until the next one comes."""
    complaints.expect(*OFFLINE, "ERR_FAILED")
    open_stopped(page, busy)
    asked: list[Route] = []
    page.route(re.compile(r"/live\?"), lambda route: asked.append(route))
    with page.expect_request(re.compile(r"/live\?")):
        pass_time(page, POLL)

    page.evaluate(LISTEN)
    page.evaluate("dispatchEvent(new Event('beforeunload'))")
    asked[0].abort()
    page.evaluate("window.done")

    expect(page.locator("html")).to_have_attribute("data-live", "on")
    expect(page.locator("#offline")).to_be_hidden()


def test_a_page_that_nobody_uses_asks_once_a_minute(page: Page, busy: Shop) -> None:
    open_stopped(page, busy)
    for _ in range(11):
        poll(page)
    pass_time(page, POLL)
    asked = polls(page)

    pass_time(page, 2 * POLL)
    assert asked == []

    poll(page, 60_000)
    page.mouse.move(300, 300)
    poll(page)


def test_a_server_that_is_down_is_told_with_a_countdown(
    page: Page, busy: Shop, site: Site, complaints: Complaints
) -> None:
    complaints.expect(*OFFLINE)
    open_stopped(page, busy)
    site.down()

    pass_time(page, POLL)

    banner = page.locator("#offline")
    expect(banner).to_contain_text("No connection to the server.")
    expect(banner).to_contain_text("Trying again in 5 s.")
    pass_time(page, 2_000)
    expect(banner).to_contain_text("Trying again in 3 s.")
    expect(page.get_by_text("Not live, all as of")).to_be_visible()


def test_what_would_be_lost_cannot_be_sent_while_the_server_is_down(
    page: Page, busy: Shop, site: Site, complaints: Complaints
) -> None:
    complaints.expect(*OFFLINE)
    open_stopped(page, busy)
    tick(page, TOLD)
    site.down()
    pass_time(page, POLL)

    resync = page.get_by_role("form", name="Selected orders").get_by_role("button", name="Re-sync")
    expect(resync).to_be_disabled()

    site.up()
    page.get_by_role("button", name="Try now").click()
    expect(resync).to_be_enabled()
    expect(page.locator("#offline")).to_be_hidden()
    expect(row(page, TOLD).get_by_role("checkbox")).to_be_checked()


def test_a_connection_that_comes_back_is_used_at_once(page: Page, busy: Shop, complaints: Complaints) -> None:
    complaints.expect(*OFFLINE)
    open_stopped(page, busy)
    go_offline(page)

    page.context.set_offline(False)

    expect(page.locator("#offline")).to_be_hidden()


def test_a_session_that_ends_leads_back_to_the_same_list(page: Page, busy: Shop, complaints: Complaints) -> None:
    complaints.expect("status of 401")
    open_stopped(page, busy, "/?status=Placed&q=a")
    before = names(page)
    page.context.clear_cookies(name="session")

    poll(page)

    banner = page.locator("#session-ended")
    expect(banner).to_contain_text("Your session has ended.")
    assert names(page) == before
    asked = polls(page)
    pass_time(page, 3 * POLL)
    assert asked == []
    banner.get_by_role("link", name="Log in again").click()
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill(busy.settings.admin_password)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile(r"status=Placed"))
    expect_names(page, before)


def test_a_session_that_ends_puts_no_login_page_into_the_list(page: Page, busy: Shop, complaints: Complaints) -> None:
    complaints.expect("status of 401")
    page.goto("/")
    page.context.clear_cookies(name="session")

    field(page).fill("hetal")

    expect(page.locator("#session-ended")).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_have_count(0)
    expect(row(page, LATEST)).to_be_visible()


def test_an_error_of_the_server_leaves_the_list_as_it_was(page: Page, busy: Shop, complaints: Complaints) -> None:
    complaints.expect("status of 500")
    page.goto("/")
    page.route("**/?status=Failed", lambda route: route.fulfill(status=500, body="<h1>Something broke</h1>"))

    page.locator("#tabs a", has_text="Failed").click()

    expect(page.get_by_text("That did not work. Try again.")).to_be_visible()
    expect(row(page, LATEST)).to_be_visible()


def polls(page: Page) -> list[str]:
    """Return the list into which every later question for what is new is entered."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/live" in request.url else None)
    return asked


def test_the_way_to_the_pickup_grows_shorter_and_the_number_follows(page: Page, shop: Shop) -> None:
    a_pickup(shop)
    open_stopped(page, shop, "/?status=to-ship")
    pickup = page.locator("#pickup")
    expect(pickup).to_contain_text("80 orders, pickup in 2 h")

    shop.change(shop.receive(3001), confirmation_status="Success")
    poll(page)
    expect(pickup).to_contain_text("81 orders, pickup in 2 h")

    sleep(page, minutes=30)
    expect(pickup.locator("time")).to_have_text("in 2 h 9 min")
    sleep(page, minutes=140)
    expect(pickup.locator("time")).to_have_text("11 min ago")


def test_a_colleagues_pause_shows_by_itself_and_takes_nothing_out_of_an_open_menu(page: Page, busy: Shop) -> None:
    open_stopped(page, busy)
    page.locator("summary", has_text="Calls on").click()
    page.get_by_label("Why").fill("The price is wrong.")
    busy.context.pauses.pause(by="Meera")

    poll(page)

    expect(page.locator("#pause-banner")).to_contain_text("All calls are paused by Meera")
    expect(page.locator("#calls-switch")).to_have_text("Paused")
    expect(page.get_by_label("Why")).to_have_value("The price is wrong.")
    page.keyboard.press("Escape")
    busy.context.pauses.pause(by="Hetal")
    poll(page)
    expect(page.locator("#calls-pop button")).to_have_text("Resume all calls")

    page.locator("#pause-banner").get_by_role("button", name="Resume").click()

    expect(page.locator("#pause-banner")).to_be_empty()


def test_a_hidden_tab_looks_once_a_minute_and_its_title_counts_what_needs_a_person(page: Page, busy: Shop) -> None:
    open_stopped(page, busy)
    before = page.title()
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    asked = polls(page)
    busy.receive(3001, phone=None)

    pass_time(page, 50_000)
    assert asked == []
    poll(page, 10_000)

    assert re.match(r"\(\d+\) Orders", before)
    number = page.locator("#n-side-needs").inner_text()
    expect(page).to_have_title(f"({number}) Orders · Ordercall")
    assert page.title() != before


def test_alarms_are_notifications_for_whom_switches_them_on(page: Page, busy: Shop) -> None:
    page.add_init_script("""window.told = [];
        window.Notification = class {
          static permission = "default";
          static requestPermission = async () => (Notification.permission = "granted");
          constructor(title, { body }) { window.told.push(body); }
        }""")
    open_stopped(page, busy)
    page.get_by_label("account menu").click()
    page.get_by_role("button", name="Notify me of alarms").click()
    expect(page.get_by_role("button", name="No notifications of alarms")).to_be_visible()
    silent_since(busy, 11)

    poll(page)
    poll(page)

    told = page.evaluate("window.told")
    assert [each.partition(" since ")[0] for each in told] == ["Kalimera does not answer"]
