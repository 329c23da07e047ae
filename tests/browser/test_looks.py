"""How the pages look: in the chosen theme from the first moment, with long words, on paper."""

from __future__ import annotations

from busy_day import TOLD, add_odd_ones, order_id
from chromium import NARROW
from desk import shown
from playwright.sync_api import Page, expect

from web_app import Shop

LIGHT, DARK = "rgb(244, 242, 238)", "rgb(18, 17, 15)"
FIRST_GROUND = """window.ground = new Promise((painted) => {
  new PerformanceObserver(() => painted(getComputedStyle(document.documentElement).backgroundColor))
    .observe({ type: "paint", buffered: true });
});"""


def choose(page: Page, theme: str) -> None:
    page.get_by_label("account menu").click()
    page.get_by_role("button", name=theme).click()


def ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


def test_without_a_choice_the_system_decides(page: Page, shop: Shop) -> None:
    for system, wanted in (("dark", DARK), ("light", LIGHT)):
        page.emulate_media(color_scheme=system)
        page.goto("/")
        assert ground(page) == wanted


def test_a_choice_wins_over_the_system_until_it_is_taken_back(page: Page, shop: Shop) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/")

    choose(page, "Dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert ground(page) == DARK

    choose(page, "Same as the system")
    expect(page.locator("html")).to_have_attribute("data-theme", "")
    assert ground(page) == LIGHT


def test_the_first_thing_that_is_painted_has_the_chosen_theme(page: Page, busy: Shop) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/")
    choose(page, "Dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.add_init_script(FIRST_GROUND)

    page.reload()

    assert page.evaluate("window.ground") == DARK


def test_neither_a_badge_nor_a_long_word_pushes_the_list_out_of_its_card(page: Page, busy: Shop) -> None:
    add_odd_ones(busy)
    page.goto("/")
    beyond = "({ parentElement: card }) => card.scrollWidth - card.clientWidth"
    overflowing = {}
    for width in (390, 768, 1024, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        overflowing[width] = page.locator(".tbl").evaluate(beyond)
    assert {width: pixels for width, pixels in overflowing.items() if pixels > 0} == {}


def test_a_report_is_printed_without_what_only_a_screen_needs(page: Page, busy: Shop) -> None:
    page.goto("/reports/success")

    page.emulate_media(media="print", color_scheme="dark")

    expect(page.get_by_role("heading", name="Success orders")).to_be_visible()
    expect(page.locator(".rows tr").first).to_be_visible()
    expect(page.locator(".chart")).to_be_visible()
    for hidden in (".side", ".top", ".bulk", ".btn"):
        assert page.locator(hidden).filter(visible=True).count() == 0, hidden
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_an_order_is_printed_as_it_stands_without_what_changes_it(page: Page, busy: Shop) -> None:
    page.goto(f"/orders/{order_id(TOLD)}")

    page.emulate_media(media="print")

    expect(page.get_by_text("Customer asked on WhatsApp")).to_be_visible()
    assert page.locator("#status-title ~ form li").filter(visible=True).all_inner_texts() == [
        "Placed\nWaiting for the customer"
    ]
    for hidden in (".note", "[data-copy]", ".btn", "[aria-label=Breadcrumb]"):
        assert page.locator(hidden).filter(visible=True).count() == 0, hidden


def test_print_opens_the_printing(page: Page, busy: Shop) -> None:
    page.goto("/reports/success")
    page.evaluate("window.print = () => { window.printed = true }")

    page.get_by_role("button", name="Print").click()

    assert page.evaluate("window.printed")


def test_buttons_on_a_phone_are_as_high_as_a_thumb(page: Page, busy: Shop) -> None:
    page.set_viewport_size(NARROW)
    page.goto("/")

    buttons = page.locator("main .btn-i:visible, header .field:visible, summary.btn-i:visible").all()

    assert [shown(button)["height"] for button in buttons if shown(button)["height"] < 44] == []
