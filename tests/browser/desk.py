"""What a person at the dashboard does and sees, for the tests that are about something else."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import FloatRect, Locator, Page, expect

from web_app import Shop

LISTEN = """window.done = new Promise((done) =>
  document.addEventListener("htmx:finally:request", done, { once: true })), null"""
POLL = 5_000
PATIENCE = 400
"""Milliseconds between two looks of an open page at what is new; and after which a list that is waited for says so."""


def tab(page: Page, name: str) -> Locator:
    return page.locator("#tabs").get_by_role("link", name=re.compile(rf"^{name}\s*[\d,]"))


def current_tab(page: Page) -> Locator:
    return page.locator("#tabs [aria-current]")


def field(page: Page) -> Locator:
    return page.get_by_role("searchbox")


def names(page: Page) -> list[str]:
    """Return the order numbers of the list, from the top."""
    return page.locator(".rows a.go").all_inner_texts()


def expect_names(page: Page, wanted: list[str]) -> None:
    """Wait until the list holds these orders and no others."""
    expect(page.locator(".rows a.go")).to_have_text(wanted)


def row(page: Page, number: int) -> Locator:
    return page.locator(".rows tr").filter(has=page.get_by_role("link", name=f"#{number}", exact=True))


def tick(page: Page, *numbers: int) -> None:
    for number in numbers:
        row(page, number).get_by_role("checkbox").check()


def bulk_bar(page: Page) -> Locator:
    """Return what can be done with the ticked orders."""
    return page.get_by_role("form", name="Selected orders")


def open_stopped(page: Page, shop: Shop, address: str = "/") -> None:
    """Open a page in which no time passes but what a test lets pass: nothing is asked meanwhile."""
    stop_time(page, shop)
    page.goto(address)


def stop_time(page: Page, shop: Shop) -> None:
    page.clock.pause_at(shop.now + timedelta(minutes=1))


def pass_time(page: Page, milliseconds: int) -> None:
    """Let the page's clock run on by as much, and its timers with it."""
    page.clock.run_for(milliseconds)


def go_offline(page: Page) -> None:
    """Cut a page off whose clock stands, and let time pass until it has noticed: it does not ask while it reads."""
    page.context.set_offline(True)
    for _ in range(10):
        pass_time(page, POLL)
        if page.locator("#offline").is_visible():
            break
    expect(page.locator("#offline")).to_be_visible()


def poll(page: Page, milliseconds: int = POLL) -> None:
    """Let time pass in a page whose clock stands, so that it asks once what is new, and wait until it is done with it.

    An answer that has only arrived is not enough: until the page has read it, it does not ask again.
    """
    page.evaluate(LISTEN)
    with page.expect_response(re.compile(r"/live\?")):
        pass_time(page, milliseconds)
    page.evaluate("window.done")


def sleep(page: Page, minutes: int) -> None:
    """Let a machine sleep so long with the page open, which asks when it wakes, and wait until it is done with that.

    Nothing is asked while it sleeps: a request under way would have had its time limit pass within it.
    """
    page.evaluate(LISTEN)
    with page.expect_response(re.compile(r"/live\?")):
        page.clock.fast_forward(minutes * 60_000)
    page.evaluate("window.done")


def new_orders(page: Page) -> Locator:
    return page.locator("#fresh a")


def work_on_runs(shop: Shop) -> None:
    """Do what the worker does with the bulk runs that are under way."""
    bulk = shop.app.extensions["ordercall"].bulk
    for (run_id,) in shop.rows("SELECT id FROM bulk_runs WHERE finished_at IS NULL"):
        bulk.work(run_id)


def play_trials(shop: Shop) -> None:
    """Do what the worker does with the drafts that are tried on the past."""
    trials = shop.app.extensions["ordercall"].trials
    for (trial_id,) in shop.rows("SELECT id FROM trials WHERE finished_at IS NULL"):
        while trials.play(trial_id):
            pass


def shown(element: Locator) -> FloatRect:
    """Return where an element is on the page."""
    place = element.bounding_box()
    assert place is not None
    return place


def open_dialog(page: Page) -> Locator:
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    return dialog
