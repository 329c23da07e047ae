"""Settings on a phone, by the keyboard alone, with and without scripts: the owner changes a rule and it is in force."""

from __future__ import annotations

import re
from typing import Any

import pytest
from chromium import NARROW
from desk import play_trials
from other_scenes import let_the_agent_tell
from playwright.sync_api import Locator, Page, expect
from setting import free_rules

from ordercall.domain.calls.calling import Language
from ordercall.domain.policy.rules import Policy, Table, Tongues
from ordercall.storage.records import policies
from web_app import Shop

MOST_STOPS = 110
"""Presses of the key Tab: the longest page has fewer things to stop at."""


@pytest.fixture(params=[True, False], ids=["with scripts", "without"])
def phone(request: pytest.FixtureRequest, new_context: Any, shop: Shop) -> Page:
    free_rules(shop)
    page: Page = new_context(java_script_enabled=request.param).new_page()
    page.set_viewport_size(NARROW)
    page.goto("/settings/calling")
    return page


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until this has the focus."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"{MOST_STOPS} presses of Tab do not lead to {wanted}")


def test_a_rule_is_changed_tried_and_published_by_the_keyboard(phone: Page, shop: Shop) -> None:
    delay = phone.get_by_label("Delay, in minutes")
    tab_to(phone, phone.get_by_label("Sunday", exact=True))
    phone.keyboard.press("Space")
    tab_to(phone, delay)
    phone.keyboard.press("Control+a")
    phone.keyboard.type("15")
    tab_to(phone, phone.get_by_role("button", name="See what changes"))
    phone.keyboard.press("Enter")
    changes = phone.get_by_role("region", name="What changes against version 1")
    expect(changes).to_contain_text("Hours, Sunday: 09:00-21:00")
    expect(delay).to_have_value("15")
    tab_to(phone, phone.get_by_role("button", name="Try on the past"))
    phone.keyboard.press("Enter")
    trial = phone.get_by_role("region", name="A draft on the last 14 days")
    expect(trial).to_contain_text("orders …")
    play_trials(shop)
    expect(trial).to_contain_text("It would have called")
    tab_to(phone, phone.get_by_role("link", name="Back to the draft"))
    phone.keyboard.press("Enter")
    expect(changes).to_be_visible()

    tab_to(phone, phone.get_by_role("button", name="Publish as version 2"))
    phone.keyboard.press("Enter")

    expect(phone.get_by_text("Version 2 is in force")).to_be_visible()
    assert (in_force(shop).version, in_force(shop).when.week[6]) == (2, None)


def test_a_state_hears_another_language_and_the_version_before_comes_back_by_the_keyboard(
    phone: Page, shop: Shop
) -> None:
    phone.goto("/settings/languages")
    tab_to(phone, phone.get_by_role("radio", checked=True))
    phone.keyboard.press("ArrowDown")
    phone.keyboard.press("ArrowDown")
    expect(phone.get_by_label("The own table below")).to_be_checked()
    tab_to(phone, phone.get_by_label("Language of Goa"))
    phone.keyboard.type("Hindi")
    tab_to(phone, phone.get_by_role("button", name="See what changes"))
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("region", name="What changes against version 1")).to_be_visible()
    expect(phone.get_by_label("Language of Goa")).to_have_value("hi")
    tab_to(phone, phone.get_by_role("button", name="Publish as version 2"))
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Version 2 is in force")).to_be_visible()
    assert in_force(shop).tongues == Tongues(table=Table.OWN, own=(("GA", Language.HINDI),))

    phone.goto("/settings/versions")
    tab_to(phone, phone.get_by_role("link", name="Go back to version 1…"))
    phone.keyboard.press("Enter")
    tab_to(phone, phone.get_by_role("button", name="Publish as version 3"))
    phone.keyboard.press("Enter")

    expect(phone.get_by_text("Version 3 is in force")).to_be_visible()
    assert (in_force(shop).version, in_force(shop).tongues) == (3, Tongues())


def test_a_word_is_explained_by_the_keyboard(phone: Page, shop: Shop) -> None:
    let_the_agent_tell(shop)
    phone.goto("/reported")
    tab_to(phone, phone.get_by_label(re.compile("What .* means")).first)
    phone.keyboard.type("nothing")
    tab_to(phone, phone.get_by_role("button", name="Preview").first)
    phone.keyboard.press("Enter")
    tab_to(phone, phone.get_by_role("button", name="Explain and apply"))
    phone.keyboard.press("Enter")

    expect(phone.get_by_text("Understood from now on")).to_be_visible()
    assert [each.rule.key for each in shop.context.words.known()] == [""]


def in_force(shop: Shop) -> Policy:
    with shop.db.read() as tx:
        found = policies.newest(tx)
    assert found
    return found.policy


def test_a_draft_outlives_a_reload_and_is_discarded_by_a_link(phone: Page) -> None:
    phone.get_by_label("Delay, in minutes").fill("15")
    phone.get_by_role("button", name="See what changes").click()
    expect(phone.get_by_role("heading", name="What changes")).to_be_visible()

    phone.reload()
    expect(phone.get_by_label("Delay, in minutes")).to_have_value("15")

    phone.get_by_role("link", name="Discard the draft").click()
    expect(phone.get_by_label("Delay, in minutes")).to_have_value("0")


def test_the_versions_are_no_wider_than_a_phone_and_their_tab_is_in_sight(page: Page, shop: Shop) -> None:
    free_rules(shop)
    page.set_viewport_size(NARROW)

    page.goto("/settings/versions")

    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    expect(page.get_by_role("link", name="Versions", exact=True)).to_be_in_viewport(ratio=1)


def test_how_many_orders_a_state_has_is_read_on_a_phone_without_pushing_the_table(phone: Page) -> None:
    phone.goto("/settings/languages")

    row = phone.get_by_role("row", name="Dadra and Nagar Haveli and Daman and Diu")
    row.scroll_into_view_if_needed()
    for cell in row.get_by_role("cell").all():
        expect(cell).to_be_in_viewport(ratio=1)
