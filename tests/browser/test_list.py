"""The list of orders: its tabs, its search, its order, its pages, and the numbers above it."""

from __future__ import annotations

import re

from busy_day import FULL_HOURS, ORDERS_AN_HOUR, TOLD
from desk import current_tab, expect_names, field, names, open_stopped, pass_time, row, shown, tab
from playwright.sync_api import Page, expect

from web_app import Shop


def test_a_tab_shows_its_orders_without_loading_the_page_anew(page: Page, busy: Shop) -> None:
    page.goto("/")
    page.evaluate("window.stayed = true")

    tab(page, "Failed").click()

    expect(current_tab(page)).to_contain_text("Failed")
    expect(page).to_have_url(re.compile(r"/\?status=Failed$"))
    assert set(page.locator(".c-status .bdg:first-child").all_inner_texts()) == {"Failed"}
    assert page.evaluate("window.stayed")


def test_the_number_on_a_tab_is_that_of_its_orders(page: Page, busy: Shop) -> None:
    page.goto("/?q=hetal&status=Success")

    assert int(current_tab(page).locator(".n").inner_text()) == len(names(page))


def test_back_leads_to_the_tab_before(page: Page, busy: Shop) -> None:
    page.goto("/")
    tab(page, "Failed").click()
    expect(current_tab(page)).to_contain_text("Failed")

    page.go_back()

    expect(current_tab(page)).to_contain_text("All")
    expect(page).to_have_url(re.compile(r"/$"))


def test_back_from_a_search_empties_its_field_though_one_stands_in_it(page: Page, busy: Shop) -> None:
    page.goto("/")
    page.get_by_label("Pause live updates").click()  # or they would put it right
    for name in ("Failed", "Success"):
        tab(page, name).click()
        expect(current_tab(page)).to_contain_text(name)
    field(page).fill("hetal")
    expect(page.locator(".rows .c-customer").first).to_have_text("Hetal Patel")

    page.go_back()

    expect(current_tab(page)).to_contain_text("Failed")
    expect(field(page)).to_have_value("")


def test_a_reload_keeps_tab_search_and_order(page: Page, busy: Shop) -> None:
    page.goto("/?status=Success&q=kavya&sort=-total")
    before = names(page)

    page.reload()

    assert names(page) == before
    expect(field(page)).to_have_value("kavya")
    expect(current_tab(page)).to_contain_text("Success")


def test_while_somebody_types_the_server_is_asked_once(page: Page, busy: Shop) -> None:
    open_stopped(page, busy)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "q=" in request.url else None)

    for letter in "hetal":
        field(page).press(letter)
        pass_time(page, 200)
    pass_time(page, 50)

    expect(page).to_have_url(re.compile(r"\?q=hetal$"))
    assert len(asked) == 1
    assert set(page.locator(".c-customer").all_inner_texts()[1:]) == {"Hetal Patel"}


def test_back_after_a_search_does_not_go_through_every_letter(page: Page, busy: Shop) -> None:
    page.goto("/?range=all")
    page.goto("/")
    for typed in ("k", "ka", "kav"):
        field(page).fill(typed)
        expect(page).to_have_url(re.compile(rf"\?q={typed}$"))

    page.go_back()

    expect(page).to_have_url(re.compile(r"\?range=all$"))


def test_the_search_field_keeps_focus_while_the_list_changes(page: Page, busy: Shop) -> None:
    page.goto("/")

    field(page).fill("#2100")

    expect(page.locator(".rows tr")).to_have_count(1)
    expect(field(page)).to_be_focused()


def test_no_match_offers_ways_out(page: Page, busy: Shop) -> None:
    page.goto("/?q=zzz")

    page.get_by_role("link", name="Clear search").click()

    expect(page.locator(".rows tr")).to_have_count(25)
    expect(field(page)).to_have_value("")


def test_a_head_sorts_up_and_down(page: Page, busy: Shop) -> None:
    page.goto("/")
    head = page.get_by_role("columnheader", name="Total")

    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert amounts(page) == sorted(amounts(page), reverse=True)

    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert amounts(page) == sorted(amounts(page))


def amounts(page: Page) -> list[int]:
    return [int(re.sub(r"\D", "", text)) for text in page.locator("td.c-total").all_inner_texts()]


def test_older_and_newer_go_through_the_whole_list(page: Page, busy: Shop) -> None:
    page.goto("/")
    first = names(page)

    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newer")).to_be_visible()
    second = names(page)
    page.get_by_role("link", name="Newer").click()
    expect(page.get_by_role("link", name="Newer")).to_have_count(0)

    assert not {*first} & {*second}
    assert names(page) == first


def test_a_reload_and_the_way_back_stay_on_the_page(page: Page, busy: Shop) -> None:
    page.goto("/")
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newer")).to_be_visible()
    second = names(page)

    page.reload()
    expect_names(page, second)
    page.locator(".rows a.go").last.click()
    expect(page.get_by_role("heading", name=second[-1], exact=True)).to_be_visible()
    page.go_back()

    expect_names(page, second)


