"""How tests read a page: its list, its numbers, its forms, and what belongs to an order."""

from __future__ import annotations

from flask.testing import FlaskClient

from ordercall.domain.activity import Event, ProviderCall
from ordercall.sandbox.orders import PEOPLE
from ordercall.storage.records import activity
from web_app import Element, Page, Shop

ANANYA = PEOPLE[0]
HETAL = PEOPLE[1]


def look(person: FlaskClient, address: str = "/", status: int = 200) -> Page:
    """Open a page, as the address in a link has it."""
    answer = person.get(address if address.startswith("/") else f"/{address}")
    assert answer.status_code == status
    return Page(answer)


def names(page: Page) -> list[str]:
    """Return the order numbers of a list, from the top."""
    return [link.text for link in page.all("a", css="go")]


def row(page: Page, name: str) -> Element:
    return next(row for row in page.one("tbody", css="rows").all("tr") if row.all("a", css="go")[0].text == name)


def tabs(page: Page) -> dict[str, int]:
    """Return the tabs above the list and the number on each."""
    shown = page.one("nav", css="tabs").all("a")
    return {tab.text.removesuffix(tab.one(css="n").text): int(tab.one(css="n").text) for tab in shown}


def tiles(page: Page) -> dict[str, tuple[str, str]]:
    """Return number and note of each tile at the top."""
    return {tile.one(css="l").text: (tile.one("strong").text, tile.one("small").text) for tile in page.all(css="kpi")}


def revenue(page: Page) -> dict[str, list[str]]:
    """Return the table of the revenue: its head, and the cells of each line."""
    table = page.one("section", aria_labelledby="revenue-title").one("table")
    lines = [[cell.text for cell in line.children if isinstance(cell, Element)] for line in table.all("tr")]
    return {line[0]: line[1:] for line in lines}


def flashed(page: Page) -> list[str]:
    return [said.one("p").text for said in page.all("div", css="toast")]


def decide(shop: Shop, shopify_id: int, status: str, by: str = "the agent") -> None:
    shop.change(shopify_id, confirmation_status=status, status_changed_by=by, status_changed_at=shop.now.timestamp())


def timeline(page: Page) -> list[str]:
    """Return the titles of the timeline's entries, from the top."""
    return [entry.all("b")[0].text for entry in page.one("section", aria_labelledby="timeline-title").all("li")]


def sent_with(page: Page, form: str) -> dict[str, str]:
    """Return what is hidden for the form with this id, wherever on the page it stands."""
    hidden = [*page.one("form", id=form).all("input", type="hidden"), *page.all("input", form=form)]
    return {field.attrs["name"]: field.attrs["value"] for field in hidden}


def fields(form: Element) -> dict[str, str]:
    """Return what a browser would send with this form, before a button adds to it."""
    return {field.attrs["name"]: field.attrs["value"] for field in form.all("input", type="hidden")}


def record(shop: Shop, order_id: int, event: Event, message: str, call: ProviderCall | None = None) -> None:
    with shop.db.begin() as tx:
        activity.record(tx, order_id, event, message, now=shop.now, call=call)
