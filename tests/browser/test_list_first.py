"""What a person sees first: the orders, whatever else there is to say."""

from __future__ import annotations

from desk import field
from playwright.sync_api import Page, expect

from web_app import Shop

SCREENS = ((1280, 720, 10), (1440, 900, 15), (390, 844, 4))
"""Width and height of a small laptop, a laptop and a phone, and how many orders must be seen on it."""

WHOLE_ROWS = "rows => rows.filter(row => row.getBoundingClientRect().bottom <= innerHeight).length"


def test_the_orders_are_seen_below_an_alarm(page: Page, busy: Shop) -> None:
    page.goto("/")
    expect(page.locator("#trouble .ban").first).to_be_visible()

    for width, height, rows in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        assert page.locator(".rows tr").evaluate_all(WHOLE_ROWS) >= rows, f"{width} x {height}"


def test_a_search_leaves_its_hits_alone_on_the_page(page: Page, busy: Shop) -> None:
    page.goto("/")

    field(page).fill("hetal")

    expect(page.locator("#tiles")).to_be_hidden()
    expect(page.locator(".alarms .ban").filter(visible=True)).to_have_count(0)
    expect(page.locator(".rows .c-customer").first).to_have_text("Hetal Patel")


def test_a_wide_window_is_the_list_s(page: Page, busy: Shop) -> None:
    page.set_viewport_size({"width": 2560, "height": 1440})
    page.goto("/")

    assert page.locator("#list").evaluate("list => list.clientWidth") > 1900
    for more in ("Pincode", "Language", "Decided"):
        expect(page.get_by_role("columnheader", name=more)).to_be_visible()


def test_what_stands_in_a_row_stands_on_one_line(page: Page, busy: Shop) -> None:
    page.goto("/")
    row = page.locator(".rows tr", has_text="Success").filter(has=page.locator(".c-status .bdg:only-child")).first

    middles = row.locator(".tick input, .go, .c-status .bdg").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(({ top, bottom }) => (top + bottom) / 2)"
    )

    assert max(middles) - min(middles) < 1


def test_the_charts_stay_as_they_were_left(page: Page, busy: Shop) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Revenue by status")).to_be_hidden()

    page.locator("summary", has_text="Charts").click()
    page.reload()

    expect(page.get_by_role("heading", name="Revenue by status")).to_be_visible()


def test_the_charts_of_a_phone_show_which_colour_is_which(page: Page, busy: Shop) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")

    assert page.get_by_text("Export").first.evaluate("word => word.clientWidth || word.offsetWidth") > 30, "a word"
    page.locator("summary", has_text="Charts").click()

    for colour in page.locator(".legend .sw").all():
        expect(colour).to_be_visible()
    expect(page.locator("#tiles .sw").first).to_be_hidden()


def test_a_long_alarm_is_one_line_until_it_is_opened(page: Page, busy: Shop) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    words = page.locator("#trouble .ban p").first
    folded = words.bounding_box()
    assert page.locator(".alarms-in:has(#trouble)").evaluate("all => all.scrollWidth <= all.clientWidth"), "it is cut"

    page.locator(".alarms:has(#trouble) > label").click()

    opened = words.bounding_box()
    assert folded is not None
    assert opened is not None
    assert opened["height"] > folded["height"]