def test_new_orders_do_not_move_the_pages(page: Page, busy: Shop) -> None:
    page.goto("/")
    last = names(page)[-1]
    for number in (3001, 3002, 3003):
        busy.receive(number)

    page.get_by_role("link", name="Older").click()

    expect(page.get_by_role("link", name="Newer")).to_be_visible()
    assert names(page)[0] == f"#{int(last.removeprefix('#')) - 1}"


def test_a_tile_filters(page: Page, busy: Shop) -> None:
    page.goto("/")
    tile = page.locator("#tiles").get_by_role("link", name="Returned")
    number = tile.locator("strong").inner_text()

    tile.click()

    expect(current_tab(page)).to_contain_text("Returned")
    expect(page.locator(".rows tr")).to_have_count(int(number))


def test_a_bar_shows_the_orders_of_its_hour(page: Page, busy: Shop) -> None:
    page.goto("/")
    page.locator("summary", has_text="Charts").click()

    page.locator(".chart a.col").nth(FULL_HOURS - 3).click()

    expect(page.get_by_role("link", name="11:00–12:00")).to_be_visible()
    expect(page.locator(".rows tr")).to_have_count(ORDERS_AN_HOUR[FULL_HOURS - 3])
    page.get_by_role("link", name="11:00–12:00").click()
    expect(page.locator(".rows tr")).to_have_count(25)


def test_a_period_is_shown_as_soon_as_it_is_chosen(page: Page, busy: Shop) -> None:
    page.goto("/")

    page.get_by_label("Period", exact=True).select_option("yesterday")

    expect(page).to_have_url(re.compile("range=yesterday"))
    expect(page.get_by_text("No orders here")).to_be_visible()


def test_a_click_anywhere_in_a_row_opens_its_order(page: Page, busy: Shop) -> None:
    page.goto("/?status=Placed")

    row(page, TOLD).locator(".c-product").click()

    expect(page.get_by_role("heading", name=f"#{TOLD}", exact=True)).to_be_visible()


def test_a_click_with_ctrl_opens_the_order_in_a_tab_of_its_own(page: Page, busy: Shop) -> None:
    page.goto("/")

    with page.context.expect_page() as opened:
        row(page, TOLD).locator(".c-product").click(modifiers=["Control"])

    expect(opened.value.get_by_role("heading", name=f"#{TOLD}", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/$"))


def test_a_click_with_ctrl_opens_the_order_also_while_text_is_marked(page: Page, busy: Shop) -> None:
    """Firefox marks the cell that is clicked with Ctrl."""
    page.goto("/")
    cell = row(page, TOLD).locator(".c-product")
    cell.evaluate("(cell) => getSelection().selectAllChildren(cell)")

    with page.context.expect_page():
        cell.dispatch_event("click", {"ctrlKey": True})


def test_text_can_be_marked_in_a_row(page: Page, busy: Shop) -> None:
    page.goto("/")
    place = row(page, TOLD).locator(".c-customer").bounding_box()
    assert place is not None

    page.mouse.move(place["x"] + 12, place["y"] + 20)
    page.mouse.down()
    page.mouse.move(place["x"] + 80, place["y"] + 20, steps=4)
    page.mouse.up()

    assert page.evaluate("getSelection().toString()")
    expect(page).to_have_url(re.compile(r"/$"))


def test_an_order_knows_the_list_it_was_opened_from(page: Page, busy: Shop) -> None:
    page.goto("/?status=Placed&q=a")
    listed = names(page)
    place = listed.index(f"#{TOLD}")

    row(page, TOLD).locator("a.go").click()

    expect(page.get_by_text(f"{place + 1} of {len(listed)}")).to_be_visible()
    page.get_by_label("Older order").click()
    expect(page.get_by_role("heading", name=listed[place + 1], exact=True)).to_be_visible()
    page.get_by_role("link", name="Orders", exact=True).first.click()
    expect(page).to_have_url(re.compile(r"status=Placed&q=a$"))


def test_a_list_that_is_slow_to_come_shows_bars_of_its_height(page: Page, busy: Shop) -> None:
    page.goto("/")
    height = shown(page.locator(".rows tr").first)["height"]
    page.route("**/?status=Success", lambda _route: None)

    tab(page, "Success").click()

    expect(page.locator("#list")).to_have_attribute("aria-busy", "true")
    assert shown(page.locator(".rows tr").first)["height"] == height


def test_a_list_that_comes_soon_shows_no_bars(page: Page, busy: Shop) -> None:
    page.goto("/")
    page.clock.pause_at(busy.now.replace(hour=15))
    page.route("**/?status=Success", lambda _route: None)

    tab(page, "Success").click()
    pass_time(page, 200)

    expect(page.locator("#list[aria-busy]")).to_have_count(0)
