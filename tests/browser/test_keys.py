"""The keyboard: every key of the list that "?" shows, and that they can be switched off."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager

from busy_day import LATEST, TOLD, order_id
from desk import bulk_bar, current_tab, field, names, new_orders, open_dialog, open_stopped, poll, row
from playwright.sync_api import Page, expect

from web_app import Shop


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def next_page(page: Page) -> AbstractContextManager[object]:
    """Wait until the page that the block leads to hears a key: it may be seen before its script has run."""
    return page.expect_event("load")


def test_a_slash_leads_to_the_search_and_escape_out_of_it(page: Page, busy: Shop) -> None:
    page.goto("/")

    press(page, "/")
    expect(field(page)).to_be_focused()

    press(page, "Escape")
    expect(field(page)).not_to_be_focused()


def test_escape_empties_the_search_and_its_list(page: Page, busy: Shop) -> None:
    page.goto("/?q=zzz")
    field(page).focus()

    press(page, "Escape")

    expect(page.locator(".rows tr")).to_have_count(25)
    expect(page).to_have_url(re.compile(r"/$"))


def test_j_and_k_go_through_the_rows_and_enter_opens(page: Page, busy: Shop) -> None:
    page.goto("/")

    press(page, "j", "j", "j", "k")
    expect(page.locator(".rows tr.cur")).to_have_id(f"order-{order_id(LATEST - 1)}")

    press(page, "Enter")
    expect(page.get_by_role("heading", name=f"#{LATEST - 1}", exact=True)).to_be_visible()


def test_x_ticks_the_row_that_one_stands_on(page: Page, busy: Shop) -> None:
    page.goto("/")

    press(page, "j", "x", "j", "x")
    expect(bulk_bar(page)).to_contain_text("2 selected")

    press(page, "x")
    expect(bulk_bar(page)).to_contain_text("1 selected")


def test_a_digit_opens_its_tab(page: Page, busy: Shop) -> None:
    tabs = ("All", "Placed", "Success", "Returned", "Failed", "Not on campaign", "Ready to ship")
    page.goto("/?range=all")

    for key, name in reversed([*enumerate(tabs, start=1)]):
        press(page, str(key))
        expect(current_tab(page)).to_contain_text(name)


def test_g_o_and_g_n_go_elsewhere(page: Page, busy: Shop) -> None:
    open_stopped(page, busy, "/reports/placed")  # the second key must follow within a second

    with next_page(page):
        press(page, "g", "n")
    expect(page.get_by_role("heading", name="Needs you")).to_be_visible()

    press(page, "g", "o")
    expect(page.get_by_role("heading", name="Orders", exact=True)).to_be_visible()


def test_o_alone_goes_nowhere(page: Page, busy: Shop) -> None:
    page.goto("/reports/placed")

    press(page, "o")
    press(page, "?")

    expect(open_dialog(page)).to_contain_text("Keyboard shortcuts")
    expect(page).to_have_url(re.compile("/reports/placed$"))


def test_u_leads_back_to_the_list(page: Page, busy: Shop) -> None:
    page.goto("/?status=Placed")
    with next_page(page):
        row(page, TOLD).locator("a.go").click()
    expect(page.get_by_role("heading", name=f"#{TOLD}", exact=True)).to_be_visible()

    press(page, "u")

    expect(page).to_have_url(re.compile(r"\?status=Placed$"))


def test_p_pauses(page: Page, busy: Shop) -> None:
    page.goto("/")

    press(page, "p")
    expect(page.get_by_text("Paused, all as of")).to_be_visible()

    press(page, "p")
    expect(page.get_by_text("Live, all as of")).to_be_visible()


def test_e_exports(page: Page, busy: Shop) -> None:
    page.goto("/")

    with page.expect_download() as coming:
        press(page, "e")

    assert coming.value.suggested_filename == "orders-2026-11-24.csv"


def test_the_list_of_keys_opens_and_closes(page: Page, busy: Shop) -> None:
    page.goto("/")

    press(page, "?")
    expect(open_dialog(page)).to_contain_text("Next order")

    press(page, "Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_keys_are_letters_while_somebody_types(page: Page, busy: Shop) -> None:
    page.goto("/")
    field(page).focus()

    press(page, "j", "2", "?")

    expect(field(page)).to_have_value("j2?")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".rows tr.cur")).to_have_count(0)


def test_keys_rest_in_a_dialog(page: Page, busy: Shop) -> None:
    page.goto("/")
    press(page, "?")
    open_dialog(page)

    press(page, "2", "j")

    expect(page.locator(".rows tr.cur")).to_have_count(0)
    expect(current_tab(page)).to_contain_text("All")


def test_keys_of_the_browser_are_left_to_it(page: Page, busy: Shop) -> None:
    page.goto("/")

    press(page, "Control+j", "Alt+p")

    expect(page.locator(".rows tr.cur")).to_have_count(0)
    expect(page.get_by_text("Live, all as of")).to_be_visible()


def turn_single_keys(page: Page, state: str) -> None:
    page.get_by_label("account menu").click()
    with next_page(page):
        page.get_by_role("button", name=f"Turn single keys {state}").click()


def test_single_keys_can_be_switched_off_and_on(page: Page, busy: Shop) -> None:
    page.goto("/")
    turn_single_keys(page, "off")
    expect(page.locator("html")).to_have_attribute("data-keys", "off")

    press(page, "j", "?")
    expect(page.locator("dialog[open], .rows tr.cur")).to_have_count(0)

    turn_single_keys(page, "on")
    expect(page.locator("html[data-keys]")).to_have_count(0)
    press(page, "j")
    expect(page.locator(".rows tr.cur")).to_have_count(1)


def test_the_first_tab_stop_leads_past_the_navigation(page: Page, busy: Shop) -> None:
    page.goto("/")

    press(page, "Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    press(page, "Enter")

    expect(page.locator("#main")).to_be_focused()


def test_everything_that_has_the_focus_shows_it(page: Page, busy: Shop) -> None:
    page.goto("/")
    unmarked = []
    for _ in range(40):
        press(page, "Tab")
        marked = "(e) => ['outlineStyle', 'boxShadow'].some((name) => getComputedStyle(e)[name] !== 'none')"
        focused = page.locator(":focus")
        if not focused.evaluate(marked):
            unmarked.append(focused.evaluate("(element) => element.outerHTML.slice(0, 120)"))
    assert unmarked == []


def test_the_order_that_j_stands_on_is_kept_when_new_ones_come(page: Page, busy: Shop) -> None:
    open_stopped(page, busy)
    press(page, "j", "j")
    before = page.locator(".rows tr.cur").get_attribute("id") or ""
    busy.receive(3001)
    poll(page)

    new_orders(page).click()

    expect(row(page, 3001)).to_be_visible()
    expect(page.locator(".rows tr.cur")).to_have_id(before)
    assert names(page)[0] == "#3001"
